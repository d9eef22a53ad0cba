"""The example with a CI service, and its base template."""

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
WORKSPACE, REPOSITORY, ENVIRONMENT = (f"{number}0a1b2c3-d4e5-46f7-8899-aabbccddeeff" for number in range(3))
BITBUCKET = {
    "repository": "someone/notes",
    "workspace_id": WORKSPACE,
    "repository_id": REPOSITORY,
    "environment_id": ENVIRONMENT,
}


@pytest.fixture(scope="session")
def with_ci(root: Path) -> Callable[..., App]:
    """Make the example, in one stage, with the given ``base.ci``."""

    def make(**ci: Any) -> App:
        data = yaml.safe_load((root / "app.yaml").read_text())
        stage = {**data["stages"]["dev"], "account": ACCOUNT, "base": {"ci": ci}}
        return validated({**data, "stages": {"dev": stage}})

    return make


@pytest.fixture(scope="session")
def resources(with_ci: Callable[..., App]) -> Callable[..., dict[str, Any]]:
    """Make the resources of the base template of ``with_ci``."""

    def make(**ci: Any) -> dict[str, Any]:
        app = with_ci(**ci)
        base = next(stack for stack in render(app, app.stages["dev"]) if stack.stack == "base")
        return dict(base.template["Resources"])

    return make


@pytest.fixture(scope="session")
def github(resources: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Those for a repository of GitHub and its branch ``main``."""
    return resources(github="someone/notes")
