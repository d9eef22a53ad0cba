"""Rules that a property has a value: APIs, functions, logs, keys and networks, on any template.

These controls cost nothing, and most are Security Hub's too; scanners report each; here they are reported while
rendering, without a scanner.
"""

from __future__ import annotations

from stacks.checks.row import HUB, Row, is_one_of, is_set
from stacks.checks.values import text, texts
from stacks.json_types import at, items

_API = f"{HUB}/apigateway-controls.html"
_EC2 = f"{HUB}/ec2-controls.html"
_TRAIL = f"{HUB}/cloudtrail-controls.html"


def _is_modern(policy: object) -> bool:
    return policy == "TLS_1_2" or str(policy).startswith("SecurityPolicy_TLS13_")


def _logs_errors(settings: object) -> bool:
    return any(text(at(setting, "LoggingLevel")) in {"ERROR", "INFO"} for setting in items(settings))


def _throttles(settings: object) -> bool:
    return any(
        at(setting, "ThrottlingRateLimit") is not None and at(setting, "ThrottlingBurstLimit") is not None
        for setting in items(settings)
    )


def _is_closed(rules: object) -> bool:
    return not any(
        {"0.0.0.0/0", "::/0"} & set(texts([at(rule, "CidrIp"), at(rule, "CidrIpv6")])) for rule in items(rules)
    )


_ROWS = (
    Row(
        id="API-LOG",
        type="AWS::ApiGateway::Stage",
        path="AccessLogSetting.DestinationArn",
        right=is_set,
        what="writes no access log",
        why="nothing records who called what",
        fix="Set AccessLogSetting with a log group and a JSON format",
        source=_API,
    ),
    Row(
        id="API-LOG-V2",
        type="AWS::ApiGatewayV2::Stage",
        path="AccessLogSettings.DestinationArn",
        right=is_set,
        what="writes no access log",
        why="nothing records who called what",
        fix="Set AccessLogSettings with a log group and a JSON format",
        source=_API,
    ),
    Row(
        id="API-ERRORS",
        type="AWS::ApiGateway::Stage",
        path="MethodSettings",
        right=_logs_errors,
        what="logs no errors of its own",
        why="what goes wrong before a function is called is seen nowhere",
        fix="Set LoggingLevel to ERROR",
        source=_API,
    ),
    Row(
        id="API-THROTTLE",
        type="AWS::ApiGateway::Stage",
        path="MethodSettings",
        right=_throttles,
        what="takes as many requests as the account allows",
        why="one caller can use up the account's share, and the budget",
        fix="Set ThrottlingRateLimit and ThrottlingBurstLimit",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
    ),
    Row(
        id="FN-LOG",
        type="AWS::Lambda::Function",
        path="LoggingConfig.LogGroup",
        right=is_set,
        what="logs into a group that Lambda makes up and keeps for ever",
        why="logs without an owner have no retention and no protection",
        fix="Give it a log group of the stack",
        source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
    ),
    Row(
        id="FN-LOOP",
        type="AWS::Lambda::Function",
        path="RecursiveLoop",
        right=is_one_of("Terminate"),
        what="may call itself for ever",
        why="a loop through a queue or topic costs until somebody notices",
        fix="Set RecursiveLoop to Terminate",
        source="https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
    ),
    Row(
        id="FN-FORMAT",
        type="AWS::Lambda::Function",
        path="LoggingConfig",
        right=lambda config: config is None or at(config, "LogFormat") == "JSON",
        what="logs lines of text",
        why="levels and request ids cannot be searched for in plain lines",
        fix="Set LoggingConfig.LogFormat to JSON",
        source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
    ),
    Row(
        id="FN-TIMEOUT",
        type="AWS::Lambda::Function",
        path="Timeout",
        right=is_set,
        what="does not say how long it may run",
        why="Lambda's three seconds are rarely what is meant",
        fix="Set Timeout",
        source=f"{HUB}/lambda-controls.html",
    ),
    Row(
        id="FN-MEMORY",
        type="AWS::Lambda::Function",
        path="MemorySize",
        right=is_set,
        what="does not say how much memory it gets",
        why="Lambda's 128 MB give a fourteenth of a processor",
        fix="Set MemorySize",
        source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
    ),
    Row(
        id="FN-URL",
        type="AWS::Lambda::Url",
        path="AuthType",
        right=is_one_of("AWS_IAM"),
        what="lets everyone call the function, around API and web ACL",
        why="nothing limits or judges what comes in",
        fix="Set AuthType to AWS_IAM",
        source=f"{HUB}/lambda-controls.html",
    ),
    Row(
        id="LOG-RETENTION",
        type="AWS::Logs::LogGroup",
        path="RetentionInDays",
        right=is_set,
        what="keeps logs for ever",
        why="logs cost by month, and hold what should be forgotten",
        fix="Set RetentionInDays",
        source=f"{HUB}/cloudwatch-controls.html",
    ),
    Row(
        id="KEY-ROTATION",
        type="AWS::KMS::Key",
        path="EnableKeyRotation",
        right=lambda value: value is True,
        what="is never rotated",
        why="a key that leaks once opens everything it ever encrypted",
        fix="Set EnableKeyRotation to true",
        source=f"{HUB}/kms-controls.html",
    ),
    Row(
        id="KEY-WINDOW",
        type="AWS::KMS::Key",
        path="PendingWindowInDays",
        right=is_one_of(30, None),
        what="can be gone before anybody misses it",
        why="what a deleted key encrypted cannot be read by anyone, ever",
        fix="Set PendingWindowInDays to 30, or leave it out",
        source=f"{HUB}/kms-controls.html",
    ),
    Row(
        id="TRAIL-REGIONS",
        type="AWS::CloudTrail::Trail",
        path="IsMultiRegionTrail",
        right=is_one_of(True),
        what="sees one region only",
        why="anyone who breaks in works in another region",
        fix="Set IsMultiRegionTrail to true",
        source=_TRAIL,
    ),
    Row(
        id="TRAIL-VALIDATION",
        type="AWS::CloudTrail::Trail",
        path="EnableLogFileValidation",
        right=is_one_of(True),
        what="cannot prove that its files are whole",
        why="a record that was changed looks like one that was not",
        fix="Set EnableLogFileValidation to true",
        source=_TRAIL,
    ),
    Row(
        id="TRAIL-KEY",
        type="AWS::CloudTrail::Trail",
        path="KMSKeyId",
        right=is_set,
        what="is encrypted with no key of its own",
        why="anyone who may read the bucket may read the record",
        fix="Set KMSKeyId",
        source=_TRAIL,
    ),
    Row(
        id="SUBNET-PUBLIC",
        type="AWS::EC2::Subnet",
        path="MapPublicIpOnLaunch",
        right=is_one_of(False, None),
        what="gives public addresses to what starts in it",
        why="what is intended private can be reached",
        fix="Set MapPublicIpOnLaunch to false",
        source=_EC2,
    ),
    Row(
        id="GROUP-OPEN",
        type="AWS::EC2::SecurityGroup",
        path="SecurityGroupIngress",
        right=_is_closed,
        what="lets the whole internet in",
        why="every port that listens is found within minutes",
        fix="Name the networks or groups that may come in",
        source=_EC2,
    ),
    Row(
        id="API-TLS",
        type="AWS::ApiGateway::DomainName",
        path="SecurityPolicy",
        right=_is_modern,
        what="speaks old versions of TLS",
        why="old versions of TLS can be broken",
        fix="Set SecurityPolicy to TLS_1_2 or newer",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
    ),
    Row(
        id="TRAIL-LOGGING",
        type="AWS::CloudTrail::Trail",
        path="IsLogging",
        right=is_one_of(True),
        what="records nothing",
        why="a trail that is off is not a trail",
        fix="Set IsLogging to true",
        source=_TRAIL,
    ),
    Row(
        id="TRAIL-GLOBAL",
        type="AWS::CloudTrail::Trail",
        path="IncludeGlobalServiceEvents",
        right=is_one_of(True),
        what="leaves out IAM, CloudFront and the like",
        why="rights are changed in IAM, which is a global service",
        fix="Set IncludeGlobalServiceEvents to true",
        source=_TRAIL,
    ),
)

RULES = tuple(row.rule() for row in _ROWS)
