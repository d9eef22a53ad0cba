"""What the roles of a CI service, and those it hands on, are called. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks import naming
from stacks.pipelines.pipeline import deploy_role_name
from stacks.template.pseudo import partition

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.template.rendered import Rendered

PLANNER, DEPLOYER = "ci-plan", "ci-deploy"


def role_name(kind: str, stage: Stage) -> str:
    """The role ``ci-plan`` or ``ci-deploy`` of a stage: ``notes-dev-ci-plan``."""
    return f"{naming.prefix(stage)}-{kind}"


def role_arn(kind: str, stage: Stage, account: str) -> str:
    """The ARN of that role."""
    return _arn(role_name(kind, stage), stage, account)


def deploy_role_arn(one: Rendered, stage: Stage, account: str) -> str:
    """The ARN of the role that CloudFormation deploys a stack with."""
    return _arn(deploy_role_name(one), stage, account)


def _arn(name: str, stage: Stage, account: str) -> str:
    path = naming.role_path(stage, "platform")
    return f"arn:{partition(stage.region)}:iam::{account}:role{path}{name}"
