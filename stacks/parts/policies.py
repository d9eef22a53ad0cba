"""IAM policies of the generated stacks: the building blocks, with the stage's paths, tags and described statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from troposphere import Sub, Tags, iam

from stacks import naming
from stacks.blocks.policies import (
    ACCOUNT,
    actions,
    allow,
    arn,
    deny,
    objects_of,
    policy,
    service,
    trust,
    when,
)
from stacks.blocks.policies import Value as Resource
from stacks.intrinsics.functions import is_function

if TYPE_CHECKING:
    from collections.abc import Iterable

    from awacs.aws import Condition, PolicyDocument

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject

__all__ = [
    "ACCOUNT",
    "KEY_USE",
    "Resource",
    "actions",
    "allow",
    "arn",
    "deny",
    "managed_policy",
    "objects_of",
    "of_stage",
    "policy",
    "service",
    "tagged",
    "through_dynamodb",
    "trust",
    "when",
    "with_described",
]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
KEY_USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What the use of a table with a key of its own asks of the key."""


def of_stage(stage: Stage) -> Condition:
    """The condition that a resource has the tags of the stage."""
    return when(StringEquals={"aws:ResourceTag/app": stage.app_name, "aws:ResourceTag/stage": stage.name})


def through_dynamodb(stage: Stage) -> Condition:
    """The condition under which keys of tables are used: through DynamoDB and by nothing else."""
    return when(StringEquals={"kms:ViaService": f"dynamodb.{stage.region}.amazonaws.com"})


def with_described(document: PolicyDocument, extra: Iterable[JsonObject], **more: Any) -> PolicyDocument | JsonDict:
    """The document with statements that the description brings as they are, each with ``more``.

    CloudFormation fills in ``${AWS::Region}`` and the like, IAM ``${cognito-identity.amazonaws.com:sub}``.
    """
    raw = [{**entry, **more} for entry in extra]
    if not raw:
        return document
    texts = [
        {key: value if key in {"Sid", "Effect"} else _filled(value) for key, value in entry.items()} for entry in raw
    ]
    return {"Version": document.Version, "Statement": [*document.Statement, *texts]}


def _filled(value: object) -> Any:
    if is_function(value):
        return value
    if isinstance(value, list | tuple):
        return [_filled(item) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, str) and "${AWS::" in value:
        return Sub(value.replace("${cognito-identity", "${!cognito-identity"))
    return value


def managed_policy(
    title: str, stage: Stage, stack: str, document: PolicyDocument | JsonDict, **more: Any
) -> iam.ManagedPolicy:
    """A managed policy under the stack's own IAM path; it needs no name to be found there."""
    return iam.ManagedPolicy(title, Path=naming.role_path(stage, stack), PolicyDocument=document, **more)


def tagged(stage: Stage, stack: str) -> Tags:
    """The tags of a resource; a new value each time, since troposphere's ``+`` changes its right operand."""
    return Tags(**naming.tags(stage, stack))
