"""``diff`` and ``deploy`` against a local AWS, through the command line: told, refused, named, done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import local_aws
from tests.running import REGION, Project, Running, copied

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
KEPT = "what it holds stays in AWS outside of the stack"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The data stack of the example, and what it needs."""
    project = copied(tmp_path_factory.mktemp("deployed") / "project")
    with local_aws(region=REGION, account="000000000000", home=project.home) as emulator:
        running = Running(project=project, emulator=emulator)
        running.command("deploy", "base", "data")
        yield running


@pytest.fixture
def deployed(account: Running) -> Iterator[Running]:
    """The account for a test that changes nothing in it; the description is as before when it ends."""
    file = account.project.folder / "app.yaml"
    before = file.read_text()
    yield account
    file.write_text(before)


def edit(project: Project, *words: tuple[str, str]) -> None:
    file = project.folder / "app.yaml"
    text = file.read_text()
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


def test_what_was_just_deployed_does_not_differ(deployed: Running) -> None:
    output = deployed.command("diff", "base", "data")
    assert output == "2 stacks: no changes\n"
    result = deployed.project.run("diff", "frontend", "--json", *deployed.target)
    assert result.returncode == 3
    assert {change["action"] for stack in json.loads(result.stdout) for change in stack["changes"]} == {"add"}


def test_another_key_is_reported_and_refused_and_nothing_is_touched(deployed: Running) -> None:
    edit(deployed.project, ("sort_key: id", "sort_key: when"))
    result = deployed.project.run("diff", "data", *deployed.target)
    assert result.returncode == 4
    assert f"-/+ NotesTable  AWS::DynamoDB::Table: replaced; {KEPT}" in result.stdout
    refused = deployed.project.run("deploy", "data", *deployed.target)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "notes-dev-data.NotesTable: AWS would refuse this update of AWS::DynamoDB::Table" in refused.stderr
    assert "describe a second one under another name, copy the data" in refused.stderr
    wrong = deployed.project.run("deploy", "data", *deployed.target, "--allow-replacement", "UserPool")
    assert wrong.returncode == 2
    assert "UserPool: is not replaced or removed by this deployment. These are: NotesTable." in wrong.stderr


def test_the_change_set_is_created_and_discarded_and_left_out_on_request(deployed: Running) -> None:
    formation = deployed.client("cloudformation")
    before = formation.list_change_sets(StackName="notes-dev-data")["Summaries"]
    edit(deployed.project, ("  tables:\n", "  tables:\n    more: {partition_key: id}\n"))
    for more in ((), ("--no-change-set",)):
        result = deployed.project.run("diff", "data", *more, "--json", *deployed.target)
        assert (result.returncode, result.stderr) == (3, "")
        assert "MoreTable" in [change["name"] for change in json.loads(result.stdout)[0]["changes"]]
    assert formation.list_change_sets(StackName="notes-dev-data")["Summaries"] == before
    assert formation.describe_stacks(StackName="notes-dev-data")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_renamed_table_stays_on_request(deployed: Running) -> None:
    edit(deployed.project, ("  notes: {part", "  memos: {part"), ("tables: {notes:", "tables: {memos:"))
    edit(deployed.project, ("\ndata:\n", "\nmoved: {data.tables.notes: data.tables.memos}\n\ndata:\n"))
    assert deployed.command("diff", "data") == "1 stack: no changes\n"


def test_a_renamed_table_goes_when_it_is_named(account: Running) -> None:
    """The last of the module: it changes the account."""
    edit(account.project, ("  notes: {part", "  memos: {part"), ("tables: {notes:", "tables: {memos:"))
    refused = account.project.run("deploy", "data", *account.target)
    assert "looks renamed: NotesTable is now MemosTable" in refused.stderr
    assert "'moved: {data.tables.notes: data.tables.memos}' in the description keeps the old one" in refused.stderr
    account.command("deploy", "data", "--allow-replacement", "NotesTable")
    assert sorted(account.client("dynamodb").list_tables()["TableNames"]) == ["notes-dev-memos", "notes-dev-notes"]
    assert account.command("diff", "data") == "1 stack: no changes\n"
