"""Sections of one stage or several → the text of app.yaml. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from stacks.intrinsics.functions import is_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.json_types import JsonDict, JsonObject

_WIDTH = 110
_SHARED = ("environment", "statements")


def factored(stages: Mapping[str, JsonObject]) -> JsonDict:
    """What all stages say, and under ``stages`` what only some say, or say differently.

    A stage that lacks what the others have says ``null``.
    """
    common = _common(list(stages.values()))
    common = {key: value for key, value in common.items() if key != "region"} if isinstance(common, dict) else {}
    own = {name: _difference(common, sections) for name, sections in stages.items()}
    return {"stages": own, **common}


_NOTHING = object()


def _common(values: Sequence[Any]) -> Any:
    """What is the same in all of them; mappings key by key."""
    first = values[0]
    if all(isinstance(entry, Mapping) for entry in values) and not any(map(is_function, values)):
        keys = [key for key in first if all(key in entry for entry in values)]
        parts = {key: _common([entry[key] for entry in values]) for key in keys}
        return {key: part for key, part in parts.items() if (part is not _NOTHING and part != {}) or first[key] == {}}
    return first if all(entry == first for entry in values[1:]) else _NOTHING


def _difference(common: Any, value: Any) -> Any:
    """What ``value`` has in addition to ``common``."""
    result: JsonDict = {}
    for key, item in value.items():
        if key not in common:
            result[key] = item
        elif isinstance(item, Mapping) and isinstance(common[key], Mapping) and not is_function(item):
            if rest := _difference(common[key], item):
                result[key] = rest
        elif item != common[key]:
            result[key] = item
    return result


def written(description: JsonObject, comments: Iterable[str]) -> str:
    """The text of app.yaml, with comments at its top."""
    lines = [f"# {line}".rstrip() for line in comments]
    shared = _interned(description)
    parts = []
    for key, value in shared.items():
        top = _Top({key: value})
        parts.append(yaml.dump(top, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True))
    body = _Text(parts)
    return "\n".join(lines) + "\n" + body.joined()


class _Text:
    def __init__(self, parts: list[str]) -> None:
        self._parts = parts

    def joined(self) -> str:
        """The sections with an empty line between what is long."""
        text = ""
        for part in self._parts:
            gap = (
                "\n" if text and (part.count("\n") > 1 or text.rstrip("\n").rpartition("\n")[2].startswith(" ")) else ""
            )
            text += gap + part
        return text


def _interned(description: JsonObject) -> JsonDict:
    """The description with equal settings and statements of functions as one object, which YAML writes once."""
    known: JsonDict = {}

    def walk(value: object, key: str = "") -> Any:
        if isinstance(value, Mapping):
            result: Any = {str(name): walk(item, str(name)) for name, item in value.items()}
        elif isinstance(value, list | tuple):
            result = [walk(item) for item in value]
        else:
            return value
        if key in _SHARED and len(json.dumps(result, default=str)) > 60:  # noqa: PLR2004 - shorter than an alias is worth
            return known.setdefault(
                key + json.dumps(result, default=str), _Once(result) if isinstance(result, dict) else _All(result)
            )
        return result

    return {key: walk(value, key) for key, value in description.items()}


class _Once(dict[str, Any]):
    """A mapping that may be written once and named after that."""


class _Top(dict[str, Any]):
    """A key of app.yaml itself, which has lines of its own."""


class _All(list[Any]):
    """A list that may be written once and named after that."""


class _Dumper(yaml.SafeDumper):
    """Short tags for CloudFormation functions, short lists in one line, anchors for what occurs more than once."""

    def ignore_aliases(self, data: object) -> bool:
        return not isinstance(data, _Once | _All)

    def generate_anchor(self, node: yaml.Node) -> str:
        kind = "environment" if isinstance(node, yaml.MappingNode) else "statements"
        counts: dict[str, int] = self.__dict__.setdefault("counts", {})
        counts[kind] = counts.get(kind, 0) + 1
        return kind if counts[kind] == 1 else f"{kind}-{counts[kind]}"

    def choose_scalar_style(self) -> Any:
        """Short tags without quotes around what needs none."""
        event: Any = self.event
        is_tagged = str(getattr(event, "tag", "") or "").startswith("!")
        if is_tagged and re.fullmatch(r"[A-Za-z][\w.-]*", event.value):
            return ""
        return super().choose_scalar_style()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, False)


def _mapping(dumper: yaml.SafeDumper, data: JsonObject) -> yaml.Node:
    if len(data) == 1:
        ((name, value),) = data.items()
        tag = f"!{name.removeprefix('Fn::')}"
        match name, value:
            case "Ref", str():
                return dumper.represent_scalar("!Ref", value)
            case "Fn::GetAtt", [str(owner), str(attribute)]:
                return dumper.represent_scalar("!GetAtt", f"{owner}.{attribute}")
            case "Fn::Sub" | "Fn::ImportValue", str():
                return dumper.represent_scalar(tag, value, style='"' if "\n" not in value else "|")
    flow = _is_short(data)
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=flow)


def _is_short(data: Any) -> bool:
    values = data.values() if isinstance(data, Mapping) else data
    plain = all(isinstance(entry, str | int | float | bool) or entry is None or is_function(entry) or (isinstance(entry, list) and all(isinstance(item, str) for item in entry)) for entry in values)  # fmt: skip # noqa: E501
    return plain and len(json.dumps(data, default=str)) < 90  # noqa: PLR2004 - with its key it fits into a line


def _list(dumper: yaml.SafeDumper, data: Sequence[Any]) -> yaml.Node:
    is_plain = all(isinstance(entry, str | int | float) or is_function(entry) for entry in data)
    flow = is_plain and len(json.dumps(data, default=str)) < 90  # noqa: PLR2004 - as above
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


def _string(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    if "\n" in data:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|")
    return dumper.represent_scalar("tag:yaml.org,2002:str", data)


_Dumper.add_representer(
    _Top, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)
)
for _kind in (dict, _Once):
    _Dumper.add_representer(_kind, _mapping)
for _kind in (list, tuple, _All):  # type: ignore[assignment]
    _Dumper.add_representer(_kind, _list)  # type: ignore[arg-type]
_Dumper.add_representer(str, _string)
