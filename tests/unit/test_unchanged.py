"""A stage that is rendered again from the cache is the same; whatever it depends on makes it be rendered anew."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from stacks import render
from stacks.commands.unchanged import code_of, rendered
from stacks.files import cache_folder
from stacks.loading import load

if TYPE_CHECKING:
    from pathlib import Path

    from stacks import App, Rendered

MINIMAL = "name: notes\nstages: {dev: {region: eu-west-1}}\n"


def described(folder: Path, text: str) -> tuple[App, Path]:
    file = folder / "app.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file), file


def stacks(app: App, file: Path) -> tuple[Rendered, ...]:
    return rendered(app, app.stages["dev"], file)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of this test alone: other processes write into the session's."""
    monkeypatch.setenv("STACKS_CACHE_DIR", str(tmp_path_factory.mktemp("cache", numbered=True)))


def records() -> set[Path]:
    return set(cache_folder("rendered").iterdir())


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_what_is_kept_is_what_was_rendered(root: Path, name: str) -> None:
    app = load(root / "app.yaml")
    before = records()
    first = rendered(app, app.stages[name], root / "app.yaml")
    assert first == render(app, app.stages[name])
    assert len(records() - before) == 1
    assert rendered(app, app.stages[name], root / "app.yaml") == first


def test_a_kept_stage_is_not_rendered(tmp_path: Path) -> None:
    before = records()
    app, file = described(tmp_path, MINIMAL)
    stacks(app, file)
    (record,) = records() - before
    kept = json.loads(record.read_bytes())
    kept["stacks"][0]["body"] = "kept"
    record.write_text(json.dumps(kept), encoding="utf-8")
    assert stacks(app, file)[0].body == "kept"
    assert (record.stat().st_mode & 0o777, record.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_another_description_is_rendered_again(tmp_path: Path) -> None:
    stacks(*described(tmp_path, MINIMAL))
    app, file = described(tmp_path, MINIMAL.replace("eu-west-1", "eu-west-2"))
    assert [stack.region for stack in stacks(app, file)] == ["eu-west-2"]


@pytest.mark.parametrize("broken", [b"\xff", b"[]", b'{"stacks": []}', b'{"key": 1, "stacks": [{}]}'])
def test_a_broken_record_is_ignored(tmp_path: Path, broken: bytes) -> None:
    before = records()
    app, file = described(tmp_path, MINIMAL)
    first = stacks(app, file)
    (record,) = records() - before
    record.write_bytes(broken)
    assert stacks(app, file) == first


def test_a_record_with_other_fields_is_ignored(tmp_path: Path) -> None:
    before = records()
    app, file = described(tmp_path, MINIMAL)
    first = stacks(app, file)
    (record,) = records() - before
    kept = json.loads(record.read_bytes())
    kept["stacks"][0]["more"] = kept["stacks"][0].pop("needs")
    record.write_text(json.dumps(kept), encoding="utf-8")
    assert stacks(app, file) == first


@pytest.mark.parametrize(
    "more",
    [
        "base: {resources: {Topic: {Type: AWS::SNS::Topic}}}\nextend: {base: hooks.py:add}\n",
        "stacks: {own: {template: own.yaml}}\n",
        "backend: {template: own.yaml}\n",
        "tags: {owner: '${env:OWNER}'}\n",
    ],
)
def test_what_may_read_more_than_the_description_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    monkeypatch.setenv("OWNER", "team")
    (tmp_path / "hooks.py").write_text("def add(template, app, stage):\n    pass\n", encoding="utf-8")
    (tmp_path / "own.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n", encoding="utf-8")
    before = records()
    assert stacks(*described(tmp_path, MINIMAL + more))
    assert records() == before


def test_a_changed_module_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "part" / "module.py"
    module.parent.mkdir()
    module.write_text("a = 1\n", encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()
    states = [list(code_of(tmp_path))]
    (tmp_path / "__pycache__" / "module.py").write_text("", encoding="utf-8")
    assert list(code_of(tmp_path)) == states[0]
    os.utime(module, ns=(1, 1))
    states.append(list(code_of(tmp_path)))
    module.write_text("a = 10\n", encoding="utf-8")
    os.utime(module, ns=(1, 1))
    states.append(list(code_of(tmp_path)))
    (tmp_path / "other.py").touch()
    states.append(list(code_of(tmp_path)))
    assert len({tuple(state) for state in states}) == len(states)
