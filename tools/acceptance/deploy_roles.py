"""Rendered stacks → a template with a service role for each, which has the derived rights and nothing else. Pure.

CloudFormation takes the role with ``--role-arn`` and makes every call of the deployment with it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.roles import derive
from stacks.roles.packing import filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacks import Rendered, Stage

STACK = "acceptance-roles"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def role_name(stack: str, stage: Stage) -> str:
    """The role that deploys a stack in this run: ``notes-dev-acceptance-data``."""
    return f"{naming.prefix(stage)}-acceptance-{stack}"[:64]


def template(stage: Stage, rendered: Sequence[Rendered], account: str) -> str:
    """The roles of all stacks, as the JSON text of a template for ``account``."""
    boundary = filled(naming.boundary_arn(stage), account=account, boundary="")
    resources: dict[str, Any] = {}
    for stack in rendered:
        title = naming.words(stack.stack)
        names = []
        for number, document in enumerate(derive(stage, stack).documents(), start=1):
            name = f"{title}Policy{number}"
            names.append({"Ref": name})
            text = filled(
                json.dumps(document), account=account, boundary=filled(boundary, account=account, boundary="")
            )
            resources[name] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": json.loads(text)}}
        resources[f"{title}Role"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": role_name(stack.stack, stage),
                "AssumeRolePolicyDocument": _TRUST,
                "ManagedPolicyArns": names,
            },
        }
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
