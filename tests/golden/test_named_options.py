"""Every option of a description that a message tells people to write exists."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from stacks.commands.catalog import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ADVICE = re.compile(r"(?:Add|Drop|Give|Leave|Lower|Raise|Say|Set|Use|use) '([a-z][a-z_]*)(?=[':])")
_OTHER_FILES = ("migrating", "starting", "foreign", "packaging", "ci")
"""Rooms whose messages are about the files of other tools, too."""


def _advised(root: Path) -> Iterator[tuple[str, str]]:
    for file in sorted((root / "stacks").rglob("*.py")):
        if file.relative_to(root / "stacks").parts[0] in _OTHER_FILES:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from ((str(file.relative_to(root)), name) for name in _ADVICE.findall(node.value))


def _options(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (value for value in schema.get("enum", ()) if isinstance(value, str))
        yield from ([schema["const"]] if isinstance(schema.get("const"), str) else [])
        for value in schema.values():
            yield from _options(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _options(value)


def test_every_option_that_a_message_names_exists(root: Path) -> None:
    schema = json.loads((root / "stacks/app.schema.json").read_text(encoding="utf-8"))
    known = {*_options(schema), *COMMANDS, "definitions"}  # the last one is of JSON Schema
    found = list(_advised(root))
    assert len(found) > 50
    assert [(file, name) for file, name in found if name not in known] == []
