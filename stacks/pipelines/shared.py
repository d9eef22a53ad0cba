"""What a stage's pipelines share: key of artifacts, connection, rule that starts them, notices of failures. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import GetAtt, Ref, codeconnections, events, iam

from stacks import naming
from stacks.blocks.senders import trust_from
from stacks.model.base import CONNECTED
from stacks.parts.keys import own_key
from stacks.parts.policies import allow, arn, managed_policy, policy, tagged
from stacks.parts.topics import email_topic, used_by_topic
from stacks.pipelines.pipeline import KEY, TOPIC
from stacks.stages.stacks import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from troposphere import AWSObject, kms

    from stacks.app import Pipelines, Stage
    from stacks.pipelines.pipeline import Pipeline

_CONNECTION = "PipelineConnection"
_SENDER = "events"


def key(stage: Stage, *, notify: bool) -> kms.Key:
    """The key of artifacts and of the topic: administered by the account, used by roles through S3."""
    uses = [used_by_topic(_topic_name(stage), _SENDER)] if notify else []
    description = f"Encrypts the artifacts of the pipelines of {naming.prefix(stage)}"
    return own_key(KEY, stage, *uses, stack=BASE, description=description)


def connection(stage: Stage, pipelines: Pipelines) -> tuple[GetAtt | str | None, list[AWSObject]]:
    """The ARN of the connection, and its resource if it does not exist yet; None for a source without a connection.

    A new connection waits for a person to complete its handshake in the console.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html
    """
    if pipelines.source not in CONNECTED:
        return None, []
    if pipelines.connection:
        return pipelines.connection, []
    resource = codeconnections.Connection(
        _CONNECTION,
        ConnectionName=naming.prefix(stage),
        ProviderType=CONNECTED[pipelines.source],
        Tags=tagged(stage, BASE),
    )
    return GetAtt(resource, "ConnectionArn"), [resource]


def starter(stage: Stage, pipelines: Pipelines, all_pipelines: Sequence[Pipeline]) -> Iterator[AWSObject]:
    """A rule that starts the pipelines on a push to a CodeCommit repository, and these pipelines only.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-codecommit.html
    """
    name = f"{naming.prefix(stage)}-push"
    arns = [all_pipeline.arn for all_pipeline in all_pipelines]
    starts = managed_policy(
        "PushPolicy", stage, "platform", policy(allow("codepipeline:StartPipelineExecution", on=arns))
    )
    role = iam.Role(
        "PushRole",
        Path=naming.role_path(stage, "platform"),
        AssumeRolePolicyDocument=trust_from("events", arn("events", f"rule/{name}")),
        ManagedPolicyArns=[Ref(starts)],
        Tags=tagged(stage, BASE),
    )
    pattern = {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [arn("codecommit", pipelines.repository)],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": [pipelines.branch],
        },
    }
    targets = [
        events.Target(Id=all_pipeline.key, Arn=all_pipeline.arn, RoleArn=GetAtt(role, "Arn"))
        for all_pipeline in all_pipelines
    ]
    tags = tagged(stage, BASE)
    rule = events.Rule("PushRule", Name=name, State="ENABLED", EventPattern=pattern, Targets=targets, Tags=tags)
    yield from (starts, role, rule)


def failure_notices(stage: Stage, email: str, all_pipelines: Sequence[Pipeline]) -> Iterator[AWSObject]:
    """A topic that notifies an address of failed pipelines, and of those that wait for it."""
    rule = f"{naming.prefix(stage)}-pipeline-failed"
    source = arn("events", f"rule/{rule}")
    name = _topic_name(stage)
    yield from email_topic(TOPIC, stage, stack=BASE, name=name, key=KEY, email=email, sender=_SENDER, source=source)
    pattern = {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"state": ["FAILED"], "pipeline": [all_pipeline.name for all_pipeline in all_pipelines]},
    }
    target = events.Target(
        Id="topic",
        Arn=Ref(TOPIC),
        InputTransformer=events.InputTransformer(
            InputPathsMap={"name": "$.detail.pipeline", "run": "$.detail.execution-id"},
            InputTemplate='"The pipeline <name> failed (execution <run>). Its stages say where."',
        ),
    )
    tags = tagged(stage, BASE)
    yield events.Rule(
        "PipelineFailedRule", Name=rule, State="ENABLED", EventPattern=pattern, Targets=[target], Tags=tags
    )


def _topic_name(stage: Stage) -> str:
    return f"{naming.prefix(stage)}-pipelines"
