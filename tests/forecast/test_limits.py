"""The limit budget: nothing is told below 80 %, a warning from there, an error over 100 %."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stacks.cli import main
from stacks.errors import StacksError
from stacks.limits import budget, code_budget, too_large, within, within_limits
from stacks.loading import validated
from stacks.packaging import Artifact
from stacks.rendering import render
from stacks.template.rendered import Rendered


def stack(resources: dict[str, Any] | None = None, body: str = "", **more: Any) -> Rendered:
    template = {"Resources": resources or {}, **more}
    return Rendered(stack="backend", name="t-x-backend", region="eu-west-1", template=template, body=body)


def resources(kind: str, **properties: Any) -> dict[str, Any]:
    return {"It": {"Type": kind, "Properties": properties}}


def many(count: int, kind: str = "AWS::X::Y", **properties: Any) -> dict[str, Any]:
    return {f"R{number}": {"Type": kind, "Properties": properties} for number in range(count)}


def policy(count: int) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "r" * 60} for _ in range(count)]}


def groups(*names: str) -> list[dict[str, Any]]:
    return [{"Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}} for name in names]


def rate(scope: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Statement": {"RateBasedStatement": {"Limit": 1, "ScopeDownStatement": scope}}}]


COMMON = ["AWSManagedRulesCommonRuleSet"]
NAMED = {"Fn::Sub": "${AWS::AccountId}-" + "x" * 44}
EVERY_DAY = ["rate(1 day)"]
EXACT = {"PositionalConstraint": "EXACTLY", "TextTransformations": [{"Type": "NONE", "Priority": 0}]}
TOO_MANY = (
    "t-x-backend: has 502 resources, AWS allows 500. Describe fewer things in it; functions are spread over several"
    " stacks by 'backend.stacks: 2'."
)
LONG_NAME = (
    "t-x-backend.It: has 65 characters of name, AWS allows 64. Shorten the name of the application, the stage or the"
    " thing itself."
)
BEHAVIORS: dict[str, Any] = {"CacheBehaviors": [{}] * 62}
BUCKET = {"Fn::Sub": "a-${AWS::AccountId}-" + "x" * 40}
ROUTES: dict[str, Any] = {f"/items/{number}": {"get": {}, "put": {}} for number in range(125)}
PATHS: dict[str, Any] = {"/": {}, **{f"/items/{number}": {} for number in range(250)}}
CASES = [
    ("resources", stack(many(400)), 400, 500),
    ("outputs", stack(Outputs=many(170)), 170, 200),
    ("parameters", stack(Parameters=many(190)), 190, 200),
    ("bytes of template", stack(body="é" * 400_000), 800_000, 1_000_000),
    ("characters of policy", stack(resources("AWS::IAM::ManagedPolicy", PolicyDocument=policy(50))), 5_415, 6_144),
    ("characters of name", stack(resources("AWS::IAM::Role", RoleName="x" * 60)), 60, 64),
    ("characters of name", stack(resources("AWS::Lambda::Function", FunctionName=NAMED)), 57, 64),
    (
        "bytes of environment variables",
        stack(resources("AWS::Lambda::Function", Environment={"Variables": {"A": "x" * 3_500, "B": {"Ref": "T"}}})),
        3_582,
        4_096,
    ),
    ("layers", stack(resources("AWS::Lambda::Function", Layers=["arn"] * 4)), 4, 5),
    ("characters of policy", stack(resources("AWS::IAM::Role", AssumeRolePolicyDocument=policy(18))), 1_959, 2_048),
    ("characters of name", stack(resources("AWS::S3::Bucket", BucketName=BUCKET)), 55, 63),
    ("API resources", stack(resources("AWS::ApiGateway::RestApi", Body={"paths": PATHS})), 251, 300),
    ("routes of an HTTP API", stack(resources("AWS::ApiGatewayV2::Api", Body={"paths": ROUTES})), 250, 300),
    ("API resources", stack(many(280, "AWS::ApiGateway::Resource", RestApiId={"Ref": "Api"})), 280, 300),
    ("routes of an HTTP API", stack(many(270, "AWS::ApiGatewayV2::Route", ApiId={"Ref": "HttpApi"})), 270, 300),
    (
        "cache behaviors in addition to the default one",
        stack(resources("AWS::CloudFront::Distribution", DistributionConfig=BEHAVIORS)),
        62,
        74,
    ),
    ("bytes of code", stack(resources("AWS::CloudFront::Function", FunctionCode="x" * 9_000)), 9_000, 10_240),
    ("capacity units", stack(resources("AWS::WAFv2::WebACL", Rules=groups(*COMMON * 6))), 4_200, 5_000),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rendered", "used", "allowed"), CASES)
def test_each_limit_is_measured_and_warned_of(what: str, rendered: Rendered, used: int, allowed: int) -> None:
    (use,) = (use for use in budget(rendered) if use.what == what)
    assert (use.used, use.allowed) == (used, allowed)
    assert f"{used:,} of {allowed:,} {what}" in within_limits([rendered])[0]


def test_below_four_fifths_nothing_is_reported() -> None:
    assert within_limits([stack(many(399))]) == ()


def test_each_limit_that_is_overrun_is_reported_in_one_go() -> None:
    over = stack({**many(501), **resources("AWS::Lambda::Function", FunctionName="x" * 65)})
    with pytest.raises(StacksError) as caught:
        within_limits([over])
    assert [str(problem) for problem in caught.value.problems] == [
        TOO_MANY,
        LONG_NAME,
    ]


def test_rules_that_no_web_acl_has_room_for_are_reported() -> None:
    with pytest.raises(StacksError) as caught:
        within_limits([stack(resources("AWS::WAFv2::WebACL", Rules=groups(*COMMON * 8)))])
    assert [str(problem) for problem in caught.value.problems] == [
        "t-x-backend.It: has 5,600 capacity units, AWS allows 5,000. Use fewer rule groups.",
    ]


def test_an_http_api_too_large_for_its_stack_is_reported_with_the_kind_that_is_not() -> None:
    routes = many(501, "AWS::ApiGatewayV2::Route", ApiId={"Ref": "HttpApi"})
    with pytest.raises(StacksError) as caught:
        within_limits([stack(routes)])
    assert [problem.what.partition(",")[0] for problem in caught.value.problems] == [
        "has 501 resources",
    ]
    assert all(problem.fix.startswith("Use 'api: {type: rest}'") for problem in caught.value.problems)


def test_a_quota_that_large_apis_have_raised_is_reported_and_no_error() -> None:
    api = resources("AWS::ApiGateway::RestApi", Body={"paths": {f"/{number}": {} for number in range(400)}})
    assert within_limits([stack(api)]) == (
        "t-x-backend.It: 400 of 300 API resources (133%); more only once AWS has raised this quota for you",
    )


def test_the_longest_names_that_may_be_described_fit_in_the_longest_stage() -> None:
    longest = "n" * 30
    called = {longest: {"handler": "code/api.py:handler", "events": {"queues": [longest], "schedules": EVERY_DAY}}}
    app = validated(
        {
            "name": "a" * 15,
            "stages": {"s" * 10: {"region": "ap-southeast-2"}, "dev": {"region": "eu-west-1"}},
            "data": {"tables": {longest: {"partition_key": "id"}}, "users": {"groups": [longest]}},
            "backend": {"functions": called, "queues": {longest: {}}, "secrets": {longest: {}}},
            "frontend": {"site": {"folder": "site"}},
        }
    )
    uses = [
        use for stage in app.stages.values() for rendered_stack in render(app, stage) for use in budget(rendered_stack)
    ]
    names = {use.where: use.used for use in uses if use.what == "characters of name"}
    assert within(uses) != ()
    assert names[f"{'a' * 15}-{'s' * 10}-backend.{'N' + 'n' * 29}Function"] == 57


def code(name: str, unzipped: int, layer: str | None = None) -> Artifact:
    return Artifact(bundle=name, key=name, path=Path(name), sha256="", size=1, unzipped=unzipped, layer=layer)


def test_code_counts_with_the_layer_it_runs_with() -> None:
    uses = code_budget([code("shared", 200_000_000), code("web", 62_000_000, "shared"), code("api", 1_000)])
    assert [(use.where, use.used) for use in uses] == [
        ("code shared", 200_000_000),
        ("code web", 262_000_000),
        ("code api", 1_000),
    ]
    assert within(uses) == ("code web: 262,000,000 of 262,144,000 bytes unzipped (100%)",)


def test_a_template_too_large_for_a_call_is_reported_and_no_error() -> None:
    assert too_large([stack(body="x" * 51_200)]) == ()
    assert "--s3-bucket" in too_large([stack(body="x" * 51_201)])[0]
    assert within_limits([stack(body="x" * 51_201)]) == ()


@pytest.mark.parametrize(
    ("rules", "units"),
    [
        (groups("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"), 900),
        (rate({"NotStatement": {"Statement": {"GeoMatchStatement": {}}}}), 3),
        (rate({"OrStatement": {"Statements": [{"IPSetReferenceStatement": {}}, {"LabelMatchStatement": {}}]}}), 4),
        (groups("SomebodyElses"), None),
        ([{"Statement": {"ByteMatchStatement": EXACT}}], 2),
        ([{"Statement": {"ByteMatchStatement": {**EXACT, "PositionalConstraint": "CONTAINS"}}}], 10),
        ([{"Statement": {"ByteMatchStatement": {**EXACT, "TextTransformations": [{"Type": "LOWERCASE"}]}}}], 12),
        ([{"Statement": {"SizeConstraintStatement": {"FieldToMatch": {"JsonBody": {}}}}}], 2),
        (rate({"XssMatchStatement": {}}), None),
    ],
)
def test_capacity_is_counted_where_it_is_known(rules: list[dict[str, Any]], units: int | None) -> None:
    useds = [use.used for use in budget(stack(resources("AWS::WAFv2::WebACL", Rules=rules))) if "units" in use.what]
    assert useds == ([] if units is None else [units])


def described(functions: int) -> None:
    """Describe an application of many functions in the present folder."""
    Path("code").mkdir()
    Path("code/api.py").write_text("def handler(event, context): ...\n")
    lines = "\n".join(f"    f{number}: {{handler: code/api.py:handler}}" for number in range(functions))
    Path("app.yaml").write_text(
        f"name: notes\nstages:\n  dev: {{region: eu-west-1}}\nbackend:\n  functions:\n{lines}\n"
    )


def test_render_refuses_before_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    described(functions=130)
    assert main(["render"]) == 1
    assert re.fullmatch(r"notes-dev-backend: has 5\d\d resources, AWS allows 500\. [^\n]+\n", capsys.readouterr().err)
    assert not Path("templates_out").exists()


def test_render_warns_next_to_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    described(functions=110)
    assert main(["render"]) == 0
    message = capsys.readouterr()
    assert re.match(r"notes-dev-backend: 4\d\d of 500 resources \(\d\d%\)\n", message.err)
    assert re.search(r"dev +backend +4\d\d +\d+  4\d\d of 500 resources \(\d\d%\) +templates_out", message.out)


def test_every_use_of_a_limit_can_be_read_by_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    described(functions=1)
    assert main(["render", "--format", "json"]) == 0
    backend = next(load for load in json.loads(capsys.readouterr().out) if load["stack"] == "backend")
    assert {
        "where": "notes-dev-backend.F0Function",
        "what": "characters of name",
        "used": 12,
        "allowed": 64,
    } in backend["limits"]
    assert {use["what"] for use in backend["limits"]} >= {"resources", "outputs", "parameters", "bytes of template"}
