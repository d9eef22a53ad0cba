"""The deploy roles of the example, their documents filled in as CloudFormation would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from stacks.rendering import render
from stacks.roles import derive
from stacks.roles.packing import filled
from tests.roles.applications import applications

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.roles import DeployRights
    from stacks.template.rendered import Rendered

ACCOUNT = "111122223333"


def boundary_of(stage: str) -> str:
    """The ARN of a stage's boundary."""
    return f"arn:aws:iam::{ACCOUNT}:policy/notes-{stage}/platform/notes-{stage}-boundary"


def documents_of(rights: DeployRights, stage: str) -> list[dict[str, Any]]:
    """The policies as IAM would hold them."""
    text = json.dumps(rights.documents())
    loads: list[dict[str, Any]] = json.loads(filled(text, account=ACCOUNT, boundary=boundary_of(stage)))
    return loads


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A deploy role of the example."""

    app: App
    stage: Stage
    rendered: Rendered
    rights: DeployRights

    @property
    def documents(self) -> list[dict[str, Any]]:
        return documents_of(self.rights, self.stage.name)


@pytest.fixture(scope="session")
def roles(example: App) -> dict[tuple[str, str], Role]:
    """(stage, stack) → its deploy role; base is deployed by a person and has none."""
    return {
        (stage.name, stack.stack): Role(app=example, stage=stage, rendered=stack, rights=derive(stage, stack))
        for stage in example.stages.values()
        for stack in render(example, stage)
        if stack.stack != "base"
    }


@pytest.fixture(scope="session")
def wide_apps(root: Path) -> tuple[App, ...]:
    """Applications that together take every option."""
    return tuple(applications(root))


@pytest.fixture(scope="session")
def apps(example: App, wide_apps: tuple[App, ...]) -> tuple[App, ...]:
    """The example, and applications with every option."""
    return (example, *wide_apps)


@pytest.fixture(scope="session")
def wide(wide_apps: tuple[App, ...]) -> tuple[dict[str, Role], ...]:
    """Stack → its deploy role, for each of the applications."""
    return tuple(
        {
            stack.stack: Role(app=app, stage=app.stages["dev"], rendered=stack, rights=derive(app.stages["dev"], stack))
            for stack in render(app, app.stages["dev"])
            if not (stack.stack == "base" or stack.stack.startswith("artifacts-"))
        }
        for app in wide_apps
    )
