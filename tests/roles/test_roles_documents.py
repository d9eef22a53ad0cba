"""The policies themselves: their size, their shape in base's template, what makes them, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stacks import StacksError
from stacks.kinds.tables.model import Import
from stacks.loading import validated
from stacks.rendering import render
from stacks.roles import deploy_role, derive, explain
from stacks.roles.packing import LARGEST_POLICY, MOST_POLICIES, document, packed, size
from tests.roles.conftest import ACCOUNT, boundary_of
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.app import App
    from stacks.roles import DeployRights
    from stacks.template.rendered import Rendered
    from tests.roles.conftest import Role

GOLDEN = Path(__file__).with_name("golden")
STACKS = ("data", "backend", "frontend", "frontend-edge", "frontend-logs-edge")


@pytest.mark.parametrize("stack", STACKS)
def test_the_policies_are_those_that_were_reviewed(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    """Write a changed one with ``permissions STACK --stage dev > tests/roles/golden/STACK.json``, and say why."""
    reviewed = json.loads((GOLDEN / f"{stack}.json").read_text())
    assert list(roles["dev", stack].rights.documents()) == reviewed


def test_every_role_has_at_most_130_actions(roles: dict[tuple[str, str], Role]) -> None:
    assert max(len(role.rights.actions) for role in roles.values()) <= 130


def test_every_policy_is_within_what_iam_takes(roles: dict[tuple[str, str], Role]) -> None:
    sizes = [size(entry, role.rights.platform) for role in roles.values() for entry in role.rights.documents()]
    assert max(sizes) <= LARGEST_POLICY == 6144


def test_the_size_is_at_least_that_of_the_filled_document(roles: dict[tuple[str, str], Role]) -> None:
    for role in roles.values():
        texts = [json.dumps(entry, separators=(",", ":")) for entry in role.documents]
        assert sum(map(len, texts)) <= role.rights.bytes


def _with_functions(rendered: Rendered, count: int) -> Rendered:
    """The backend with more functions of the same kind."""
    resources = dict(rendered.template["Resources"])
    for number in range(count):
        for kind in ("Function", "LogGroup", "Role", "Policy", "Permission"):
            text = json.dumps(resources[f"Web{kind}"])
            resources[f"F{number}{kind}"] = json.loads(text.replace("notes-dev-web", f"notes-dev-f{number}"))
    return replace(rendered, template={**rendered.template, "Resources": resources})


def test_the_role_of_400_functions_is_that_of_three(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    many = derive(role.stage, _with_functions(role.rendered, 400))
    assert many.documents() == role.rights.documents()


@pytest.mark.parametrize("stack", STACKS)
def test_every_allowed_action_has_a_reason(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    assert {row.action for row in explain(role.rights)} == set(role.rights.actions)


@pytest.mark.parametrize("stack", STACKS)
def test_reasons_name_resources_of_the_template(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    named = {name for row in explain(role.rights) for name in row.resources}
    assert named <= role.rendered.template["Resources"].keys()


def test_a_reason_names_the_property_that_asks(roles: dict[tuple[str, str], Role]) -> None:
    rows = explain(roles["dev", "backend"].rights)
    (row,) = [row for row in rows if row.action == "s3:GetObjectVersion"]
    assert (row.type, row.property) == ("AWS::Lambda::Function", "Code.S3Bucket")


def _resources(role: Role) -> dict[str, Any]:
    return {str(resource.title): resource.to_dict() for resource in deploy_role(role.stage, role.rendered)}


def test_the_role_comes_with_its_policies_under_fixed_names(roles: dict[tuple[str, str], Role]) -> None:
    assert list(_resources(roles["dev", "backend"])) == [
        "BackendDeployPolicy1",
        "BackendDeployPolicy2",
        "BackendDeployRole",
    ]


def test_only_cloudformation_takes_the_role_and_for_its_stack_only(roles: dict[tuple[str, str], Role]) -> None:
    result = _resources(roles["dev", "data"])["DataDeployRole"]["Properties"]
    (statement,) = result["AssumeRolePolicyDocument"]["Statement"]
    stack = "arn:${AWS::Partition}:cloudformation:*:${AWS::AccountId}:stack/notes-dev-data/*"
    assert statement["Principal"] == {"Service": ["cloudformation.amazonaws.com"]}
    assert statement["Condition"] == {
        "StringEqualsIfExists": {"aws:SourceAccount": {"Fn::Sub": "${AWS::AccountId}"}},
        "ArnLikeIfExists": {"aws:SourceArn": {"Fn::Sub": stack}},
    }


def test_role_and_policies_are_in_the_platforms_path(roles: dict[tuple[str, str], Role]) -> None:
    paths = {resource["Properties"]["Path"] for role in roles.values() for resource in _resources(role).values()}
    assert paths == {"/notes-dev/platform/", "/notes-prod/platform/"}


def test_the_boundary_is_the_one_of_bases_own_template(roles: dict[tuple[str, str], Role]) -> None:
    text = json.dumps(_resources(roles["dev", "backend"]))
    assert '{"iam:PermissionsBoundary": {"Fn::Sub": "${ApplicationBoundary}"}}' in text


def test_the_same_template_gives_the_same_bytes(example: App, roles: dict[tuple[str, str], Role]) -> None:
    stage = example.stages["dev"]
    again = {stack.stack: derive(stage, stack) for stack in render(example, stage)}
    assert again["backend"].documents() == roles["dev", "backend"].rights.documents()


# Base, which a person deploys.


@pytest.fixture(scope="session")
def base(example: App) -> DeployRights:
    stage = example.stages["dev"]
    (rendered,) = [stack for stack in render(example, stage) if stack.stack == "base"]
    return derive(stage, rendered)


def test_who_deploys_base_may_execute_its_change_sets(base: DeployRights) -> None:
    assert "cloudformation:ExecuteChangeSet" in base.actions


def test_who_deploys_base_may_make_the_trail_but_not_stop_it(base: DeployRights) -> None:
    assert {"cloudtrail:CreateTrail", "cloudtrail:StopLogging"} & set(base.actions) == {"cloudtrail:CreateTrail"}


def test_who_deploys_a_base_over_the_inline_limit_may_upload_it(example: App) -> None:
    stage = example.stages["dev"]
    (rendered,) = [stack for stack in render(example, stage) if stack.stack == "base"]
    large = derive(stage, replace(rendered, body="x" * 51_201))
    (row,) = [row for row in explain(large) if row.action == "s3:PutObject" and "/templates/" in row.on[0]]
    assert row.on == (
        "arn:${AWS::Partition}:s3:::notes-dev-code-${AWS::AccountId}-eu-west-1-an/templates/notes-dev-base/*",
    )


def test_a_table_is_filled_from_the_files_that_it_names_and_no_others(example: App) -> None:
    files = Import(bucket="old-notes", format="ion", prefix="2026/")
    notes = replace(example.stages["dev"].data.tables["notes"], import_from=files)
    stage = example.stages["dev"]
    stage = replace(stage, data=replace(stage.data, tables={"notes": notes}))
    (data,) = (stack for stack in render(example, stage) if stack.stack == "data")
    deploy_rights = derive(stage, data)
    places = {
        action: statement.place.arns
        for statement in deploy_rights.statements
        if statement.effect == "Allow"
        for action in statement.actions
    }
    assert places["s3:ListBucket"] == ("arn:${AWS::Partition}:s3:::old-notes",)
    assert places["s3:GetObject"] == ("arn:${AWS::Partition}:s3:::old-notes/2026/*",)
    assert places["logs:CreateLogGroup"][0].endswith(":log-group:/aws-dynamodb/imports:*")


def test_a_table_of_several_regions_is_described_everywhere_and_deleted_nowhere(example: App) -> None:
    stage = example.stages["dev"]
    notes = replace(stage.data.tables["notes"], replicas=("us-east-1",))
    stage = replace(stage, data=replace(stage.data, tables={"notes": notes}))
    (data,) = (stack for stack in render(example, stage) if stack.stack == "data")
    deploy_rights = derive(stage, data)
    places = {
        action: statement.place.arns
        for statement in deploy_rights.statements
        if statement.effect == "Allow"
        for action in statement.actions
    }
    everywhere = ("arn:${AWS::Partition}:dynamodb:*:${AWS::AccountId}:table/notes-dev-*",)
    assert places["dynamodb:DescribeTable"] == places["dynamodb:CreateTableReplica"] == everywhere
    assert not {"dynamodb:DeleteTable", "dynamodb:DeleteTableReplica", "kinesis:PutRecords"} & places.keys()


# What is refused.


def _changed(role: Role, **resources: Mapping[str, Any]) -> Rendered:
    template = {**role.rendered.template, "Resources": {**role.rendered.template["Resources"], **resources}}
    return replace(role.rendered, template=template)


def _problem(role: Role, **resources: Mapping[str, Any]) -> str:
    with pytest.raises(StacksError) as caught:
        derive(role.stage, _changed(role, **resources))
    return str(caught.value)


def test_a_type_without_handlers_asks_for_a_correction(roles: dict[tuple[str, str], Role]) -> None:
    assert _problem(roles["dev", "data"], Thing={"Type": "Custom::Thing"}) == (
        "data.Resources.Thing: what its type Custom::Thing needs is not known: the registry has no handlers for it. "
        "Check the type's name, or give it handlers in stacks/types with a source."
    )


def test_all_types_without_handlers_are_reported_at_once(roles: dict[tuple[str, str], Role]) -> None:
    result = _problem(roles["dev", "data"], One={"Type": "Custom::One"}, Two={"Type": "AWS::S3::Bukket"})
    assert [line.partition(":")[0] for line in result.splitlines()] == ["data.Resources.Two", "data.Resources.One"]


def test_a_resource_without_a_type_is_reported(roles: dict[tuple[str, str], Role]) -> None:
    assert "what its type of nothing needs is not known" in _problem(roles["dev", "data"], Thing={"Properties": {}})


def test_a_type_with_neither_tags_nor_a_name_is_refused(roles: dict[tuple[str, str], Role]) -> None:
    kind = "AWS::CloudFront::CloudFrontOriginAccessIdentity"
    config = {"CloudFrontOriginAccessIdentityConfig": {"Comment": "x"}}
    assert _problem(roles["dev", "data"], Identity={"Type": kind, "Properties": config}) == (
        f"data.Resources.Identity: a deploy role cannot distinguish this {kind} from those of others: "
        "it has neither tags nor a name. Deploy the stack with rights of your own, or move it to one that a person "
        "deploys, such as base."
    )


def test_a_type_without_tags_is_bound_to_its_name(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "data"]
    database = {"Type": "AWS::Glue::Database", "Properties": {"DatabaseName": "x", "DatabaseInput": {}}}
    documents = derive(role.stage, _changed(role, Database=database)).documents()
    statements = [statement for document in documents for statement in document["Statement"]]
    (granted,) = [
        statement["Resource"] for statement in statements if "glue:CreateDatabase" in statement.get("Action", ())
    ]
    assert "arn:${AWS::Partition}:glue:eu-west-1:${AWS::AccountId}:database/x" in granted
    assert not [arn for arn in granted if arn.endswith("*")]


def test_a_role_outside_the_stacks_path_is_refused(roles: dict[tuple[str, str], Role]) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/notes-dev/platform/"}}
    assert _problem(roles["dev", "backend"], Helper=role) == (
        "backend.Resources.Helper.Path: is '/notes-dev/platform/': a deploy role manages roles and policies under "
        "/notes-dev/backend/ only. Set it to /notes-dev/backend/."
    )


def test_rights_that_outgrow_iam_are_refused(roles: dict[tuple[str, str], Role]) -> None:
    statement = roles["dev", "backend"].rights.statements[0]
    arns = tuple(f"arn:aws:s3:::{'x' * 60}-{number}" for number in range(75))
    large = [replace(statement, place=replace(statement.place, arns=arns))] * (MOST_POLICIES + 1)
    with pytest.raises(StacksError, match="policies of 6144 characters; 8 are the most"):
        packed("backend", large, "/notes-dev/platform/")


def test_a_stack_of_too_many_exact_names_is_refused_when_base_is_rendered() -> None:
    buckets: dict[str, Any] = {f"files-{number}": {} for number in range(120)}
    stage = {"region": "eu-west-1", "base": {"pipelines": {"repository": "someone/notes"}}}
    app = validated({"name": "notes", "stages": {"dev": stage}, "data": {"buckets": buckets}})
    with pytest.raises(StacksError) as caught:
        render(app, app.stages["dev"])
    (problem,) = caught.value.problems
    assert re.fullmatch(
        r"data: deploy role: has a statement of \d+ characters; a policy takes 6144. "
        r"Split the stack: it has too many types, or too many exact names, for one role.",
        str(problem),
    )


def test_a_statement_that_is_too_large_is_halved_until_it_fits(roles: dict[tuple[str, str], Role]) -> None:
    statement = roles["dev", "backend"].rights.statements[0]
    arns = tuple(f"arn:aws:s3:::{'x' * 60}-{number}" for number in range(75))
    policies = packed("backend", [replace(statement, place=replace(statement.place, arns=arns))], "/x/")
    parts = [part for policy in policies for part in policy]
    granted = {(action, arn) for part in parts for action in part.actions for arn in part.place.arns}
    assert granted == {(action, arn) for action in statement.actions for arn in arns}
    assert max(size(document(policy), "/x/") for policy in policies) <= LARGEST_POLICY


def test_a_managed_policy_that_the_template_names_may_be_attached(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    named = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    taker = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/notes-dev/backend/", "ManagedPolicyArns": [named]}}
    rights = derive(role.stage, _changed(role, Taker=taker))
    context = {"iam:PolicyARN": named, "iam:PermissionsBoundary": boundary_of("dev")}
    request = Request(
        action="iam:AttachRolePolicy", resource=f"arn:aws:iam::{ACCOUNT}:role/notes-dev/backend/x", context=context
    )
    assert allowed(replace(role, rights=rights).documents, request)
