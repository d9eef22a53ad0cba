"""A small project on disk that extensions are added to."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from stacks import load, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stacks import Rendered

    Project = Callable[..., dict[str, Rendered]]

MINIMAL = """\
name: shop
stages:
  dev: {region: eu-west-1}
  prod: {region: us-east-1}
data:
  tables: {orders: {partition_key: id}}
  users: true
backend:
  queues: {jobs: true}
  functions:
    worker:
      handler: src/worker.py:work
      events: {queues: [jobs]}
"""
_FILES = {"src/worker.py": "def work(event, context):\n    return None\n"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Write the project with ``more`` lines of description and other files, and render its stage ``dev``."""

    def rendered(more: str = "", files: Mapping[str, str] | None = None, stage: str = "dev") -> dict[str, Rendered]:
        for name, text in {**_FILES, **(files or {}), "app.yaml": MINIMAL + more}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(dedent(text), encoding="utf-8")
        app = load(tmp_path / "app.yaml")
        return {rendered_stack.stack: rendered_stack for rendered_stack in render(app, app.stages[stage])}

    return rendered
