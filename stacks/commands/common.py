"""What several commands do first: the description, the stage, what to package and to publish."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from stacks.errors import DescriptionMissingError, StacksError, UsageError
from stacks.files import text_of
from stacks.invocation import program
from stacks.loading import load, shown

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stacks.app import App, Stage


def described(arguments: Namespace) -> App:
    """The application of ``--app``."""
    # A short-lived process that mostly builds values. Collecting them costs 4 % of a render after an edit and 14 % of
    # an unchanged one (benchmarks/render.py, 9 pairs of processes).
    gc.disable()
    _refuse_links(root(arguments))
    try:
        app = load(arguments.app, getattr(arguments, "stage", None))
    except DescriptionMissingError as error:
        raise _with_detected(error, arguments.app) from None
    if files := python_of(app):
        print(f"This description runs Python of the project: {', '.join(files)}", file=sys.stderr)
    if arguments.extend:
        from stacks.extension.hooks import with_extensions  # noqa: PLC0415 - few scripts add some

        return with_extensions(app, arguments.extend)
    return app


def _with_detected(error: DescriptionMissingError, file: Path) -> DescriptionMissingError:
    """The error, with what is in the folder where the description was looked for, or where one is further up."""
    from stacks.starting.detect import detected  # noqa: PLC0415 - only for this mistake
    from stacks.starting.tree import read_tree  # noqa: PLC0415

    folders = [] if file.name != "app.yaml" else list(file.parent.resolve().parents)
    above = next((parent / file.name for parent in folders if (parent / file.name).is_file()), None)
    tree = read_tree(file.parent)
    result = str(above) if above else str(detected(tree))
    below = [path for path in tree.files if path.endswith(f"/{file.name}")] if file.name == "app.yaml" else []
    return DescriptionMissingError(error.file, result, program(), below=[str(file.parent / path) for path in below])


def _refuse_links(folder: Path) -> None:
    """Raise ``UsageError`` for links where commands write: a repository could lead them out of the project."""
    inside = os.path.realpath(folder) + os.sep
    tops = [folder / name for name in (".build", "templates_out")]
    below = [os.path.join(here, name) for top in tops for here, names, _ in os.walk(top) for name in names]  # noqa: PTH118
    for path in (*map(str, tops), *below):
        if os.path.islink(path) and not os.path.realpath(path).startswith(inside):  # noqa: PTH114 - pathlib is slow
            raise UsageError(path, "is a symbolic link out of the project, and commands write there", "Remove it")


def python_of(app: App) -> list[str]:
    """The project's own files that rendering imports: modules of stacks, and hooks."""
    stages = app.stages.values()
    modules = [own.module for stage in stages for own in stage.stacks.values() if own.module]
    hooks = [hook for stage in stages for named in stage.extend.values() for hook in named if isinstance(hook, str)]
    return sorted({*modules, *(hook.partition(":")[0] for hook in hooks)})


def located(error: StacksError, arguments: Namespace) -> StacksError:
    """The error, each of its problems with the line of the description that it is about, as far as that is known."""
    from stacks.description.places import with_lines  # noqa: PLC0415 - only for mistakes

    file: Path | None = getattr(arguments, "app", None)
    if file is None or all(problem.file for problem in error.problems) or not file.is_file():
        return error
    try:
        text = text_of(file)
    except (OSError, UnicodeDecodeError):
        return error  # which says so
    error.problems = with_lines(error.problems, text, shown(file), getattr(arguments, "stage", None))
    return error  # the same one: errors of some kinds hold more than their problems


def root(arguments: Namespace) -> Path:
    """The project's folder, which contains the description."""
    folder: Path = arguments.app.parent
    return folder


def out(arguments: Namespace) -> Path:
    """The folder of rendered templates."""
    asked: Path | None = getattr(arguments, "out", None)
    return asked or root(arguments) / "templates_out"


def stages(app: App, name: str | None) -> list[Stage]:
    """The stage asked for, or all."""
    return list(app.stages.values()) if name is None else [stage(app, name)]


def stage(app: App, name: str | None) -> Stage:
    """The stage asked for; the only one need not be named.

    Raises:
        UsageError: when it is not described, or not said and there are several.
    """
    known = ", ".join(app.stages)
    if name is None:
        if len(app.stages) > 1:
            raise UsageError("--stage", "is needed here", f"Use one of {known}")
        return next(iter(app.stages.values()))
    if name not in app.stages:
        known = ", ".join([*app.stages, *app.previews])
        raise UsageError(f"--stage {name}", "is not described", f"Use one of {known}, or add it to the description")
    return app.stages[name]
