"""What ``make scan`` reads takes every option of the model, but for those that make no template of their own."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stacks.app import App, Stage
from tools.scan.__main__ import with_all_options

NOT_SCANNED = {
    "GivenTemplate": "a template of another framework is not of our making",
    "LocalFile": "the same: its files",
    "Backend.template": "the same; it takes the place of functions",
    "OwnStack.module": "Python of the project makes it",
    "Stage.extend": "Python of the project changes it",
    "Stage.moved": "names of earlier resources; nothing else changes",
    "Pipelines.after": "the stage before it has the pipelines; tests/pipelines checks rows",
    "Frontend.errors": "only without an API; pages of the same distribution",
    "Function.asgi": "the same function with another handler",
    "Function.body": "a file of the project; makes models of the REST API",
    "Function.only": "what its zip holds",
    "Function.source": "what its zip holds",
}
Option = tuple[str, str]


def _values(value: Any) -> Iterator[Any]:
    """Every dataclass in a value."""
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from _values(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from (result for entry in value.values() for result in _values(entry))
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        yield from (result for entry in value for result in _values(entry))


def _taken(app: App) -> Iterator[Option]:
    """The options of a description that are not what they are by default."""
    for value in _values([*app.stages.values(), *app.previews.values()]):
        for field in dataclasses.fields(value):
            result = field.default_factory
            usual = field.default if result is dataclasses.MISSING else result()
            if getattr(value, field.name) != usual:
                yield type(value).__name__, field.name


def _classes(hint: Any, classes: set[type]) -> set[type]:
    """Every dataclass that a type mentions."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint not in classes:
        classes.add(hint)
        for inner in typing.get_type_hints(hint).values():
            _classes(inner, classes)
    for inner in typing.get_args(hint):
        _classes(inner, classes)
    return classes


def test_every_option_is_taken_by_a_description_that_is_scanned() -> None:
    every = {(class_.__name__, field.name) for class_ in _classes(Stage, set()) for field in dataclasses.fields(class_)}
    assert len(every) > 300
    taken = {option for app in with_all_options() for option in _taken(app)}
    left = {f"{name}.{option}" for name, option in every - taken if name not in NOT_SCANNED}
    assert left == {name for name in NOT_SCANNED if "." in name}
