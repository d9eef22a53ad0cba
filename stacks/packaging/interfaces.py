"""What code names, once it is imported → whether it can be called as the description says, and what to do if not.

Runs inside ``import_probe``, in a process that has nothing of this library: the standard library only. What counts is
the signature of what is called, not of what it wraps.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import Literal

InterfaceKind = Literal["wsgi", "asgi", "handler"]

_CALLED_WITH: dict[InterfaceKind, tuple[str, ...]] = {
    "wsgi": ("environ", "start_response"),  # https://peps.python.org/pep-3333/
    "asgi": ("scope", "receive", "send"),  # https://asgi.readthedocs.io/en/stable/specs/main.html
    "handler": ("event", "context"),  # https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
}
_TITLES: dict[InterfaceKind, str] = {
    "wsgi": "a WSGI application",
    "asgi": "an ASGI application",
    "handler": "a Lambda handler",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """``what`` is wrong with a callable, and its ``fix``; sentences without a full stop."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signature:
    """How something is called: its positional parameters, how many are required, and whether it takes any number."""

    names: tuple[str, ...]
    required: int
    variadic: bool
    asynchronous: bool

    def takes(self, count: int) -> bool:
        return self.required <= count and (self.variadic or count <= len(self.names))


def mismatch(result: object, kind: InterfaceKind, named: str) -> Mismatch | None:
    """What keeps ``result``, which the description calls ``named``, from being called as ``kind``; None if nothing.

    Something whose signature is unknown to Python passes.
    """
    signature = _signature(result)
    if signature is None:
        return _not_callable(result, named)
    if inspect.isclass(result):
        return _of_class(result, signature, kind, named)
    return _of_function(result, signature, kind, named)


def _of_function(result: object, signature: _Signature, kind: InterfaceKind, named: str) -> Mismatch | None:
    """The same of a function, or of an object that is called like one."""
    if kind != "handler" and signature.required == 0 and inspect.isfunction(result) and not signature.variadic:
        return Mismatch(what=f"{named} is a factory, which has to be called", fix=f"Write {named}()")
    looks_like = _looks_like(signature)
    if looks_like and looks_like != kind:
        return Mismatch(
            what=f"{named} is {_TITLES[looks_like]}, not {_TITLES[kind]}",
            fix=f"Write '{looks_like}:' instead of '{kind}:'",
        )
    if kind == "handler" and signature.asynchronous:
        fix = "Make it a plain 'def', with asyncio.run(...) around what it awaits"
        return Mismatch(what=f"{named} is a coroutine function, and Lambda calls plain functions", fix=fix)
    if not signature.takes(len(_CALLED_WITH[kind])):
        return _arity(signature, kind, named)
    return None


def _not_callable(result: object, named: str) -> Mismatch | None:
    if result is None:
        fix = "Return the application from it" if named.endswith(")") else "Name what holds the application"
        return Mismatch(what=f"{named} is None", fix=fix)
    if inspect.iscoroutine(result):
        result.close()
        return Mismatch(
            what=f"{named} is a coroutine: the factory is asynchronous", fix="Make the factory a plain 'def'"
        )
    if callable(result):
        return None
    what = f"{named} is {_article(type(result).__name__)}, which cannot be called"
    server = getattr(result, "server", None)
    if callable(server):  # Dash keeps its Flask application there
        return Mismatch(what=what, fix=f"Write 'server = {named}.server' below it, and name server")
    return Mismatch(what=what, fix="Name the application or function itself")


def _of_class(result: type, signature: _Signature, kind: InterfaceKind, named: str) -> Mismatch | None:
    """A class is an application if its instances are answers: PEP 3333 iterates over them, ASGI awaits them."""
    answers = {"wsgi": "__iter__", "asgi": "__await__"}.get(kind)
    if answers and hasattr(result, answers) and signature.takes(len(_CALLED_WITH[kind])):
        return None
    return Mismatch(what=f"{named} is a class", fix=f"Name an instance of it, as '{named}()'")


def _looks_like(signature: _Signature) -> InterfaceKind | None:
    """What the parameters' names or their number say, if they say anything: two of any name may be a handler's."""
    first = signature.names[: signature.required] or signature.names
    for kind in ("wsgi", "asgi", "handler"):
        if first[: len(_CALLED_WITH[kind])] == _CALLED_WITH[kind]:
            return kind
    if "start_response" in first or first[:1] == ("environ",):
        return "wsgi"
    if signature.required == len(_CALLED_WITH["asgi"]):
        return "asgi"
    return None


def _arity(signature: _Signature, kind: InterfaceKind, named: str) -> Mismatch:
    wanted = _CALLED_WITH[kind]
    count = signature.required or len(signature.names)
    takes = f"{count} argument{'' if count == 1 else 's'}" if count else "no arguments"
    what = f"{named} takes {takes}, and {_TITLES[kind]} is called with {len(wanted)}: {', '.join(wanted)}"
    if kind == "handler":
        return Mismatch(what=what, fix=f"Define it as 'def {named}(event, context)'")
    return Mismatch(what=what, fix=f"If it is a factory, call it with literals, as {named}('production')")


def _signature(result: object) -> _Signature | None:
    try:
        parameters = inspect.signature(result, follow_wrapped=False).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    positional = [
        parameter
        for parameter in parameters
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
    ]
    return _Signature(
        names=tuple(parameter.name for parameter in positional),
        required=sum(parameter.default is parameter.empty for parameter in positional),
        variadic=any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters),
        asynchronous=_is_asynchronous(result),
    )


def _is_asynchronous(result: object) -> bool:
    while isinstance(result, functools.partial):
        result = result.func
    called = result if inspect.isroutine(result) else type(result).__call__
    return inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
