"""``${env:NAME}`` in a description → the value from the process environment, then from ``.env``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values

from stacks.description.yamltree import Path as TreePath
from stacks.description.yamltree import Tree, dotted
from stacks.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE = re.compile(r"\$\{env:([^}]*)\}")
_SECRET = ("frontend", "basic_auth", "password")
"""How the path of a secret ends. Descriptions are committed, so it may come from the environment only."""


def substituted(tree: Tree, dotenv: Path, file: str) -> Any:
    """The tree's data with every ``${env:NAME}`` replaced; names that are not set become problems of the tree."""
    known = {**dotenv_values(dotenv, interpolate=False), **os.environ}
    return _value(tree.data, (), known, tree, file)


def _value(value: Any, path: TreePath, known: Mapping[str, str | None], tree: Tree, file: str) -> Any:
    if isinstance(value, dict):
        return {key: _value(item, (*path, key), known, tree, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item, (*path, index), known, tree, file) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if path[-3:] == _SECRET and not VARIABLE.fullmatch(value):
        what, fix = (
            "a password stands in the description",
            "Write ${env:SITE_PASSWORD}, and set that, or add it to .env",
        )
        tree.problems.append(Problem(where=dotted(path), what=what, fix=fix, file=file, line=tree.line(path)))
    for name in set(VARIABLE.findall(value)):
        if known.get(name) is None:
            what, fix = f"environment variable {name!r} is not set", f"Set it, or add '{name}=…' to .env"
            tree.problems.append(Problem(where=dotted(path), what=what, fix=fix, file=file, line=tree.line(path)))
    return VARIABLE.sub(lambda match: known.get(match[1]) or "", value)
