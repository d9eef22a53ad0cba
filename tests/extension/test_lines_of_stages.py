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
JOBS = "{Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}"


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


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("backend: OneFunction: MemorySize", 4),
        ("backend: Jobs: QueueName", 8),
        ("backend: Others: QueueName", None),
        ("data: Jobs: QueueName", None),
    ],
)
def test_a_value_of_a_template_has_the_line_of_the_stage_that_describes_it(where: str, line: int | None) -> None:
    """Without a stage, of the first one that does."""
    text = (
        f"{TEXT.partition('stages:')[0]}stages:\n  dev: {{}}\n  prod:\n    backend: {{resources: {{Jobs: {JOBS}}}}}\n"
    )
    (problem,) = with_lines([Problem(where=where, what="is wrong", fix="Correct it")], text, "app.yaml", None)
    assert problem.line == line
