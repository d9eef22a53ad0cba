"""A description with a base of the test's own, rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stacks import DescriptionError, Rendered, render
from stacks.loading import validated

Rendering = Callable[..., dict[str, Rendered]]
Problems = Callable[..., list[str]]

EVERYTHING: dict[str, Any] = {
    "trail": {"cloudwatch": True, "object_lock": {"days": 500, "mode": "compliance"}},
    "vpc": {
        "zones": 3,
        "public_subnets": True,
        "nat": "each-zone",
        "endpoints": ["secretsmanager", "sqs"],
        "flow_logs": "cloudwatch",
    },
    "log_encryption": "own",
    "alarms": "team@example.com",
    "budget": {"amount": 50, "email": "team@example.com"},
}
"""Every option of a base that is made and not named."""


def described(base: dict[str, Any], region: str = "eu-west-1", **sections: Any) -> dict[str, Any]:
    return {"name": "notes", "stages": {"dev": {"region": region}}, "base": base, **sections}


@pytest.fixture
def rendering() -> Rendering:
    """``rendering(base, backend={…})`` → the stacks of the stage, by name."""

    def build(base: dict[str, Any], **sections: Any) -> dict[str, Rendered]:
        app = validated(described(base, **sections))
        return {stack.stack: stack for stack in render(app, app.stages["dev"])}

    return build


@pytest.fixture
def problems() -> Problems:
    """``problems(base)`` → what is told of a description that is wrong, a line for each."""

    def report(base: dict[str, Any], **sections: Any) -> list[str]:
        with pytest.raises(DescriptionError) as caught:
            validated(described(base, **sections))
        return str(caught.value).splitlines()

    return report
