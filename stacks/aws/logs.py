"""CloudWatch's log events, as boto3 hands them over, to ``LogEvent``: all pages of one group, oldest first.

Gets a client and makes none; absent keys become empty values here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stacks.cloud import LogEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stacks.json_types import JsonObject


def read_group(client: Any, group: str, since: int) -> tuple[LogEvent, ...] | None:
    """The events of a group from ``since`` (milliseconds since 1970) on; None when there is no such group."""
    try:
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
        results = [event for page in pages for event in page.get("events", [])]
    except client.exceptions.ResourceNotFoundException:
        return None
    return tuple(sorted(_events(results), key=lambda event: event.time))


def _events(results: Iterable[JsonObject]) -> Iterable[LogEvent]:
    """The local AWS gives events no id: there it is the position within the stream and millisecond."""
    seen: Counter[str] = Counter()
    for entry in results:
        place = f"{entry.get('logStreamName', '')}/{entry['timestamp']}"
        seen[place] += 1
        identity = entry.get("eventId") or f"{place}/{seen[place]}"
        yield LogEvent(id=identity, time=entry["timestamp"], message=entry.get("message", ""))
