"""Where derived rights hold: the lock, DNS records, alarms of scaling, denials, the boundary."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stacks.app import Stage
from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import derive, explain
from stacks.roles.drift import missing_rights
from stacks.template.rendered import Rendered

ZONE = "Z0123456789ABCDEFGHIJ"
MAIL = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
UNITS = {"low": 1, "high": 2}
APP: dict[str, Any] = {
    "name": "shop",
    "stages": {"dev": {"region": "eu-west-1"}},
    "data": {"tables": {"orders": {"partition_key": "id", "capacity": {"read": UNITS, "write": UNITS}}}},
    "backend": {
        "functions": {
            "web": {
                "handler": "a.py:b",
                "routes": ["GET /api/x"],
                "public": True,
                "statements": [{**MAIL, "Sid": "Mail"}],
            },
        }
    },
    "frontend": {"site": {"folder": "site"}, "domain": {"name": "www.example.com", "zone": ZONE}},
}
_S3 = "arn:${AWS::Partition}:s3:::"
_IN_ZONE = f"arn:${{AWS::Partition}}:route53:::hostedzone/{ZONE}"


def statements(stack: str) -> list[dict[str, Any]]:
    """The statements of who deploys a stack."""
    app = validated(APP)
    stage = app.stages["dev"]
    (rendered,) = (rendered_stack for rendered_stack in render(app, stage) if rendered_stack.stack == stack)
    plain = json.loads(json.dumps(derive(stage, rendered).documents()))
    return [statement for document in plain for statement in document["Statement"]]


def about(some: list[dict[str, Any]], action: str) -> list[dict[str, Any]]:
    """The statements that allow an action, without their effect and actions."""
    results = [statement for statement in some if statement["Effect"] == "Allow" and action in statement["Action"]]
    return [{key: value for key, value in result.items() if key not in {"Effect", "Action"}} for result in results]


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"])
def test_who_deploys_base_takes_reads_and_releases_the_lock(action: str) -> None:
    lock = {"Resource": f"{_S3}shop-dev-code-${{AWS::AccountId}}-eu-west-1-an/deploying.json"}
    assert lock in about(statements("base"), action)


def test_records_that_prove_a_certificate_are_cnames_below_its_names() -> None:
    (result,) = about(statements("frontend-edge"), "route53:ChangeResourceRecordSets")
    key = "route53:ChangeResourceRecordSets"
    assert result == {
        "Resource": _IN_ZONE,
        "Condition": {
            "ForAllValues:StringLike": {f"{key}NormalizedRecordNames": f"_{'?' * 32}.www.example.com"},
            "ForAllValues:StringEquals": {f"{key}RecordTypes": "CNAME"},
        },
    }


def test_records_of_a_site_are_its_own_of_any_type() -> None:
    (result,) = about(statements("frontend"), "route53:ChangeResourceRecordSets")
    names = {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "www.example.com"}
    assert result == {"Resource": _IN_ZONE, "Condition": {"ForAllValues:StringLike": names}}
    change = {"Resource": "arn:${AWS::Partition}:route53:::change/*"}
    assert about(statements("frontend"), "route53:GetChange") == [change]


def test_alarms_of_scaling_are_those_that_aws_makes_for_the_tables() -> None:
    alarms = "arn:${AWS::Partition}:cloudwatch:eu-west-1:${AWS::AccountId}:alarm:TargetTracking-table/shop-dev-*"
    assert about(statements("data"), "cloudwatch:PutMetricAlarm") == [{"Resource": alarms}]


@pytest.mark.parametrize(
    ("stack", "more"), [("data", set()), ("frontend", set()), ("frontend-edge", set()), ("backend", {"CodeBucket"})]
)
def test_every_deploy_role_is_denied_the_same(stack: str, more: set[str]) -> None:
    denied = {statement["Sid"] for statement in statements(stack) if statement["Effect"] == "Deny"}
    assert denied >= {"Platform", "Data", "OtherIam", "Boundary", "Unbound", "OtherBuckets", "OtherStacks", *more}


def test_the_boundary_has_what_functions_say_without_their_names() -> None:
    app = validated(APP)
    (base,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "base")
    policy = json.loads(json.dumps(base.template["Resources"]["ApplicationBoundary"]))
    assert [
        statement for statement in policy["Properties"]["PolicyDocument"]["Statement"] if "ses" in str(statement)
    ] == [MAIL]


def test_a_web_acl_of_the_edge_takes_managed_rules_of_the_edge() -> None:
    (result,) = about(statements("frontend-edge"), "wafv2:CreateWebACL")
    kept = "arn:${AWS::Partition}:wafv2:us-east-1:${AWS::AccountId}:global"
    assert result["Resource"] == [f"{kept}/webacl/shop-dev/*", f"{kept}/managedruleset/*/*"]


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({}, False),
        ({"Resource": "arn:aws:s3:::another"}, True),
        ({"Condition": {"Null": {"a": "b"}}}, True),
    ],
)
def test_a_right_on_another_resource_or_on_a_condition_is_missing(changed: dict[str, Any], *, missing: bool) -> None:
    app = validated(APP)
    stage = app.stages["dev"]
    (data,) = (stack for stack in render(app, stage) if stack.stack == "data")
    rights = derive(stage, data)
    documents = json.loads(json.dumps(rights.documents()))
    for document in documents:
        document["Statement"] = [{**statement, **changed} for statement in document["Statement"]]
    base = {
        f"DataDeployPolicy{number}": {"Properties": {"PolicyDocument": document}}
        for number, document in enumerate(documents, 1)
    }
    whats = [problem.what for problem in missing_rights(rights, {"Resources": base}, "dev")]
    assert any("dynamodb:CreateTable because of OrdersTable" in what for what in whats) is missing
    assert bool(whats) is missing


def test_the_order_of_conditions_takes_no_right_away() -> None:
    app = validated({**APP, "data": {"tables": {"orders": {"partition_key": "id", "encryption": "own"}}}})
    (data,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "data")
    rights = derive(app.stages["dev"], data)

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(inside) for key, inside in reversed(value.items())}
        return [turned(inside) for inside in value] if isinstance(value, list) else value

    documents = turned(json.loads(json.dumps(rights.documents())))
    base = {
        f"DataDeployPolicy{number}": {"Properties": {"PolicyDocument": document}}
        for number, document in enumerate(documents, 1)
    }
    assert any(len(statement.place.conditions) > 1 for statement in rights.statements)
    assert missing_rights(rights, {"Resources": base}, "dev") == ()


WAF = "arn:${AWS::Partition}:wafv2:eu-west-1:${AWS::AccountId}:regional"


def test_sets_of_addresses_are_named_as_their_arns_have_them() -> None:
    resources = {"Set": {"Type": "AWS::WAFv2::IPSet", "Properties": {"Name": "offices", "Scope": "REGIONAL"}}}
    rendered = Rendered(
        stack="backend", name="shop-dev-backend", region="eu-west-1", template={"Resources": resources}, body=""
    )
    documents = json.loads(json.dumps(derive(STAGE, rendered).documents()))
    (statement,) = about([entry for document in documents for entry in document["Statement"]], "wafv2:CreateIPSet")
    assert statement["Resource"] == f"{WAF}/ipset/offices/*"


_EXPLAINED = "AWSCloudFormation/latest"
NEEDED_BY_PEOPLE = {
    ("AWS::CloudFormation::Stack", f"{_EXPLAINED}/UserGuide/control-access-with-iam.html", ("create", "update")),
    ("deploying.json", "AmazonS3/latest/userguide/conditional-writes.html", ("create", "update")),
    (
        "Fn::GetAZs",
        f"{_EXPLAINED}/TemplateReference/intrinsic-function-reference-getavailabilityzones.html",
        ("create", "update"),
    ),
}


def test_what_a_person_needs_for_base_next_to_its_resources_is_explained() -> None:
    app = validated({**APP, "base": {"vpc": {}}})
    (base,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "base")
    rows = explain(derive(app.stages["dev"], base))
    kinds = {kind for kind, _, _ in NEEDED_BY_PEOPLE}
    assert {(row.type, row.source, row.operations) for row in rows if row.type in kinds} == NEEDED_BY_PEOPLE


STAGE = Stage(name="dev", region="eu-west-1", app_name="shop")


def deployer(**resources: Any) -> list[dict[str, Any]]:
    """The statements of who deploys a stack of these resources."""
    stack = Rendered(stack="data", name="shop-dev-data", region="eu-west-1", template={"Resources": resources}, body="")
    plain = json.loads(json.dumps(derive(STAGE, stack).documents()))
    return [statement for document in plain for statement in document["Statement"]]


def url(auth_type: str) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": auth_type, "TargetFunctionArn": "shop-dev-web"}}


@pytest.mark.parametrize(
    ("auth_types", "allowed"), [(("NONE",), "NONE"), (("NONE", "AWS_IAM", "NONE"), ["AWS_IAM", "NONE"])]
)
@pytest.mark.parametrize("action", ["lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig"])
def test_functions_get_urls_with_the_authorization_of_the_template_alone(
    action: str, auth_types: tuple[str, ...], allowed: Any
) -> None:
    urls = {f"Url{index}": url(auth_type) for index, auth_type in enumerate(auth_types)}
    (place,) = about(deployer(**urls), action)
    assert place["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": allowed}}


def test_urls_are_read_and_deleted_whatever_their_authorization() -> None:
    for action in ("lambda:GetFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig"):
        (place,) = about(deployer(Url=url("NONE")), action)
        assert "Condition" not in place


def test_a_distribution_that_logs_to_a_bucket_opens_that_bucket_alone() -> None:
    logging = {"Enabled": True, "Logging": {"Bucket": "shop-dev-log"}}
    distribution = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": logging}}
    (place,) = about(deployer(Cdn=distribution), "s3:PutBucketAcl")
    assert place == {"Resource": f"{_S3}shop-dev-log"}


def test_what_else_writes_to_buckets_opens_those_of_the_stage() -> None:
    properties = {"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::elsewhere"}
    flow_log = {"Type": "AWS::EC2::FlowLog", "Properties": properties}
    (place,) = about(deployer(Flow=flow_log), "s3:PutBucketPolicy")
    assert place == {"Resource": f"{_S3}shop-dev-*"}
