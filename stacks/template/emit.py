"""A template's plain data → YAML text: the same bytes every time, and good to read in a review.

Keys are sorted, but for the sections of a template and the type of a resource, which come first.
``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` of a text are written as ``!Ref``, ``!GetAtt`` and ``!Sub``; every other
function keeps its long name. Texts are plain where every YAML reader takes them for texts, quoted otherwise.

Written by hand because it is on the way of every render: PyYAML's C dumper takes three times as long, the
cfn-flip of troposphere's ``to_yaml`` ten to twenty times. PyYAML still quotes the texts that need care.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stacks.json_types import JsonDict

_FIRST = {
    key: rank
    for rank, key in enumerate(
        ("AWSTemplateFormatVersion", "Description", "Type", "Metadata", "Parameters", "Resources", "Outputs")
    )
}
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./:-]*[A-Za-z0-9_./*-]")
_JSON = json.JSONEncoder(ensure_ascii=False)
_WORDS = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null)")


def yaml_text(template: JsonDict) -> str:
    """The template as YAML, closing with a newline."""
    lines: list[str] = []
    _mapping(template, "", lines)
    return "\n".join(lines) + "\n"


def _ordered(keys: Iterable[str]) -> list[str]:
    ordered = sorted(keys)
    if not _FIRST.keys().isdisjoint(ordered):
        ordered.sort(key=lambda key: _FIRST.get(key, len(_FIRST)))
    return ordered


def _mapping(value: JsonDict, indent: str, lines: list[str]) -> None:
    for key in _ordered(value):
        _entry(f"{indent}{_scalar_text(key)}:", value[key], indent, lines)


def _entry(head: str, value: Any, indent: str, lines: list[str]) -> None:
    """One value after ``head`` (a key, or the dash of a list), on the same line if it is short of structure."""
    inline = _inline(value)
    if inline is not None:
        lines.append(f"{head} {inline}")
    elif isinstance(value, dict):
        lines.append(head)
        _mapping(value, f"{indent}  ", lines)
    elif isinstance(value, list):
        lines.append(head)
        _sequence(value, f"{indent}  ", lines)
    else:
        lines.append(f"{head} {'|' if value.endswith(chr(10)) else '|-'}")
        lines.extend(f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))


def _sequence(value: list[Any], indent: str, lines: list[str]) -> None:
    for item in value:
        if isinstance(item, dict) and _inline(item) is None:
            start = len(lines)
            _mapping(item, f"{indent}  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        else:
            _entry(f"{indent}-", item, indent, lines)


def _inline(value: Any) -> str | None:
    """The value in one line, or None when it needs more."""
    if isinstance(value, str):
        return None if "\n" in value and _fits_block(value) else _scalar_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _short_function(value) if value else "{}"
    if isinstance(value, list):
        return None if value else "[]"
    return "null" if value is None else _number(value)


def _fits_block(text: str) -> bool:
    """Whether a multi-line text can be written as it is: nothing that needs escaping, no space that would be lost."""
    inner = text.removesuffix("\n")
    return inner.replace("\n", "").isprintable() and inner == inner.strip() and bool(inner)


def _number(value: float) -> str:
    """YAML 1.1 takes 1e-05 for a text; it wants 1.0e-05."""
    digits, exponent, power = repr(value).partition("e")
    return digits + (".0" if exponent and "." not in digits else "") + exponent + power


def _short_function(value: JsonDict) -> str | None:
    if len(value) != 1:
        return None
    ((name, argument),) = value.items()
    if name == "Ref" and isinstance(argument, str):
        return f"!Ref {_scalar_text(argument)}"
    if name == "Fn::Sub" and isinstance(argument, str) and "\n" not in argument:
        return f"!Sub {_quoted(argument)}"
    if name == "Fn::GetAtt" and isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        return f"!GetAtt {_scalar_text('.'.join(argument))}"
    return None


@lru_cache(maxsize=2**16)
def _scalar_text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not _WORDS.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    if text.isprintable():
        return _JSON.encode(text)
    import yaml  # noqa: PLC0415 - rare: control characters, line ends, and signs that YAML must escape

    return str(yaml.dump(text, default_style='"', width=2**31, allow_unicode=False)).strip()
