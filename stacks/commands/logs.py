"""``logs``: what a stage's functions wrote, here and on AWS, one readable line for an event.

``--follow`` asks again every second. CloudWatch may show an event some seconds after it was written, and after newer
ones; so each question reaches back, and what was shown is not shown again. CloudWatch's live tail would do without,
but costs money for each minute and is not in the local AWS.
"""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.commands.log_lines import line, told
from stacks.errors import DeployError, UsageError, nearest
from stacks.naming import log_group, stack_name

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from stacks.app import Stage
    from stacks.cloud import Cloud, LogEvent

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,6})([smhd])")
_PAUSE = 1.0
_LATE = 20_000
"""Milliseconds for which an event that is older than one already shown is still looked for."""


def run(arguments: Namespace) -> int:
    """Print what was logged; with ``--follow`` go on until Ctrl-C, which is no failure then."""
    since = max(int(time.time() * 1000) - milliseconds(arguments.since), 0)
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    aws = cloud(chosen, endpoint(arguments))
    reading = Reading(aws, chosen.region, chosen_groups(chosen, arguments.function, aws))
    try:
        lines = reading.next(since)
        _print(lines)
        if not lines and not arguments.follow:
            print(f"Nothing was logged in the last {arguments.since}.", file=sys.stderr)
        while arguments.follow:
            time.sleep(_PAUSE)
            _print(reading.next(max(since, reading.newest - _LATE)))
    except KeyboardInterrupt:
        if not arguments.follow:
            raise
    return 0


def _print(lines: list[str]) -> None:
    for one in lines:
        print(one, flush=True)


def milliseconds(span: str) -> int:
    """``10m`` is 600,000.

    Raises:
        UsageError: it is no span of time.
    """
    found = _SPAN.fullmatch(span)
    if found is None:
        raise UsageError(f"--since {span}", "is no span of time", "Write a number and s, m, h or d, as 10m")
    return int(found[1]) * _SECONDS[found[2]] * 1000


def chosen_groups(chosen: Stage, name: str | None, aws: Cloud) -> dict[str, str]:
    """Function → log group, of the function asked for or of all.

    Raises:
        UsageError: there is no such function, or none at all.
        DeployError: the functions are in a template from elsewhere that is not deployed.
    """
    known = dict(_groups(chosen, aws))
    if not known:
        raise UsageError(f"stage {chosen.name}", "has no functions", "Describe one under 'backend.functions'")
    if name is None:
        return known
    if name not in known:
        raise UsageError(f"function {name!r}", "is not described", nearest(name, known))
    return {name: known[name]}


def _groups(chosen: Stage, aws: Cloud) -> Iterator[tuple[str, str]]:
    """Described functions log into groups of ours; those of a template from elsewhere wherever they say."""
    if not chosen.backend.template:
        for name in chosen.backend.functions:
            yield name, log_group(name, chosen)
        return
    stack = stack_name(chosen, "backend")
    if aws.stack(stack, chosen.region) is None:
        raise DeployError(stack, f"there is no such stack in {chosen.region}", "Deploy it first")
    yield from _functions_of(stack, chosen, aws)


def _functions_of(stack: str, chosen: Stage, aws: Cloud, outer: str = "") -> Iterator[tuple[str, str]]:
    """The functions of a stack and of those nested in it, whose names stand before theirs."""
    for resource in aws.resources(stack, chosen.region):
        if resource.type == "AWS::Lambda::Function":
            yield f"{outer}{resource.logical_id}", aws.log_group(resource.physical_id, chosen.region)
        elif resource.type == "AWS::CloudFormation::Stack":
            yield from _functions_of(resource.physical_id, chosen, aws, f"{outer}{resource.logical_id}")


class Reading:
    """What was shown of each log group, so that the next look shows only what is new."""

    def __init__(self, aws: Cloud, region: str, groups: Mapping[str, str]) -> None:
        self._aws, self._region, self._groups = aws, region, groups
        self._shown: dict[tuple[str, str], int] = {}
        self._width = max(map(len, groups))
        self.newest = 0
        """The time of the newest event seen, or of the first question; milliseconds since 1970."""

    def next(self, since: int, *, platform: bool = True) -> list[str]:
        """The lines of events from ``since`` on that were not shown before, oldest first.

        Without ``platform``, those that Lambda itself wrote (START, END, REPORT) are left out.

        Raises:
            DeployError: no function has a log group.
        """
        found = {name: self._aws.log_events(group, self._region, since) for name, group in self._groups.items()}
        if all(events is None for events in found.values()):
            raise self._nothing()
        fresh = sorted(
            ((event, name) for name, events in found.items() for event in events or () if self._is_new(name, event)),
            key=lambda pair: pair[0].time,
        )
        self.newest = max([self.newest, since, *(event.time for event, _ in fresh)])
        self._shown = {key: moment for key, moment in self._shown.items() if moment >= self.newest - _LATE}
        shown = [pair for pair in fresh if platform or told(pair[0].message)[0] != "-"]
        return [line(event, name, self._width) for event, name in shown]

    def _is_new(self, name: str, event: LogEvent) -> bool:
        key = (name, event.id)
        new = key not in self._shown
        self._shown[key] = event.time
        return new

    def _nothing(self) -> DeployError:
        names = ", ".join(self._groups)
        places = " or ".join(list(self._groups.values())[:3])
        what = f"there is no log group yet ({places} in {self._region})"
        return DeployError(names, what, "Deploy the backend stack, which makes it, or name the stage you mean")
