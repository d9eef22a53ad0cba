"""The file that a function names → what its source says about how it is called, and about Django's settings. Pure.

Only what the text proves is reported, so that a wrong key is reported while rendering, before anything is packaged;
``package --check`` asks the imported object itself.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stacks.model.backend import Interface

_FRAMEWORKS: dict[str, Interface] = {
    "apiflask.APIFlask": "wsgi",
    "asgiref.wsgi.WsgiToAsgi": "asgi",
    "bottle.Bottle": "wsgi",
    "bottle.default_app": "wsgi",
    "django.core.asgi.get_asgi_application": "asgi",
    "django.core.wsgi.get_wsgi_application": "wsgi",
    "falcon.API": "wsgi",
    "falcon.App": "wsgi",
    "falcon.asgi.App": "asgi",
    "fastapi.FastAPI": "asgi",
    "fastapi.applications.FastAPI": "asgi",
    "flask.Flask": "wsgi",
    "flask.app.Flask": "wsgi",
    "litestar.Litestar": "asgi",
    "quart.Quart": "asgi",
    "sanic.Sanic": "asgi",
    "starlette.applications.Starlette": "asgi",
}
"""What each framework's documentation calls its application, and the interface that it names there."""
FRAMEWORKS = frozenset(maker.partition(".")[0] for maker in _FRAMEWORKS)
"""Packages of which a file names at least one if its text reveals anything."""
_SETTINGS = re.compile(r"""setdefault\(\s*["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")


def interface_of(text: str, called: str) -> tuple[Interface, str] | None:
    """The interface of what a file's ``text`` calls ``called`` (``app`` or ``create_app()``), and its maker's name.

    None when the text alone does not show it, or is not Python.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    imports = dict(_imports(module))
    name, is_call, _ = called.partition("(")
    expr = _value_of(name, module.body)
    if is_call:
        factory = next((stmt for stmt in module.body if isinstance(stmt, ast.FunctionDef) and stmt.name == name), None)
        expr = _returned(factory) if factory else None
    maker = _qualified(expr.func, imports) if isinstance(expr, ast.Call) else None
    return (_FRAMEWORKS[maker], maker.rpartition(".")[2]) if maker in _FRAMEWORKS else None


def django_settings(text: str) -> str | None:
    """The settings module that Django's generated ``asgi.py``, ``wsgi.py`` or ``manage.py`` names."""
    match = _SETTINGS.search(text)
    return match[1] if match else None


def installed_apps(settings: str) -> tuple[str, ...]:
    """The packages that a settings file's ``INSTALLED_APPS`` names by literals, without those of Django itself."""
    try:
        expr = _value_of("INSTALLED_APPS", ast.parse(settings).body)
    except (SyntaxError, ValueError):
        return ()
    items = expr.elts if isinstance(expr, ast.List | ast.Tuple) else []
    names = (item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str))
    tops = (name.partition(".")[0] for name in names)
    return tuple(dict.fromkeys(top for top in tops if top != "django"))


def _imports(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Each imported name of the file with what it stands for."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield (
                    (name.asname, name.name)
                    if name.asname
                    else (name.name.partition(".")[0], name.name.partition(".")[0])
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((name.asname or name.name, f"{node.module}.{name.name}") for name in node.names)


def _value_of(name: str, body: Sequence[ast.stmt]) -> ast.expr | None:
    """What is assigned to ``name`` last, at the top of ``body``; None if it is also assigned in a branch."""
    value: ast.expr | None = None
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                value = statement.value
        elif isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While) and _assigns(name, statement):
            return None
    return value


def _assigns(name: str, statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
        for node in ast.walk(statement)
    )


def _returned(factory: ast.FunctionDef) -> ast.expr | None:
    """What a factory returns at its end: a call, or the value of a variable of its own."""
    last = factory.body[-1]
    if not isinstance(last, ast.Return):
        return None
    return _value_of(last.value.id, factory.body) if isinstance(last.value, ast.Name) else last.value


def _qualified(expression: ast.expr, imports: dict[str, str]) -> str | None:
    """``fastapi.FastAPI`` for ``FastAPI`` or ``fastapi.FastAPI``, as the file imports it."""
    match expression:
        case ast.Name(id=name):
            return imports.get(name)
        case ast.Attribute(value=owner, attr=name):
            of = _qualified(owner, imports)
            return f"{of}.{name}" if of else None
    return None
