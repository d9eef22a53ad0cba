"""Whole deployments of the sample stage, on every cloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from stacks.deploy.destroy import destroy
from stacks.deploy.destroy_plan import foresee
from stacks.deploy.execute import How, deploy, outputs
from stacks.deploy.plan import PackagedCode, make_plan
from stacks.progress import (
    BucketEmptied,
    FilesCompared,
    NothingChanged,
    StackAbsent,
    StackDeleted,
    StackFinished,
    StackStarted,
    Unguarded,
    Uploaded,
)
from stacks.publishing.sites import SiteFiles
from stacks.publishing.step import JsonFile, Publish
from stacks.testing import MemoryCloud
from stacks.wiring import Output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.cloud import ChangeSet, Cloud, NoChanges, Submission
    from stacks.deploy.stored_data import DataCloud
    from stacks.progress import Progress
    from stacks.template.rendered import Rendered

    Stage = Callable[..., list[Rendered]]


def code(path: Path, key: str = "code/1.zip") -> list[PackagedCode]:
    return [PackagedCode(stack="backend", parameter="CodeKey", key=key, path=path)]


def site(folder: Path) -> Publish:
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "index.html").write_text("<h1>hello</h1>")
    (folder / "site" / "app.js").write_text("1")
    return Publish(
        stack="frontend",
        bucket=Output("frontend", "SiteBucket"),
        distribution=None,
        folders=(SiteFiles(prefix="app/", folder=folder / "site", fallback=True),),
        generated=(JsonFile(key="app/config.json", values=(("stage", "t"), ("table", Output("data", "TableName")))),),
    )


def kinds(seen: list[Progress], *kinds: type) -> list[tuple[type, str]]:
    return [
        (type(event), getattr(event, "stack", getattr(event, "key", ""))) for event in seen if isinstance(event, kinds)
    ]


def test_a_first_deployment_makes_base_uploads_the_code_and_publishes(
    cloud: Cloud, stage: Stage, zipped: Path, tmp_path: Path, seen: list[Progress]
) -> None:
    plan = make_plan(stage(), code=code(zipped), publish=site(tmp_path))
    result = deploy(plan, cloud, seen.append, account="111111111111")
    assert kinds(seen, StackStarted, Uploaded, FilesCompared) == [
        (StackStarted, "base"),
        (StackStarted, "data"),
        (Uploaded, "code/1.zip"),
        (StackStarted, "backend"),
        (StackStarted, "frontend"),
        (StackStarted, "extra"),
        (FilesCompared, ""),
    ]
    assert result["backend"] == {"Read": "one"}
    assert cloud.get(result["base"]["ArtifactBucketName"], "code/1.zip") == b"PK"
    config = cloud.get(result["frontend"]["SiteBucket"], "app/config.json")
    assert json.loads(config or b"") == {"stage": "t", "table": "one"}


def test_a_second_deployment_changes_nothing(
    cloud: Cloud, stage: Stage, zipped: Path, tmp_path: Path, seen: list[Progress]
) -> None:
    plan = make_plan(stage(), code=code(zipped), publish=site(tmp_path))
    deploy(plan, cloud, lambda _: None)
    deploy(plan, cloud, seen.append)
    assert len(kinds(seen, NothingChanged)) == 5
    assert kinds(seen, StackFinished) == []
    assert [event.fresh for event in seen if isinstance(event, Uploaded)] == [False]
    assert [(event.to_put, event.unchanged) for event in seen if isinstance(event, FilesCompared)] == [(0, 3)]


def test_a_reader_is_deployed_again_when_the_output_it_reads_moved(
    cloud: Cloud, stage: Stage, zipped: Path, seen: list[Progress]
) -> None:
    deploy(make_plan(stage("one"), code=code(zipped)), cloud, lambda _: None)
    result = deploy(make_plan(stage("two"), code=code(zipped)), cloud, seen.append)
    assert kinds(seen, StackFinished) == [(StackFinished, "data"), (StackFinished, "backend")]
    assert result["backend"] == {"Read": "two"}


def test_a_reader_is_repaired_by_a_later_run_that_only_deploys_it(cloud: Cloud, stage: Stage, zipped: Path) -> None:
    deploy(make_plan(stage("one"), code=code(zipped)), cloud, lambda _: None)
    deploy(make_plan(stage("two"), code=code(zipped), only=["data"]), cloud, lambda _: None)
    result = deploy(make_plan(stage("two"), code=code(zipped), only=["backend"]), cloud, lambda _: None)
    assert result["backend"] == {"Read": "two"}


def test_other_code_is_another_key_and_updates_only_its_stack(
    cloud: Cloud, stage: Stage, zipped: Path, seen: list[Progress]
) -> None:
    deploy(make_plan(stage(), code=code(zipped)), cloud, lambda _: None)
    deploy(make_plan(stage(), code=code(zipped, "code/2.zip")), cloud, seen.append)
    assert kinds(seen, StackFinished, Uploaded) == [(Uploaded, "code/2.zip"), (StackFinished, "backend")]


def test_a_template_over_the_inline_limit_goes_through_the_artifact_bucket(
    cloud: Cloud, stage: Stage, build: Callable[..., Rendered], parameter: Callable[..., Any]
) -> None:
    resources = {f"P{number}": parameter("x" * 900) for number in range(70)}
    plan = make_plan([stage()[0], build("big", resources)])
    assert len(plan.stacks[1].body) > 51_200
    deploy(plan, cloud, lambda _: None)
    state = cloud.stack("t-x-big", "eu-west-1")
    assert state is not None
    assert state.status == "CREATE_COMPLETE"


def test_destroying_takes_all_down_in_reverse_and_empties_buckets(
    cloud: DataCloud, stage: Stage, zipped: Path, tmp_path: Path, seen: list[Progress]
) -> None:
    deploy(make_plan(stage(), code=code(zipped), publish=site(tmp_path)), cloud, lambda _: None)
    destroy(foresee(stage(), cloud), cloud, seen.append)
    assert kinds(seen, StackDeleted, BucketEmptied) == [
        (StackDeleted, "extra"),
        (BucketEmptied, "frontend"),
        (StackDeleted, "frontend"),
        (StackDeleted, "backend"),
        (StackDeleted, "data"),
        (BucketEmptied, "base"),
        (StackDeleted, "base"),
    ]
    assert outputs(stage(), cloud) == {}


def test_destroying_what_does_not_exist_says_so(cloud: DataCloud, stage: Stage, seen: list[Progress]) -> None:
    destroy(foresee(stage(), cloud), cloud, seen.append)
    assert kinds(seen, StackAbsent) == [(StackAbsent, stack.stack) for stack in reversed(stage())]


def test_what_is_retained_is_named_and_its_bucket_is_not_emptied(
    memory: MemoryCloud, stage: Stage, seen: list[Progress]
) -> None:
    base = stage()[0]
    base.template["Resources"]["Artifacts"]["DeletionPolicy"] = "Retain"
    deploy(make_plan([base]), memory, lambda _: None)
    memory.put("t-x-base-artifacts", "kept", b"data", headers=_headers())
    destroy(foresee([base], memory), memory, seen.append)
    retained = [
        resource.physical_id for event in seen if isinstance(event, StackDeleted) for resource in event.retained
    ]
    assert retained == ["t-x-base-artifacts"]
    assert memory.get("t-x-base-artifacts", "kept") == b"data"


def test_the_deployed_template_decides_what_is_emptied_not_the_rendered_one(
    memory: MemoryCloud, stage: Stage, seen: list[Progress]
) -> None:
    deployed, rendered = stage()[0], stage()[0]
    deployed.template["Resources"]["Artifacts"]["DeletionPolicy"] = "Retain"
    deploy(make_plan([deployed]), memory, lambda _: None)
    memory.put("t-x-base-artifacts", "kept", b"data", headers=_headers())
    destroy(foresee([rendered], memory), memory, seen.append)
    assert memory.get("t-x-base-artifacts", "kept") == b"data"


def _headers() -> Any:
    from stacks.cloud import Headers  # noqa: PLC0415 - only two tests want one

    return Headers()


def test_cloudformation_gets_the_role_of_each_stack_and_stacks_are_reported_unguarded(
    stage: Callable[[str], list[Rendered]],
) -> None:
    class Recording(MemoryCloud):
        roles: ClassVar[dict[str, str | None]] = {}

        def prepare(self, submission: Submission) -> ChangeSet | NoChanges:
            self.roles[submission.name] = submission.role
            return super().prepare(submission)

    rendered = [stack for stack in stage("one") if stack.stack in {"data", "extra"}]
    rendered[0].template["Resources"]["Table"] |= {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}
    seen: list[Progress] = []
    cloud = Recording()
    deploy(make_plan(rendered), cloud, seen.append, how=How(roles={"data": "arn:data", "extra": "arn:extra"}))
    assert cloud.roles == {"t-x-data": "arn:data", "t-x-extra": "arn:extra"}
    assert Unguarded(stack="data", kept=("Table",)) in seen
    state = cloud.stack("t-x-data", "eu-west-1")
    assert state is not None
    assert not state.protected
