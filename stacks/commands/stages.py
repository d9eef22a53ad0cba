"""``stages``: the deployed stages of an application, with their age: described ones, previews, and forgotten ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described
from stacks.deploy.undescribed import standing_stages
from stacks.description.previews import matches
from stacks.errors import counted
from stacks.reporting import answer
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from stacks.app import App
    from stacks.cloud import StackState

_DAY, _HOUR = 86_400, 3_600


def run(arguments: Namespace) -> int:
    """List the stages that are deployed in the regions of the description."""
    app = described(arguments)
    first = next(iter(app.stages.values()))
    regions = {stage.region for stage in app.stages.values()}
    stages = standing_stages(app.name, regions, cloud(first, endpoint(arguments)))
    now = datetime.now(UTC)
    rows = [(name, state.region, state.status, state.created, kind(name, state, app)) for name, state in stages]
    keys = ("stage", "region", "status", "created", "description")
    answer([dict(zip(keys, row, strict=True)) for row in rows], lambda: _text(rows, app.name, sorted(regions), now))
    return 0


def _text(rows: Sequence[tuple[str, ...]], app: str, regions: Sequence[str], now: datetime) -> str:
    if not rows:
        return f"No stage of {app} is deployed in {', '.join(regions)}."
    shown = [(*row[:3], age(row[3], now), row[4]) for row in rows]
    return table(shown, ("stage", "region", "status", "age", "description"))


def kind(name: str, state: StackState, app: App) -> str:
    """What the description says of a deployed stage, and how it is deleted if it says nothing."""
    stage = app.stages.get(name)
    if stage is not None and stage.region == state.region:
        return "described"
    pattern = next((preview for preview in app.previews if matches(name, preview)), None)
    if stage is None and pattern:
        return f"preview by {pattern}"
    return f"not described; 'destroy --stage {name} --region {state.region}' deletes it"


def age(created: str, now: datetime) -> str:
    """How long ago something was created: minutes, hours or days; nothing when that is not known."""
    try:
        seconds = int((now - datetime.fromisoformat(created)).total_seconds())
    except (ValueError, TypeError):
        return "-"
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(seconds // size, unit)
    return "less than a minute"
