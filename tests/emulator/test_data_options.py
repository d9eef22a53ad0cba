"""Indexes, groups, clients and triggers of the data section on a local AWS, made by one command."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import STAGE, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator

DESCRIPTION = """\
name: notes
stages: {dev: {region: eu-west-1, base: {trail: false, vpc: false}}}
data:
  backup: true
  tables:
    notes:
      partition_key: owner
      sort_key: id
      global_indexes: {by-title: {partition_key: title, holds: [text]}}
      local_indexes: {by-date: {sort_key: {name: created, type: N}}}
      stream: both
  users:
    attributes: {plan: {}, nick: {longest: 30, by_user: true}}
    groups: [admins, editors]
    credentials: {tables: {notes: read}}
    triggers: {pre_sign_up: list-notes}
    resource_servers: {notes-api: {read: Read notes}}
    domain: notes-dev-sign-in
    clients:
      app: {kind: browser, callbacks: [/app/callback, "http://localhost:8000/"]}
      nightly: {kind: machine, scopes: [notes-api/read]}
backend:
  functions:
    list-notes:
      handler: lambda_src/api/notes.py:list_notes
      routes: [GET /api/notes]
      auth: users
      tables: {notes: read}
frontend: {waf: false, site: {folder: site, path: /app}}
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The description above, running."""
    project = copied(tmp_path_factory.mktemp("data"))
    (project.folder / "app.yaml").write_text(dedent(DESCRIPTION), encoding="utf-8")
    with local_run(project) as running:
        yield running


@pytest.fixture(scope="module")
def pool(deployed: Running) -> str:
    """The user pool's id."""
    return deployed.outputs()["data"]["UserPoolId"]


def test_the_table_has_its_indexes_and_stream(deployed: Running) -> None:
    table = deployed.client("dynamodb").describe_table(TableName=f"notes-{STAGE}-notes")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-title"]
    assert [index["IndexName"] for index in table["LocalSecondaryIndexes"]] == ["by-date"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_an_index_is_asked_like_a_table(deployed: Running) -> None:
    dynamodb = deployed.client("dynamodb")
    item = {"owner": {"S": "ann"}, "id": {"S": "1"}, "title": {"S": "milk"}, "created": {"N": "1"}}
    dynamodb.put_item(TableName=f"notes-{STAGE}-notes", Item=item)
    result = dynamodb.query(
        TableName=f"notes-{STAGE}-notes",
        IndexName="by-title",
        KeyConditionExpression="title = :t",
        ExpressionAttributeValues={":t": {"S": "milk"}},
    )
    assert [entry["id"] for entry in result["Items"]] == [{"S": "1"}]


def test_a_client_comes_back_to_the_sites_address(deployed: Running, pool: str) -> None:
    frontend = deployed.outputs()["frontend"]
    client: Any = deployed.client("cognito-idp").describe_user_pool_client(
        UserPoolId=pool, ClientId=frontend["AppClientId"]
    )
    assert client["UserPoolClient"]["CallbackURLs"] == [f"{frontend['SiteUrl']}/app/callback", "http://localhost:8000/"]
    assert "ClientSecret" not in client["UserPoolClient"]


def test_a_machine_has_a_secret_and_its_scope(deployed: Running, pool: str) -> None:
    identity = deployed.outputs()["data"]["NightlyClientId"]
    client: Any = deployed.client("cognito-idp").describe_user_pool_client(UserPoolId=pool, ClientId=identity)
    assert client["UserPoolClient"]["ClientSecret"]
    assert client["UserPoolClient"]["AllowedOAuthScopes"] == ["notes-api/read"]


def test_who_signed_in_has_a_role_of_the_identity_pool(deployed: Running) -> None:
    cognito = deployed.client("cognito-identity")
    identity = deployed.outputs()["data"]["IdentityPoolId"]
    result = cognito.describe_identity_pool(IdentityPoolId=identity)
    assert result["AllowUnauthenticatedIdentities"] is False
    (provider,) = result["CognitoIdentityProviders"]
    assert provider["ClientId"] == deployed.outputs()["data"]["UserPoolClientId"]
    roles = cognito.get_identity_pool_roles(IdentityPoolId=identity)["Roles"]
    assert roles["authenticated"].startswith("arn:aws:iam::")
    assert "unauthenticated" not in roles


def test_groups_and_triggers_exist(deployed: Running, pool: str) -> None:
    cognito = deployed.client("cognito-idp")
    assert {group["GroupName"] for group in cognito.list_groups(UserPoolId=pool)["Groups"]} == {"admins", "editors"}
    hooks = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["LambdaConfig"]
    assert hooks["PreSignUp"].endswith(f":function:notes-{STAGE}-list-notes")


def test_several_indexes_come_one_after_the_other(deployed: Running) -> None:
    file = deployed.project.folder / "app.yaml"
    more = "holds: [text]}, by-kind: {partition_key: kind}, by-tag: {partition_key: tag}}"
    file.write_text(DESCRIPTION.replace("holds: [text]}}", more), encoding="utf-8")
    output = deployed.command("deploy", "data", "--yes")
    assert "update 1 of 2: adds index by-kind of NotesTable" in output
    assert "update 2 of 2: adds index by-tag of NotesTable" in output
    table = deployed.client("dynamodb").describe_table(TableName=f"notes-{STAGE}-notes")["Table"]
    assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {"by-title", "by-kind", "by-tag"}
