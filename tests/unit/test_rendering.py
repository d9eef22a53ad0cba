"""App → rendered stacks → files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks import render
from stacks.app import App, Backend, Base, Data, Frontend, Function, Key, Site, Stage, Table, Users
from stacks.commands.template_files import unknown_files, write
from stacks.files import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

WEB = Function(wsgi="src/app.py:app", public=True)


def app(**sections: object) -> tuple[App, Stage]:
    stage = Stage(name="dev", region="eu-west-1", **sections)  # type: ignore[arg-type]
    return App(name="notes", stages={"dev": stage}), stage


def names(**sections: object) -> list[str]:
    return [stack.stack for stack in render(*app(**sections))]


def test_a_stack_with_nothing_in_it_is_not_created() -> None:
    assert names() == ["base"]
    assert names(data=Data(users=Users())) == ["base", "data"]
    assert names(backend=Backend(functions={"web": WEB})) == ["base", "backend"]


def test_stacks_come_in_the_order_of_their_references(example: App) -> None:
    order = {name: [stack.stack for stack in render(example, stage)] for name, stage in example.stages.items()}
    assert order == {
        "dev": ["base", "data", "frontend-edge", "backend", "frontend", "frontend-logs-edge"],
        "prod": ["base", "data", "backend", "frontend"],
    }


def test_each_stack_says_what_it_needs(example: App) -> None:
    needs = {stack.stack: stack.needs for stack in render(example, example.stages["dev"])}
    assert needs == {
        "base": (),
        "data": (),
        "frontend-edge": (),
        "backend": ("base", "data"),
        "frontend": ("backend", "base", "frontend-edge"),
        "frontend-logs-edge": ("frontend",),
    }


def test_only_the_edge_stacks_leave_the_stages_region(example: App) -> None:
    regions = {stack.stack: stack.region for stack in render(example, example.stages["dev"])}
    elsewhere = {stack: region for stack, region in regions.items() if region != "eu-west-1"}
    assert elsewhere == {"frontend-edge": "us-east-1", "frontend-logs-edge": "us-east-1"}


def test_a_changed_api_gets_a_new_deployment() -> None:
    def deployment(function: Function) -> str:
        (backend,) = (
            stack for stack in render(*app(backend=Backend(functions={"f": function}))) if stack.stack == "backend"
        )
        return str(next(name for name in backend.template["Resources"] if name.startswith("ApiDeployment")))

    first = deployment(Function(handler="src/a.py:f", routes=("GET /a",), public=True))
    assert deployment(Function(handler="src/a.py:f", routes=("GET /a",), public=True)) == first
    assert deployment(Function(handler="src/a.py:f", routes=("GET /b",), public=True)) != first
    assert deployment(Function(handler="src/a.py:f", routes=("GET /a",), public=True, memory=1024)) == first


def test_code_is_a_parameter_so_templates_stay_when_it_changes() -> None:
    functions = {"one": Function(handler="src/a.py:f"), "two": Function(handler="src/b.py:g"), "web": WEB}
    (backend,) = (stack for stack in render(*app(backend=Backend(functions=functions))) if stack.stack == "backend")
    assert sorted(backend.template["Parameters"]) == ["SrcCodeKey", "SrcWsgiCodeKey"]


def test_a_site_at_the_root_sends_only_its_api_to_the_api() -> None:
    frontend = Frontend(site=(Site(folder="site"),), waf=None)
    stacks = {stack.stack: stack for stack in render(*app(backend=Backend(functions={"web": WEB}), frontend=frontend))}
    config = stacks["frontend"].template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    assert config["DefaultRootObject"] == "index.html"
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "bucket-then-api"  # pages that the site lacks
    assert [(behavior["PathPattern"], behavior["TargetOriginId"]) for behavior in config["CacheBehaviors"]] == [
        ("/api/*", "api")
    ]


def test_parts_that_are_switched_off_are_not_created() -> None:
    (base,) = render(*app(base=Base(trail=None, vpc=None, api_gateway_logs=False)))
    kinds = {body["Type"] for body in base.template["Resources"].values()}
    assert kinds == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::IAM::ManagedPolicy"}


def test_only_files_that_change_are_written(tmp_path: Path) -> None:
    application, stage = app()
    first = list(write("dev", render(application, stage), tmp_path, {}))
    before = (tmp_path / "dev/base.yaml").stat()
    second = list(write("dev", render(application, stage), tmp_path, {}))
    after = (tmp_path / "dev/base.yaml").stat()
    assert [entry.changed for entry in (*first, *second)] == [True, False]
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_files_of_stacks_that_are_gone_are_removed_and_others_left(tmp_path: Path) -> None:
    application, stage = app(data=Data(tables={"notes": Table(partition_key=Key(name="owner"))}))
    list(write("dev", render(application, stage), tmp_path, {}))
    for name in ("mine.txt", "old-data.yaml", "old-data.parameters.json", "data.yaml.orig"):
        (tmp_path / "dev" / name).write_bytes((tmp_path / "dev/data.yaml").read_bytes())
    smaller = render(application, replace(stage, data=Data()))
    list(write("dev", smaller, tmp_path, {}))
    results = sorted(file.name for file in (tmp_path / "dev").iterdir())
    own = ["data.yaml.orig", "mine.txt", "old-data.parameters.json", "old-data.yaml"]
    assert results == sorted(["base.parameters.json", "base.yaml", *own])
    assert unknown_files("dev", smaller, tmp_path) == [tmp_path / "dev/old-data.yaml"]


def test_a_file_that_changed_since_it_was_written_is_never_removed(tmp_path: Path) -> None:
    application, stage = app(data=Data(tables={"notes": Table(partition_key=Key(name="owner"))}))
    list(write("dev", render(application, stage), tmp_path, {}))
    (tmp_path / "dev/data.yaml").write_text("mine: now")
    for _ in range(2):
        list(write("dev", render(application, replace(stage, data=Data())), tmp_path, {}))
    assert (tmp_path / "dev/data.yaml").read_text() == "mine: now"
    assert not (tmp_path / "dev/data.parameters.json").exists()


def test_a_link_in_the_place_of_a_written_file_is_never_removed(tmp_path: Path) -> None:
    application, stage = app(data=Data(tables={"notes": Table(partition_key=Key(name="owner"))}))
    list(write("dev", render(application, stage), tmp_path, {}))
    kept = (tmp_path / "dev/data.yaml").rename(tmp_path / "kept.yaml")
    (tmp_path / "dev/data.yaml").symlink_to(kept)
    list(write("dev", render(application, replace(stage, data=Data())), tmp_path, {}))
    assert (tmp_path / "dev/data.yaml").is_symlink()


def test_a_record_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    application, stage = app()
    (tmp_path / "out").mkdir()
    (tmp_path / "other.yaml").write_text("x")
    list(write("dev", render(application, stage), tmp_path / "out", {}))
    place = hashlib.sha256(bytes((tmp_path / "out/dev").resolve())).hexdigest()
    record = cache_folder("written") / f"{place}.json"
    assert "base.yaml" in json.loads(record.read_text())
    digest = hashlib.sha256(b"x").hexdigest()
    record.write_text(json.dumps({"../../other.yaml": digest, str(tmp_path / "other.yaml"): digest}))
    list(write("dev", render(application, stage), tmp_path / "out", {}))
    assert (tmp_path / "other.yaml").exists()


def test_the_parameter_file_is_what_the_aws_cli_and_codepipeline_read(tmp_path: Path) -> None:
    application, stage = app(backend=Backend(functions={"web": WEB}))
    list(write("dev", render(application, stage), tmp_path, {"backend": {"SrcWsgiCodeKey": "code/x/1.zip"}}))
    content = json.loads((tmp_path / "dev/backend.parameters.json").read_text())
    assert content == {"Parameters": {"SrcWsgiCodeKey": "code/x/1.zip"}}
