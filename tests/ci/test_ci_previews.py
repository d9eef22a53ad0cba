"""Previews that a CI service deploys: what their roles reach, who takes them, and what the workflows do with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from troposphere import encode_to_dict

from stacks import render
from stacks.ci.files import workflow
from stacks.ci.names import preview_role_arn
from stacks.ci.patterns import Patterns
from stacks.ci.stack_changes import changes_stacks
from stacks.errors import StacksError
from stacks.loading import validated
from stacks.roles import derive
from stacks.template.rendered import Rendered
from tests.ci.conftest import ACCOUNT, BITBUCKET
from tests.ci.test_ci_trust import ATTACKS_ON_GITHUB, PUSH, REQUEST, accepts
from tests.pipelines.policies import plain
from tests.roles.positive import requests
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App

PREVIEWER = "CiPreviewerRole"
REGION = "eu-west-1"
CHANGE_SET = {"cloudformation:ChangeSetName": "stacks-0a1b"}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/notes-dev/platform/PreviewBoundary"


def example(root: Path, **pattern: Any) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((root / "app.yaml").read_text())
    ci = {"github": "someone/notes", "previews": "pr-*"}
    dev = {**data["stages"]["dev"], "account": ACCOUNT, "base": {"ci": ci}}
    return {**data, "stages": {"dev": dev, "pr-*": {"from": "dev", **pattern}}}


@pytest.fixture(scope="module")
def app(root: Path) -> App:
    return validated(example(root))


@pytest.fixture(scope="module")
def resources(app: App) -> dict[str, Any]:
    """Base of the stage that previews are made from."""
    base = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base")
    return dict(base.template["Resources"])


def documents(role: str, resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of a role as IAM reads them."""
    names = [arn["Ref"] for arn in resources[role]["Properties"]["ManagedPolicyArns"]]
    return [plain(resources[name]["Properties"]["PolicyDocument"], resources) for name in names]


def test_who_changes_stacks_may_run_their_macros() -> None:
    macro = "AWS::Serverless-2016-10-31"
    stack = Rendered(stack="backend", name="notes-pr-1", region=REGION, template={}, body="", macros=(macro,))
    statements = [
        encode_to_dict(statement) for statement in changes_stacks([stack], {"backend": "role"}, ["stacks"], ["X"])
    ]
    transform = f"arn:${{AWS::Partition}}:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31"
    assert {"Fn::Sub": transform} in [resource for statement in statements for resource in statement["Resource"]]


def test_previews_have_a_role_for_each_stack_and_one_boundary(resources: dict[str, Any]) -> None:
    results = [name for name, body in resources.items() if body["Type"] == "AWS::IAM::Role" and "Preview" in name]
    parts = ("Base", "Data", "FrontendEdge", "Backend", "Frontend", "FrontendLogsEdge")
    assert results == [*(f"Preview{part}DeployRole" for part in parts), PREVIEWER]
    assert resources["PreviewBoundary"]["Properties"]["ManagedPolicyName"] == "notes-dev-previews-boundary"


def test_nothing_of_the_example_is_left_in_rights_for_all_previews(resources: dict[str, Any]) -> None:
    text = json.dumps({name: body for name, body in resources.items() if "Preview" in name})
    assert "pr-1" not in text
    assert "pr_1" not in text
    assert text.count("notes-pr-*") > 100


@pytest.mark.parametrize("number", ["pr-1", "pr-42", "pr-123456"])
def test_every_preview_may_be_deployed_by_the_roles_of_all(
    number: str, root: Path, app: App, resources: dict[str, Any]
) -> None:
    from stacks.description.validation import app_of  # noqa: PLC0415
    from stacks.intrinsics.reading import Tree  # noqa: PLC0415

    result = app_of(Tree(data=example(root)), None, wanted=number)
    refused = []
    for stack in render(result, result.stages[number]):
        name = f"Preview{''.join(part.capitalize() for part in stack.stack.split('-'))}DeployRole"
        policies = documents(name, resources)
        derived = plain(_filled(list(derive(result.stages[number], stack).documents())), resources)
        own_requests = [request for request in requests(derived, stack.name) if not _of_a_person(request)]
        refused += [(stack.stack, request) for request in own_requests if not allowed(policies, request)]
    assert refused == []
    assert app.previews.keys() == {"pr-*"}


def _filled(node: Any) -> Any:
    match node:
        case dict():
            return {key: _filled(value) for key, value in node.items()}
        case list():
            return [_filled(value) for value in node]
        case str():
            return {"Fn::Sub": node.replace("${ApplicationBoundary}", BOUNDARY)}
    return node


def _of_a_person(request: Request) -> bool:
    """What a person who deploys base calls, and a role for CloudFormation does not."""
    return request.action.startswith("cloudformation:") or request.resource.endswith("/deploying.json")


def _attacks() -> list[tuple[str, str, dict[str, str]]]:
    """Things of the stage itself, of production and of the platform, each nearly reached."""
    here = f"{REGION}:{ACCOUNT}"
    iam, boundary = f"arn:aws:iam::{ACCOUNT}", {"iam:PermissionsBoundary": BOUNDARY}
    attacks: list[tuple[str, str, dict[str, str]]] = []
    for stage in ("dev", "prod", "production"):
        tags = {"aws:ResourceTag/stack": f"notes-{stage}-data", "aws:RequestTag/stack": f"notes-{stage}-data"}
        stack = f"arn:aws:cloudformation:{here}:stack/notes-{stage}-data/1"
        attacks += [
            *((f"cloudformation:{verb}", stack, CHANGE_SET) for verb in ("CreateChangeSet", "ExecuteChangeSet")),
            ("cloudformation:DeleteStack", stack, {}),
            ("cloudformation:GetTemplate", stack, {}),
            ("cloudformation:UpdateTerminationProtection", stack, {}),
            ("iam:PassRole", f"{iam}:role/notes-{stage}/platform/notes-{stage}-data-deploy", {}),
            ("sts:AssumeRole", f"{iam}:role/notes-{stage}/platform/notes-{stage}-data-deploy", {}),
            ("s3:DeleteObject", f"arn:aws:s3:::notes-{stage}-site-{ACCOUNT}-{REGION}-an/index.html", {}),
            ("s3:PutBucketPolicy", f"arn:aws:s3:::notes-{stage}-logs-{ACCOUNT}-{REGION}-an", {}),
            ("s3:PutObject", f"arn:aws:s3:::notes-{stage}-code-{ACCOUNT}-{REGION}-an/code/1.zip", {}),
            ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{here}:table/notes-{stage}-notes", {}),
            ("dynamodb:UpdateTable", f"arn:aws:dynamodb:{here}:table/notes-{stage}-notes", {}),
            ("cognito-idp:DeleteUserPool", f"arn:aws:cognito-idp:{here}:userpool/x", tags),
            ("cognito-idp:UpdateUserPool", f"arn:aws:cognito-idp:{here}:userpool/x", tags),
            ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{here}:function:notes-{stage}-web", {}),
            ("lambda:InvokeFunction", f"arn:aws:lambda:{here}:function:notes-{stage}-web:commands", {}),
            ("ssm:GetParameters", f"arn:aws:ssm:{here}:parameter/notes/{stage}/data/UserPoolId", {}),
            ("iam:CreateRole", f"{iam}:role/notes-{stage}/backend/x", boundary),
            ("cloudfront:CreateInvalidation", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", tags),
        ]
    own = f"{iam}:role/notes-pr-7/backend/x"
    return [
        *attacks,
        ("iam:CreateRole", own, {}),
        ("iam:CreateRole", own, {"iam:PermissionsBoundary": f"{iam}:policy/notes-pr-7/backend/mine"}),
        ("iam:PutRolePolicy", own, {}),
        ("iam:DeleteRolePermissionsBoundary", own, boundary),
        ("iam:PutRolePermissionsBoundary", own, boundary),
        ("iam:UpdateAssumeRolePolicy", own, boundary),
        ("iam:CreatePolicyVersion", BOUNDARY, {}),
        ("iam:CreatePolicyVersion", f"{iam}:policy/notes-dev/platform/CiPreviewerPolicy1", {}),
        ("iam:CreatePolicy", f"{iam}:policy/notes-pr-7/platform/x", {}),
        ("iam:AttachRolePolicy", f"{iam}:role/notes-dev/platform/notes-dev-ci-preview", boundary),
        ("iam:CreateUser", f"{iam}:user/x", {}),
        ("sts:AssumeRole", f"{iam}:role/notes-dev/platform/notes-dev-ci-deploy", {}),
        ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{here}:trail/notes-dev-trail", {}),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{here}:table/notes-pr-7-notes", {}),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{here}:secret:x", {"aws:ResourceTag/stack": "y"}),
    ]


def test_no_role_of_previews_reaches_another_stage_or_more_than_its_boundary(resources: dict[str, Any]) -> None:
    roles = [name for name, body in resources.items() if body["Type"] == "AWS::IAM::Role" and "Preview" in name]
    assert len(_attacks()) * len(roles) > 400
    through = [
        (role, action, on)
        for role in roles
        for action, on, context in _attacks()
        if allowed(documents(role, resources), Request(action=action, resource=on, context=context))
    ]
    assert through == []


def test_a_preview_is_deployed_and_deleted_by_the_role_of_pull_requests(resources: dict[str, Any]) -> None:
    here, stack = f"{REGION}:{ACCOUNT}", f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/notes-pr-7-data/1"
    role = f"arn:aws:iam::{ACCOUNT}:role/notes-dev/platform/notes-dev-previews-data-deploy"
    code, site = (f"arn:aws:s3:::notes-pr-7-{name}-{ACCOUNT}-{REGION}-an" for name in ("code", "site"))
    table, pool = f"arn:aws:dynamodb:{here}:table/notes-pr-7-notes", f"arn:aws:cognito-idp:{here}:userpool/x"
    tag = {"aws:ResourceTag/stack": "notes-pr-7-data"}
    wanted: list[tuple[str, str, dict[str, str]]] = [
        ("cloudformation:CreateChangeSet", stack, {**CHANGE_SET, "cloudformation:RoleArn": role}),
        *((f"cloudformation:{verb}ChangeSet", stack, CHANGE_SET) for verb in ("Describe", "Execute", "Delete")),
        *((f"cloudformation:{verb}", stack, {}) for verb in ("DeleteStack", "DescribeStacks", "ListStackResources")),
        ("iam:PassRole", role, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("s3:PutObject", f"{code}/code/1.zip", {"s3:if-none-match": "*"}),
        *((f"s3:{verb}Object", f"{code}/deploying.json", {}) for verb in ("Put", "Get", "Delete")),
        *((f"s3:{verb}Object", f"{site}/index.html", {}) for verb in ("Put", "Get", "Delete")),
        ("s3:DeleteObjectVersion", f"{site}/index.html", {}),
        *(("s3:DeleteBucket", bucket, {}) for bucket in (code, site)),
        *((f"dynamodb:{verb}Table", table, {}) for verb in ("Update", "Delete")),
        *((f"cognito-idp:{verb}UserPool", pool, tag) for verb in ("Update", "Delete")),
    ]  # fmt: skip
    policies = documents(PREVIEWER, resources)
    asked = [Request(action=action, resource=on, context=context) for action, on, context in wanted]
    assert [request for request in asked if not allowed(policies, request)] == []


def test_a_preview_is_deployed_with_the_roles_of_the_stage_that_it_is_made_from(root: Path) -> None:
    from stacks.description.validation import app_of  # noqa: PLC0415
    from stacks.intrinsics.reading import Tree  # noqa: PLC0415

    app = app_of(Tree(data=example(root)), None, wanted="pr-7")
    preview = app.stages["pr-7"]
    arns = {stack.stack: preview_role_arn(stack, preview, ACCOUNT) for stack in render(app, preview)}
    assert arns["data"] == f"arn:aws:iam::{ACCOUNT}:role/notes-dev/platform/notes-dev-previews-data-deploy"


def test_only_pull_requests_of_the_repository_take_the_role(resources: dict[str, Any]) -> None:
    assert accepts(PREVIEWER, REQUEST, resources)
    assert not accepts(PREVIEWER, PUSH, resources)
    for name, token in ATTACKS_ON_GITHUB.items():
        assert name == "a pull request" or not accepts(PREVIEWER, token, resources), name


def test_a_preview_has_no_boundary_of_its_own(root: Path) -> None:
    from stacks.description.validation import app_of  # noqa: PLC0415
    from stacks.intrinsics.reading import Tree  # noqa: PLC0415

    result = app_of(Tree(data=example(root)), None, wanted="pr-7")
    stacks = {stack.stack: stack for stack in render(result, result.stages["pr-7"])}
    assert "AWS::IAM" not in stacks["base"].body
    boundary = "policy/notes-dev/platform/notes-dev-previews-boundary"
    roles = [body for body in stacks["backend"].template["Resources"].values() if body["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 3
    assert all(boundary in json.dumps(role["Properties"]["PermissionsBoundary"]) for role in roles)


@pytest.mark.parametrize(
    ("value", "patterned"),
    [
        ("notes-pr-1", "notes-pr-*"),
        ("notes-pr-1-web", "notes-pr-*-web"),
        ("aws-waf-logs-notes-pr-1", "aws-waf-logs-notes-pr-*"),
        ("/notes/pr-1/data/X", "/notes/pr-*/data/X"),
        ("arn:x:/restapis/*/stages/pr_1", "arn:x:/restapis/*/stages/pr_*"),
        ("pr-1", "pr-*"),
        ("notes-pr-12-web", "notes-pr-12-web"),
        ("othernotes-pr-1", "othernotes-pr-1"),
        ("notes-pr-1a", "notes-pr-1a"),
    ],
)
def test_the_name_of_the_example_becomes_the_pattern(app: App, value: str, patterned: str) -> None:
    assert Patterns(app.previews["pr-*"], "pr-*").text(value) == patterned


def test_equality_with_a_pattern_is_likeness(app: App) -> None:
    conditions = Patterns(app.previews["pr-*"], "pr-*").conditions(
        {
            "StringEquals": {"a": "notes-pr-1-data", "b": "x"},
            "StringNotEquals": {"a": ["notes-pr-1-data"]},
            "StringEqualsIfExists": {"a": "notes-pr-1"},
        }
    )
    assert conditions == {
        "StringLike": {"a": "notes-pr-*-data"},
        "StringEquals": {"b": "x"},
        "StringNotLike": {"a": ["notes-pr-*-data"]},
        "StringLikeIfExists": {"a": "notes-pr-*"},
    }


def _refusal(root: Path, *, stages: dict[str, Any] | None = None, ci: dict[str, Any] | None = None, **more: Any) -> str:
    data = example(root, **more)
    data["stages"] |= stages or {}
    data["stages"]["dev"]["base"]["ci"] |= ci or {}
    with pytest.raises(StacksError) as caught:
        _rendered(data)
    return str(caught.value)


def _rendered(data: dict[str, Any]) -> None:
    result = validated(data)
    render(result, result.stages["dev"])


def test_mistakes_of_previews_are_reported_with_their_remedy(root: Path) -> None:
    what = _refusal(root, ci={"previews": "qa-*"})
    assert "base.ci.previews: no previews qa-* are made from the stage. Add 'qa-*: {from: dev}'" in what
    assert "is not a pattern of preview stages. Write one of 'stages', as 'pr-*'" in _refusal(
        root, ci={"previews": "pr"}
    )
    clash = _refusal(root, stages={"pr-main": {"region": REGION, "base": {"ci": None}}})
    assert "stage 'pr-main' is described and has a name of previews" in clash


def test_previews_whose_base_makes_roles_are_refused(root: Path) -> None:
    what = _refusal(root, base={"vpc": {}})
    assert "base.ci.previews: base of previews makes IAM roles" in what


SERVICES: dict[str, Any] = {"github": "someone/notes", "gitlab": "group/notes", "bitbucket": BITBUCKET}


def written(root: Path, service: str) -> dict[str, Any]:
    data = example(root)
    named = {service: SERVICES[service], "previews": "pr-*", "environment": "development"}
    data["stages"]["dev"]["base"]["ci"] = named
    result: dict[str, Any] = yaml.safe_load(workflow(validated(data), service, "stacks").replace("\non:", "\n'on':"))
    return result


def test_github_deploys_a_preview_with_each_push_and_deletes_it_at_the_end(root: Path) -> None:
    result = written(root, "github")
    assert result["on"]["pull_request"]["types"] == ["opened", "synchronize", "reopened", "closed"]
    jobs = result["jobs"]
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for name, action in (("preview", "!= 'closed'"), ("preview-end", "== 'closed'")):
        assert own in jobs[name]["if"]
        assert f"github.event.action {action}" in jobs[name]["if"]
        group = {"group": "notes-pr-${{ github.event.number }}", "cancel-in-progress": False}
        assert jobs[name]["concurrency"] == group
        assert jobs[name]["permissions"] == {"contents": "read", "id-token": "write"}
        assert "role/notes-dev/platform/notes-dev-ci-preview" in str(jobs[name])
    for name in ("test", "plan"):
        assert "github.event.action != 'closed'" in jobs[name]["if"]
    assert jobs["preview-comment"]["permissions"] == {"pull-requests": "write"}
    assert "needs.preview.outputs.url" in str(jobs["preview-comment"])
    assert "checkout" not in str(jobs["preview-comment"])
    marks = {jobs[name]["steps"][0]["env"]["MARK"] for name in ("comment", "preview-comment")}
    assert len(marks) == 2
    assert "stacks destroy --stage pr-$NUMBER --yes" in str(jobs["preview-end"])


def test_gitlab_ends_a_preview_with_its_environment(root: Path) -> None:
    result = written(root, "gitlab")
    start, end = result["preview-dev"], result["preview-dev-end"]
    assert start["environment"]["on_stop"] == "preview-dev-end"
    assert end["environment"] == {"name": start["environment"]["name"], "action": "stop"}
    assert start["resource_group"] == end["resource_group"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in start["rules"][0]["if"]
    assert end["rules"][0]["when"] == "manual"
    assert start["variables"]["NUMBER"] == "$CI_MERGE_REQUEST_IID"


def test_bitbucket_deploys_previews_and_a_person_ends_them(root: Path) -> None:
    pipeline = written(root, "bitbucket")["pipelines"]
    assert pipeline["pull-requests"]["**"][-1]["step"]["name"] == "Preview"
    end = pipeline["custom"]["preview-dev-end"]
    assert end[0]["variables"][0]["name"] == "NUMBER"
    assert "stacks destroy --stage pr-$NUMBER --yes" in end[1]["step"]["script"]
