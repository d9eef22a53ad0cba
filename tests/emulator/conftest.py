"""Local AWS accounts with nothing in them, each with a copy of the example to deploy to it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import local_aws
from tests.running import REGION, Project, Running, copied

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def empty_account(project: Project) -> Iterator[Running]:
    """A local AWS in the project's folder; nothing is deployed."""
    with local_aws(region=REGION, account="000000000000", home=project.home) as emulator:
        yield Running(project=project, emulator=emulator)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An account of the module's own."""
    with empty_account(copied(tmp_path_factory.mktemp("account") / "project")) as running:
        yield running


@pytest.fixture
def own_account(project: Project) -> Iterator[Running]:
    """An account of the test's own."""
    with empty_account(project) as running:
        yield running
