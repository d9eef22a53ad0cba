"""Deploy rights → the IAM role and policies for the base template; for base, a template of a person's policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Output, Ref, Sub, Template, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.parts.policies import arn, tagged
from stacks.roles.rights import derive
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from troposphere import AWSObject

    from stacks.app import Stage
    from stacks.roles.rights import DeployRights
    from stacks.template.rendered import Rendered


def deploy_role(stage: Stage, rendered: Rendered) -> list[AWSObject]:
    """``BackendDeployRole`` and ``BackendDeployPolicy1`` …, which CloudFormation takes to deploy the stack.

    They belong into the base template, next to ``ApplicationBoundary``. Raises ``StacksError`` as ``derive`` does.
    """
    return resources(derive(stage, rendered), stage)


def resources(rights: DeployRights, stage: Stage) -> list[AWSObject]:
    """The role and policies of ``rights``."""
    policies = [*_policies(rights, Path=rights.platform)]
    role = iam.Role(
        f"{naming.words(rights.stack)}DeployRole",
        RoleName=f"{rights.name}-deploy",
        Path=rights.platform,
        Description=f"Deploys {rights.name}, and nothing else",
        AssumeRolePolicyDocument=_trust(rights),
        ManagedPolicyArns=[Ref(policy) for policy in policies],
        Tags=tagged(stage, BASE),
    )
    return [*policies, role]


def policies_for_people(rights: DeployRights) -> Template:
    """A template with the policies of the deployer of base, and their ARNs, for somebody who may make policies.

    They are outside the platform's IAM path, whose policies their holder may change.
    """
    template = Template(Description=f"What a person needs to deploy {rights.name}")
    template.set_version("2010-09-09")
    for managed_policy in _policies(rights):
        template.add_resource(managed_policy)
        template.add_output(
            Output(
                f"{managed_policy.title}Arn", Value=Ref(managed_policy), Description="Attach it to the person's role"
            )
        )
    return template


def _policies(rights: DeployRights, **more: Any) -> Iterator[iam.ManagedPolicy]:
    for number, document in enumerate(rights.documents(), start=1):
        yield iam.ManagedPolicy(
            f"{naming.words(rights.stack)}DeployPolicy{number}",
            Description=f"What CloudFormation may do to deploy {rights.name}, part {number}",
            PolicyDocument=substituted(document),
            **more,
        )


def _trust(rights: DeployRights) -> Any:
    """CloudFormation, for this account and this stack only, if it says for which.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    stack = arn("cloudformation", f"stack/{rights.name}/*", region="*")
    return trust_from("cloudformation", stack)


def substituted(node: object, old: str = "", new: str = "") -> Any:
    """The document with ``Fn::Sub`` around every text that has variables; the variable ``old`` is called ``new``."""
    match node:
        case dict():
            return {key: substituted(value, old, new) for key, value in node.items()}
        case list():
            return [substituted(value, old, new) for value in node]
        case str() if "${" in node:
            return Sub(node.replace(f"${{{old}}}", f"${{{new}}}"))
        case _:
            return node
