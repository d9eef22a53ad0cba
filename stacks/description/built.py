"""An ``App`` or a template built in Python → its plain data, and every value that no text can have.

What is judged is this data, and what is rendered is read from it: so a value of Python's own, such as a path, a set or
a text that prints as another one, reaches no template. troposphere and awacs objects become what they stand for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.paths import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.description.finding import Finding, KeyPath

_LARGEST = 10**31
"""The first whole number that a text of a description does not hold."""


def plain(value: object) -> tuple[Any, list[Finding]]:
    """The data that a value stands for, and what no text can have, in whose place is nothing."""
    findings: list[Finding] = []
    data = _plain(value, (), findings)
    return data, [*findings, *_misderived(data)]


def _misderived(data: object) -> Iterator[Finding]:
    """What loading sets, and Python set otherwise."""
    stages = data.get("stages") if isinstance(data, dict) else None
    for key, stage in stages.items() if isinstance(stages, dict) else ():
        if isinstance(stage, dict) and stage.get("name", key) != key:
            yield ("stages", key, "name"), f"{stage['name']!r} is not its key in 'stages'", f"Write {key!r} in both"
        if isinstance(stage, dict) and stage.get("bounded_by") not in (None, stage.get("preview_of")):
            what = "is not the stage that it is a preview of"
            yield ("stages", key, "bounded_by"), what, "Leave it out; loading sets it for previews"


def _plain(value: object, at: KeyPath, findings: list[Finding]) -> Any:
    if len(at) > DEEPEST:
        findings.append((at[:3], "is nested too deeply, or contains itself", "Use fewer levels"))
        return None
    match value:
        case None | bool():
            return value
        case str() | int() | float():
            return _scalar(value, at, findings)
        case Mapping():
            return _mapping(value, at, findings)
        case list() | tuple():
            return [_plain(item, (*at, index), findings) for index, item in enumerate(value)]
    return _object(value, at, findings)


def _object(value: object, at: KeyPath, findings: list[Finding]) -> Any:
    if not isinstance(value, type):
        if is_dataclass(value):
            names = [field.name for field in fields(value)]
            return {name: _plain(getattr(value, name), (*at, name), findings) for name in names}
        if hasattr(value, "to_dict") or hasattr(value, "JSONrepr"):
            return _of_troposphere(value, at, findings)
        if callable(value) and _is_hook(at):
            return value
    findings.append((at, f"{value!r} is not plain data", _fix(value)))
    return None


def _scalar(value: str | float, at: KeyPath, findings: list[Finding]) -> str | int | float | None:
    if isinstance(value, str):
        text = str.__str__(value)
        if text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text):
            return text
        what, fix = f"{text!r} has half a character, which no file holds", "Write whole characters"
    elif isinstance(value, int):
        if -_LARGEST < value < _LARGEST:
            return int.__int__(value)
        what, fix = "is larger than any number that AWS takes", "Write it as text"
    else:
        if math.isfinite(value):
            return float.__float__(value)
        what, fix = f"{value!r} is not a number that templates have", "Write a finite one"
    findings.append((at, what, fix))
    return None


def _mapping(value: Mapping[Any, Any], at: KeyPath, findings: list[Finding]) -> dict[str, Any]:
    result = {}
    for key, item in value.items():
        text = str(key) if isinstance(key, int) and not isinstance(key, bool) else key  # as in YAML: 404 of an error
        if not isinstance(text, str):
            findings.append((at, f"has the key {key!r}, which is not text", "Write keys as text"))
        elif (name := _scalar(text, at, findings)) is not None:
            result[str(name)] = _plain(item, (*at, str(name)), findings)
    return result


def _of_troposphere(value: Any, at: KeyPath, findings: list[Finding]) -> Any:
    from troposphere import encode_to_dict  # noqa: PLC0415 - few descriptions hold some

    try:
        data = encode_to_dict(value)
    except (AttributeError, TypeError, ValueError) as error:
        findings.append((at, " ".join(str(error).split()).rstrip("."), "Correct it"))
        return None
    if data is value:
        findings.append((at, f"{value!r} is not plain data", _fix(value)))
        return None
    return _plain(data, at, findings)


def _is_hook(at: KeyPath) -> bool:
    return at[:1] == ("stages",) and at[2:3] == ("extend",)


def _fix(value: object) -> str:
    if hasattr(value, "__fspath__"):
        return "Write it as text, with str()"
    return "Write it as a list" if hasattr(value, "__iter__") and not isinstance(value, bytes) else "Write plain values"
