"""The stage's own key for log groups: used by CloudWatch Logs, for groups of the stage alone.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from awacs.aws import Principal
from troposphere import GetAtt, Sub

from stacks import naming, wiring
from stacks.parts.keys import own_key
from stacks.parts.logs import KEY
from stacks.parts.policies import allow, arn, when

if TYPE_CHECKING:
    from troposphere import Template

    from stacks.app import Stage

# AWS's example also lists kms:Describe*, to which its condition never applies: nothing is encrypted in it.
_USES = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def add_log_key(template: Template, stage: Stage) -> None:
    """The key, and the output that the backend's groups read it by."""
    groups = [arn("logs", f"log-group:*{naming.prefix(stage)}*")]
    has_api = any(function.all_routes for function in stage.backend.functions.values())
    if has_api and stage.backend.api.type == "rest":
        # The execution log is named by the id of the API, which base cannot know.
        groups.append(arn("logs", f"log-group:API-Gateway-Execution-Logs_*/{naming.api_stage_name(stage)}"))
    use = allow(
        *_USES,
        on="*",
        Sid="Logs",
        Principal=Principal("Service", [Sub("logs.${AWS::Region}.amazonaws.com")]),
        Condition=when(ArnLike={"kms:EncryptionContext:aws:logs:arn": groups}),
    )
    description = f"Encrypts the logs of {naming.prefix(stage)}"
    template.add_resource(own_key(KEY, stage, use, stack="base", description=description))
    template.add_output(wiring.LOG_KEY.declare(GetAtt(KEY, "Arn"), "ARN of the key of log groups"))
