"""What was detected → the text of app.yaml, with comments for anyone who reads it first. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.description.secret_settings import SECRET_NAME
from stacks.invocation import program
from stacks.model.backend import Function
from stacks.starting.contents import packed, requirements_of
from stacks.starting.detect import first_segments, required_names
from stacks.starting.handlers import slug
from stacks.starting.modules import import_base, imports, reached
from stacks.starting.python_apps import static_folder, static_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.starting.detect import Detected
    from stacks.starting.front_ends import FrontEnd
    from stacks.starting.python_apps import Application
    from stacks.starting.tree import FolderTree

SCHEMA = "app.schema.json"
_LONGEST_NAME = 20
_NO_REQUIREMENTS = "No requirements file names {package}, so {file} is written. Add what else the code imports."
_MIGRATED = "{file}: '{program} migrate {file} --force' writes app.yaml with its routes, events and names instead."
_EDITABLE = "{file} installs a folder ('-e'), which cannot be packaged: build a wheel of it, or remove the line."
_DJANGO = (
    "Django: keep the database outside of the function's folder, which is read-only on AWS; 'data.databases' makes one."
)
_STORED = {"sqlalchemy", "flask_sqlalchemy", "sqlmodel", "sqlite3", "peewee", "tortoise"}
_SQL = (
    "SQL: what is in a SQLite file is lost with the machine that Lambda runs the function on; 'data.databases' makes a"
    " PostgreSQL database."
)
_NO_ROOT = (
    "Django: to publish static files, those of the admin too, set STATIC_ROOT = BASE_DIR / 'staticfiles' in the"
    " settings, and 'static: staticfiles' with 'collect: web' under 'frontend'."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The text of app.yaml, and what should be known about it."""

    text: str
    notes: tuple[str, ...] = ()
    requirements: tuple[str, str] | None = None
    """A requirements file that has to be written: path and text."""


def app_name(folder: str) -> str:
    """The name of an application, from the name of its folder."""
    return slug(folder, _LONGEST_NAME) or "app"


def described(tree: FolderTree, result: Detected, *, name: str, region: str) -> Description:
    """The description of what was found: at most one application, its front end, or functions."""
    notes: list[str] = []
    lines = [
        f"# yaml-language-server: $schema={SCHEMA}",
        "# Editors with YAML support complete and check this file by the schema above.",
        f"name: {name}",
        "",
        "stages:",
        "  dev:",
        f"    region: {region}",
        '    # account: "123456789012"  # refuse to deploy to any other AWS account',
    ]
    requirements = None
    if configuration := _migrated(tree, result.framework_file):
        notes.append(_MIGRATED.format(file=configuration, program=program()))
    if result.applications:
        (app,) = result.applications
        more, requirements = _web(tree, app, notes)
        lines += ["", *more]
    elif result.handlers:
        lines += ["", *_functions(tree, result)]
    front = result.front_ends[0] if result.front_ends else None
    static = static_folder(tree, result.applications[0]) if result.applications else None
    if front or static:
        lines += ["", *_frontend(tree, result, front, static, notes)]
    return Description(text="\n".join(lines) + "\n", notes=tuple(notes), requirements=requirements)


def _migrated(tree: FolderTree, framework_file: str) -> str:
    """The configuration of another framework that ``migrate`` reads; empty when there is none."""
    if framework_file in {"serverless.ts", "cdk.json"}:
        return ""
    if framework_file == "samconfig.toml":
        return next((name for name in ("template.yaml", "template.yml") if name in tree.files), "")
    return framework_file


def _web(tree: FolderTree, app: Application, notes: list[str]) -> tuple[list[str], tuple[str, str] | None]:
    """The backend section of a web application, and the requirements file that it lacks."""
    plain = Function(wsgi=app.entry)  # where its folder is concerned, an ASGI application is the same
    source = None if plain.folder == app.base else app.base
    contents = plain.contents if source is None else Function(wsgi=app.entry, source=source).contents
    needed = packed(tree, app.file) if app.base == "." else ()
    only = needed if set(needed) - set(contents) else ()
    file, is_automatic = requirements_of(tree, app.base, only or contents, app.distribution)
    lines = ["backend:"]
    missing = None
    if file and not is_automatic:
        lines += [f"  shared_requirements: {file}  # installed into a layer, which functions share"]
    elif file is None:
        missing = (f"{app.base}/requirements.txt".removeprefix("./"), f"{app.distribution}\n")
        notes.append(_NO_REQUIREMENTS.format(package=app.distribution, file=missing[0]))
    if file and file.endswith(".txt") and _has_editable(tree.text(file)):
        notes.append(_EDITABLE.format(file=file))
    lines += [
        "  functions:",
        "    web:",
        f"      {app.kind}: {_scalar(app.entry)}  # the {app.framework} application, as it is",
    ]
    if source:
        comment = "" if only else "; everything in it is packaged"
        lines.append(f"      source: {_scalar(source)}  # imports start here{comment}")
    if only:
        lines.append(f"      only: [{', '.join(map(_scalar, only))}]  # what is packaged")
    lines += [
        "      public: true  # anyone may call it; the application checks who may do what",
        *_settings(required_names(tree, (path for path, _ in tree.code()))),
        "      # memory: 512  # MB; more memory also means more CPU",
        "      # timeout: 15  # seconds; the API waits for 29 at most",
    ]
    if app.framework != "Django" and any(
        entry.module.partition(".")[0] in _STORED for _, text in tree.code() for entry in imports(text)
    ):
        notes.append(_SQL)
    if app.framework == "Django":
        notes.append(_DJANGO)
        if not static_root(tree, app):
            notes.append(_NO_ROOT)
    return lines, missing


def _functions(tree: FolderTree, result: Detected) -> Iterator[str]:
    yield "backend:"
    file, is_automatic = requirements_of(tree, ".", (), "")
    folders = {Function(handler=handler.entry).folder for handler in result.handlers}
    if (file and not is_automatic) or (file and "." not in folders and file.endswith(".txt") and "/" not in file):
        yield f"  shared_requirements: {file}  # installed into a layer, which functions share"
    yield "  functions:"
    for handler in result.handlers:
        yield f"    {handler.name}:"
        yield f"      handler: {_scalar(handler.entry)}"
        base, plain = import_base(tree, handler.file), Function(handler=handler.entry)
        if base != plain.folder:
            yield f"      source: {_scalar(base)}  # imports start here"
        if base == ".":
            needed = packed(tree, handler.file)
            if base != plain.folder or set(needed) - set(plain.contents):
                yield f"      only: [{', '.join(map(_scalar, needed))}]  # what is packaged"
        yield from _settings(required_names(tree, reached(tree, handler.file, base)))
        if handler.http:
            yield f"      routes: [GET /api/{handler.name}]"
            yield "      public: true  # anyone may call it; 'auth: users' or 'auth: iam' asks who calls"
        else:
            yield "      # what starts it: 'routes: [GET /path]', or 'events' such as '{schedules: [rate(1 day)]}'"


def _settings(names: Mapping[str, str]) -> list[str]:
    """Settings that the code cannot start without: empty, which is enough to start."""
    if not names:
        return []
    lines = [f'        {name}: ""  # read by {path}{_hint(name)}' for name, path in names.items()]
    return ["      environment:  # what the code does not start without; set these", *lines]


def _hint(name: str) -> str:
    if name.endswith("_TABLE"):
        return f"; or describe a table {slug(name.removesuffix('_TABLE'))!r} for it, which sets this"
    return f"; a secret: '{program()} secrets --help'" if SECRET_NAME.search(name) else ""


def _frontend(
    tree: FolderTree, result: Detected, front: FrontEnd | None, static: str | None, notes: list[str]
) -> Iterator[str]:
    yield "frontend:"
    backend = bool(result.applications or result.handlers)
    if front:
        if front.missing:
            notes.append(f"{front.tool}: {front.missing}. Add it, then build.")
        yield f"  site: {_scalar(front.folder)}  # served at /, from a private bucket" + (
            "; /api/* goes to the functions" if backend else ""
        )
        others = sorted(first_segments(tree) - {"", "api", "static"}) if result.applications else []
        if others:
            yield f"  paths: {{{', '.join(f'/{name}*: api' for name in others)}}}  # what the application answers, too"
    if static:
        yield f"  static: {_scalar(static)}  # served at /static by the CDN, without the application"
    if result.applications and static_root(tree, result.applications[0]):
        yield "  collect: web  # manage.py collectstatic fills that folder before it is published"
    usd = 15 if backend else 9  # the API has a web ACL, too (``stacks cost``)
    yield f"  # waf: false  # leave the web application firewall out; it costs about {usd} USD a month"


def _has_editable(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    return any(line == "." or line.startswith(("-e", "--editable", "file:")) for line in lines)


def _scalar(text: str) -> str:
    """A text as YAML, in quotes where it needs them."""
    plain = all(sign.isalnum() or sign in "._-/()" or (sign == ":" and not text.endswith(":")) for sign in text)
    return text if plain and text[:1].isalnum() else json.dumps(text)
