"""``logs``: what a stage's functions wrote, here and on AWS, one readable line for an event.

``--follow`` asks again every second. CloudWatch may show an event some seconds after it was written, and after newer
ones; so each question reaches back, and what was shown is not shown again. CloudWatch's live tail would do without,
but costs money for each minute and is not in the local AWS.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.commands.aws import cloud, endpoint
from stacks.commands.common import described, stage
from stacks.commands.log_lines import level_and_text, line, moment, requests_of
from stacks.errors import DeployError, UsageError, nearest
from stacks.naming import log_group_name, prefix, stack_name
from stacks.reporting import done, event

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.app import Stage
    from stacks.cloud import Cloud, LogEvent

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,6})([smhd])")
_PAUSE = 1.0
API = "API"
"""The source of the API's own lines; names of functions are in lower case."""
_LATE = 20_000
"""Milliseconds for which an event that is older than one already shown is still looked for."""


def run(arguments: Namespace) -> int:
    """Print what was logged; with ``--follow`` go on until Ctrl-C, which is not a failure then."""
    since = max(int(time.time() * 1000) - milliseconds(arguments.since), 0)
    app = described(arguments)
    chosen = stage(app, arguments.stage)
    aws = cloud(chosen, endpoint(arguments))
    groups = chosen_groups(chosen, arguments.function, aws)
    if arguments.request and not arguments.function:
        groups[API] = api_group(chosen)
    reading = LogReading(aws, chosen.region, groups, LogFilter(text=arguments.filter, request=arguments.request))
    count = 0
    try:
        shown = reading.fresh(since)
        count += _show(shown, reading)
        if not shown and not arguments.follow:
            what = "Nothing of that" if reading.wanted else "Nothing"
            print(f"{what} was logged in the last {arguments.since}.", file=sys.stderr)
        while arguments.follow:
            time.sleep(_PAUSE)
            count += _show(reading.fresh(max(since, reading.newest - _LATE)), reading)
    except KeyboardInterrupt:
        if not arguments.follow:
            raise
    done(events=count)
    return 0


def _show(events: Sequence[tuple[LogEvent, str]], reading: LogReading) -> int:
    """Print events; how many."""
    for logged, source in events:
        print(reading.line(logged, source), flush=True)
        level, message = level_and_text(logged.message)
        request = next(iter(requests_of(logged.message)), "")
        event("log", time=moment(logged.time), source=source, level=level, message=message, request_id=request)
    return len(events)


def milliseconds(span: str) -> int:
    """``10m`` is 600,000.

    Raises:
        UsageError: it is not a span of time.
    """
    match = _SPAN.fullmatch(span)
    if match is None:
        raise UsageError(f"--since {span}", "is not a span of time", "Write a number and s, m, h or d, as 10m")
    return int(match[1]) * _SECONDS[match[2]] * 1000


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


def api_group(chosen: Stage) -> str:
    """The log group that the API writes its access log to."""
    return f"/aws/apigateway/{prefix(chosen)}"


def _groups(chosen: Stage, aws: Cloud) -> Iterator[tuple[str, str]]:
    """Described functions log into groups of ours; those of a template from elsewhere wherever they say."""
    if not chosen.backend.template:
        for name in chosen.backend.functions:
            yield name, log_group_name(name, chosen)
        return
    stack = stack_name(chosen, "backend")
    if aws.stack(stack, chosen.region) is None:
        raise DeployError(stack, f"there is no such stack in {chosen.region}", "Deploy it first")
    yield from _functions_of(stack, chosen, aws)


def _functions_of(stack: str, chosen: Stage, aws: Cloud, outer: str = "") -> Iterator[tuple[str, str]]:
    """The functions of a stack and of those nested in it, whose names precede theirs."""
    for resource in aws.resources(stack, chosen.region):
        if resource.type == "AWS::Lambda::Function":
            yield f"{outer}{resource.logical_id}", aws.log_group(resource.physical_id, chosen.region)
        elif resource.type == "AWS::CloudFormation::Stack":
            yield from _functions_of(resource.physical_id, chosen, aws, f"{outer}{resource.logical_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """What is to be shown: events with a text, in any case, and of a request; empty for all."""

    text: str = ""
    request: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.request)

    def of(self, events: Sequence[tuple[LogEvent, str]]) -> list[tuple[LogEvent, str]]:
        """Those of ``events`` that are wanted. The API's line of a request names the id that the function logs."""
        texts = [(pair, pair[0].message) for pair in events if self.text.lower() in pair[0].message.lower()]
        if not self.request:
            return [pair for pair, _ in texts]
        joined = (
            requests_of(entry.message) for entry, source in events if source == API and self.request in entry.message
        )
        ids = {self.request, *(item for ids in joined for item in ids)}
        return [pair for pair, message in texts if any(item in message for item in ids)]


class LogReading:
    """What was shown of each log group, so that the next look shows only what is new."""

    def __init__(self, aws: Cloud, region: str, groups: Mapping[str, str], wanted: LogFilter | None = None) -> None:
        self._aws, self._region, self._groups = aws, region, groups
        self.wanted = wanted or LogFilter()
        self._shown: dict[tuple[str, str], int] = {}
        self._width = max(map(len, groups))
        self.newest = 0
        """The time of the newest event seen, or of the first question; milliseconds since 1970."""

    def next(self, since: int, *, platform: bool = True) -> list[str]:
        """The lines of ``fresh``, without ``platform`` none that Lambda itself wrote (START, END, REPORT)."""
        shown = [pair for pair in self.fresh(since) if platform or level_and_text(pair[0].message)[0] != "-"]
        return [self.line(entry, name) for entry, name in shown]

    def line(self, logged: LogEvent, source: str) -> str:
        """An event as a line, below those of the other sources."""
        return line(logged, source, self._width)

    def fresh(self, since: int) -> list[tuple[LogEvent, str]]:
        """The wanted events from ``since`` on that were not shown before, oldest first, with their sources.

        Raises:
            DeployError: no function has a log group.
        """
        result = {name: self._aws.log_events(group, self._region, since) for name, group in self._groups.items()}
        if all(events is None for events in result.values()):
            raise self._nothing()
        fresh = sorted(
            ((entry, name) for name, events in result.items() for entry in events or () if self._is_new(name, entry)),
            key=lambda pair: pair[0].time,
        )
        self.newest = max([self.newest, since, *(entry.time for entry, _ in fresh)])
        self._shown = {key: when for key, when in self._shown.items() if when >= self.newest - _LATE}
        return self.wanted.of(fresh)

    def _is_new(self, name: str, logged: LogEvent) -> bool:
        key = (name, logged.id)
        new = key not in self._shown
        self._shown[key] = logged.time
        return new

    def _nothing(self) -> DeployError:
        names = ", ".join(self._groups)
        places = " or ".join(list(self._groups.values())[:3])
        what = f"there is no log group yet ({places} in {self._region})"
        return DeployError(names, what, "Deploy the backend stack, which makes it, or name the stage you mean")
