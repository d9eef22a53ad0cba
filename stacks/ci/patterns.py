"""Names of one preview → patterns for all previews of its kind, in rights that were derived from the one. Pure.

``notes-pr-1-web`` becomes ``notes-pr-*-web``, in resources and in conditions, whose operators then match patterns.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks import naming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.app import Stage
    from stacks.json_types import JsonDict, JsonObject
    from stacks.roles.grants import GrantStatement

_EQUAL = re.compile(r"String(Not)?Equals\b|String(Not)?Equals(?=IfExists)")


class Patterns:
    """An example of previews, and the pattern that stands for the name of each."""

    def __init__(self, example: Stage, pattern: str) -> None:
        app, name = re.escape(example.app_name), re.escape(example.name)
        self._name, self._pattern = example.name, pattern
        # The end of a name: 'notes-pr-1' is not the start of 'notes-pr-12'. Stages of APIs are called 'pr_1'.
        in_api = re.escape(example.name.replace("-", "_"))
        self._occurrence = re.compile(rf"(?<![A-Za-z0-9])(?:({app}[-/]){name}|(?<=/){in_api})(?![A-Za-z0-9])")
        self.prefix = self.text(naming.prefix(example))

    def text(self, value: str) -> str:
        """A text with the pattern in place of the example's name."""
        if value == self._name:
            return self._pattern
        in_api = self._pattern.replace("-", "_")
        return self._occurrence.sub(lambda match: match[1] + self._pattern if match[1] else in_api, value)

    def statement(self, entry: GrantStatement) -> GrantStatement:
        """A statement of derived rights for all previews."""
        arns = tuple(dict.fromkeys(map(self.text, entry.place.arns)))
        return replace(entry, place=replace(entry.place, arns=arns, conditions=self.conditions(entry.place.conditions)))

    def conditions(self, conditions: Mapping[str, JsonObject]) -> dict[str, JsonDict]:
        """The conditions; ``StringEquals`` with a pattern in it becomes ``StringLike``."""
        result: dict[str, JsonDict] = {}
        for operator, keys in conditions.items():
            for key, value in keys.items():
                changed = self.plain(value)
                kind = _EQUAL.sub(_like, operator) if changed != value else operator
                result.setdefault(kind, {})[key] = changed
        return result

    def plain(self, value: object) -> Any:
        """Plain data of a policy document, texts at any depth."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {
                    key: self.conditions(inner) if key == "Condition" else self.plain(inner)
                    for key, inner in value.items()
                }
            case list() | tuple():
                return [self.plain(item) for item in value]
        return value


def _like(operator: re.Match[str]) -> str:
    return "StringNotLike" if "Not" in operator[0] else "StringLike"
