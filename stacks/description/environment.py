"""``${env:NAME}`` in a description → the value from the process environment, then from files next to the description.

Of the files the first that has the name counts: ``.env.<stage>.local``, ``.env.local``, ``.env.<stage>``, ``.env``.
What belongs to no stage, as the application's name, is not looked for in files of stages. A line that is not
``NAME=value`` is refused: what it holds would neither be found nor be kept secret.
"""

from __future__ import annotations

import os
import re
from io import StringIO
from typing import TYPE_CHECKING, Any

from stacks.description.finding import KeyPath as TreePath
from stacks.description.finding import dotted
from stacks.description.validation_errors import written_at
from stacks.errors import DescriptionError, Problem
from stacks.files import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stacks.intrinsics.reading import Tree

VARIABLE = re.compile(r"\$\{env:([^}]*)\}")
_FILE = re.compile(r"\.env(?!.*\.(?:example|sample|template|dist)$)(?:\..+)?")
_SECRET = ("frontend", "basic_auth", "password")
"""How the path of a secret ends. Descriptions are committed, so it may come from the environment only."""


def held(dotenv: Path) -> dict[str, str | None]:
    """What ``.env`` says, nothing when it does not exist; a name without ``=`` has no value.

    Raises:
        DescriptionError: it cannot be read, or with each line that is not ``NAME=value``.
    """
    if not dotenv.is_file():
        return {}
    from dotenv.parser import parse_stream  # noqa: PLC0415 - few projects have such a file

    try:
        results = list(parse_stream(StringIO(text_of(dotenv))))
    except (OSError, UnicodeDecodeError):
        raise DescriptionError(str(dotenv), "cannot be read", "Correct its permissions, or save it as UTF-8") from None
    wrong = [result.original.line for result in results if result.error]
    if wrong:
        fix = "Write it so, with a closing quote for each opening one, or put # before it"
        problems = (Problem(where=f"{dotenv.name}:{line}", what="is not NAME=value", fix=fix) for line in wrong)
        raise DescriptionError.of(tuple(problems))
    return {result.key: result.value for result in results if result.key is not None}


def files(folder: Path, stage: str | None) -> list[Path]:
    """The files that a stage's values may come from, the last first that counts; without a stage those of all."""
    names = [".env", f".env.{stage}", ".env.local", f".env.{stage}.local"] if stage else [".env", ".env.local"]
    return [folder / name for name in names]


def every_file(folder: Path) -> list[Path]:
    """All such files of a folder, whatever stages there are; examples hold no values."""
    return sorted(path for path in folder.glob(".env*") if _FILE.fullmatch(path.name) and path.is_file())


def filled(data: object, tree: Tree, folder: Path, file: str) -> Any:
    """A completed description with every ``${env:NAME}`` replaced, in each stage with the stage's values.

    Names that are not set become problems of the tree.
    """
    if not isinstance(data, dict):
        return data
    stages = data.get("stages")
    rest = _value({key: value for key, value in data.items() if key != "stages"}, (), _known(folder, None), tree, file)
    if not isinstance(stages, dict):
        return {**rest, **({"stages": stages} if "stages" in data else {})}
    result = {
        name: _value(stage, ("stages", name), _known(folder, str(name)), tree, file) for name, stage in stages.items()
    }
    return {**rest, "stages": result}


def _known(folder: Path, stage: str | None) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for dotenv in files(folder, stage):
        values |= held(dotenv)
    return {**values, **os.environ}


def _value(value: object, path: TreePath, known: Mapping[str, str | None], tree: Tree, file: str) -> Any:
    if isinstance(value, dict):
        return {key: _value(item, (*path, key), known, tree, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item, (*path, index), known, tree, file) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if path[-3:] == _SECRET and not VARIABLE.fullmatch(value):
        what, fix = (
            "the description contains a password",
            "Write ${env:SITE_PASSWORD}, and set that, or add it to .env",
        )
        _report(path, what, fix, tree, file)
    for name in set(VARIABLE.findall(value)):
        if not name:
            _report(path, "names no environment variable", "Write ${env:NAME}", tree, file)
        elif known.get(name) is None:
            what, fix = f"environment variable {name!r} is not set", f"Set it, or add '{name}=…' to .env"
            _report(path, what, fix, tree, file)
    return VARIABLE.sub(lambda match: known.get(match[1]) or "", value)


def _report(path: TreePath, what: str, fix: str, tree: Tree, file: str) -> None:
    """Add a problem once, at the place where the value was written."""
    at = written_at(path, tree)
    problem = Problem(where=dotted(at), what=what, fix=fix, file=file, line=tree.line(at))
    if problem not in tree.problems:
        tree.problems.append(problem)
