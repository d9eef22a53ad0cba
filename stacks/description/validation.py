"""Plain data of a description → a complete App, or all of its problems: shapes first, then what does not agree.

What does not agree is looked for even when some values are wrong: the wrong values are left out and the rest is
judged, so that one reading reports everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stacks.app import App
from stacks.description import previews
from stacks.description.consistency import inconsistencies
from stacks.description.environment import filled
from stacks.description.extension_rules import misplaced_functions
from stacks.description.finding import Finding, KeyPath, dotted
from stacks.description.typed import Untyped, typed
from stacks.description.validation_errors import DERIVED, SHARED, problems_of, written_at
from stacks.errors import DescriptionError, Problem
from stacks.intrinsics.functions import is_function

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.intrinsics.reading import Tree

_UNKNOWN, _LEAVE_OUT = "is an unknown key", "Leave it out"


def app_of(tree: Tree, file: str | None, folder: Path | None = None, wanted: str | None = None) -> App:
    """The application that the tree's data describes; ``file`` is named in problems, if there is one.

    Files with values of the environment are looked for in ``folder``. A preview stage that is ``wanted`` is one of its
    stages; every pattern of previews is judged by an example.

    Raises:
        DescriptionError: with every problem, including those the tree already has.
    """
    result = _previews(tree.data, wanted)
    data = completed(tree.data, result)
    for name, pattern in result.items():
        _place_as(name, pattern, tree)
    if folder is not None and file is not None:
        data = filled(data, tree, folder, file)
    problems = [*tree.problems, *placed(misplaced_functions(tree.functions), tree, file)]
    problems += placed(previews.problems(tree.data), tree, file)
    app, errors = _judged(data)
    problems += placed(_derived(tree.data), tree, file) if file else []
    wheres = {problem.where for problem in problems}
    if errors:
        from stacks.description.schema import json_schema  # noqa: PLC0415 - brings pydantic

        problems += [
            problem for problem in problems_of(errors, tree, json_schema(), file) if problem.where not in wheres
        ]
    if app is None:
        app, _ = _judged(_stood_in(_without(data, [error["loc"] for error in errors])))
    if app is not None:
        wheres = {problem.where for problem in problems}
        problems += [problem for problem in placed(inconsistencies(app), tree, file) if problem.where not in wheres]
    problems = [problem for problem in problems if not _is_repeated(problem, problems, result)]
    if problems or app is None:
        raise DescriptionError.of(tuple(sorted(problems, key=lambda problem: problem.line or 0)))
    stages = {name: stage for name, stage in app.stages.items() if name not in result or name == wanted}
    examples = {pattern: app.stages[name] for name, pattern in result.items()}
    return replace(app, stages=stages, previews={**app.previews, **examples})


def _previews(data: object, wanted: str | None) -> dict[str, str]:
    """The preview stages to make: name → pattern. Each pattern has an example, and there is the one that is wanted."""
    result = {previews.example(pattern): pattern for pattern in previews.patterns(data)}
    described = data.get("stages") or () if isinstance(data, Mapping) else ()
    result = {name: pattern for name, pattern in result.items() if name not in described}
    if wanted and (pattern := previews.pattern_of(wanted, data)):
        result = {name: item for name, item in result.items() if item != pattern} | {wanted: pattern}
    return result


def _place_as(name: str, pattern: str, tree: Tree) -> None:
    """Locate the values of a preview where they are written: in its pattern, else in the stage it is made from."""
    source = previews.patterns(tree.data)[pattern].get("from")
    for original in (source, pattern):
        lines = {path: line for path, line in tree.lines.items() if path[:2] == ("stages", original)}
        tree.lines |= {("stages", name, *path[2:]): line for path, line in lines.items()}


def _is_repeated(problem: Problem, problems: Iterable[Problem], results: Iterable[str]) -> bool:
    """Whether a problem of a preview is one of the stage that it is made from."""
    of_preview = any(problem.where.startswith((f"stages.{name}.", f"stages.{name} ")) for name in results)
    others = (entry for entry in problems if entry is not problem)
    return of_preview and any((other.line, other.what) == (problem.line, problem.what) for other in others)


def _derived(data: object) -> Iterator[Finding]:
    """Keys that the values have, but a description does not: they follow from where it is and what it says."""
    if not isinstance(data, Mapping):
        return
    for key in ("root", "previews"):
        if key in data:
            yield (key,), _UNKNOWN, _LEAVE_OUT
    stages = data.get("stages")
    for name, stage in stages.items() if isinstance(stages, Mapping) else ():
        for key in DERIVED if isinstance(stage, Mapping) else ():
            if key in stage:
                yield ("stages", name, key), _UNKNOWN, _LEAVE_OUT


def placed(findings: Iterable[Finding], tree: Tree, file: str | None) -> list[Problem]:
    """Findings as problems, each reported once, at the place it was written."""
    problems: dict[tuple[str, str], Problem] = {}
    for path, what, fix, *rule in findings:
        at = written_at(path, tree)
        line = tree.line(at) if file else None
        problem = Problem(where=dotted(at), what=what, fix=fix, file=file, line=line, rule="".join(rule))
        problems.setdefault((dotted(at), what), problem)
    return list(problems.values())


def completed(data: object, wanted: Mapping[str, str] = MappingProxyType({})) -> Any:
    """The description with every stage complete: what is said for all, under what the stage says itself.

    ``wanted`` are preview stages with the patterns that they are made by; the patterns themselves are gone.
    """
    if not isinstance(data, Mapping):
        return data
    common = {key: data[key] for key in SHARED if key in data}
    rest = {key: value for key, value in data.items() if key not in SHARED}
    if isinstance(data.get("stages"), Mapping):
        rest["stages"] = {
            name: {**_with_cdn(_merged(common, stage or {})), "name": name}
            if isinstance(stage or {}, Mapping)
            else stage
            for name, stage in data["stages"].items()
            if not previews.is_pattern(name)
        }
        result = {name: previews.preview(name, item, data, rest["stages"], _merged) for name, item in wanted.items()}
        rest["stages"] |= {name: stage for name, stage in result.items() if stage is not None}
    return rest


def _with_cdn(stage: Any) -> Any:
    """The stage, with a distribution where it writes a web ACL: only what is written differs from the default one."""
    frontend = stage.get("frontend")
    if not isinstance(frontend, Mapping) or not frontend.get("waf") or "cdn" in frontend:
        return stage
    return {**stage, "frontend": {**frontend, "cdn": True}}


def _merged(common: object, special: object, *, keep_null: bool = False) -> Any:
    """Mappings are merged key by key, where null removes what all stages share; anything else replaces it.

    Below ``overrides`` null is kept: there it removes something from a generated resource.
    """
    if not isinstance(common, Mapping) or not isinstance(special, Mapping):
        return special
    if is_function(common) or is_function(special):
        return special
    merged = dict(common)
    for key, value in special.items():
        if value is None and key in common and not keep_null:
            del merged[key]
        else:
            merged[key] = _merged(common.get(key), value, keep_null=keep_null or key == "overrides")
    return merged


def _judged(data: object) -> tuple[App | None, list[Any]]:
    """The application, or pydantic's errors."""
    try:
        return typed(App, data), []
    except Untyped:
        from stacks.description.schema import judged  # noqa: PLC0415 - brings pydantic, which takes longer than rendering

        return judged(data)


def _without(data: object, paths: Iterable[KeyPath]) -> Any:
    """The data less the values at ``paths``; the data itself stays as it is."""
    gone = {tuple(part for part in path if part != "[key]") for path in paths}

    def rest(value: object, path: KeyPath) -> Any:
        if isinstance(value, Mapping):
            return {key: rest(item, (*path, key)) for key, item in value.items() if (*path, key) not in gone}
        if isinstance(value, list | tuple):
            return [rest(item, (*path, i)) for i, item in enumerate(value) if (*path, i) not in gone]
        return value

    return rest(data, ())


def _stood_in(data: object) -> Any:
    """The data with something in place of a name or region that is wrong or missing, so that the rest can be judged."""
    if not isinstance(data, Mapping) or not isinstance(data.get("stages"), Mapping):
        return data
    stages = {key: {"region": "eu-west-1", "name": key, **stage} for key, stage in data["stages"].items()}
    return {"name": "app", **data, "stages": stages}
