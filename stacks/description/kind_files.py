"""The names of files in things of a kind → what is in them, or every problem with its file and line.

The loader's part: reads the files, so that no template module has to. JSON is read as YAML, for its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from stacks.description.finding import dotted
from stacks.errors import DescriptionError, Problem
from stacks.files import text_of
from stacks.intrinsics.reading import parse
from stacks.kinds import KINDS
from stacks.stages.kinds import described

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import App, Stage
    from stacks.description.finding import KeyPath as Place
    from stacks.description.kind_rules import Rules
    from stacks.intrinsics.reading import Tree


def with_files(app: App, root: Path) -> App:
    """The application with the content of each file instead of its name; ``app`` itself when it names none.

    Raises:
        DescriptionError: with every problem of every file. That a file is missing has been reported before.
    """
    trees: dict[Place, tuple[str, Tree]] = {}
    stages = {name: _stage(stage, root, ("stages", name), trees) for name, stage in app.stages.items()}
    if not trees:
        return app
    read = replace(app, stages=stages)
    problems = [problem for _, tree in trees.values() for problem in tree.problems]
    problems += [
        Problem(where=file, what="is not a mapping", fix="Write 'StartAt: …' and 'States: …'", file=file, line=1)
        for file, tree in trees.values()
        if not tree.problems and not isinstance(tree.data, Mapping)
    ]
    if problems := problems or list(_problems(read, trees)):
        raise DescriptionError.of(tuple(dict.fromkeys(problems)))
    return read


def _stage(stage: Stage, root: Path, at: Place, trees: dict[Place, tuple[str, Tree]]) -> Stage:
    for kind in KINDS:
        resources = dict(described(kind, stage))
        for name, field in [(name, field) for name in resources for field in kind.files]:
            file = getattr(resources[name], field)
            if isinstance(file, str):
                tree = _tree(root, file)
                trees[(*at, kind.section, kind.name, name, field)] = (file, tree)
                resources[name] = replace(resources[name], **{field: tree.data})
        if kind.files and resources:
            section = replace(getattr(stage, kind.section), **{kind.name: resources})
            stage = replace(stage, **{kind.section: section})
    return stage


def _tree(root: Path, file: str) -> Tree:
    try:
        return parse(text_of(root / file, encoding="utf-8-sig"), file)
    except OSError as error:
        what, fix = f"cannot be read: {error.strerror}", "Make it readable"
    except UnicodeDecodeError:
        what, fix = "is not UTF-8 text", "Save it as UTF-8"
    raise DescriptionError(file, what, fix)


def _problems(app: App, trees: Mapping[Place, tuple[str, Tree]]) -> Iterator[Problem]:
    """What the kinds' rules find in the files."""
    for name, stage in app.stages.items():
        for kind in (kind for kind in KINDS if kind.files):
            rules = cast("Rules", import_module(kind.module("rules")))
            for path, what, fix, *rule in rules.problems(stage, ("stages", name, kind.section, kind.name)):
                for place, (file, tree) in trees.items():
                    if path[: len(place)] == place:
                        inside = path[len(place) :]
                        where = dotted(inside) if inside else file
                        line, named = tree.line(inside), "".join(rule)
                        yield Problem(where=where, what=what, fix=fix, file=file, line=line, rule=named)
