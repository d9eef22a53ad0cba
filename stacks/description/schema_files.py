"""The names of JSON Schema files in an application → the schemas themselves, or every problem with its line.

The loader's part of request validation: reads the files, so that no template module has to. The text is read a second
time, for its lines, only when something is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.description.body_schemas import schema_mistakes
from stacks.description.finding import dotted
from stacks.errors import DescriptionError, Problem
from stacks.files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.description.body_schemas import Broken
    from stacks.json_types import JsonDict, JsonObject
    from stacks.model.backend import Function


def with_schemas(app: App, root: Path) -> App:
    """The application with each schema instead of the name of its file; ``app`` itself when it names none.

    Raises:
        DescriptionError: with every problem of every file. A file that does not exist is not reported here.
    """
    named = list(_named(app))
    if not named:
        return app
    schemas: dict[str, JsonObject] = {}
    problems: list[Problem] = []
    for file in named:
        result = _read(root, file)
        if isinstance(result, Mapping):
            schemas[file] = result
        else:
            problems += result
    if problems:
        raise DescriptionError.of(tuple(problems))
    return replace(app, stages={name: _stage(stage, schemas) for name, stage in app.stages.items()})


def _named(app: App) -> Iterator[str]:
    """Every file that is named, once."""
    functions = (function for stage in app.stages.values() for function in stage.backend.functions.values())
    files = (file for function in functions for file in function.body.values() if isinstance(file, str))
    yield from dict.fromkeys(files)


def _stage(stage: Stage, schemas: Mapping[str, JsonObject]) -> Stage:
    functions = {name: _function(function, schemas) for name, function in stage.backend.functions.items()}
    return replace(stage, backend=replace(stage.backend, functions=functions))


def _function(function: Function, schemas: Mapping[str, JsonObject]) -> Function:
    if not function.body:
        return function
    body = {key: schemas[value] if isinstance(value, str) else value for key, value in function.body.items()}
    return replace(function, body=body)


def _read(root: Path, file: str) -> JsonObject | list[Problem]:
    try:
        text = text_of(root / file, encoding="utf-8-sig")
        schema = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        if not isinstance(schema, Mapping):
            return [Problem(where="schema", what="is not a mapping", fix="Write { … } around it", file=file, line=1)]
        mistakes = list(schema_mistakes(schema))
    except OSError as error:
        return [Problem(where=file, what=f"cannot be read: {error.strerror}", fix="Correct the file's permissions")]
    except RecursionError:
        return [Problem(where=file, what="is nested too deeply", fix="Use 'definitions'")]
    except json.JSONDecodeError as error:
        what = f"{error.msg} (column {error.colno})"
        return [Problem(where="JSON", what=what, fix="Correct it; JSON has no comments", file=file, line=error.lineno)]
    except ValueError as error:
        return [Problem(where=file, what=f"is not valid JSON: {error}", fix="Correct it")]
    return _placed(mistakes, text, file) if mistakes else schema


def _once(pairs: Iterable[tuple[str, Any]]) -> JsonDict:
    result: JsonDict = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"{key!r} appears twice in one mapping")
        result[key] = value
    return result


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _placed(brokens: Iterable[Broken], text: str, file: str) -> list[Problem]:
    from stacks.intrinsics.reading import parse  # noqa: PLC0415 - JSON is YAML; only for line numbers

    tree = parse(text, file)
    return [
        Problem(
            where=dotted(path) if path else "schema", what=what, fix=fix, file=file, line=tree.line(path), rule=rule
        )
        for path, what, fix, rule in brokens
    ]
