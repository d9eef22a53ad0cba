"""The example with pipelines, and its base template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from stacks import render
from stacks.loading import validated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.app import App

ACCOUNT = "111111111111"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0aa1b2c3-d4e5-46f7-8899-aabbccddeeff"
REPOSITORY = {"repository": "someone/notes"}


@pytest.fixture(scope="session")
def piped(root: Path) -> Callable[..., App]:
    """Make the example with pipelines: what is given, in ``someone/notes`` unless another repository is."""

    def make(**pipelines: Any) -> App:
        data = yaml.safe_load((root / "app.yaml").read_text())
        stage = {**data["stages"]["dev"], "account": ACCOUNT, "base": {"pipelines": {**REPOSITORY, **pipelines}}}
        return validated({**data, "stages": {"dev": stage}})

    return make


@pytest.fixture(scope="session")
def base(piped: Callable[..., App]) -> Callable[..., dict[str, Any]]:
    """Make the base template of ``piped``."""

    def make(**pipelines: Any) -> dict[str, Any]:
        app = piped(**pipelines)
        return dict(next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base").template)

    return make


@pytest.fixture(scope="session")
def template(base: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The base template with a pipeline for each stack, and an address to tell."""
    return base(notify="team@example.com")
