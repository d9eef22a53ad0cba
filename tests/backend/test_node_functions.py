"""Functions of JavaScript beside those of Python: description, template, rights and pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from stacks import DescriptionError, render
from stacks.loading import validated
from stacks.release.code import bundles
from tests.backend.describing import described, properties_of

if TYPE_CHECKING:
    from pathlib import Path

NODE = "handler: api/src/notes.mjs:list, source: api, runtime: nodejs24.x"
BOTH = f"""
shared_requirements: shared.txt
queues: {{jobs: true}}
functions:
  js: {{{NODE}, events: {{queues: [jobs]}}}}
  py: {{handler: py/app.py:go}}
"""


def test_node_and_python_work_side_by_side_and_only_python_has_the_shared_layer() -> None:
    js, py = properties_of(BOTH, "AWS::Lambda::Function")
    assert (js["Runtime"], js["Handler"]) == ("nodejs24.x", "src/notes.list")
    assert "Layers" not in js
    assert "Layers" in py
    assert len(properties_of(BOTH, "AWS::Lambda::EventSourceMapping")) == 1


def test_the_nearest_package_json_is_read(tmp_path: Path) -> None:
    app = validated(described(f"functions: {{js: {{{NODE}}}}}"))
    for folder in ("", "api"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "package.json").touch()
        (bundle,) = bundles(app.stages["dev"], tmp_path)
        assert bundle.requirements == f"{folder}/package.json".lstrip("/")
    assert bundle.handlers == ("src/notes.mjs",)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("handler: api/notes.mjs:list", r"is JavaScript, and python3\.14 runs Python\. Add 'runtime: nodejs24\.x'"),
        ("handler: api/notes.py:list, runtime: nodejs24.x", "is Python, and nodejs24.x runs JavaScript"),
        ("handler: api/notes.mjs:list, runtime: nodejs18.x", "'nodejs18.x' is not allowed"),
        ("handler: api/notes.ts:list, runtime: nodejs24.x", "of TypeScript what your build writes"),
        ("handler: api/notes.mjs, runtime: nodejs24.x", "does not name code"),
        ("handler: 'api/notes.mjs:list()', runtime: nodejs24.x", "does not name code"),
        (f"{NODE}, snap_start: true", "which Node.js does not have"),
        (f"{NODE}, commands: true", "commands run in web applications only"),
        ("wsgi: api/notes.mjs:app, runtime: nodejs24.x", "does not name code"),
    ],
)
def test_what_does_not_go_together_is_refused(function: str, message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        validated(described(f"functions: {{js: {{{function}}}}}"))


def test_the_build_of_a_pipeline_has_node_only_where_functions_need_it() -> None:
    for function, has_node in ((NODE, True), ("handler: py/app.py:go", False)):
        data = described(f"functions: {{one: {{{function}}}}}")
        stage = {**data["stages"]["dev"], "account": "1" * 12}
        connection = f"arn:aws:codeconnections:eu-west-1:{'1' * 12}:connection/0aa1b2c3-d4e5-46f7-8899-aabbccddeeff"
        stage["base"] = {"pipelines": {"repository": "me/notes", "connection": connection}}
        app = validated({**data, "stages": {"dev": stage}})
        base = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base").template
        spec = yaml.safe_load(base["Resources"]["BackendBuild"]["Properties"]["Source"]["BuildSpec"])
        assert ("nodejs" in spec["phases"]["install"]["runtime-versions"]) is has_node
