"""What every value of a description is closed to: unknown keys, and rules over values of another type."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from functools import cache, wraps
from inspect import get_annotations
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable


class Described:
    """What pydantic is to know of a class when it reads a description: unknown keys are refused."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    def __init_subclass__(cls) -> None:
        if rules := vars(cls).get("__post_init__"):
            cls.__post_init__ = _guarded(rules)  # type: ignore[attr-defined]  # it has one


def _guarded(rules: Callable[[Any], None]) -> Callable[[Any], None]:
    """The rules of a class, silent about values of other types than its fields': rendering says where these are."""

    @wraps(rules)
    def guarded(value: Described) -> None:
        try:
            rules(value)
        except (ArithmeticError, AttributeError, LookupError, TypeError):
            if all(_fits(getattr(value, field.name), hint_of(type(value), field.name)) for field in fields(value)):  # type: ignore[arg-type]
                raise

    return guarded


def _fits(value: object, hint: Any) -> bool:
    """Whether a value has the type that a hint says, whatever its rules."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _fits(value, inside[0])
    if origin is Literal:
        return value in inside
    if origin in {Union, UnionType}:
        return any(_fits(value, member) for member in inside)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(item, inside[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(key, inside[0]) and _fits(item, inside[1]) for key, item in value.items()
        )
    return hint is Any or isinstance(value, hint)


@cache
def hint_of(cls: type[Any], key: str) -> Any:
    """The type hint of a field. Only those that are asked for are evaluated: there are hundreds."""
    owner = next(base for base in cls.__mro__ if key in get_annotations(base))
    hint = get_annotations(owner)[key]
    if not isinstance(hint, str):  # a module without `from __future__ import annotations`
        return hint
    return eval(hint, vars(sys.modules[owner.__module__]))  # noqa: S307 - our own source
