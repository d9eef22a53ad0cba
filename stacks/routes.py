"""What both kinds of API make of routes: logical ids of paths, and a function's permission to be called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from troposphere import Ref, Sub, awslambda

from stacks import naming
from stacks.parts.policies import ACCOUNT
from stacks.texts import split_route

if TYPE_CHECKING:
    from stacks.app_backend import Function


def path_id(path: str) -> str:
    """``/notes/{id}`` → ``PathNotesId3f2a1b``; the hash keeps ``/a-b`` and ``/a/b`` apart."""
    words = "".join(word.capitalize() for word in "".join(c if c.isalnum() else " " for c in path).split())
    return f"Path{words}{hashlib.sha256(path.encode()).hexdigest()[:6]}"


def permission(name: str, function: Function, api: str, api_stage: str) -> awslambda.Permission:
    """One permission for a function and the API ``api``: its route alone when it has only one."""
    scope = "*"
    if len(function.all_routes) == 1:
        method, path = split_route(function.all_routes[0])
        scope = f"{'*' if method == 'ANY' else method}{_wild(path)}"
    source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:{ACCOUNT}:${{{api}}}/{api_stage}/{scope}"
    return awslambda.Permission(
        naming.logical_id(name, "Permission"),
        FunctionName=Ref(naming.logical_id(name, "Function")),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceAccount=Ref("AWS::AccountId"),
        SourceArn=Sub(source),
    )


def _wild(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))
