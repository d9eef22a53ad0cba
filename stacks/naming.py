"""The only place where names are made: stacks, logical ids, physical names, outputs, tags, environment variables.

Logical ids and outputs are this project's public interface: a changed logical id replaces the resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.app import App, Stage

EDGE_REGION = "us-east-1"
"""Where CloudFront's web ACLs and certificates must be.
https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html"""


def stack_name(app: App, stage: Stage, stack: str) -> str:
    """The CloudFormation stack: ``notes-dev-data``."""
    return f"{prefix(app, stage)}-{stack}"


def region_of(stack: str, stage: Stage) -> str:
    """The region of a stack: us-east-1 for ``*-edge``, the named one for ``artifacts-<region>`` and own stacks."""
    if stack in stage.stacks:
        return stage.stacks[stack].region or stage.region
    if stack.endswith("-edge"):
        return EDGE_REGION
    return stack.removeprefix("artifacts-") if stack.startswith("artifacts-") else stage.region


def prefix(app: App, stage: Stage) -> str:
    """What every physical name of a stage starts with: ``notes-dev``. At most 28 characters (checked)."""
    return f"{app.name}-{stage.name}"


def logical_id(name: str, kind: str = "") -> str:
    """``logical_id("access-log", "Bucket")`` is ``AccessLogBucket``."""
    return "".join(word[:1].upper() + word[1:] for word in name.replace("/", "-").replace("_", "-").split("-")) + kind


def variable(name: str, kind: str) -> str:
    """The environment variable that tells a function of a thing: ``NOTES_TABLE``, ``SESSION_KEY_SECRET_ID``."""
    return f"{name.replace('-', '_').upper()}_{kind}"


def bucket_name(app: App, stage: Stage, purpose: str) -> str:
    """A bucket's name for ``Fn::Sub``: account and region in it, so that nobody else can have taken it."""
    return f"{prefix(app, stage)}-{purpose}-${{AWS::AccountId}}-${{AWS::Region}}"


def secret_prefix(app: App, stage: Stage) -> str:
    """What the names of a stage's given secrets start with in Secrets Manager: ``notes-dev/``."""
    return f"{prefix(app, stage)}/"


def secret_name(name: str, app: App, stage: Stage) -> str:
    """Where a given secret is in Secrets Manager: ``notes-dev/stripe-key``."""
    return f"{secret_prefix(app, stage)}{name}"


def parameter_prefix(app: App, stage: Stage) -> str:
    """What the names of a stage's parameters start with: ``/notes-dev/``."""
    return f"/{prefix(app, stage)}/"


def parameter_name(name: str, app: App, stage: Stage) -> str:
    """Where a secret is in Parameter Store: ``/notes-dev/stripe-key``."""
    return f"{parameter_prefix(app, stage)}{name}"


def log_group(function: str, app: App, stage: Stage) -> str:
    """Where a function logs: ``/aws/lambda/notes-dev-web``."""
    return f"/aws/lambda/{prefix(app, stage)}-{function}"


def role_path(app: App, stage: Stage, stack: str) -> str:
    """The IAM path of a stack's roles and policies: ``/notes-dev/backend/``. ``platform`` is base's."""
    return f"/{prefix(app, stage)}/{stack}/"


def tags(app: App, stage: Stage, stack: str) -> dict[str, str]:
    """The tags of every resource that can carry some. ``stack`` tells one stack's resources from another's."""
    return {"app": app.name, "stage": stage.name, "stack": stack_name(app, stage, stack)}
