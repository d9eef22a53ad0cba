"""A copy of the rendered example for each test, to be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks import render
from tests.checks.breaking import Copy

if TYPE_CHECKING:
    from stacks import Rendered
    from stacks.app import App


@pytest.fixture(scope="session")
def rendered_dev(example: App) -> tuple[Rendered, ...]:
    """The stage ``dev``, as it is."""
    return render(example, example.stages["dev"])


@pytest.fixture
def dev(rendered_dev: tuple[Rendered, ...]) -> Copy:
    """The stage ``dev``, to be broken."""
    return Copy(rendered_dev)
