"""Python files → the WSGI and ASGI applications in them. Pure: the code is parsed, never imported."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from stacks.starting.modules import files_of, import_base, imports, parsed, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.starting.tree import FolderTree

WebInterface = Literal["wsgi", "asgi"]
_FRAMEWORKS: dict[str, tuple[str, WebInterface]] = {
    "flask.Flask": ("Flask", "wsgi"),
    "flask.app.Flask": ("Flask", "wsgi"),
    "apiflask.APIFlask": ("APIFlask", "wsgi"),
    "falcon.App": ("Falcon", "wsgi"),
    "falcon.API": ("Falcon", "wsgi"),
    "bottle.Bottle": ("Bottle", "wsgi"),
    "falcon.asgi.App": ("Falcon", "asgi"),
    "fastapi.FastAPI": ("FastAPI", "asgi"),
    "fastapi.applications.FastAPI": ("FastAPI", "asgi"),
    "starlette.applications.Starlette": ("Starlette", "asgi"),
    "litestar.Litestar": ("Litestar", "asgi"),
    "quart.Quart": ("Quart", "asgi"),
}
"""The class whose instances are applications → the framework, and how a server calls them."""
_DJANGO = "django.core.wsgi.get_wsgi_application"
_DISTRIBUTIONS = {"Starlette": "starlette", "Django": "django", "Flask": "flask"}
_USUAL = ("app", "application", "api", "create_app", "make_app", "server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A web application: where it is, and how it is called.

    ``entry`` is what ``wsgi`` or ``asgi`` of a function takes: ``app.py:app`` or ``flaskr/__init__.py:create_app()``.
    """

    framework: str
    kind: WebInterface
    entry: str
    defined_in: str
    """The file that calls the framework's class."""
    base: str
    """The folder that its imports start from."""
    missing: tuple[str, ...] = ()
    """The parameters of a factory that have no default: it cannot be called as it is."""

    @property
    def file(self) -> str:
        """The file of the entry."""
        return self.entry.partition(":")[0]

    @property
    def distribution(self) -> str:
        """The package on PyPI that it needs."""
        return _DISTRIBUTIONS.get(self.framework, self.framework.lower())

    def __str__(self) -> str:
        return f"{self.framework} application {self.entry}"


def applications(tree: FolderTree) -> tuple[Application, ...]:
    """The applications of a project, each once, without those that another one imports (as mounted ones are)."""
    results = [entry for path, text in tree.code() for entry in _of_file(tree, path, text)]
    results += list(_called_elsewhere(tree, results))
    best: dict[str, Application] = {}
    for application in sorted(results, key=_preference):
        best.setdefault(application.defined_in, application)
    return tuple(entry for entry in best.values() if not _is_part(tree, entry, list(best.values())))


def _preference(application: Application) -> tuple[bool, int, int, str]:
    name = application.entry.partition(":")[2].partition("(")[0]
    rank = _USUAL.index(name) if name in _USUAL else len(_USUAL)
    return bool(application.missing), rank, application.entry.count("/"), application.entry


def _is_part(tree: FolderTree, application: Application, every: Sequence[Application]) -> bool:
    """Whether another application imports this one, and this one not that."""
    return any(
        application.defined_in in reached(tree, other.file, other.base)
        and other.defined_in not in reached(tree, application.file, application.base)
        for other in every
        if other is not application
    )


def _of_file(tree: FolderTree, path: str, text: str) -> Iterator[Application]:
    classes = _classes(text)
    if not classes:
        return
    base = import_base(tree, path)
    for name, value in _assignments(parsed(text).body):
        if isinstance(value, ast.Call) and (known := classes.get(ast.unparse(value.func))):
            yield Application(framework=known[0], kind=known[1], entry=f"{path}:{name}", defined_in=path, base=base)
    for node in parsed(text).body:
        if isinstance(node, ast.FunctionDef) and (known := _from_factory(node, classes)):
            entry = f"{path}:{node.name}()"
            yield Application(
                framework=known[0], kind=known[1], entry=entry, defined_in=path, base=base, missing=_required(node)
            )


def _called_elsewhere(tree: FolderTree, factories: Sequence[Application]) -> Iterator[Application]:
    """``app = create_app("production")`` at the top of any module: an application of the factory's framework."""
    result = {
        (factory.file, factory.entry.partition(":")[2][:-2]): factory
        for factory in factories
        if factory.entry.endswith("()")
    }
    for path, text in tree.code():
        base = import_base(tree, path)
        names = {
            entry.alias: result[file, entry.name]
            for entry in imports(text)
            for file in files_of(tree, path, entry, base)
            if (file, entry.name) in result
        }
        names |= {name: application for (file, name), application in result.items() if file == path}
        for name, value in _assignments(parsed(text).body):
            if isinstance(value, ast.Call) and (factory := names.get(ast.unparse(value.func))):
                yield replace(factory, entry=f"{path}:{name}", base=base, missing=())


def _classes(text: str) -> dict[str, tuple[str, WebInterface]]:
    """How a module writes the classes of frameworks: ``Flask``, ``flask.Flask``, its own subclass of one."""
    classes: dict[str, tuple[str, WebInterface]] = {}
    for entry in imports(text):
        for full, known in _FRAMEWORKS.items():
            if entry.full == full:
                classes[entry.alias] = known
            elif not entry.name and full.startswith(f"{entry.module}."):
                written = entry.alias if entry.alias != entry.module.partition(".")[0] else entry.module
                classes[f"{written}.{full.removeprefix(f'{entry.module}.')}"] = known
        if entry.full == _DJANGO:
            classes[entry.alias] = ("Django", "wsgi")
    for node in parsed(text).body:
        if isinstance(node, ast.ClassDef):
            known_base = next((classes[name] for base in node.bases if (name := ast.unparse(base)) in classes), None)
            if known_base:
                classes[node.name] = known_base
    return classes


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Names assigned at a module's top level, in ``try`` and ``with`` too, but not under ``if __name__ == …``."""
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
        elif isinstance(node, ast.Try | ast.With):
            yield from _assignments(node.body)
        elif isinstance(node, ast.If) and "__name__" not in ast.unparse(node.test):
            yield from _assignments([*node.body, *node.orelse])


def _from_factory(
    function: ast.FunctionDef, classes: dict[str, tuple[str, WebInterface]]
) -> tuple[str, WebInterface] | None:
    """The framework of the application that a function makes and returns."""
    local: dict[str, tuple[str, WebInterface]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if known := classes.get(ast.unparse(node.value.func)):
                local |= {target.id: known for target in targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            if isinstance(node.value, ast.Call) and (known := classes.get(ast.unparse(node.value.func))):
                return known
            if known := local.get(ast.unparse(node.value)):
                return known
    return None


def _required(function: ast.FunctionDef) -> tuple[str, ...]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    without = positional[: len(positional) - len(arguments.defaults)]
    keywords = [
        arg for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    ]
    return tuple(arg.arg for arg in (*without, *keywords))


def static_folder(tree: FolderTree, application: Application) -> str | None:
    """The folder of the application's static files that it serves at /static, when it has files."""
    folder = str(PurePosixPath(application.defined_in).parent)
    if application.framework == "Django":
        if root := static_root(tree, application):
            return root
        choices = [str(PurePosixPath(application.base) / name) for name in ("staticfiles", "static")]
    else:
        named, at = _static_arguments(tree.text(application.defined_in))
        if at not in {None, "/static"}:
            return None
        choices = [str(PurePosixPath(folder) / (named or "static"))]
        if application.kind == "asgi":
            choices = [str(PurePosixPath(root) / named) for root in (application.base, ".") if named]
    return next((choice for choice in choices if ".." not in choice and any(tree.under(choice))), None)


_STATIC_ROOT = re.compile(r"""(?m)^STATIC_ROOT\s*=\s*(?:str\()?BASE_DIR\s*/\s*["']([\w.-]+)["']""")


def static_root(tree: FolderTree, application: Application) -> str | None:
    """The folder that a Django project collects its static files into, when its settings say one of its own."""
    if application.framework != "Django":
        return None
    settings = str(PurePosixPath(application.defined_in).with_name("settings.py"))
    match = _STATIC_ROOT.search(tree.text(settings))
    return str(PurePosixPath(application.base) / match[1]) if match else None


def _static_arguments(text: str) -> tuple[str | None, str | None]:
    """The folder and the URL that ``Flask(…)`` or ``StaticFiles(…)`` name, as far as they are literals."""
    folder = path = None
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Call):
            words = {key.arg: key.value.value for key in node.keywords if isinstance(key.value, ast.Constant)}
            folder = words.get("static_folder") or folder
            path = words.get("static_url_path") or path
            if ast.unparse(node.func).endswith("StaticFiles"):
                folder = words.get("directory") or folder
            if ast.unparse(node.func).endswith(".mount") and node.args and isinstance(node.args[0], ast.Constant):
                path = node.args[0].value if "StaticFiles" in ast.unparse(node) else path
    return (folder if isinstance(folder, str) else None), (path if isinstance(path, str) else None)
