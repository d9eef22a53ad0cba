"""CloudFormation stacks of a whole serverless web application, made from one description.

The names below are the public ones; each is imported when it is first asked for, so that
``import stacks`` costs nothing and ``--help`` stays instant.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes as long to import as Python to start
if TYPE_CHECKING:
    from typing import Any

    from stacks.app import App, Stage
    from stacks.errors import DescriptionError, Problem, StacksError
    from stacks.loading import load
    from stacks.rendering import render
    from stacks.template.rendered import Rendered
    from stacks.wiring import Output

_HOMES = {
    "App": "stacks.app",
    "DescriptionError": "stacks.errors",
    "Output": "stacks.wiring",
    "Problem": "stacks.errors",
    "Rendered": "stacks.template.rendered",
    "StacksError": "stacks.errors",
    "Stage": "stacks.app",
    "load": "stacks.loading",
    "render": "stacks.rendering",
}

__all__ = ["App", "DescriptionError", "Output", "Problem", "Rendered", "StacksError", "Stage", "load", "render"]


def __getattr__(name: str) -> Any:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'stacks' has no attribute {name!r}") from None
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(home), name)
