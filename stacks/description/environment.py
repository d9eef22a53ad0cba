"""``${env:NAME}`` in a description → the value from the process environment, then from ``.env``.

A line of ``.env`` that is none is refused: what it holds would neither be found nor be kept secret.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from dotenv.parser import parse_stream

from stacks.description.finding import Path as TreePath
from stacks.description.finding import dotted
from stacks.errors import DescriptionError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stacks.description.yamltree import Tree

VARIABLE = re.compile(r"\$\{env:([^}]*)\}")
_SECRET = ("frontend", "basic_auth", "password")
"""How the path of a secret ends. Descriptions are committed, so it may come from the environment only."""


def held(dotenv: Path) -> dict[str, str | None]:
    """What ``.env`` says, nothing when it is not there; a name without ``=`` has no value.

    Raises:
        DescriptionError: it cannot be read, or with each line that is not ``NAME=value``.
    """
    if not dotenv.is_file():
        return {}
    try:
        with dotenv.open(encoding="utf-8") as stream:
            found = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError):
        raise DescriptionError(str(dotenv), "cannot be read", "Mend its rights, or save it as UTF-8") from None
    wrong = [one.original.line for one in found if one.error]
    if wrong:
        fix = "Write it so, with a closing quote for each opening one, or put # before it"
        told = (Problem(where=f"{dotenv.name}:{line}", what="is not NAME=value", fix=fix) for line in wrong)
        raise DescriptionError.of(tuple(told))
    return {one.key: one.value for one in found if one.key is not None}


def substituted(tree: Tree, dotenv: Path, file: str) -> Any:
    """The tree's data with every ``${env:NAME}`` replaced; names that are not set become problems of the tree."""
    known = {**held(dotenv), **os.environ}
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
