"""Mistakes that rendering finds have the line of the section that all stages share, where a stage describes it, too."""

from __future__ import annotations

import pytest

from stacks.description.places import with_lines
from stacks.errors import Problem

TEXT = """\
backend:
  outputs: {AlertsArn: !Ref Alerts}
  overrides:
    OneFunction: {Properties: {MemorySize: 1}}
stages:
  prod:
    backend:
      functions: {two: null}
      resources: {Alerts: null}
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("backend.overrides.OneFunction", 4),
        ("backend.Outputs.AlertsArn", 2),
        ("backend.Resources.Alerts", 9),
        ("backend.functions.two", 8),
        ("backend.Resources.OfAHook", None),
        ("backend.x", None),
        ("prod", None),
    ],
)
def test_the_deepest_place_wins(where: str, line: int | None) -> None:
    (problem,) = with_lines([Problem(where=where, what="is wrong", fix="Correct it")], TEXT, "app.yaml", "prod")
    assert problem.line == line
