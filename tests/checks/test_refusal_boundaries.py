"""The last number that AWS takes, and the first that it refuses.

They are written out: a test that reads a row follows it wherever it goes. The numbers are AWS's own, from the page that
each rule names.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks import registry
from stacks.checks import Template
from stacks.checks.refused import ADVICE, lists, names, ranges
from stacks.checks.refused import RULES as REFUSED
from stacks.checks.run import RULES, check
from tests.checks.refused_cases import client, function, of, role, table

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[int], dict[str, Any]]

BY_ID = {rule.id: rule for rule in (*RULES, *REFUSED, *ADVICE)}
RANGES: dict[str, tuple[int, int | None]] = {
    "BACKUP-DAYS": (1, 36_500),
    "FN-MEMORY-RANGE": (128, 10_240),
    "FN-TIMEOUT-RANGE": (1, 1_800),
    "FN-TIMEOUT-QUOTA": (0, 900),
    "FN-STORAGE-RANGE": (512, 10_240),
    "FN-CONCURRENCY-RANGE": (0, None),
    "FN-PROVISIONED-RANGE": (1, None),
    "FN-EVENT-AGE-RANGE": (60, 21_600),
    "FN-RETRY-RANGE": (0, 2),
    "SOURCE-BATCH-RANGE": (1, 10_000),
    "SOURCE-WINDOW-RANGE": (0, 300),
    "SOURCE-AGE-RANGE": (60, 604_800),
    "SOURCE-RETRY-RANGE": (-1, 10_000),
    "SOURCE-PARALLEL-RANGE": (1, 10),
    "SOURCE-CONCURRENCY-RANGE": (2, 1_000),
    "QUEUE-VISIBILITY-RANGE": (0, 43_200),
    "QUEUE-DELAY-RANGE": (0, 900),
    "QUEUE-RETENTION-RANGE": (60, 1_209_600),
    "QUEUE-SIZE-RANGE": (1_024, 1_048_576),
    "QUEUE-WAIT-RANGE": (0, 20),
    "QUEUE-KEY-RANGE": (60, 86_400),
    "QUEUE-RECEIVE-RANGE": (1, 1_000),
    "AUTHORIZER-TTL-RANGE": (0, 3_600),
    "AUTHORIZER-TTL-V2-RANGE": (0, 3_600),
    "API-COMPRESSION-RANGE": (0, 10_485_760),
    "API-TIMEOUT-V2-RANGE": (50, 30_000),
    "USERS-PASSWORD-RANGE": (6, 99),
    "USERS-TEMPORARY-RANGE": (0, 365),
    "USERS-HISTORY-RANGE": (0, 24),
    "CDN-CONNECT-RANGE": (1, 10),
    "CDN-ATTEMPTS-RANGE": (1, 3),
    "CDN-READ-RANGE": (1, None),
    "CDN-READ-QUOTA": (0, 120),
    "CDN-ALIVE-RANGE": (1, None),
    "CDN-ALIVE-QUOTA": (0, 120),
    "WAF-LIMIT-RANGE": (10, 2_000_000_000),
    "WAF-WINDOW-RANGE": (60, 600),
    "KEY-WINDOW-RANGE": (7, 30),
    "KEY-ROTATION-RANGE": (90, 2_560),
    "SECRET-LENGTH-RANGE": (1, 4_096),
    "SECRET-ROTATION-RANGE": (1, 1_000),
    "EVENT-AGE-RANGE": (60, 86_400),
    "EVENT-RETRY-RANGE": (0, 185),
    "SCHEDULE-WINDOW-RANGE": (1, 1_440),
    "TABLE-RECOVERY-RANGE": (1, 35),
    "TABLE-READS-RANGE": (1, None),
    "TABLE-WRITES-RANGE": (1, None),
    "ALARM-PERIOD-RANGE": (10, 604_800),
    "BUILD-TIMEOUT-RANGE": (5, 2_160),
    "BUILD-QUEUE-RANGE": (5, 480),
    "FLOW-INTERVAL-RANGE": (60, 600),
    "NACL-NUMBER-RANGE": (1, 32_766),
    "ROLE-SESSION-RANGE": (3_600, 43_200),
    "BUCKET-EXPIRY-RANGE": (1, 2_147_483_647),
    "LOG-RETENTION-RANGE": (1, 3_653),
    "HEALTH-INTERVAL-RANGE": (10, 30),
}
"""The first and the last number; None where AWS documents no last one."""
OFF = {"BACKUP-DAYS": -1, "SOURCE-AGE-RANGE": -1}
"""A number outside of the range that means "never"."""
STEPS = {
    "ALARM-PERIOD-RANGE": ({10, 20, 30, 60, 120, 86_400}, {9, 11, 40, 59, 61, 90, 604_860}),
    "FLOW-INTERVAL-RANGE": ({60, 600}, {61, 300, 599}),
    "HEALTH-INTERVAL-RANGE": ({10, 30}, {11, 20, 29}),
    "WAF-WINDOW-RANGE": ({60, 120, 300, 600}, {61, 119, 121, 240, 299, 301, 599}),
}
"""Ranges of which AWS takes some numbers alone: what it takes, and what lies between."""


def test_every_range_has_its_numbers_here() -> None:
    assert RANGES.keys() == {row.id for row in ranges.ROWS}


@pytest.mark.parametrize("row", ranges.ROWS, ids=lambda row: row.id)
def test_a_range_ends_where_aws_ends_it(row: ranges.Range) -> None:
    least, most = RANGES[row.id]
    taken = {least, *([most] if most else [10**9]), *({OFF[row.id]} if row.id in OFF else ())}
    refused = {least - 1 if row.id not in OFF else 0, *([most + 1] if most else [])}
    assert {number for number in taken | refused if not _hits(row, number)} == taken
    assert (f"{least:,} to {most:,}" if most else f"{least:,} or more") in row.why


@pytest.mark.parametrize(("rule", "taken", "refused"), [(rule, *both) for rule, both in STEPS.items()])
def test_numbers_between_the_steps_of_a_range_are_refused(rule: str, taken: set[int], refused: set[int]) -> None:
    row = next(row for row in ranges.ROWS if row.id == rule)
    assert {number for number in taken | refused if not _hits(row, number)} == taken


def test_logs_are_kept_for_the_days_of_the_registry() -> None:
    row = next(row for row in ranges.ROWS if row.id == "LOG-RETENTION-RANGE")
    schema = registry.schema("AWS::Logs::LogGroup") or {}
    assert [days for days in range(4_000) if row._is_in(days)] == schema["properties"]["RetentionInDays"]["enum"]


def _hits(row: ranges.Range, number: float) -> bool:
    value: Any = number
    for part in reversed(row.path.split(".")):
        value = [value] if part == "*" else {part: value}
    return _is_broken(row.id, {"Resources": {"X": {"Type": row.type, "Properties": value}}})


def _is_broken(rule: str, template: dict[str, Any], region: str = "eu-west-1") -> bool:
    target = Template(stack="s", region=region, template=template)
    return rule in {finding.rule for finding in check([target], [BY_ID[rule]])}


LENGTHS: dict[str, tuple[int, int]] = {
    "CDN-PATH-PATTERN": (1, 255),
    "EVENT-BUS-NAME": (1, 256),
    "API-STAGE-NAME": (1, 128),
    "API-DEPLOYMENT-STAGE": (1, 128),
    "API-STAGE-NAME-V2": (1, 128),
    "FN-NAME": (1, 64),
    "FN-ALIAS-NAME": (1, 128),
    "FN-LAYER-NAME": (1, 140),
    "QUEUE-NAME": (1, 80),
    "QUEUE-FIFO-NAME": (6, 80),
    "TOPIC-NAME": (1, 256),
    "TOPIC-FIFO-NAME": (6, 256),
    "EVENT-RULE-NAME": (1, 64),
    "SCHEDULE-NAME": (1, 64),
    "ROLE-NAME": (1, 64),
    "POLICY-NAME": (1, 128),
    "ROLE-POLICY-NAME": (1, 128),
    "USER-NAME": (1, 64),
    "ROLE-PATH": (3, 512),
    "POLICY-PATH": (3, 512),
    "LOG-GROUP-NAME": (1, 512),
    "SECRET-NAME": (1, 512),
    "USERS-PREFIX": (1, 63),
    "USERS-NAME": (1, 128),
    "CLIENT-NAME": (1, 128),
    "USERS-GROUP-NAME": (1, 128),
    "USERS-PROVIDER-NAME": (3, 32),
    "USERS-ATTRIBUTE-NAME": (1, 20),
    "CDN-FUNCTION-NAME": (1, 64),
    "CDN-COMMENT": (0, 128),
    "CSP-LENGTH": (0, 1_783),
    "CDN-ORIGIN-HEADER": (1, 256),
    "WAF-NAME": (1, 128),
    "WAF-METRIC-NAME": (1, 255),
    "KEY-ALIAS-NAME": (7, 256),
    "PIPELINE-NAME": (1, 100),
    "BUILD-NAME": (2, 150),
    "TRAIL-NAME": (3, 128),
    "GROUP-NAME": (1, 255),
    "GROUP-DESCRIPTION": (0, 255),
    "STATE-MACHINE-NAME": (1, 80),
}
"""The shortest and the longest name."""
AROUND = {
    "KEY-ALIAS-NAME": ("alias/", ""),
    "POLICY-PATH": ("/", "/"),
    "QUEUE-FIFO-NAME": ("", ".fifo"),
    "ROLE-PATH": ("/", "/"),
    "TOPIC-FIFO-NAME": ("", ".fifo"),
}
"""How such a name begins and ends."""


@pytest.mark.parametrize("rule", LENGTHS)
def test_a_name_is_as_long_as_aws_takes_it(rule: str) -> None:
    row = next(row for row in (*names.ROWS, *names.FIFO) if row.id == rule)
    begin, end = AROUND.get(rule, ("", ""))
    flags = {"FifoQueue": True, "FifoTopic": True} if "FIFO" in rule else {}

    def is_taken(length: int) -> bool:
        value: Any = begin + "b" * (length - len(begin + end)) + end
        for part in reversed(row.path.split(".")):
            value = [value] if part == "*" else {part: value}
        return not _is_broken(rule, {"Resources": {"X": {"Type": row.type, "Properties": {**value, **flags}}}})

    least, most = LENGTHS[rule]
    lengths = {least - 1, least, most, most + 1} - {-1}
    assert {length for length in lengths if is_taken(length)} == {least, most}


def test_a_parameter_has_up_to_fifteen_levels() -> None:
    for levels, refused in ((15, False), (16, True)):
        resources = {"P": of("AWS::SSM::Parameter", Name="/a" * levels, Type="String", Value="x")}
        assert _is_broken("PARAMETER-NAME", {"Resources": resources}) is refused


def test_a_long_name_is_shown_by_its_beginning() -> None:
    row = next(row for row in names.ROWS if row.id == "FN-ALIAS-NAME")
    for length, shown in ((80, "!" * 80), (81, "!" * 77 + "…")):
        resources = {"A": of(row.type, Name="!" * length)}
        (finding,) = check([Template(stack="s", region="eu-west-1", template={"Resources": resources})], [row.rule()])
        assert finding.what == f"{shown!r} ({length} characters) is not allowed"


LISTS = {
    "CDN-BEHAVIORS": 74,
    "CDN-ORIGINS": 100,
    "ROLE-POLICIES": 25,
    "ROLE-POLICIES-QUOTA": 10,
    "TABLE-INDEXES-QUOTA": 20,
    "PIPELINE-PATTERNS": 8,
}


@pytest.mark.parametrize("rule", LISTS)
def test_a_list_is_as_long_as_aws_takes_it(rule: str) -> None:
    row = next(row for row in lists.ROWS if row.id == rule)

    def is_taken(count: int) -> bool:
        value: Any = [f"item-{number}" for number in range(count)]
        for part in reversed(row.path.split(".")):
            value = [value] if part == "*" else {part: value}
        return not _is_broken(rule, {"Resources": {"X": {"Type": row.types[0], "Properties": value}}})

    assert (is_taken(LISTS[rule]), is_taken(LISTS[rule] + 1)) == (True, False)
    assert LISTS.keys() == {row.id for row in lists.ROWS if row.most}


def _sized(size: int, place: Callable[[dict[str, Any]], dict[str, Any]], **statement: Any) -> dict[str, Any]:
    """A resource with a document of so many characters without white space."""
    content = {"Effect": "Allow", "Action": "s3:GetObject", **statement, "Sid": ""}
    document = {"Version": "2012-10-17", "Statement": [content]}
    content["Sid"] = "x" * (size - len(json.dumps(document, separators=(",", ":"))))
    return {"X": place(document)}


def _of_resource(kind: str, size: int, name: str, **more: Any) -> dict[str, Any]:
    """A resource with its own policy of so many characters."""
    return _sized(size, lambda document: of(kind, **{name: document}, **more), Principal="*")


def _inline(document: dict[str, Any]) -> dict[str, Any]:
    return role(None, Policies=[{"PolicyName": "p", "PolicyDocument": document}])


def _many(kind: str, count: int, item: Any) -> dict[str, Any]:
    """A template with so many entries in a section."""
    return {"Resources": {"B": of("AWS::S3::Bucket")}, kind: {f"N{number}": item for number in range(count)}}


def _parameter(**properties: Any) -> dict[str, Any]:
    return {"Parameters": {"P": {"Type": "String", **properties}}, "Resources": {}}


def _machine(count: int) -> dict[str, Any]:
    return {"Q": of("AWS::SQS::Queue", VisibilityTimeout=count), "F": function(Timeout=30), **_READER}


_READER = {
    "M": of(
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn={"Fn::GetAtt": ["Q", "Arn"]},
        FunctionName={"Ref": "F"},
    )
}
_QUEUE_POLICY = {"Effect": "Allow", "Principal": {"AWS": "1" * 12}, "Action": "sqs:SendMessage", "Resource": "*"}


def _mapping(**more: Any) -> dict[str, Any]:
    return of("AWS::Lambda::EventSourceMapping", EventSourceArn="arn:aws:sqs:eu-west-1:1:q", FunctionName="f", **more)


def _queue_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"P": of("AWS::SQS::QueuePolicy", Queues=["q"], PolicyDocument={"Statement": list(statements)})}


def _alarm(period: int, count: int) -> dict[str, Any]:
    properties = {"MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": period, "EvaluationPeriods": count}
    return {"A": of("AWS::CloudWatch::Alarm", **properties)}


def _scaling(target: int) -> dict[str, Any]:
    metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
    tracking = {"TargetValue": target, "PredefinedMetricSpecification": metric}
    return {"S": of("AWS::ApplicationAutoScaling::ScalingPolicy", TargetTrackingScalingPolicyConfiguration=tracking)}


def _port(port: int) -> dict[str, Any]:
    return {"I": of("AWS::EC2::SecurityGroupIngress", IpProtocol="tcp", FromPort=port, ToPort=port)}


def _lives(token: str, unit: str | None, number: int, **more: Any) -> dict[str, Any]:
    units = {"TokenValidityUnits": {token: unit}} if unit else {}
    return {"C": client(**{f"{token}Validity": number, **units, **more})}


def _both_live(seconds: int, unit: str) -> dict[str, Any]:
    units = {"AccessToken": "seconds", "RefreshToken": unit}
    return _lives("AccessToken", None, seconds, RefreshTokenValidity=1, TokenValidityUnits=units)


def _transition(days: int, kind: str) -> dict[str, Any]:
    moved = {"Transitions": [{"TransitionInDays": days, "StorageClass": kind}], "Status": "Enabled"}
    return {"B": of("AWS::S3::Bucket", LifecycleConfiguration={"Rules": [moved]})}


def _snapped(**more: Any) -> dict[str, Any]:
    return {"F": function(SnapStart={"ApplyOn": "PublishedVersions"}, **more)}


def _network(prefix: int) -> dict[str, Any]:
    return {"V": of("AWS::EC2::VPC", CidrBlock=f"10.0.0.0/{prefix}")}


def _rule(**properties: Any) -> dict[str, Any]:
    return {"R": of("AWS::Events::Rule", **{"ScheduleExpression": "rate(1 hour)", **properties})}


def _pattern(size: int) -> dict[str, Any]:
    pattern = {"source": [""]}
    pattern["source"] = ["x" * (size - len(json.dumps(pattern, separators=(",", ":"))))]
    return _rule(EventPattern=pattern)


def _allowed(*addresses: str) -> dict[str, Any]:
    """A web ACL that lets some addresses through."""
    statement = {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Set", "Arn"]}}}
    rules = [{"Name": "few", "Action": {"Allow": {}}, "Statement": statement}]
    return {
        "Set": of("AWS::WAFv2::IPSet", Addresses=list(addresses)),
        "Acl": of("AWS::WAFv2::WebACL", Rules=rules, DefaultAction={"Allow": {}}),
    }


def _limit(rate: int) -> dict[str, Any]:
    rules = [{"Name": "r", "Action": {"Block": {}}, "Statement": {"RateBasedStatement": {"Limit": rate}}}]
    return {"Acl": of("AWS::WAFv2::WebACL", Rules=rules)}


def _password(length: int) -> dict[str, Any]:
    classes = {f"Require{kind}": True for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")}
    policy = {"MinimumLength": length, "TemporaryPasswordValidityDays": 1, "PasswordHistorySize": 5, **classes}
    return {"P": of("AWS::Cognito::UserPool", Policies={"PasswordPolicy": policy})}


def _transport(seconds: int) -> dict[str, Any]:
    headers = {"StrictTransportSecurity": {"AccessControlMaxAgeSec": seconds}}
    config = {"SecurityHeadersConfig": headers}
    return {"H": of("AWS::CloudFront::ResponseHeadersPolicy", ResponseHeadersPolicyConfig=config)}


def _throttled(rate: int) -> dict[str, Any]:
    settings = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": 1}
    return {"S": of("AWS::ApiGatewayV2::Stage", DefaultRouteSettings=settings)}


def _tags(count: int) -> dict[str, Any]:
    return {"B": of("AWS::S3::Bucket", Tags=[{"Key": f"k{number}", "Value": "v"} for number in range(count)])}


def _projected(count: int) -> dict[str, Any]:
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"a{number}" for number in range(count)]}
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    return {"T": table(GlobalSecondaryIndexes=[{"IndexName": "i", "KeySchema": keys, "Projection": projection}])}


NUMBERS: dict[str, tuple[str, int, int, Make]] = {
    "parameters": ("TEMPLATE-SIZE", 200, 201, lambda n: _many("Parameters", n, {"Type": "String"})),
    "resources": ("TEMPLATE-SIZE", 500, 501, lambda n: _many("Resources", n, of("AWS::S3::Bucket"))),
    "outputs": ("TEMPLATE-SIZE", 200, 201, lambda n: _many("Outputs", n, {"Value": "x"})),
    "mappings": ("TEMPLATE-SIZE", 200, 201, lambda n: _many("Mappings", n, {"a": {"b": "c"}})),
    "bytes of a description": ("TEMPLATE-SIZE", 1_024, 1_025, lambda n: {"Resources": {}, "Description": "x" * n}),
    "name of a parameter": ("TEMPLATE-NAMES", 255, 256, lambda n: {"Resources": {}, "Parameters": {"x" * n: {}}}),
    "name of a resource": ("TEMPLATE-NAMES", 255, 256, lambda n: {"Resources": {"x" * n: of("AWS::S3::Bucket")}}),
    "name of an output": ("TEMPLATE-NAMES", 255, 256, lambda n: {"Resources": {}, "Outputs": {"x" * n: {}}}),
    "bytes of a parameter": ("TEMPLATE-PARAMETER", 4_096, 4_097, lambda n: _parameter(Default="x" * n)),
    "managed policy": (
        "POLICY-SIZE", 6_144, 6_145,
        lambda n: _sized(n, lambda document: of("AWS::IAM::ManagedPolicy", PolicyDocument=document)),
    ),
    "topic policy": (
        "POLICY-SIZE", 30_720, 30_721,
        lambda n: _of_resource("AWS::SNS::TopicPolicy", n, "PolicyDocument", Topics=["t"]),
    ),
    "secret policy": (
        "POLICY-SIZE", 20_480, 20_481,
        lambda n: _of_resource("AWS::SecretsManager::ResourcePolicy", n, "ResourcePolicy"),
    ),
    "trust": (
        "POLICY-SIZE", 8_192, 8_193,
        lambda n: _sized(n, lambda document: of("AWS::IAM::Role", AssumeRolePolicyDocument=document)),
    ),
    "bucket policy": (
        "POLICY-SIZE", 20_480, 20_481,
        lambda n: _of_resource("AWS::S3::BucketPolicy", n, "PolicyDocument", Bucket="b"),
    ),
    "key policy": (
        "POLICY-SIZE", 32_768, 32_769,
        lambda n: _of_resource("AWS::KMS::Key", n, "KeyPolicy"),
    ),
    "inline policies": ("POLICY-SIZE", 10_240, 10_241, lambda n: _sized(n, _inline)),
    "trust by default": (
        "TRUST-SIZE", 2_048, 2_049,
        lambda n: _sized(n, lambda document: of("AWS::IAM::Role", AssumeRolePolicyDocument=document)),
    ),
    "statements of a queue": ("QUEUE-POLICY", 20, 21, lambda n: _queue_policy(*[_QUEUE_POLICY] * n)),
    "actions of a queue": (
        "QUEUE-POLICY", 7, 8,
        lambda n: _queue_policy({**_QUEUE_POLICY, "Action": [f"sqs:A{number}" for number in range(n)]}),
    ),
    "principals of a queue": (
        "QUEUE-POLICY", 50, 51,
        lambda n: _queue_policy({**_QUEUE_POLICY, "Principal": {"AWS": [f"{number:012}" for number in range(n)]}}),
    ),
    "bytes of variables": (
        "FN-VARIABLES", 4_093, 4_094, lambda n: {"F": function(Environment={"Variables": {"BIG": "x" * n}})},
    ),
    "layers": (
        "FN-LAYERS", 5, 6,
        lambda n: {"F": function(Layers=[f"arn:aws:lambda:eu-west-1:1:layer:l{number}:1" for number in range(n)])},
    ),
    "inline code": ("FN-PACKAGE", 4_194_304, 4_194_305, lambda n: {"F": function(Code={"ZipFile": "x" * n})}),
    "storage of snapshots": ("FN-SNAPSTART", 512, 513, lambda n: _snapped(EphemeralStorage={"Size": n})),
    "snapshots of Python": ("FN-SNAPSTART", 12, 11, lambda n: _snapped(Runtime=f"python3.{n}")),
    "snapshots of Java": ("FN-SNAPSTART", 11, 10, lambda n: _snapped(Runtime=f"java{n}")),
    "snapshots of .NET": ("FN-SNAPSTART", 8, 7, lambda n: _snapped(Runtime=f"dotnet{n}")),
    "messages of a batch": ("SOURCE-SETTINGS", 10, 11, lambda n: {"M": _mapping(BatchSize=n)}),
    "seconds that a batch waits": (
        "SOURCE-SETTINGS", 1, 0, lambda n: {"M": _mapping(BatchSize=11, MaximumBatchingWindowInSeconds=n)},
    ),
    "visibility of a queue": ("SOURCE-VISIBILITY", 30, 29, _machine),
    "usual visibility": (
        "SOURCE-VISIBILITY", 30, 31,
        lambda n: {"Q": of("AWS::SQS::Queue"), "F": function(Timeout=n), **_READER},
    ),
    "usual timeout": (
        "SOURCE-VISIBILITY", 3, 2,
        lambda n: {"Q": of("AWS::SQS::Queue", VisibilityTimeout=n), "F": function(), **_READER},
    ),
    "targets of a rule": (
        "EVENT-RULE", 5, 6, lambda n: _rule(Targets=[{"Id": f"t{number}", "Arn": "a"} for number in range(n)]),
    ),
    "pattern of a rule": ("EVENT-RULE", 4_096, 4_097, _pattern),
    "minutes of an alarm": ("ALARM", 1_440, 1_441, lambda n: _alarm(60, n)),
    "hours of an alarm": ("ALARM", 168, 169, lambda n: _alarm(3_600, n)),
    "seconds of an alarm": ("ALARM", 86_400, 86_401, lambda n: _alarm(1, n)),
    "seconds of an alarm with long periods": ("ALARM", 604_800, 604_801, lambda n: _alarm(n, 1)),
    "periods below an hour": ("ALARM", 24, 25, lambda n: _alarm(3_599, n)),
    "stages of a pipeline": (
        "PIPELINE-STAGES", 2, 1,
        lambda n: {"P": of("AWS::CodePipeline::Pipeline", Stages=[_stage(number) for number in range(n)])},
    ),
    "least target": ("SCALING", 20, 19, _scaling),
    "largest target": ("SCALING", 90, 91, _scaling),
    "largest network": ("CIDR-SIZE", 16, 15, _network),
    "smallest network": ("CIDR-SIZE", 28, 29, _network),
    "last port": ("PORT-RANGE", 65_535, 65_536, _port),
    "first port": ("PORT-RANGE", -1, -2, _port),
    "shortest access token": ("CLIENT-LIFETIME", 300, 299, lambda n: _lives("AccessToken", "seconds", n)),
    "longest access token": ("CLIENT-LIFETIME", 86_400, 86_401, lambda n: _lives("AccessToken", "seconds", n)),
    "shortest ID token": ("CLIENT-LIFETIME", 5, 4, lambda n: _lives("IdToken", "minutes", n)),
    "longest ID token": ("CLIENT-LIFETIME", 1_440, 1_441, lambda n: _lives("IdToken", "minutes", n)),
    "longest ID token in seconds": ("CLIENT-LIFETIME", 86_400, 86_401, lambda n: _lives("IdToken", "seconds", n)),
    "shortest ID token in seconds": ("CLIENT-LIFETIME", 300, 299, lambda n: _lives("IdToken", "seconds", n)),
    "hours by default": ("CLIENT-LIFETIME", 24, 25, lambda n: _lives("AccessToken", None, n)),
    "shortest refresh token": ("CLIENT-LIFETIME", 3_600, 3_599, lambda n: _lives("RefreshToken", "seconds", n)),
    "longest refresh token": (
        "CLIENT-LIFETIME", 315_360_000, 315_360_001, lambda n: _lives("RefreshToken", "seconds", n),
    ),
    "days by default": ("CLIENT-LIFETIME", 3_650, 3_651, lambda n: _lives("RefreshToken", None, n)),
    "days of a refresh token": ("CLIENT-LIFETIME", 3_650, 3_651, lambda n: _lives("RefreshToken", "days", n)),
    "a token as long as a refresh token of an hour": (
        "CLIENT-LIFETIME", 3_600, 3_601, lambda n: _both_live(n, "hours"),
    ),
    "a token as long as a refresh token of a day": ("CLIENT-LIFETIME", 86_400, 86_401, lambda n: _both_live(n, "days")),
    "local indexes": (
        "TABLE-INDEXES", 5, 6, lambda n: {"T": table(LocalSecondaryIndexes=[{"IndexName": "abc"}] * n)},
    ),
    "longest name of a table": ("TABLE-NAME", 255, 256, lambda n: {"T": table(TableName="x" * n)}),
    "shortest name of a table": ("TABLE-NAME", 3, 2, lambda n: {"T": table(TableName="x" * n)}),
    "longest name of a bucket": ("BUCKET-NAME", 63, 64, lambda n: {"B": of("AWS::S3::Bucket", BucketName="x" * n)}),
    "shortest name of a bucket": ("BUCKET-NAME", 3, 2, lambda n: {"B": of("AWS::S3::Bucket", BucketName="x" * n)}),
    "tags": ("TAGS", 50, 51, _tags),
    "projected attributes": ("TABLE-PROJECTION", 100, 101, _projected),
    "days before infrequent access": ("BUCKET-LIFECYCLE", 30, 29, lambda n: _transition(n, "STANDARD_IA")),
    "days before one zone": ("BUCKET-LIFECYCLE", 30, 29, lambda n: _transition(n, "ONEZONE_IA")),
    "value of a parameter": (
        "PARAMETER-VALUE", 4_096, 4_097, lambda n: {"P": of("AWS::SSM::Parameter", Type="String", Value="x" * n)},
    ),
    "value of an advanced parameter": (
        "PARAMETER-VALUE", 8_192, 8_193,
        lambda n: {"P": of("AWS::SSM::Parameter", Type="String", Value="x" * n, Tier="Advanced")},
    ),
    "empty value of a parameter": (
        "PARAMETER-VALUE", 1, 0, lambda n: {"P": of("AWS::SSM::Parameter", Type="String", Value="x" * n)},
    ),
    # Ours: what is advised, from the page that each rule names.
    "requests of an account": ("API-BURST", 10_000, 10_001, _throttled),
    "no request": ("API-BURST", 0, -1, _throttled),
    "shortest password": ("USERS-PASSWORD", 12, 11, _password),
    "a year of HTTPS": ("HEADERS-HSTS", 31_536_000, 31_535_999, _transport),
    "days until a key is gone": ("KEY-WINDOW", 30, 29, lambda n: {"K": of("AWS::KMS::Key", PendingWindowInDays=n)}),
    "one owner's IPv4 network": ("WAF-ALLOW", 8, 7, lambda n: _allowed(f"16.0.0.0/{n}")),
    "one owner's IPv6 network": ("WAF-ALLOW", 19, 18, lambda n: _allowed(f"2001::/{n}")),
    "requests of an address": ("WAF-LIMIT", 100_000, 100_001, _limit),
    "length of a secret": (
        "SECRET-SHORT", 16, 15,
        lambda n: {"S": of("AWS::SecretsManager::Secret", GenerateSecretString={"PasswordLength": n})},
    ),
    "days signed in": ("CLIENT-REFRESH", 30, 31, lambda n: _lives("RefreshToken", "days", n)),
    "hours signed in": ("CLIENT-REFRESH", 720, 721, lambda n: _lives("RefreshToken", "hours", n)),
    "minutes signed in": ("CLIENT-REFRESH", 43_200, 43_201, lambda n: _lives("RefreshToken", "minutes", n)),
    "seconds signed in": ("CLIENT-REFRESH", 2_592_000, 2_592_001, lambda n: _lives("RefreshToken", "seconds", n)),
    "minutes of access": ("CLIENT-ACCESS", 60, 61, lambda n: _lives("AccessToken", "minutes", n)),
    "seconds of access": ("CLIENT-ACCESS", 3_600, 3_601, lambda n: _lives("AccessToken", "seconds", n)),
    "hours of access": ("CLIENT-ACCESS", 1, 2, lambda n: _lives("AccessToken", None, n)),
}  # fmt: skip
"""What is counted: the rule, the last number that is taken, the first that is refused, and a template with a number."""


def _stage(number: int) -> dict[str, Any]:
    category = "Build" if number else "Source"
    return {"Name": f"s{number}", "Actions": [{"Name": "a", "ActionTypeId": {"Category": category}}]}


@pytest.mark.parametrize("what", NUMBERS)
def test_the_last_number_is_taken_and_the_next_is_not(what: str) -> None:
    rule, last, refused, make = NUMBERS[what]
    both = [part if "Resources" in part else {"Resources": part} for part in (make(last), make(refused))]
    assert [_is_broken(rule, template) for template in both] == [False, True]


def _in_a_group(**addresses: str) -> dict[str, Any]:
    return {"G": of("AWS::EC2::SecurityGroupIngress", IpProtocol="-1", **addresses)}


def _named(arn: str) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:Get*", "Resource": arn}]}
    return {"P": of("AWS::IAM::ManagedPolicy", PolicyDocument=document)}


def _in_a_layer(arn: str) -> dict[str, Any]:
    return {"F": function(Layers=[arn])}


def _by_a_mapping(size: int) -> dict[str, Any]:
    looked_up = {"Fn::FindInMap": ["Sizes", "large", "memory", {"DefaultValue": 128}]}
    return {
        "Mappings": {"Sizes": {"large": {"memory": size}}},
        "Resources": {"F": function(MemorySize=looked_up)},
    }


def _by_a_condition(second: int) -> dict[str, Any]:
    size = {"Fn::If": ["Eu", 128, second]}
    equals = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    return {"Conditions": {"Eu": equals}, "Resources": {"F": function(MemorySize=size)}}


_STREAM = "logs:eu-west-1:123456789012:log-group:a:log-stream:b"
PAIRS = {
    "an IPv6 range": ("CIDR", _in_a_group(CidrIpv6="fd00::/64"), _in_a_group(CidrIpv6="10.0.0.0/16")),
    "an IPv4 range": ("CIDR", _in_a_group(CidrIp="10.0.0.0/16"), _in_a_group(CidrIp="fd00::/64")),
    "six parts of an ARN": ("POLICY-ARN", _named(f"arn:aws:{_STREAM}"), _named("arn:aws:logs:eu-west-1:123456789012")),
    "the region of a layer": (
        "FN-LAYER-ARN", _in_a_layer("arn:aws:lambda:eu-west-1:1:layer:l:1"), _in_a_layer("arn:aws:lambda:us-east-1"),
    ),
    "a layer's ARN that is cut off": ("FN-LAYER-ARN", _in_a_layer("arn:aws:lambda"), _in_a_layer("arn:aws:lambda:x")),
    "a value that a mapping has": ("FN-MEMORY-RANGE", _by_a_mapping(10_240), _by_a_mapping(10_241)),
    "the other value of a condition": ("FN-MEMORY-RANGE", _by_a_condition(10_240), _by_a_condition(10_241)),
}  # fmt: skip
"""What is read: the rule, a template that is taken, and one that is refused."""


@pytest.mark.parametrize("what", PAIRS)
def test_of_two_templates_one_is_refused(what: str) -> None:
    rule, *both = PAIRS[what]
    templates = [template if "Resources" in template else {"Resources": template} for template in both]
    assert [_is_broken(rule, template) for template in templates] == [False, True]


@pytest.mark.parametrize(("length", "shown"), [(80, 80), (81, 80)])
def test_a_value_that_is_not_allowed_is_shown_by_its_beginning(length: int, shown: int) -> None:
    template = _parameter(Default="x" * length, AllowedValues=["a"])
    (finding,) = check([Template(stack="s", region="eu-west-1", template=template)], [BY_ID["TEMPLATE-PARAMETER"]])
    assert finding.what == f"{'x' * shown!r} is not one of a"
