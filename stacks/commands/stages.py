"""``stages``: the deployed stages of an application, with their age: described ones, previews, and forgotten ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described
from stacks.deploy.undescribed import standing_stages
from stacks.description.previews import matches
from stacks.text_table import table

if TYPE_CHECKING:
    from argparse import Namespace

    from stacks.app import App
    from stacks.cloud import StackState

_DAY, _HOUR = 86_400, 3_600


def run(arguments: Namespace) -> int:
    """List the stages that are deployed in the regions of the description."""
    app = described(arguments)
    first = next(iter(app.stages.values()))
    regions = {stage.region for stage in app.stages.values()}
    found = standing_stages(app.name, regions, cloud(first, endpoint(arguments)))
    now = datetime.now(UTC)
    rows = [(name, state.region, state.status, state.created, kind(name, state, app)) for name, state in found]
    if arguments.format == "json":
        keys = ("stage", "region", "status", "created", "description")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
    elif rows:
        shown = [(*row[:3], age(row[3], now), row[4]) for row in rows]
        print(table(shown, ("stage", "region", "status", "age", "description")))
    else:
        print(f"No stage of {app.name} is deployed in {', '.join(sorted(regions))}.")
    return 0


def kind(name: str, state: StackState, app: App) -> str:
    """What the description says of a deployed stage, and how it is deleted if it says nothing."""
    stage = app.stages.get(name)
    if stage is not None and stage.region == state.region:
        return "described"
    pattern = next((one for one in app.previews if matches(name, one)), None)
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
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
