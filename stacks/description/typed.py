"""Plain data → the dataclasses of the model, by their type hints, for data that has no mistake.

Importing pydantic and building its validators takes longer than rendering. So a description is first read here; where
this reader takes anything exception to it, pydantic reads it again and says what is wrong. It takes less than pydantic
does (no value is converted) and makes the same of what it takes, which a test holds over random descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from stacks.model.described import Described, hint_of
from stacks.model.texts import ShortFor, SingleValue

_T = TypeVar("_T", bound=Described)


class Untyped(Exception):  # noqa: N818 - no mistake of a person: it says who reads the data
    """The data is not, without any conversion, what a type hint asks for."""


def typed(cls: type[_T], data: object) -> _T:
    """An instance of ``cls`` with the values of ``data``.

    Raises:
        Untyped: for data that breaks a rule of the model, or that a type hint does not describe exactly.
    """
    try:
        value: _T = _read(cls, data)
    except ValueError as error:  # a rule of the model
        raise Untyped from error
    return value


def _read(hint: Any, data: Any) -> Any:
    origin = get_origin(hint)
    if origin is not None:
        return READERS[origin](hint, data)
    if hint is Any:
        return data
    if issubclass(hint, Described):
        return _described(hint, data)
    return _same(data, hint)


def _same(data: object, wanted: type) -> Any:
    if type(data) is not wanted:
        raise Untyped
    return data


def _literal(hint: object, data: object) -> Any:
    if not any(type(data) is type(allowed) and data == allowed for allowed in get_args(hint)):
        raise Untyped
    return data


def _annotated(hint: Any, data: Any) -> Any:
    """Shorter ways are rewritten before the value is read, rules are asked after it: the way pydantic nests them."""
    for mark in reversed(hint.__metadata__):
        if isinstance(mark, ShortFor):
            data = mark.rewrite(data)
    value = _read(hint.__origin__, data)
    for mark in hint.__metadata__:
        if isinstance(mark, SingleValue):
            value = mark(value)
    return value


def _union(hint: object, data: object) -> Any:
    """The value as the only member that takes it; which of several is meant is pydantic's to say."""
    taken = []
    for member in get_args(hint):
        try:
            taken.append(_read(member, data))
        except (Untyped, ValueError):
            continue
    if len(taken) != 1:
        raise Untyped
    return taken[0]


def _tuple(hint: Any, data: Any) -> tuple[Any, ...]:
    if not isinstance(data, tuple):
        data = _same(data, list)
    item, _ = get_args(hint)
    return tuple([_read(item, value) for value in data])


def _mapping(hint: object, data: object) -> dict[Any, Any]:
    key_hint, value_hint = get_args(hint)
    return {_read(key_hint, key): _read(value_hint, value) for key, value in _same(data, dict).items()}


def _described(cls: Any, data: Any) -> Described:
    known = _fields(cls)
    if not known.keys() >= _same(data, dict).keys() >= {key for key, is_required in known.items() if is_required}:
        raise Untyped
    values = {key: _read(hint_of(cls, key), value) for key, value in data.items()}
    described: Described = cls(**values)
    return described


READERS: Mapping[Any, Callable[[Any, Any], Any]] = {
    Annotated: _annotated,
    Literal: _literal,
    Mapping: _mapping,
    Union: _union,
    UnionType: _union,
    tuple: _tuple,
}


@cache
def _fields(cls: type[Any]) -> dict[str, bool]:
    """The fields of a class, and whether a description has to have them."""
    every = fields(cls)
    return {field.name: field.default is MISSING and field.default_factory is MISSING for field in every}
