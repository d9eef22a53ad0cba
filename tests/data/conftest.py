"""A description with a data section of the test's own, rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stacks import DescriptionError, Rendered, render
from stacks.loading import validated

Rendering = Callable[..., dict[str, Rendered]]
Problems = Callable[..., list[str]]


def described(data: dict[str, Any], **sections: Any) -> dict[str, Any]:
    return {"name": "notes", "stages": {"dev": {"region": "eu-west-1"}}, "data": data, **sections}


@pytest.fixture
def rendering() -> Rendering:
    """``rendering(data, frontend={…})`` → the stacks of the stage, by name."""

    def build(data: dict[str, Any], **sections: Any) -> dict[str, Rendered]:
        app = validated(described(data, **sections))
        return {stack.stack: stack for stack in render(app, app.stages["dev"])}

    return build


@pytest.fixture
def problems() -> Problems:
    """``problems(data)`` → what is told of a description that is wrong, a line for each."""

    def report(data: dict[str, Any], **sections: Any) -> list[str]:
        with pytest.raises(DescriptionError) as caught:
            validated(described(data, **sections))
        return str(caught.value).splitlines()

    return report
