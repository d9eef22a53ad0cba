"""Rules that a property has a value: builds, queues and topics, on any template.

Each control costs nothing; scanners report each; here they are reported while rendering, without a scanner.
"""

from __future__ import annotations

from stacks.checks.row import HUB, Row, is_one_of, is_set
from stacks.json_types import at

_CODEBUILD = f"{HUB}/codebuild-controls.html"


def _is_logged(config: object) -> bool:
    return "ENABLED" in [at(config, "CloudWatchLogs", "Status"), at(config, "S3Logs", "Status")]


_ROWS = (
    Row(
        id="BUILD-PRIVILEGED",
        type="AWS::CodeBuild::Project",
        path="Environment.PrivilegedMode",
        right=is_one_of(False, None),
        what="builds with the rights of the machine it runs on",
        why="a build that is taken over takes its host over",
        fix="Set PrivilegedMode to false",
        source=f"{HUB}/codebuild-controls.html",
    ),
    Row(
        id="BUILD-KEY",
        type="AWS::CodeBuild::Project",
        path="EncryptionKey",
        right=is_set,
        what="encrypts what it builds with a key that is shared by all of S3",
        why="anyone who may read the bucket may read, and exchange, what is deployed next",
        fix="Set EncryptionKey",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html",
    ),
    Row(
        id="BUILD-LOG",
        type="AWS::CodeBuild::Project",
        path="LogsConfig",
        right=_is_logged,
        what="does not say where it logs",
        why="nothing records what a build did",
        fix="Set LogsConfig with a log group of the stack",
        source=_CODEBUILD,
    ),
    Row(
        id="BUILD-IMAGE",
        type="AWS::CodeBuild::Project",
        path="Environment.Image",
        right=lambda image: str(image).startswith("aws/codebuild/"),
        what="runs in an image that AWS does not keep",
        why="anyone who can change the image can change every build",
        fix="Use one of aws/codebuild/…",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html",
    ),
    Row(
        id="BUILD-SOURCE",
        type="AWS::CodeBuild::Project",
        path="Source.Type",
        right=is_one_of("CODEPIPELINE", "NO_SOURCE"),
        what="fetches its source itself",
        why="it builds the latest commit, not the one that the pipeline took and somebody approved",
        fix="Set Source.Type to CODEPIPELINE",
        source=_CODEBUILD,
    ),
    Row(
        id="QUEUE-ENCRYPTION",
        type="AWS::SQS::Queue",
        path="SqsManagedSseEnabled",
        right=is_one_of(True, None),
        what="is not encrypted",
        why="messages lie readable until they are taken",
        fix="Drop SqsManagedSseEnabled: false, or set it to true",
        source=f"{HUB}/sqs-controls.html",
    ),
    Row(
        id="TOPIC-ENCRYPTION",
        type="AWS::SNS::Topic",
        path="KmsMasterKeyId",
        right=is_set,
        what="is not encrypted",
        why="messages lie readable until they are delivered",
        fix="Set KmsMasterKeyId",
        source=f"{HUB}/sns-controls.html",
    ),
)

RULES = tuple(row.rule() for row in _ROWS)
