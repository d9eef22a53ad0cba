"""What is forecast of a deployment is what the deployment then changes: stacks, code, references, static files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from stacks import render
from stacks.commands.undescribed import prune
from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee_plan, foresee_publication
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.deploy.undescribed import undescribed
from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.progress import ChangesFound, FilesRemoved, Published
from stacks.release.publication import publication
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from stacks.deploy.plan import Plan
    from stacks.progress import Progress

    Edit = Callable[[dict[str, Any], Path], None]

LIST = {
    "handler": "api/notes.py:list_notes",
    "routes": ["GET /api/notes"],
    "tables": {"notes": "read"},
    "auth": "users",
}


READER = {
    "Type": "AWS::SSM::Parameter",
    "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["data", "Word"]}},
}


def start(folder: Path) -> dict[str, Any]:
    """An application with a table, people, a function and a site, and the files of the site."""
    (folder / "site").mkdir()
    (folder / "site/index.html").write_text("<p>one</p>")
    (folder / "site/old.html").write_text("<p>old</p>")
    (folder / "code").write_text("1")
    return {
        "name": "walk",
        "stages": {"dev": {"region": "eu-west-1", "base": {"trail": False, "vpc": False}}},
        "data": {"tables": {"notes": {"partition_key": "owner"}}, "users": {}, "outputs": {"Word": "one"}},
        "backend": {"functions": {"list-notes": LIST}, "resources": {"Reader": READER}},
        "frontend": dict(SITE),
    }


def toggled(*path: str, value: Any) -> Edit:
    """Set what is at a path of the description, or remove it."""

    def edit(description: dict[str, Any], _: Path) -> None:
        *way, last = path
        node = description
        for part in way:
            node = node.setdefault(part, {})
        if last in node:
            del node[last]
        else:
            node[last] = value

    return edit


def written(name: str, text: str) -> Edit:
    """Write a file, or delete it when it holds that."""

    def edit(_: dict[str, Any], folder: Path) -> None:
        file = folder / name
        if file.exists() and file.read_text() == text:
            file.unlink()
        else:
            file.write_text(text)

    return edit


def with_another_digest(_: dict[str, Any], folder: Path) -> None:
    """Give the code another digest."""
    (folder / "code").write_text(f"{(folder / 'code').read_text()}1")


def with_another_output(description: dict[str, Any], _: Path) -> None:
    """Give an output that another stack reads the other one of two values."""
    outputs = description["data"]["outputs"]
    outputs["Word"] = "two" if outputs["Word"] == "one" else "one"


SITE = {"site": {"folder": "site", "path": "/"}, "waf": {"direct_api": True}}
TAGS = [{"Key": "app", "Value": "walk"}, {"Key": "stage", "Value": "dev"}]
MAIL = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": TAGS}}}}
ADD = {**LIST, "handler": "api/notes.py:add", "routes": ["POST /api/notes"]}
EDITS: dict[str, Edit] = {
    "a second table": toggled("data", "tables", "tags", value={"partition_key": "tag"}),
    "items expire": toggled("data", "tables", "notes", "expires", value="until"),
    "another sign-up": toggled("data", "users", "self_sign_up", value=True),
    "a second function": toggled("backend", "functions", "add-note", value=ADD),
    "more memory": toggled("backend", "functions", "list-notes", "memory", value=2048),
    "a variable": toggled("backend", "functions", "list-notes", "environment", value={"GREETING": "hello"}),
    "a queue": toggled("backend", "queues", value={"jobs": {}}),
    "an HTTP API": toggled("backend", "api", value={"type": "http"}),
    "tags": toggled("tags", value={"team": "notes"}),
    "the code": with_another_digest,
    "a changed page": written("site/index.html", "<p>two</p>"),
    "a new page": written("site/new.html", "<p>new</p>"),
    "a removed page": written("site/old.html", "<p>old</p>"),
    "another output": with_another_output,
    "a web ACL": toggled("frontend", "waf", value=False),
    "a layer": toggled("backend", "shared_requirements", value="requirements.txt"),
    "a stack of one's own": toggled("stacks", value={"mail": {"template": MAIL}}),
    "two backend stacks": toggled("backend", "stacks", value=2),
    "a site": toggled("frontend", value=dict(SITE)),
}


def planned(description: dict[str, Any], folder: Path) -> Plan:
    app = validated(description)
    stage = app.stages["dev"]
    rendered = render(app, stage)
    if not (folder / "site/index.html").exists():
        (folder / "site/index.html").write_text("<p>back</p>")
    key = f"code/web/{(folder / 'code').read_text()}.zip"
    code = [
        PackagedCode(stack=stack.stack, parameter=name, key=key, path=folder / "code")
        for stack in rendered
        for name in stack.template.get("Parameters", {})
        if name.endswith(("CodeKey", "LayerKey"))
    ]
    return make_plan(rendered, code=code, publish=publication(stage, folder))


def announced(plan: Plan, cloud: MemoryCloud) -> tuple[set[tuple[str, str]], set[str], set[tuple[str, str]]]:
    """The resources that are to change, the files, and those resources whose new values are not known yet."""
    all_changes = foresee_plan(plan, cloud)
    resources = [
        (changes.stack, change)
        for changes in all_changes
        for change in changes.changes
        if change.section == "Resources"
    ]
    later = {
        (stack, change.name)
        for stack, change in resources
        if any("(known once" in str(entry.new) or "gets a new id" in entry.because for entry in change.properties)
    }
    files = {change.name for changes in foresee_publication(plan, all_changes, cloud) for change in changes.changes}
    return {(stack, change.name) for stack, change in resources}, files, later


def standing(cloud: MemoryCloud) -> set[str]:
    """The names of the stacks that are deployed."""
    return {state.name for region in ("eu-west-1", "us-east-1") for state in cloud.stacks("walk-", region)}


def done(plan: Plan, cloud: MemoryCloud) -> tuple[set[tuple[str, str]], set[str], set[str]]:
    """The resources that a deployment changed, the files it published, and those it removed."""
    resources: set[tuple[str, str]] = set()
    published: set[str] = set()
    removed: set[str] = set()

    def watch(fact: Progress) -> None:
        if isinstance(fact, ChangesFound):
            resources.update((fact.stack, change.logical_id) for change in fact.change_set.changes)
        elif isinstance(fact, Published):
            published.add(fact.key)
        elif isinstance(fact, FilesRemoved):
            removed.update(fact.keys)

    deploy(plan, cloud, watch)
    return resources, published, removed


@example(steps=[["another output"], ["the code", "another output"]])
@example(steps=[["a layer", "a stack of one's own"], ["a layer", "a stack of one's own", "the code"]])
@example(steps=[["two backend stacks", "a second function"], ["two backend stacks"]])
@example(steps=[["a web ACL"], ["a site"], ["a web ACL", "a site"]])
@example(steps=[["a changed page", "a site"], ["a site", "a removed page"]])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3, unique=True), max_size=3))
def test_what_is_announced_is_what_changes(tmp_path_factory: pytest.TempPathFactory, steps: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("project")
    description = start(folder)
    cloud = MemoryCloud()
    for step in [[], *steps]:
        for name in step:
            EDITS[name](description, folder)
        try:
            plan = planned(description, folder)
        except DescriptionError:
            reject()  # options that do not go together
        expected, expected_files, later = announced(plan, cloud)
        is_back = cloud.stack("walk-dev-frontend", "eu-west-1") is None  # its bucket may come back with its files
        going = undescribed(validated(description).stages["dev"], plan.stacks, cloud)
        assert {stack.name for stack in going} == standing(cloud) - {stack.name for stack in plan.stacks}, step
        resources, published, removed = done(plan, cloud)
        prune(going, plan.stacks, cloud, ignore)
        assert standing(cloud) == {stack.name for stack in plan.stacks}, step
        assert resources <= expected, step
        assert expected - resources <= later, step
        if is_back:
            assert published <= expected_files, step
        else:
            assert published | removed == expected_files, step
    assert announced(plan, cloud)[:2] == (set(), set())
