"""Random walks of edits and deploys, over the account in memory and the local AWS at once: both end alike.

A walk edits a description, deploys it, is refused or not, and goes on. After each deploy the two clouds hold the same
stacks with the same resources, a second deploy changes nothing, and no table or its items were lost on the way.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from stacks import render
from stacks.deploy.data_loss import refuse_unnamed, second_look
from stacks.deploy.execute import deploy
from stacks.deploy.foresee import foresee_plan
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.errors import DeployError
from stacks.loading import validated
from stacks.progress import ChangesFound
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from stacks.cloud import Cloud
    from stacks.deploy.plan import Plan
    from stacks.local.emulator import Emulator
    from stacks.template.rendered import Rendered

    Edit = Callable[[dict[str, Any]], None]

pytestmark = pytest.mark.emulator
REGION, ACCOUNT = "eu-west-1", "111111111111"
FEW = settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking costs minutes here; a failing walk is short enough to read
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def start() -> dict[str, Any]:
    """The description that walks begin with: one table, one function that reads it."""
    list_notes = {
        "handler": "lambda_src/api/notes.py:list_notes",
        "routes": ["GET /notes"],
        "public": True,
        "tables": {"notes": "read"},
    }
    return {
        "name": "walk",
        "stages": {"dev": {"region": REGION, "base": {"trail": False, "vpc": False}}},
        "data": {"tables": {"notes": {"partition_key": "owner", "sort_key": "id"}}},
        "backend": {"functions": {"list-notes": list_notes}},
    }


def toggled(*path: str, value: Any) -> Edit:
    """Set what is at a path of the description, or take it away when it is there."""

    def edit(description: dict[str, Any]) -> None:
        *way, last = path
        node = description
        for part in way:
            node = node.setdefault(part, {})
        if last in node:
            del node[last]
        else:
            node[last] = value

    return edit


_ADD = {"handler": "lambda_src/api/notes.py:add_note", "routes": ["POST /notes"], "public": True}
EDITS: dict[str, Edit] = {
    "a second table": toggled("data", "tables", "tags", value={"partition_key": "tag"}),
    "another sort key": toggled("data", "tables", "notes", "sort_key", value="id"),
    "items expire": toggled("data", "tables", "notes", "expires", value="until"),
    "a global index": toggled("data", "tables", "notes", "global_indexes", value={"by-day": {"partition_key": "day"}}),
    "people sign in": toggled("data", "users", value={"self_sign_up": True}),
    "a second function": toggled("backend", "functions", "add-note", value=_ADD),
    "more memory": toggled("backend", "functions", "list-notes", "memory", value=2048),
    "a setting": toggled("backend", "functions", "list-notes", "environment", value={"GREETING": "hello"}),
    "a queue": toggled("backend", "queues", value={"jobs": {}}),
    "another rate": toggled("backend", "api", value={"rate": 20}),
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.booleans()), min_size=2, max_size=5).filter(
    # A table that comes back after it was retained is refused by AWS, and by us through Cloud Control. The local AWS
    # makes a new one over it, and its Cloud Control knows of no tables.
    lambda steps: sum(name == "a second table" for name, _ in steps) <= 2
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a deploy came to: the places it was refused at, or the stacks with all they hold."""

    refused: tuple[str, ...] = ()
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)


def planned(description: dict[str, Any], code: Path) -> Plan:
    """The plan of the stage, with one zip for every function."""
    app = validated(description)
    rendered = render(app, app.stages["dev"])
    keys = {
        stack.stack: [name for name in stack.template.get("Parameters", {}) if name.endswith("CodeKey")]
        for stack in rendered
    }
    zips = [
        PackagedCode(stack=stack, parameter=name, key="code/walk/1.zip", path=code)
        for stack, names in keys.items()
        for name in names
    ]
    return make_plan(rendered, code=zips)


def went(plan: Plan, cloud: Cloud, *, willing: bool) -> tuple[Outcome, list[str]]:
    """Deploy as the command does; ``willing`` names all that is replaced or removed. Tells the stacks that changed."""
    changed: list[str] = []
    try:
        foreseen = foresee_plan(plan, cloud)
        allowed: Collection[str] = ()
        if willing:
            allowed = {change.name for changes in foreseen for change in changes.changes if change.destructive}
        refuse_unnamed(foreseen, allowed)
        deploy(
            plan,
            cloud,
            lambda event: changed.append(event.stack) if isinstance(event, ChangesFound) else None,
            account=ACCOUNT,
            confirm=second_look(foreseen, allowed, lambda _: False),
        )
    except DeployError as error:
        return Outcome(refused=tuple(sorted(problem.where for problem in error.problems))), changed
    return Outcome(held=held(plan.stacks, cloud)), changed


def held(rendered: Sequence[Rendered], cloud: Cloud) -> dict[str, tuple[str, ...]]:
    """The logical ids in each stack."""
    return {
        stack.stack: tuple(sorted(resource.logical_id for resource in cloud.resources(stack.name, stack.region)))
        for stack in rendered
        if cloud.stack(stack.name, stack.region)
    }


class Data:
    """The tables of the local AWS: each gets an item when it is first seen, and keeps it from then on."""

    def __init__(self, emulator: Emulator) -> None:
        key, secret = emulator.credentials
        session: Any = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)
        self._tables = session.resource("dynamodb", endpoint_url=emulator.endpoint_url)
        self._items: dict[str, dict[str, str]] = {}

    def is_all_there(self) -> None:
        """No table that was seen before is gone or empty."""
        tables = {table.name: table for table in self._tables.tables.all()}
        assert self._items.keys() <= tables.keys()
        for name, item in self._items.items():
            assert tables[name].scan()["Items"] == [item]
        for name in tables.keys() - self._items.keys():
            self._items[name] = {key["AttributeName"]: "kept" for key in tables[name].key_schema}
            tables[name].put_item(Item=self._items[name])


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A zip that Lambda takes."""
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.py", "def list_notes(event, context):\n    return {'statusCode': 200}\n")
    return path


@FEW
@given(steps=STEPS)
@example(steps=[("a second table", False), ("a second table", True), ("more memory", False)])
def test_a_walk_ends_alike_in_memory_and_on_the_local_aws(
    emulator: Emulator, emulated: Cloud, emptied: Callable[[], None], code: Path, steps: list[tuple[str, bool]]
) -> None:
    emptied()
    data = Data(emulator)
    clouds: tuple[Cloud, ...] = (MemoryCloud(), emulated)
    description = start()
    for name, willing in [("", True), *steps]:
        if name:
            EDITS[name](description)
        plan = planned(description, code)
        (in_memory, changed), (on_aws, _) = (went(plan, cloud, willing=willing) for cloud in clouds)
        assert in_memory == on_aws, f"after {name or 'the start'}: {changed}"
        data.is_all_there()
        if not in_memory.refused:
            assert [went(plan, cloud, willing=False) for cloud in clouds] == [(in_memory, []), (on_aws, [])]
