"""Deploy rights → the IAM role and policies for the base template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from awacs.aws import Principal, Statement
from troposphere import Ref, Sub, iam

from stacks import naming
from stacks.parts.policies import ACCOUNT, actions, arn, policy, tagged, when
from stacks.roles.rights import derive

if TYPE_CHECKING:
    from stacks.app import App, Stage
    from stacks.rendering import Rendered
    from stacks.roles.rights import DeployRights

_BASE = "base"


def deploy_role(app: App, stage: Stage, rendered: Rendered) -> list[Any]:
    """``BackendDeployRole`` and ``BackendDeployPolicy1`` …, which CloudFormation takes to deploy the stack.

    They belong into the base template, beside ``ApplicationBoundary``. Raises ``StacksError`` as ``derive`` does.
    """
    return resources(derive(app, stage, rendered), app, stage)


def resources(rights: DeployRights, app: App, stage: Stage) -> list[Any]:
    """The role and policies of ``rights``."""
    policies = [
        iam.ManagedPolicy(
            naming.logical_id(rights.stack, f"DeployPolicy{number}"),
            Path=rights.platform,
            Description=f"What CloudFormation may do to deploy {rights.name}, part {number}",
            PolicyDocument=_substituted(document),
        )
        for number, document in enumerate(rights.documents(), start=1)
    ]
    role = iam.Role(
        naming.logical_id(rights.stack, "DeployRole"),
        Path=rights.platform,
        Description=f"Deploys {rights.name}, and nothing else",
        AssumeRolePolicyDocument=_trust(rights),
        ManagedPolicyArns=[Ref(one) for one in policies],
        Tags=tagged(app, stage, _BASE),
    )
    return [*policies, role]


def _trust(rights: DeployRights) -> Any:
    """CloudFormation, for this account and this stack only.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    stack = arn("cloudformation", f"stack/{rights.name}/*", region="*")
    return policy(
        Statement(
            Effect="Allow",
            Action=actions("sts:AssumeRole"),
            Principal=Principal("Service", ["cloudformation.amazonaws.com"]),
            Condition=when(StringEquals={"aws:SourceAccount": Sub(ACCOUNT)}, ArnLike={"aws:SourceArn": stack}),
        )
    )


def _substituted(node: Any) -> Any:
    """The document with ``Fn::Sub`` around every text that has something to fill in."""
    match node:
        case dict():
            return {key: _substituted(value) for key, value in node.items()}
        case list():
            return [_substituted(value) for value in node]
        case str() if "${" in node:
            return Sub(node)
        case _:
            return node
