"""app.yaml + .env → App, or every problem of the description at once.

The one way in for descriptions: from a file (``load``), from plain data or from an ``App`` built in Python
(``validated``). Reads files, the process environment and nothing else; after it, the ``App`` is complete.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stacks.app import App, Stage
from stacks.description.built import plain
from stacks.description.entry_rules import entry_problems
from stacks.errors import DescriptionError, DescriptionMissingError
from stacks.files import text_of
from stacks.kinds import KINDS
from stacks.stages.kinds import described, has_things
from stacks.stages.stacks import Supplied, stacks_of

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.description.finding import Finding
    from stacks.json_types import JsonDict, JsonObject
    from stacks.model.backend import Function

_LONGEST = 4 * 1024**2
"""Bytes of a description. Four hundred functions take a tenth of it."""
_MISSING_FIX = "Create it, or correct the path"


def load(file: Path, stage: str | None = None) -> App:
    """The application that ``file`` describes, with the preview ``stage`` if it is one.

    Files next to it, such as ``.env``, supply ``${env:NAME}`` after the environment.

    Raises:
        DescriptionError: with every problem found, each with its line.

    >>> from pathlib import Path
    >>> app = load(Path("app.yaml"))
    >>> app.name, list(app.stages)
    ('notes', ['dev', 'prod'])
    """
    text = _text(file)
    app = _read(file, text, stage)
    _refuse(list(_links(app, file.parent)), file, text)
    app = _with_templates(replace(app, root=str(file.parent)), file.parent)
    _refuse(list(_missing_files(app, file.parent)), file, text)
    app = replace(app, previews=_complete_examples(app, file.parent))
    return _judged(_with_kind_files(_with_schemas(app, file.parent), file.parent))


def _complete_examples(app: App, folder: Path) -> Mapping[str, Stage]:
    """The examples of previews with what is read from files, where roles are derived from them (``base.ci``)."""
    if not any(stage.base.ci and stage.base.ci.previews for stage in app.stages.values()):
        return app.previews
    names = {pattern: stage.name for pattern, stage in app.previews.items()}
    examples = replace(app, stages={stage.name: stage for stage in app.previews.values()})
    file = _with_kind_files(_with_schemas(_with_templates(examples, folder), folder), folder)
    return {pattern: file.stages[name] for pattern, name in names.items()}


def _refuse(problems: list[Finding], file: Path, text: str) -> None:
    if problems:
        from stacks.description.validation import placed  # noqa: PLC0415 - only for error messages
        from stacks.intrinsics.reading import parse  # noqa: PLC0415

        raise DescriptionError.of(tuple(placed(problems, parse(text, shown(file)), shown(file))))


def validated(description: JsonObject | App) -> App:
    """The application that plain data, or an ``App`` built in Python, describes.

    Raises:
        DescriptionError: with every problem found; there are no lines to name.
    """
    from stacks.description.validation import app_of, placed  # noqa: PLC0415 - not once it was judged
    from stacks.intrinsics.reading import Tree  # noqa: PLC0415

    data, findings = plain(description)
    tree = Tree(data=data)
    tree.problems += placed(findings, tree, None)
    return _judged(_with_templates(app_of(tree, None), None))


def judged(app: App, stage: Stage) -> tuple[App, Stage]:
    """An application built in Python, with one of its stages, held to the rules of descriptions. Once for each value.

    What comes back is what was judged: the same values, read as those of a description are.

    Raises:
        DescriptionError: with every problem found; there are no lines to name.
    """
    _refuse_others(app, stage)
    own = app.stages.get(stage.name)
    stage = stage if stage.app_name else replace(stage, app_name=app.name)
    if own is not stage and own != stage:
        app = replace(app, stages={**app.stages, stage.name: stage})
    if app.judged is None or app.judged[0] != _printed(app):
        _judged(app, validated(app))
    _, result = app.judged or (None, app)
    return result, result.stages[stage.name]


def _refuse_others(app: object, stage: object) -> None:
    if not isinstance(app, App) or not isinstance(app.stages, Mapping):
        raise DescriptionError("app", f"{app!r} is not an application", "Give what stacks.load returns, or an App")
    if not isinstance(stage, Stage) or not isinstance(stage.name, str):
        fix = "Give one of the application's, such as app.stages['dev']"
        raise DescriptionError("stage", f"{stage!r} is not a stage", fix)


def _judged(app: App, result: App | None = None) -> App:
    """The application, with what was judged in its place: itself where it was read from a description."""
    object.__setattr__(app, "judged", (_printed(app), result or app))  # the values are frozen; a copy does not have it
    return app


def _printed(app: App) -> object:
    """An application as it prints, which takes a tenth of comparing its data, and the passwords that it does not."""
    frontends = (getattr(stage, "frontend", None) for stage in app.stages.values())
    return repr(app), [getattr(frontend, "basic_auth", None) for frontend in frontends]


def _text(file: Path) -> str:
    try:
        text = text_of(file, largest=_LONGEST)
    except FileNotFoundError:
        raise DescriptionMissingError(str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
        raise DescriptionError(str(file), what, "Correct the file or its permissions") from None
    return text


def shown(file: Path) -> str:
    """How messages name a description: as it was given from this folder, by its name alone when from elsewhere."""
    return file.name if file.is_absolute() else str(file)


def _empty(file: Path) -> DescriptionError:
    return DescriptionError(str(file), "is empty", "Start with 'name:' and 'stages:' (see the README)")


def _read(file: Path, text: str, stage: str | None) -> App:
    from stacks.description.validation import app_of  # noqa: PLC0415 - not to render an App built in Python
    from stacks.intrinsics.reading import parse  # noqa: PLC0415

    tree = parse(text, shown(file))
    if tree.data is None:
        raise DescriptionError.of(tuple(tree.problems)) if tree.problems else _empty(file)
    return app_of(tree, shown(file), file.parent, stage)


def _with_templates(app: App, root: Path | None) -> App:
    """The application with the templates that users and other frameworks made; files only if there is a ``root``."""
    read: dict[str, JsonDict] = {}
    stages = dict(app.stages)
    for name, stage in app.stages.items():
        for stack in stacks_of(stage):
            if not isinstance(stack.origin, Supplied) or stack.origin.source is None:
                continue
            source, maker = stack.origin.source, stack.origin.maker
            if isinstance(source, Mapping):
                stages[name] = maker.attached(stack.key, dict(source), stages[name])
            elif root:
                body = read[source] = read.get(source) or maker.read(root, source)
                stages[name] = maker.attached(stack.key, body, stages[name])
            elif stack.template:  # as loading had read it
                stages[name] = maker.attached(stack.key, dict(stack.template.body), stages[name])
    return app if stages == app.stages else replace(app, stages=stages)


def _with_schemas(app: App, root: Path) -> App:
    """The application with the schemas of request bodies in it, instead of the names of their files."""
    if not any(function.body for stage in app.stages.values() for function in stage.backend.functions.values()):
        return app
    from stacks.description.schema_files import with_schemas  # noqa: PLC0415 - few check bodies

    return with_schemas(app, root)


def _with_kind_files(app: App, root: Path) -> App:
    """The application with what is in the files that workflows and the like name."""
    if not any(has_things(stage, kind.section) for stage in app.stages.values() for kind in KINDS if kind.files):
        return app
    from stacks.description.kind_files import with_files  # noqa: PLC0415 - brings YAML

    return with_files(app, root)


def _kind_files(stage: Stage, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The files that things of all kinds name, with their paths in the description."""
    for kind in KINDS:
        for name, resource in described(kind, stage).items():
            fields = ((field, getattr(resource, field)) for field in kind.files)
            yield from (
                ((*at, kind.section, kind.name, name, field), file) for field, file in fields if isinstance(file, str)
            )


def _links(app: App, root: Path) -> Iterator[Finding]:
    """The paths of a description that lead out of the project by a symbolic link, as a repository may bring one."""
    top = os.path.realpath(root)
    for at, name in _named(app):
        inside = os.path.normpath(name)
        if not inside.startswith("..") and os.path.commonpath([top, os.path.realpath(root / name)]) != top:
            yield at, f"{name} is a symbolic link out of the project", "Replace it by what it points to"


def _named(app: App) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every file and folder that a description names, with its path there."""
    for name, stage in app.stages.items():
        at, backend, frontend = ("stages", name), stage.backend, stage.frontend
        for key, function in backend.functions.items():
            where = (*at, "backend", "functions", key)
            yield (*where, "source" if function.source else "wsgi" if function.wsgi else "handler"), function.folder
            yield from (
                ((*where, "body", route), item) for route, item in function.body.items() if isinstance(item, str)
            )
        yield from _kind_files(stage, at)
        if backend.shared_requirements:
            yield (*at, "backend", "shared_requirements"), backend.shared_requirements
        if isinstance(backend.template, str):
            yield (*at, "backend", "template"), backend.template
        for key, own in stage.stacks.items():
            yield from (
                ((*at, "stacks", key, kind), file)
                for kind, file in (("template", own.template), ("module", own.module))
                if isinstance(file, str)
            )
        for key, hooks in stage.extend.items():
            yield from (((*at, "extend", key), hook.partition(":")[0]) for hook in hooks if isinstance(hook, str))
        yield from (((*at, "frontend", "site"), site.folder) for site in frontend.site)
        if frontend.static:
            yield (*at, "frontend", "static"), frontend.static


def _missing_of(function: Function, root: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Missing files that a function's description names: the path below the function, and the message."""
    key = function.application or "handler"
    if not (root / function.folder).is_dir():
        yield ("source" if function.source else key,), f"there is no folder {function.folder}"
    elif not (root / function.entry_file).is_file():
        yield (key,), f"there is no file {function.entry_file}"
    for item in function.only:
        if not (root / function.folder / item).exists():
            yield ("only",), f"there is no {item} in {function.folder}"
    for route, schema in function.body.items():
        if isinstance(schema, str) and not (root / schema).is_file():
            yield ("body", route), f"there is no file {schema}"


def _missing_files(app: App, root: Path) -> Iterator[Finding]:
    for name, stage in app.stages.items():
        for function_name, function in stage.backend.functions.items():
            at = ("stages", name, "backend", "functions", function_name)
            missing_fix = (
                f"{_MISSING_FIX}; a build of yours that writes it runs first" if function.is_node else _MISSING_FIX
            )
            yield from (((*at, *path), what, missing_fix) for path, what in _missing_of(function, root))
            yield from (((*at, *path), what, fix) for path, what, fix in entry_problems(function, root))
        shared = stage.backend.shared_requirements
        if shared and not (root / shared).is_file():
            yield ("stages", name, "backend", "shared_requirements"), f"there is no file {shared}", _MISSING_FIX
        for path, file in _kind_files(stage, ("stages", name)):
            if not (root / file).is_file():
                yield path, f"there is no file {file}", _MISSING_FIX
        yield from _missing_of_templates(stage, root, ("stages", name))
        static = stage.frontend.static
        if static and not stage.frontend.collect and not (root / static).is_dir():
            yield ("stages", name, "frontend", "static"), f"there is no folder {static}", "Make it, or correct the path"
        elif static:
            pages = {code: page.removeprefix("/static/") for code, page in stage.frontend.errors.items()}
            yield from _missing_pages(pages, root / static, ("stages", name, "frontend", "errors"))


def _missing_of_templates(stage: Stage, root: Path, at: tuple[str, ...]) -> Iterator[Finding]:
    """What is wrong with a stage's templates from elsewhere and with the files of its own stacks and hooks."""
    for stack in stacks_of(stage):
        if isinstance(stack.origin, Supplied):
            yield from stack.origin.maker.problems(stack.key, stage, root)
    for key, hooks in stage.extend.items():
        for file in (hook.partition(":")[0] for hook in hooks if isinstance(hook, str)):
            if not (root / file).is_file():
                yield (*at, "extend", key), f"there is no file {file}", _MISSING_FIX


def _missing_pages(pages: Mapping[str, str], static: Path, at: tuple[str, ...]) -> Iterator[Finding]:
    """Error pages among the static files; those of a built application exist once it is built."""
    for code, page in pages.items():
        if not page.startswith("/") and not (static / page).is_file():
            yield (*at, code), f"there is no file {page} in {static.name}", "Make it, or correct the path"
