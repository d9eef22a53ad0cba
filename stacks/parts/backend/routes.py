"""What both kinds of API make of routes: logical ids of paths, and a function's permission to be called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, Sub, awslambda

from stacks import naming
from stacks.model.texts import split_route
from stacks.parts.policies import ACCOUNT

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.json_types import JsonDict
    from stacks.model.backend import Function

ALIAS = "live"


def path_id(path: str) -> str:
    """``/notes/{id}`` → ``PathNotesId3f2a1b``; the hash keeps ``/a-b`` and ``/a/b`` apart."""
    words = "".join(word.capitalize() for word in "".join(c if c.isalnum() else " " for c in path).split())
    return f"Path{words}{hashlib.sha256(path.encode()).hexdigest()[:6]}"


def alias_id(name: str) -> str:
    """The logical id of a function's alias."""
    return naming.logical_id(name, "Live")


def called(name: str, function: Function) -> Ref | Sub:
    """What callers of a function invoke: the function, or its alias."""
    return _alias(name) if function.has_alias else Ref(naming.logical_id(name, "Function"))


def called_arn(name: str, function: Function) -> GetAtt | Sub:
    """The ARN of what callers of a function call."""
    return _alias(name) if function.has_alias else GetAtt(naming.logical_id(name, "Function"), "Arn")


def _alias(name: str) -> Sub:
    return Sub(f"${{{naming.logical_id(name, 'Function')}.Arn}}:{ALIAS}")


def after_alias(name: str, function: Function) -> JsonDict:
    """What uses an alias by its name has to wait for it."""
    return {"DependsOn": alias_id(name)} if function.has_alias else {}


def permission(name: str, function: Function, api: str, api_stage: str) -> awslambda.Permission:
    """One permission for a function and the API ``api``: its route alone when it has only one."""
    scope = "*"
    if len(function.all_routes) == 1:
        method, path = split_route(function.all_routes[0])
        scope = f"{'*' if method == 'ANY' else method}{_wild(path)}"
    source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:{ACCOUNT}:${{{api}}}/{api_stage}/{scope}"
    return awslambda.Permission(
        naming.logical_id(name, "Permission"),
        FunctionName=called(name, function),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=Sub(source),
        **after_alias(name, function),
    )


def _wild(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def closed(stage: Stage) -> JsonDict:
    """The API's own address is closed when it has a domain, unless the site's CloudFront has to reach it there."""
    site = stage.frontend.is_described
    return {"DisableExecuteApiEndpoint": True} if stage.backend.api.domain and not site else {}


def invocation_uri(name: str, function: Function) -> Sub:
    """The URI by which API Gateway calls a function, or its alias."""
    alias = f":{ALIAS}" if function.has_alias else ""
    return Sub(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{naming.logical_id(name, 'Function')}.Arn}}{alias}/invocations"
    )
