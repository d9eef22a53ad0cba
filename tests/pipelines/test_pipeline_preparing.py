"""What a build tells of the changes it makes, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks import render
from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.deploy.reads import digest_parameter
from stacks.errors import DeployError
from stacks.forecast.change import Change, StackChanges
from stacks.loading import validated
from stacks.pipelines.preparing import brief, bring_up, digest, foretold
from stacks.release.code import code_keys
from stacks.template.wired import DIGEST
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App
    from stacks.template.rendered import Rendered

LONGEST = 1000
"""Characters of a setting of an action."""
ROOM = len("Commit . Files: . -: ") + 40 + 64 + 45
"""What a question holds beside the changes: a commit, and the longest name of a stack."""


def data_stack(table: str = "notes") -> Rendered:
    """The data stack of a small application with one table."""
    data = {"tables": {table: {"partition_key": "owner"}}}
    app = validated({"name": "notes", "stages": {"dev": {"region": "eu-west-1"}}, "data": data})
    return next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "data")


@pytest.fixture
def cloud() -> MemoryCloud:
    """An account that has the data stack."""
    result = MemoryCloud()
    deploy(make_plan([data_stack()]), result, lambda _: None)
    return result


def test_a_build_refuses_to_lose_what_the_description_does_not_name(cloud: MemoryCloud) -> None:
    other = data_stack("papers")
    with pytest.raises(DeployError, match=r"or pass base\.pipelines\.allow_replacement: NotesTable") as raised:
        foretold(other, {}, (), cloud, print)
    assert raised.value.problems[0].where == "notes-dev-data.NotesTable"


def test_what_is_named_may_go_and_is_reported_first(cloud: MemoryCloud) -> None:
    changes = foretold(data_stack("papers"), {}, ("NotesTable", "OfAnotherStack"), cloud, print)
    count, title, first, *_ = brief(changes).split(" | ")
    assert "1 destructive" in count
    assert (title, first[:12]) == ("destructive", "- NotesTable")


def test_a_name_that_is_left_over_is_reported(cloud: MemoryCloud) -> None:
    messages: list[str] = []
    foretold(data_stack(), {}, ("NotesTable", "OfAnotherStack"), cloud, messages.append)
    assert len(messages) == 1
    assert messages[0].startswith("NotesTable: base.pipelines.allow_replacement names it, and it stays")


def test_a_run_that_changes_nothing_says_so(cloud: MemoryCloud) -> None:
    assert brief(foretold(data_stack(), {}, (), cloud, print)) == "1 stack: no changes"


@pytest.mark.parametrize("number", [1, 5, 60, 400])
def test_what_is_asked_fits_into_the_setting_of_an_action_and_counts_what_is_left_out(number: int) -> None:
    changes = tuple(
        Change(section="Resources", name=f"Function{index}", type="AWS::Lambda::Function", action="add")
        for index in range(number)
    )
    output = brief(StackChanges(stack="backend", name="notes-dev-backend", changes=changes))
    assert len(output) + ROOM <= LONGEST
    assert output.startswith(f"1 stack: {number} added")
    shown = output.count("AWS::Lambda::Function")
    left = number - shown
    assert (f"and {left} lines more, in the log of the build" in output) == (left > 0)
    assert "\n" not in output


def test_stacks_that_left_the_description_are_named_in_the_question(cloud: MemoryCloud) -> None:
    changes = foretold(data_stack(), {}, (), cloud, print)
    assert brief(changes, ["notes-dev-mail"]) == (
        "1 stack: no changes | 1 deployed but no longer described: notes-dev-mail"
    )
    many = brief(changes, [f"notes-dev-{'x' * 40}-{number}" for number in range(30)])
    assert "30 deployed but no longer described: notes-dev-" in many
    assert len(many) + ROOM <= LONGEST


def test_what_a_stack_reads_of_one_that_the_same_run_deploys_before_it_is_not_asked_for_yet() -> None:
    where = {"StackName": "notes-dev-edge", "OutputName": "Id", "Region": "us-east-1"}
    template = {
        "Parameters": {DIGEST: {"Type": "String", "Default": "none"}},
        "Resources": {"Copy": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::GetStackOutput": where}}}},
    }

    def stamp(producer: str) -> str:
        coming = {"notes-dev-edge": producer}
        return digest_parameter("reader", template, "eu-west-1", MemoryCloud(), coming=coming)[DIGEST]

    first, second = digest("one", {}), digest("one", {"Code": "2"})
    assert len({first, second, digest("two", {})}) == 3
    assert stamp(first) == stamp(first) != stamp(second)
    with pytest.raises(DeployError, match="Deploy notes-dev-edge first"):
        digest_parameter("reader", template, "eu-west-1", MemoryCloud())


def test_only_code_is_brought_up_and_not_the_routes_of_a_site(example: App) -> None:
    stage = example.stages["dev"]
    keys = {"LambdaSrcApiCodeKey": "api/1.zip", "LambdaSrcWebWsgiCodeKey": "wsgi/1.zip"}
    assert set(code_keys(stage, {"backend": keys}).values()) == set(keys.values())
    assert code_keys(stage, {"frontend": {"SiteRoutes": "{}"}}) == {}


def test_code_without_a_bucket_says_what_to_deploy_first(tmp_path: Path) -> None:
    with pytest.raises(DeployError) as caught:
        bring_up(data_stack(), {"Web": "web/1.zip"}, tmp_path, MemoryCloud(), print)
    what = "the stack does not exist, or has no output ArtifactBucketName"
    assert str(caught.value) == f"notes-dev-base: {what}. Deploy base first."
