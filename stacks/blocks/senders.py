"""Which AWS service says for whom it comes: one table of the condition keys that each sends, by what it comes to.

A condition on a key that is not sent is never met: the role cannot be taken, the function is never called, and nothing
reports it. Where documents are silent or disagree, the condition holds only if the key is present (``…IfExists``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from troposphere import Sub

from stacks.blocks.policies import ACCOUNT, Value, trust, when
from stacks.values import value

if TYPE_CHECKING:
    from awacs.aws import Condition, PolicyDocument

    from stacks.json_types import JsonDict

Use = Literal["trust", "bucket", "topic", "queue", "key", "function"]
"""What a service comes to: a role it takes, the policy of a bucket, topic, queue, key, or a function's permission."""
Sent = Literal["always", "unknown", "never"]


@value
class Sends:
    """Whether a service sends ``aws:SourceArn`` and ``aws:SourceAccount``, and the page that says so."""

    arn: Sent
    account: Sent
    source: str


_DOCS = "https://docs.aws.amazon.com"
_LOGS = f"{_DOCS}/AmazonCloudWatch/latest/logs"


def _always(page: str) -> Sends:
    return Sends(arn="always", account="always", source=f"{_DOCS}/{page}")


def _never(page: str) -> Sends:
    return Sends(arn="never", account="never", source=page if page.startswith("https:") else f"{_DOCS}/{page}")


def _unknown(page: str) -> Sends:
    return Sends(arn="unknown", account="unknown", source=f"{_DOCS}/{page}")


def _arn_only(page: str) -> Sends:
    return Sends(arn="always", account="unknown", source=f"{_DOCS}/{page}")


SENDS: dict[tuple[str, Use], Sends] = {
    ("codebuild", "trust"): _always("codebuild/latest/userguide/cross-service-confused-deputy-prevention.html"),
    ("events", "trust"): _always("eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html"),
    ("scheduler", "trust"): _always("scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html"),
    ("states", "trust"): _always("step-functions/latest/dg/procedure-create-iam-role.html"),
    ("vpc-flow-logs", "trust"): _always("vpc/latest/userguide/flow-logs-iam-role.html"),
    # Documented for extensions, not for the role of a stack; CodePipeline's page has no condition at all.
    ("cloudformation", "trust"): _unknown(
        "AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html"
    ),
    ("codepipeline", "trust"): _unknown("codepipeline/latest/userguide/how-to-custom-role.html"),
    ("apigateway", "trust"): _never("apigateway/latest/developerguide/set-up-logging.html"),
    ("backup", "trust"): _never("aws-backup/latest/devguide/iam-service-roles.html"),
    ("cloudtrail", "trust"): _never("https://github.com/prowler-cloud/prowler/issues/4714"),
    ("codedeploy", "trust"): _never("codedeploy/latest/userguide/getting-started-create-service-role.html"),
    ("lambda", "trust"): _never("lambda/latest/dg/lambda-intro-execution-role.html"),
    ("cognito-idp", "trust"): _never(
        "cognito/latest/developerguide/cognito-user-pool-settings-email-phone-verification.html"
    ),
    ("logging.s3", "bucket"): _always("AmazonS3/latest/userguide/enable-server-access-logging.html"),
    ("delivery.logs", "bucket"): _always("vpc/latest/userguide/flow-logs-s3-permissions.html"),
    ("cloudfront", "bucket"): _arn_only(
        "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
    ),
    ("cloudtrail", "bucket"): _arn_only("awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"),
    ("cloudtrail", "key"): _arn_only("awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"),
    ("cloudwatch", "topic"): _always("AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"),
    # The guide of 2022 forbids conditions on a topic that EventBridge publishes to, newer pages show them.
    ("events", "topic"): _unknown("eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions"),
    ("sns", "queue"): _arn_only("sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"),
    # The key that encrypts a topic is used with the topic's ARN (encryption context), of the sender's source nothing.
    ("cloudwatch", "key"): _never("sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"),
    ("events", "key"): _never("sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"),
    ("logs", "key"): Sends(arn="never", account="never", source=f"{_LOGS}/encrypt-log-data-kms.html"),
    # Only S3's ARNs have no account in them. Others are named by their ARN: EventBridge sends no account, and never
    # calls a function that asks for it (terraform-provider-aws#4116).
    ("apigateway", "function"): _arn_only("lambda/latest/dg/services-apigateway.html"),
    ("cognito-idp", "function"): _arn_only("lambda/latest/dg/services-cognito.html"),
    ("sns", "function"): _arn_only("lambda/latest/dg/with-sns.html"),
    ("events", "function"): Sends(
        arn="always", account="never", source=f"{_DOCS}/eventbridge/latest/userguide/eb-troubleshooting.html"
    ),
}
"""(service, what it comes to) → what it sends. A service that is new in a policy needs a line here."""


def from_source(sender: str, use: Use, source: Value) -> Condition:
    """``sender`` acts for this account and the resource ``source``, as far as it says so.

    Raises:
        KeyError: for a service without a line in ``SENDS``.
    """
    sends = SENDS[sender, use]
    kind = "ArnLike" if isinstance(source, Sub) else "ArnEquals"
    operators: JsonDict = {
        _if_sent(kind, sends.arn): {"aws:SourceArn": source},
        _if_sent("StringEquals", sends.account): {"aws:SourceAccount": Sub(ACCOUNT)},
    }
    return when(**operators)


def _if_sent(operator: str, sent: Sent) -> str:
    return operator if sent == "always" else f"{operator}IfExists"


def trust_from(sender: str, source: Value) -> PolicyDocument:
    """Who may take a role: one AWS service, for ``source``."""
    return trust(sender, from_source(sender, "trust", source))
