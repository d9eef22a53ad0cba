"""Preview stages: made from a pattern and another stage, deployed, listed with their age, and gone without a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from stacks import render
from stacks.checks.run import refuse_refused
from stacks.cloud import StackState
from stacks.commands.stages import age, kind
from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee, refuse_unasked
from stacks.deploy.execute import deploy
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.deploy.undescribed import standing_stages
from stacks.errors import StacksError
from stacks.loading import load, validated
from stacks.testing import MemoryCloud
from tests.deploy.watching import ignore

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App, Stage

TEXT = """\
name: notes
stages:
  dev:
    region: eu-west-1
    protected: true
    frontend: {domain: {name: notes.example.com, zone: Z0123456789ABCDEFGHIJ}}
    backend: {api: {rate: 50}}
  pr-*: {from: dev, backend: {api: {rate: 5}}}
data: {tables: {notes: {partition_key: owner}}, buckets: {files: {}}, users: {domain: notes-auth}}
backend: {functions: {list: {handler: api/notes.py:list_notes, routes: [GET /api/notes], auth: users}}}
frontend: {site: {folder: site, path: /}}
alarms: team@example.com
base: {trail: true}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "api").mkdir()
    (tmp_path / "api/notes.py").touch()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").touch()
    (tmp_path / "app.yaml").write_text(TEXT)
    return tmp_path / "app.yaml"


def changed(file: Path, old: str, new: str) -> Path:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    return file


def deployed(stage: Stage, app: App, cloud: MemoryCloud, code: Path) -> None:
    rendered = render(app, stage)
    codes = [
        PackagedCode(stack=stack.stack, parameter=name, key="code/1.zip", path=code)
        for stack in rendered
        for name in stack.template.get("Parameters", {})
        if name.endswith("CodeKey")
    ]
    deploy(make_plan(rendered, code=codes), cloud, ignore)


def test_a_preview_is_its_stage_with_what_the_pattern_says_and_without_what_is_dear(project: Path) -> None:
    dev, preview = load(project, "pr-12").stages.values()
    assert (preview.name, preview.region, preview.preview_of) == ("pr-12", "eu-west-1", "dev")
    assert (preview.backend.api.rate, dev.backend.api.rate) == (5, 50)
    assert list(preview.data.tables) == ["notes"]
    assert (preview.frontend.domain, preview.alarms, preview.base.trail, preview.base.pipelines) == (None,) * 4
    assert (preview.protected, preview.base.api_gateway_logs, preview.base.vpc) == (False, False, None)
    assert dev.base.trail
    assert preview.data.users
    assert preview.data.users.domain
    assert preview.data.users.domain.prefix == "notes-auth-pr-12"


def test_what_the_pattern_says_counts_whatever_previews_leave_out(project: Path) -> None:
    more = "from: dev, base: {trail: true}, alarms: qa@example.com, frontend: {domain: {name: x.example.com, zone: Z1}}"
    preview = load(changed(project, "from: dev", more.replace("zone: Z1", "zone: Z0123456789ABCDEFGHIJ")), "pr-1")
    stage = preview.stages["pr-1"]
    assert stage.base.trail
    assert stage.alarms
    assert stage.frontend.domain
    assert stage.frontend.domain.name == "x.example.com"


@pytest.mark.parametrize("name", [None, "dev", "prod", "pr-"])
def test_without_a_preview_by_name_only_described_stages_exist(project: Path, name: str | None) -> None:
    for _ in range(2):  # read, and kept
        app = load(project, name)
        assert (list(app.stages), list(app.previews)) == (["dev"], ["pr-*"])


def test_the_longest_pattern_counts_and_a_described_stage_is_no_preview(project: Path) -> None:
    changed(project, "  pr-*:", "  pr-9: {region: eu-west-3}\n  pr-x*: {from: dev, log_retention_days: 3}\n  pr-*:")
    assert load(project, "pr-x1").stages["pr-x1"].log_retention_days == 3
    assert load(project, "pr-1").stages["pr-1"].log_retention_days == 365
    assert load(project, "pr-9").stages["pr-9"].preview_of is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("from: dev", "from: staging", "app.yaml:8: stages.pr-*.from: there is no stage staging"),
        ("{from: dev, backend", "{backend", "app.yaml:8: stages.pr-*: does not say which stage previews are made from"),
        ("pr-*", '"*-pr"', "app.yaml:8: stages.*-pr: is not a pattern of stages"),
        ("rate: 5}", "rate: -5}", "app.yaml:8: stages.pr-1.backend.api.rate: "),
        ("rate: 5}", "rat: 5}", "app.yaml:8: stages.pr-1.backend.api.rat: "),
        ("pr-*", "preview-of-*", "app.yaml:8: stages.preview-of-1"),
        ("pr-*", "dev-*", "its name begins with that of stage 'dev'"),
    ],
)
def test_a_pattern_is_judged_when_the_description_is_read(project: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(StacksError) as raised:
        load(changed(project, old, new))
    assert problem in str(raised.value)


def test_a_mistake_of_the_stage_is_reported_once(project: Path) -> None:
    with pytest.raises(StacksError) as raised:
        load(changed(project, "rate: 50", "rate: -50"))
    assert len(raised.value.problems) == 1


def test_destroying_a_preview_leaves_nothing(project: Path, tmp_path: Path) -> None:
    app, cloud = load(project, "pr-12"), MemoryCloud()
    stage = app.stages["pr-12"]
    code = tmp_path / "code.zip"
    code.write_bytes(b"zip")
    deployed(app.stages["dev"], app, cloud, code)
    before = cloud.stacks("notes-dev-", "eu-west-1")
    deployed(stage, app, cloud, code)
    assert [name for name, _ in standing_stages("notes", ["eu-west-1"], cloud)] == ["dev", "pr-12"]
    plan = foresee(render(app, stage), cloud)
    refuse_unasked(plan, cloud, unprotect=True, empty_buckets=True)
    destroy(plan, cloud, ignore, delete_data=True)
    assert cloud.stacks("notes-pr-12-", "eu-west-1") == cloud.stacks("notes-pr-12-", "us-east-1") == ()
    assert not [entry for going in foresee(render(app, stage), cloud) for entry in going.kept]
    assert not [name for name in cloud.buckets if "pr-12" in name]
    assert cloud.stacks("notes-dev-", "eu-west-1") == before


def test_a_name_with_a_hyphen_is_one_of_an_api_stage_without(project: Path) -> None:
    app = load(project, "pr-12")
    for stage, expected in (("pr-12", "pr_12"), ("dev", "dev")):
        backend = next(stack for stack in render(app, app.stages[stage]) if stack.stack == "backend")
        assert backend.template["Resources"]["ApiStage"]["Properties"]["StageName"] == expected
        refuse_refused(render(app, app.stages[stage]))


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2026-03-01T11:59:30+00:00", "less than a minute"),
        ("2026-03-01T11:59:00+00:00", "1 minute"),
        ("2026-03-01T09:59:00+00:00", "2 hours"),
        ("2026-02-20T12:00:00+00:00", "9 days"),
        ("", "-"),
    ],
)
def test_an_age_is_reported_in_words(created: str, expected: str) -> None:
    assert age(created, NOW) == expected


@pytest.mark.parametrize(
    ("stage", "region", "expected"),
    [
        ("dev", "eu-west-1", "described"),
        ("dev", "eu-north-1", "not described; 'destroy --stage dev --region eu-north-1' deletes it"),
        ("pr-7", "eu-west-1", "preview by pr-*"),
        ("old", "eu-west-1", "not described; 'destroy --stage old --region eu-west-1' deletes it"),
    ],
)
def test_a_deployed_stage_is_listed_with_what_the_description_says_of_it(
    project: Path, stage: str, region: str, expected: str
) -> None:
    state = StackState(id="1", name=f"notes-{stage}-base", region=region, status="CREATE_COMPLETE")
    assert kind(stage, state, load(project)) == expected


def test_stacks_of_another_application_with_a_longer_name_are_no_stages(project: Path) -> None:
    other: dict[str, Any] = {"name": "notes-app", "stages": {"dev": {"region": "eu-west-1"}}}
    app, cloud = validated(other), MemoryCloud()
    deployed(app.stages["dev"], app, cloud, project)
    assert standing_stages("notes", ["eu-west-1"], cloud) == ()
    assert [name for name, _ in standing_stages("notes-app", ["eu-west-1"], cloud)] == ["dev"]


class Everywhere(MemoryCloud):
    """The local AWS: it lists the stacks of every region wherever it is asked."""

    def stacks(self, prefix: str, region: str) -> tuple[StackState, ...]:
        states = [state for place in REGIONS for state in super(Everywhere, self).stacks(prefix, place)]
        ids = (f"arn:aws:cloudformation:{state.region}:111111111111:stack/{state.name}/{region}" for state in states)
        return tuple(replace(state, id=identity) for state, identity in zip(states, ids, strict=True))


REGIONS = ("eu-west-1", "us-east-1")


@pytest.mark.parametrize("regions", [REGIONS, REGIONS[:1], (*REGIONS, *REGIONS)])
def test_a_stage_is_listed_once_in_its_own_region(project: Path, regions: tuple[str, ...]) -> None:
    app, cloud = load(project, "pr-12"), Everywhere()
    deployed(app.stages["pr-12"], app, cloud, project)
    assert [(name, state.region) for name, state in standing_stages("notes", regions, cloud)] == [
        ("pr-12", "eu-west-1")
    ]
    assert standing_stages("notes", REGIONS[1:], cloud) == ()
