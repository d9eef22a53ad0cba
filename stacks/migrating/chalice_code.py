"""The text of Chalice's app.py → its decorated functions. Pure; nothing is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stacks.migrating.located import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles

_KINDS = {
    "route", "schedule", "lambda_function", "on_s3_event", "on_sqs_message", "on_sns_message", "on_cw_event",
    "on_dynamodb_record", "on_kinesis_record", "authorizer", "on_ws_connect", "on_ws_disconnect", "on_ws_message",
}  # fmt: skip
_METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decorated:
    """A function with one of Chalice's decorators."""

    kind: str
    name: str
    place: Place
    arguments: tuple[Any, ...] = ()
    """Literals; None for what is not one."""
    options: JsonDict = field(default_factory=dict)
    schedules: tuple[str, ...] = ()


def decorated(text: str, file: str, obstacles: Obstacles) -> list[Decorated]:
    """The decorated functions of a file; what cannot be read from its text is an obstacle."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        fix = "Correct it, or describe its functions under 'backend'"
        obstacles.lost(Place(file, getattr(error, "lineno", 1) or 1), file, "is not Python that can be read", fix)
        return []
    if "register_blueprint" in text:
        what = "registers blueprints, whose routes are in other files"
        obstacles.lost(Place(file), "register_blueprint", what, "Write their routes under 'routes' of the function")
    return [result for node in module.body for result in _of(node, file)]


def _of(node: ast.stmt, file: str) -> Iterator[Decorated]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        kind = decorator.func.attr
        place = Place(file, decorator.lineno)
        options = {keyword.arg: _literal(keyword.value) for keyword in decorator.keywords if keyword.arg}
        if kind in _METHODS:
            kind, options = "route", {**options, "methods": [kind.upper()]}
        if kind in _KINDS:
            yield Decorated(
                kind=kind,
                name=node.name,
                place=place,
                arguments=tuple(_literal(arg) for arg in decorator.args),
                options=options,
                schedules=tuple(_schedules(decorator)) if kind == "schedule" else (),
            )


def _literal(node: ast.expr) -> Any:
    """The value of a literal; the name that an expression begins with, else None."""
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError):
        return node.id if isinstance(node, ast.Name) else None


def _schedules(decorator: ast.Call) -> Iterator[str]:
    """``Rate(5, unit=Rate.MINUTES)``, ``Cron(0, 18, '*', '*', '?', '*')`` and texts as EventBridge writes them."""
    for node in [*decorator.args, *(keyword.value for keyword in decorator.keywords if keyword.arg == "expression")]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            parts = [_literal(arg) for arg in node.args]
            unit = next((keyword.value for keyword in node.keywords if keyword.arg == "unit"), node.args[1] if len(node.args) > 1 else None)  # fmt: skip # noqa: E501
            if name == "Cron":
                yield f"cron({' '.join(str(part) for part in parts)})"
            elif name == "Rate" and parts and isinstance(unit, ast.Attribute):
                unit_name = unit.attr.lower().removesuffix("s")
                yield f"rate({parts[0]} {unit_name}{'' if parts[0] == 1 else 's'})"
