"""Databases: an Aurora DSQL cluster is protected and kept, and functions connect as they say."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from stacks.errors import DescriptionError
from stacks.forecast.compare import compare
from stacks.limits import counted
from stacks.loading import validated
from stacks.prices.floor import floor
from stacks.prices.load import Load, estimate
from stacks.rendering import render
from stacks.roles.rights import derive

APP = """
name: shop
stages: {dev: {region: eu-west-1}}
data: {databases: {main: true, audit: {encryption: own}}}
backend:
  functions:
    web: {handler: "lambda_src/api/notes.py:add_note", databases: {main: connect}}
    migrate: {handler: "lambda_src/api/notes.py:add_note", databases: {main: admin, audit: admin}}
"""


def templates(text: str = APP) -> dict[str, Any]:
    """The template of each stack."""
    app = validated(yaml.safe_load(text))
    return {stack.stack: stack.template for stack in render(app, app.stages["dev"])}


def statements(template: dict[str, Any], policy: str) -> list[tuple[Any, Any]]:
    """Actions on databases and what they are for."""
    statement = template["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    return [(entry["Action"], entry["Resource"]) for entry in statement if entry["Action"][0].startswith("dsql:")]


def problems(text: str) -> list[str]:
    """What is wrong with a description."""
    with pytest.raises(DescriptionError) as refused:
        validated(yaml.safe_load(text))
    return [str(problem) for problem in refused.value.problems]


def test_a_database_is_protected_from_deletion_and_outlives_its_stack() -> None:
    cluster = templates()["data"]["Resources"]["MainDatabase"]
    assert cluster["Properties"]["DeletionProtectionEnabled"] is True
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_a_key_of_its_own_is_for_clusters_of_the_account_through_aurora_dsql() -> None:
    resources = templates()["data"]["Resources"]
    assert resources["AuditDatabase"]["Properties"]["KmsEncryptionKey"] == {"Fn::GetAtt": ["AuditDatabaseKey", "Arn"]}
    policy = resources["AuditDatabaseKey"]["Properties"]["KeyPolicy"]["Statement"]
    (use,) = (statement for statement in policy if statement.get("Sid") == "Databases")
    assert use["Principal"] == {"Service": ["dsql.amazonaws.com"]}
    assert use["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Fn::Sub": "${AWS::AccountId}"}}


def test_only_who_says_admin_may_connect_as_admin_and_to_that_database_alone() -> None:
    backend = templates()["backend"]
    main, audit = {"Ref": "DataMainDatabaseArn"}, {"Ref": "DataAuditDatabaseArn"}
    assert statements(backend, "WebPolicy") == [(["dsql:DbConnect"], [main])]
    both = [(["dsql:DbConnectAdmin"], [main]), (["dsql:DbConnectAdmin"], [audit])]
    assert statements(backend, "MigratePolicy") == both


def test_the_boundary_allows_databases_with_the_stages_tags_alone() -> None:
    policy = templates()["base"]["Resources"]["ApplicationBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [
        statement for statement in policy if statement["Effect"] == "Allow" and "dsql:DbConnect" in statement["Action"]
    ]
    assert len(allowed) == 1
    assert allowed[0]["Condition"] == {"StringEquals": {"aws:ResourceTag/app": "shop", "aws:ResourceTag/stage": "dev"}}


def test_a_function_gets_the_host() -> None:
    function = templates()["backend"]["Resources"]["WebFunction"]["Properties"]
    assert function["Environment"]["Variables"]["MAIN_DATABASE"] == {"Ref": "DataMainDatabaseHost"}


def test_the_deploy_role_cannot_delete_a_database_and_touches_those_of_its_stack_alone() -> None:
    app = validated(yaml.safe_load(APP))
    stage = app.stages["dev"]
    (data,) = (stack for stack in render(app, stage) if stack.stack == "data")
    rights = derive(stage, data)
    assert {action for action in rights.actions if action.startswith("dsql:")} == {
        "dsql:CreateCluster", "dsql:GetCluster", "dsql:GetClusterPolicy", "dsql:GetVpcEndpointServiceName",
        "dsql:ListTagsForResource", "dsql:TagResource", "dsql:UntagResource", "dsql:UpdateCluster",
    }  # fmt: skip
    places = [statement.place for statement in rights.statements if "dsql:UpdateCluster" in statement.actions]
    assert [place.conditions for place in places] == [{"StringEquals": {"aws:ResourceTag/stack": "shop-dev-data"}}]


def test_leaving_a_database_out_keeps_it_and_renaming_it_is_foreseen() -> None:
    without = templates(APP.replace("main: true, ", "").replace("main: connect", "").replace("main: admin, ", ""))
    (gone,) = (change for change in compare(templates()["data"], without["data"]) if change.name == "MainDatabase")
    assert (gone.action, gone.loss) == ("remove", "kept")


def test_another_encryption_changes_a_database_in_place() -> None:
    other = templates(APP.replace("main: true", "main: {encryption: own}"))
    (change,) = (entry for entry in compare(templates()["data"], other["data"]) if entry.name == "MainDatabase")
    assert (change.action, change.loss) == ("change", "none")


def test_idle_databases_cost_their_keys_alone_and_use_is_estimated() -> None:
    app = validated(yaml.safe_load(APP))
    stage = app.stages["dev"]
    rendered = render(app, stage)
    assert [(cost_line.logical_id, cost_line.option) for cost_line in floor(rendered) if cost_line.stack == "data"] == [
        ("AuditDatabaseKey", "data.databases.*.encryption")
    ]
    used = {
        load_part.what: round(load_part.monthly, 3)
        for load_part in estimate(stage, Load(requests=1_000_000))
        if "DSQL" in load_part.what
    }
    assert used == {"Aurora DSQL": 0.8, "Aurora DSQL storage": 0.66}


def test_more_databases_than_an_account_has_are_counted() -> None:
    many = ", ".join(f"n{number}: true" for number in range(21))
    app = validated(yaml.safe_load(APP.replace("main: true,", f"main: true, {many},")))
    over = [use for use in counted(render(app, app.stages["dev"])) if use.used > use.allowed]
    assert [(use.used, use.allowed) for use in over if "database" in use.what] == [(23, 20)]


@pytest.mark.parametrize("name", ["My DB", "Main", "1st", "main_db", "main-"])
def test_a_name_that_cannot_be_one_is_refused_with_what_it_may_be(name: str) -> None:
    text = APP.replace("main: true", f'"{name}": true').replace("main:", f'"{name}":')
    assert any(name in problem for problem in problems(text))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("main: connect", "main: read", "backend.functions.web.databases.main"),
        ("main: connect", "other: connect", "backend.functions.web.databases.other"),
        ("main: true", "main: false", "data.databases.main"),
        ("main: true", "main: {engine: mysql}", "data.databases.main"),
    ],
)
def test_a_mistake_is_reported_where_it_is(old: str, new: str, where: str) -> None:
    assert [problem for problem in problems(APP.replace(old, new)) if problem.startswith(where)]


def test_a_function_in_a_network_reaches_databases_by_postgresqls_port() -> None:
    def ports(vpc: str) -> list[int]:
        text = APP.replace("databases: {main: connect}", f"databases: {{main: connect}}, vpc: {vpc}")
        resources = templates(f"{text}base: {{vpc: {{nat: one}}}}\n")["base"]["Resources"]
        groups = [body for name, body in resources.items() if name == "FunctionSecurityGroup"]
        return [rule["FromPort"] for group in groups for rule in group["Properties"]["SecurityGroupEgress"]]

    assert (ports("true"), ports("false")) == ([443, 5432], [])
    (problem,) = problems(APP.replace("databases: {main: connect}", "databases: {main: connect}, vpc: true"))
    assert "'nat: one'" in problem
