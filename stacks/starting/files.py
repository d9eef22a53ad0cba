"""What ``init`` writes: the description, tests, and what keeps secrets and build products out of git. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from stacks.errors import Problem, UsageError
from stacks.starting.description import SCHEMA, Description, described
from stacks.starting.detect import Detected, detected, environment_names
from stacks.starting.tree import FolderTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

TemplateName = Literal["flask", "fastapi", "spa", "functions", "all"]
TEMPLATES: dict[TemplateName, str] = {
    "flask": "a Flask application with pages, static files and a JSON route",
    "fastapi": "a FastAPI application with its documentation at /docs",
    "spa": "a single-page application, and a function behind it",
    "functions": "functions behind an API, without a site",
    "all": "pages, functions, a table, users and a single-page application",
}
"""What people can start with → what it is."""
IGNORED = (
    ".build/",
    ".local/",
    ".env",
    ".env.local",
    ".env.*.local",
    "templates_out/*/*.parameters.json",
    "__pycache__/",
    ".venv/",
)
"""Lines of .gitignore: build products, the local AWS, secrets, and parameters that change with every edit of code."""
_DESCRIPTION, _GITIGNORE = "app.yaml", ".gitignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterFile:
    """A file to write. ``action`` is what happens to it: created, extended by lines, kept or replaced."""

    path: str
    text: str
    what: str
    action: Literal["create", "append", "replace", "keep"] = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPlan:
    """What ``init`` does to a folder, and what to do next."""

    files: tuple[StarterFile, ...]
    notes: tuple[str, ...]
    build: str = ""
    """What builds the front end, when it is not built yet."""


def template_files(template: TemplateName) -> dict[str, str]:
    """The source files of a template: path → text. Python files are stored with ``.txt`` after their names."""
    return dict(_texts(files("stacks.starting") / "templates" / template, ""))


def _texts(folder: Traversable, inside: str) -> Iterator[tuple[str, str]]:
    for traversable in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if traversable.is_dir():
            yield from _texts(traversable, f"{inside}{traversable.name}/")
        else:
            name = traversable.name.removesuffix(".txt") if traversable.name != "requirements.txt" else traversable.name
            yield f"{inside}{name}", traversable.read_text(encoding="utf-8")


def _common(name: str) -> str:
    return (files("stacks.starting") / "templates" / "common" / name).read_text(encoding="utf-8")


def start(  # noqa: PLR0913 - what exists, and what was asked for
    tree: FolderTree,
    *,
    name: str,
    region: str,
    schema: str,
    template: TemplateName | None = None,
    entry: str | None = None,
    force: bool = False,
) -> StartPlan:
    """What to write into a folder that holds ``tree``. ``schema`` is the JSON Schema of descriptions.

    Raises:
        UsageError: for files that would be overwritten without ``force``, when nothing or more than one application
            is found, and for an ``entry`` that is none of them.
    """
    sources = template_files(template) if template else {}
    own_description = sources.pop(_DESCRIPTION, None)
    all_files = FolderTree(files={**tree.files, **sources})
    result = _template_alone(sources) if template else chosen_application(detected(tree), entry)
    if own_description is not None:
        description = Description(text=own_description.replace("@name@", name).replace("@region@", region))
    else:
        description = described(FolderTree(files=sources) if template else tree, result, name=name, region=region)
    requirements = description.requirements
    wanted = [StarterFile(path=path, text=body, what="the application") for path, body in sources.items()]
    wanted.append(StarterFile(path=_DESCRIPTION, text=description.text, what="the description: start here"))
    if requirements:
        wanted.append(StarterFile(path=requirements[0], text=requirements[1], what="packages that the code needs"))
    _refuse_overwriting(tree, wanted, force=force)
    replaced = [_placed(tree, file) for file in wanted]
    aside = [_aside(tree, file) for file in _aside_files(all_files, schema)]
    front = result.front_ends[0] if result.front_ends else None
    return StartPlan(
        files=tuple(file for file in (*replaced, *aside, _gitignore(tree)) if file),
        notes=description.notes,
        build=front.build if front and not front.built else "",
    )


def _template_alone(sources: Mapping[str, str]) -> Detected:
    return detected(FolderTree(files=sources))


def chosen_application(result: Detected, entry: str | None) -> Detected:
    """What was found, with the one application that is meant.

    Raises:
        UsageError: when none or several are meant.
    """
    every = result.applications
    if entry is not None:
        match = [item for item in every if item.entry in {entry, f"{entry}()"}]
        if not match:
            known = ", ".join(item.entry for item in every) or "no application"
            raise UsageError(f"--entry {entry}", "no such application was found", f"Found: {known}")
        every = (match[0],)
    if len(every) > 1:
        listed = ", ".join(f"{item.entry} ({item.framework})" for item in every)
        fix = f"Choose one: --entry '{every[0].entry}'"
        raise UsageError("init", f"found {len(every)} applications: {listed}", fix)
    if every and every[0].missing:
        application = every[0]
        what = f"the factory {application.entry} needs arguments: {', '.join(application.missing)}"
        fix = "Give them defaults, or add a file wsgi.py that calls it: app = create_app(…)"
        raise UsageError("init", what, fix)
    if not result.something:
        listed = "\n".join(f"  stacks init --template {name:<10} {what}" for name, what in TEMPLATES.items())
        raise UsageError("init", "no application was found in this folder", f"Start from a template:\n{listed}")
    return Detected(
        applications=every,
        handlers=result.handlers,
        front_ends=result.front_ends[:1],
        framework_file=result.framework_file,
    )


def _refuse_overwriting(tree: FolderTree, wanted: list[StarterFile], *, force: bool) -> None:
    clashes = [file for file in wanted if file.path in tree.files]
    if clashes and not force:
        problems = [
            Problem(where=clash.path, what="already exists", fix="Pass --force to overwrite it, or use another folder")
            for clash in clashes
        ]
        error = UsageError.of(tuple(problems))
        raise error


def _placed(tree: FolderTree, file: StarterFile) -> StarterFile:
    return (
        file
        if file.path not in tree.files
        else StarterFile(path=file.path, text=file.text, what=file.what, action="replace")
    )


def _aside(tree: FolderTree, file: StarterFile) -> StarterFile:
    return (
        file
        if file.path not in tree.files
        else StarterFile(path=file.path, text="", what="exists already", action="keep")
    )


def _aside_files(tree: FolderTree, schema: str) -> Iterator[StarterFile]:
    """Files that are written only where they are missing."""
    yield StarterFile(path=SCHEMA, text=schema, what="the options of app.yaml, for editors")
    test = _common("test_infrastructure.py.txt")
    yield StarterFile(path="tests/test_infrastructure.py", text=test, what="tests of the rendered templates")
    yield StarterFile(path=".env.example", text=_env_example(tree), what="settings; copy it to .env")
    yield StarterFile(path="AGENTS.md", text=_common("AGENTS.md"), what="instructions for coding agents")


def _env_example(tree: FolderTree) -> str:
    lines = [
        "# Copy this file to .env, which git ignores. app.yaml takes values from it by ${env:NAME}:",
        "#   backend: {functions: {web: {environment: {GREETING: '${env:GREETING}'}}}}",
        "# Secrets of a deployed stage do not belong here: see 'stacks secrets --help'.",
    ]
    names = environment_names(tree)
    if names:
        lines.append("# Read by the code:")
        lines += [f"# {name}=  # {path}" for name, path in names.items()]
    return "\n".join(lines) + "\n"


def _gitignore(tree: FolderTree) -> StarterFile | None:
    ignored = {line.strip().strip("/") for line in tree.text(_GITIGNORE).splitlines()}
    missing = [line for line in IGNORED if line.strip("/") not in ignored]
    if _GITIGNORE not in tree.files:
        return StarterFile(path=_GITIGNORE, text="\n".join(IGNORED) + "\n", what="what git leaves out")
    if not missing:
        return None
    before = tree.text(_GITIGNORE)
    text = before + ("" if not before or before.endswith("\n") else "\n") + "\n".join(missing) + "\n"
    return StarterFile(path=_GITIGNORE, text=text, what=f"adds {', '.join(missing)}", action="append")
