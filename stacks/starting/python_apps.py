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
    found = [one for path, text in tree.code() for one in _of_file(tree, path, text)]
    found += list(_called_elsewhere(tree, found))
    best: dict[str, Application] = {}
    for one in sorted(found, key=_preference):
        best.setdefault(one.defined_in, one)
    return tuple(one for one in best.values() if not _is_part(tree, one, list(best.values())))


def _preference(one: Application) -> tuple[bool, int, int, str]:
    name = one.entry.partition(":")[2].partition("(")[0]
    rank = _USUAL.index(name) if name in _USUAL else len(_USUAL)
    return bool(one.missing), rank, one.entry.count("/"), one.entry


def _is_part(tree: FolderTree, one: Application, every: Sequence[Application]) -> bool:
    """Whether another application imports this one, and this one not that."""
    return any(
        one.defined_in in reached(tree, other.file, other.base)
        and other.defined_in not in reached(tree, one.file, one.base)
        for other in every
        if other is not one
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
    made = {
        (factory.file, factory.entry.partition(":")[2][:-2]): factory
        for factory in factories
        if factory.entry.endswith("()")
    }
    for path, text in tree.code():
        base = import_base(tree, path)
        names = {
            one.alias: made[file, one.name]
            for one in imports(text)
            for file in files_of(tree, path, one, base)
            if (file, one.name) in made
        }
        names |= {name: one for (file, name), one in made.items() if file == path}
        for name, value in _assignments(parsed(text).body):
            if isinstance(value, ast.Call) and (factory := names.get(ast.unparse(value.func))):
                yield replace(factory, entry=f"{path}:{name}", base=base, missing=())


def _classes(text: str) -> dict[str, tuple[str, WebInterface]]:
    """How a module writes the classes of frameworks: ``Flask``, ``flask.Flask``, its own subclass of one."""
    found: dict[str, tuple[str, WebInterface]] = {}
    for one in imports(text):
        for full, known in _FRAMEWORKS.items():
            if one.full == full:
                found[one.alias] = known
            elif not one.name and full.startswith(f"{one.module}."):
                written = one.alias if one.alias != one.module.partition(".")[0] else one.module
                found[f"{written}.{full.removeprefix(f'{one.module}.')}"] = known
        if one.full == _DJANGO:
            found[one.alias] = ("Django", "wsgi")
    for node in parsed(text).body:
        if isinstance(node, ast.ClassDef):
            known_base = next((found[name] for base in node.bases if (name := ast.unparse(base)) in found), None)
            if known_base:
                found[node.name] = known_base
    return found


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
        one for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None
    ]
    return tuple(one.arg for one in (*without, *keywords))


def static_folder(tree: FolderTree, one: Application) -> str | None:
    """The folder of the application's static files that it serves at /static, when it has files."""
    folder = str(PurePosixPath(one.defined_in).parent)
    if one.framework == "Django":
        if root := static_root(tree, one):
            return root
        choices = [str(PurePosixPath(one.base) / name) for name in ("staticfiles", "static")]
    else:
        named, at = _static_arguments(tree.text(one.defined_in))
        if at not in {None, "/static"}:
            return None
        choices = [str(PurePosixPath(folder) / (named or "static"))]
        if one.kind == "asgi":
            choices = [str(PurePosixPath(root) / named) for root in (one.base, ".") if named]
    return next((choice for choice in choices if ".." not in choice and any(tree.under(choice))), None)


_STATIC_ROOT = re.compile(r"""(?m)^STATIC_ROOT\s*=\s*(?:str\()?BASE_DIR\s*/\s*["']([\w.-]+)["']""")


def static_root(tree: FolderTree, one: Application) -> str | None:
    """The folder that a Django project collects its static files into, when its settings say one of its own."""
    if one.framework != "Django":
        return None
    settings = str(PurePosixPath(one.made_in).with_name("settings.py"))
    found = _STATIC_ROOT.search(tree.text(settings))
    return str(PurePosixPath(one.base) / found[1]) if found else None


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
