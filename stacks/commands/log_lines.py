"""What Lambda wrote into a log group → one line of text for an event: time, function, level, message.

Lambda's JSON (``LogFormat: JSON``) is unfolded, in both its kinds: what the application logged, and what the platform
logs (``platform.start``, ``platform.report``). The same facts in text format become the same lines. What is not
recognised is shown as it is, but for control characters: a log holds what strangers sent, and a terminal obeys it.
Pure. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stacks.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.cloud import LogEvent
    from stacks.json_types import JsonObject

_KNOWN = ("timestamp", "time", "level", "log_level", "message", "msg", "logger", "requestId", "AWSRequestId")
_ERROR = ("errorType", "errorMessage", "stackTrace", "location")
_REQUESTS = ("requestId", "AWSRequestId", "function_request_id", "integrationRequestId")
"""Fields with the id of a request: Lambda's JSON, Python's runtime, Powertools for AWS Lambda, and the API's log."""
_ID = re.compile(r"(?<=\t)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?=\t)")
_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_START_OR_END = re.compile(r"(START|END) RequestId: (\S+)")
_REPORT = re.compile(r"REPORT RequestId: (\S+)\s")
_PRINTED = re.compile(r"\[(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)\]\s+(?:\S+Z\t\S+\t)?", re.IGNORECASE)
_MOMENT_AND_REQUEST = re.compile(r"\d{4}-\d\d-\d\dT\S+Z [0-9a-f-]{36} (?=Task timed out)")


def line(event: LogEvent, function: str, width: int) -> str:
    """The event as text, no closing newline; ``width`` is that of the longest function's name. Times are UTC."""
    level, text = level_and_text(event.message)
    first, *more = printable(text).split("\n")
    head = f"{moment(event.time)}  {function:<{width}}  {level:<5}  {first}".rstrip()
    return "\n".join([head, *(f"    {item}" for item in more)])


def level_and_text(message: str) -> tuple[str, str]:
    """The level (``-`` for the platform's own, nothing when it has none) and the text of a message."""
    text = message.rstrip()
    if text.startswith("{"):
        try:
            load = json.loads(text)
        except (ValueError, RecursionError):
            return "", text
        return _platform(load) if _is_platform(load) else _application(load)
    return _plain(text)


def moment(milliseconds: int) -> str:
    """A time in ISO 8601 with a space, in UTC."""
    time = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return time.isoformat(" ", timespec="milliseconds").removesuffix("+00:00")


def requests_of(message: str) -> tuple[str, ...]:
    """The ids of requests in a message: the function's; in the API's line its own, then the function's."""
    try:
        load = json.loads(message) if message.lstrip().startswith("{") else {}
    except (ValueError, RecursionError):
        load = {}
    record = load.get("record")
    named = [load.get(name) for name in _REQUESTS] + [record.get("requestId") if isinstance(record, dict) else None]
    in_text = _START_OR_END.match(message) or _REPORT.match(message)
    plain = [in_text.groups()[-1]] if in_text else _ID.findall(message)[:1]
    return tuple(dict.fromkeys(entry for entry in (named if load else plain) if isinstance(entry, str) and entry))


def _is_platform(entry: JsonObject) -> bool:
    return str(entry.get("type", "")).startswith("platform.") and isinstance(entry.get("record"), dict)


def _platform(entry: JsonObject) -> tuple[str, str]:
    """``platform.*``: start and report shortened, the others by their name and what they record."""
    kind, record = entry["type"].removeprefix("platform."), entry["record"]
    if kind == "start":
        return "-", f"START {_short(str(record.get('requestId', '')))}"
    if kind == "report":
        metrics = record.get("metrics")
        metrics = metrics if isinstance(metrics, dict) else {}
        figures = [
            _figure(metrics, "durationMs", "{:.0f} ms"),
            _figure(metrics, "maxMemoryUsedMB", "{:.0f} MB used"),
            _figure(metrics, "initDurationMs", "started in {:.0f} ms"),
        ]
        status = str(record.get("status", "success"))
        bad = status != "success"
        return "ERROR" if bad else "-", _report(str(record.get("requestId", "")), [status if bad else "", *figures])
    return "-", " ".join([kind, *_pairs(record, ("requestId",))])


def _figure(metrics: JsonObject, name: str, form: str) -> str:
    value = metrics.get(name)
    return form.format(value) if isinstance(value, int | float) else ""


def _report(request: str, figures: list[str]) -> str:
    return f"REPORT {_short(request)} {', '.join(filter(None, figures))}".rstrip()


def _application(result: JsonObject) -> tuple[str, str]:
    """What a logger wrote: its message, other fields as ``name=value``, and an exception with its trace."""
    level = str(result.get("level") or result.get("log_level") or "").upper()
    message = result.get("message", result.get("msg", ""))
    words = [message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)]
    head = " ".join(filter(None, [*words, *_pairs(result, (*_KNOWN, *_ERROR))]))
    known = _LEVELS.get(level, level) if level.isalnum() else ""  # it may contain anything, and a terminal obeys it
    return known, "\n".join(filter(None, [head, *_exception(result)]))


def _exception(result: JsonObject) -> Iterator[str]:
    trace = result.get("stackTrace")
    if isinstance(trace, list):
        yield from (str(frame).rstrip("\n") for frame in trace)
    if "errorType" in result or "errorMessage" in result:
        yield ": ".join(filter(None, (str(result.get("errorType", "")), str(result.get("errorMessage", "")))))


def _pairs(result: JsonObject, without: tuple[str, ...]) -> Iterator[str]:
    for name, value in result.items():
        if name not in without:
            yield f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _plain(text: str) -> tuple[str, str]:
    """The text format: ``START``, ``END``, ``REPORT``, ``[LEVEL]`` of Python's runtime, or just text."""
    if match := _START_OR_END.match(text):
        return "-", f"{match[1]} {_short(match[2])}"
    if match := _REPORT.match(text):
        facts = dict(part.split(": ", 1) for part in text[match.end() :].split("\t") if ": " in part)
        used, init = facts.get("Max Memory Used"), facts.get("Init Duration")
        figures = [facts.get("Duration", ""), f"{used} used" if used else "", f"started in {init}" if init else ""]
        return "-", _report(match[1], figures)
    if match := _PRINTED.match(text):
        return _LEVELS.get(match[1].upper(), match[1].upper()), text[match.end() :]
    if match := _MOMENT_AND_REQUEST.match(text):
        return "ERROR", text[match.end() :]
    return "", text


def _short(request: str) -> str:
    """Enough of a request's id to distinguish it from its neighbours."""
    return request.partition("-")[0]
