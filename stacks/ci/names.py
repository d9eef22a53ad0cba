"""What the roles of a CI service, and those it hands on, are called. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stacks import naming
from stacks.pipelines.pipeline import deploy_role_name
from stacks.template.pseudo import partition

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.template.rendered import Rendered

PLANNER, DEPLOYER, PREVIEWER = "ci-plan", "ci-deploy", "ci-preview"


def role_name(kind: str, stage: Stage) -> str:
    """The role ``ci-plan`` or ``ci-deploy`` of a stage: ``notes-dev-ci-plan``."""
    return f"{naming.prefix(stage)}-{kind}"


def role_arn(kind: str, stage: Stage, account: str) -> str:
    """The ARN of that role."""
    return _arn(role_name(kind, stage), stage, account)


def deploy_role_arn(stack: Rendered, stage: Stage, account: str) -> str:
    """The ARN of the role that CloudFormation deploys a stack with."""
    return _arn(deploy_role_name(stack), stage, account)


def preview_role_name(stack: Rendered, stage: Stage) -> str:
    """The role that CloudFormation deploys a stack of previews with: ``notes-dev-previews-backend-deploy``.

    ``stage`` is the one that they are made from.
    """
    return f"{naming.prefix(stage)}-previews-{stack.stack}-deploy"


def preview_role_arn(stack: Rendered, preview: Stage, account: str) -> str:
    """The ARN of that role, for a stack of a preview."""
    stage = replace(preview, name=str(preview.bounded_by))
    return _arn(preview_role_name(stack, stage), stage, account)


def _arn(name: str, stage: Stage, account: str) -> str:
    path = naming.role_path(stage, "platform")
    return f"arn:{partition(stage.region)}:iam::{account}:role{path}{name}"
