"""The last value that a rule for single values allows passes, and the next one does not: derived from the model."""

from __future__ import annotations

import dataclasses
import typing
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError

from stacks.app import App
from stacks.model.texts import Between, Text

if typing.TYPE_CHECKING:
    from collections.abc import Iterator


def _inside(hint: Any, seen: set[Any]) -> Iterator[tuple[Any, Between | Text]]:
    """Each annotated type below a type hint, with its rule."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint not in seen:
            seen.add(hint)
            for entry in typing.get_type_hints(hint, include_extras=True).values():
                yield from _inside(entry, seen)
        return
    if get_origin(hint) is Annotated:
        kind, *rules = get_args(hint)
        yield from ((Annotated[kind, rule], rule) for rule in rules if isinstance(rule, Between | Text))
        yield from _inside(kind, seen)
    elif get_origin(hint) is not None or isinstance(hint, UnionType):
        for item in get_args(hint):
            yield from _inside(item, seen)


RULES = {repr(rule): (hint, rule) for hint, rule in _inside(App, set())}
NUMBERS = [(hint, rule) for hint, rule in RULES.values() if isinstance(rule, Between)]
TEXTS = [(hint, rule) for hint, rule in RULES.values() if isinstance(rule, Text)]


def refused(hint: Any, value: Any) -> str:
    """What is said of a value; empty when it passes."""
    try:
        TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        return str(error)
    return ""


def test_the_model_has_rules() -> None:
    assert (len(NUMBERS) > 20, len(TEXTS) > 20) == (True, True)


@pytest.mark.parametrize(("hint", "rule"), NUMBERS, ids=[f"{rule.low} to {rule.high}" for _, rule in NUMBERS])
def test_both_ends_of_a_range_pass_and_their_neighbours_do_not(hint: Any, rule: Between) -> None:
    assert (refused(hint, rule.low), refused(hint, rule.high)) == ("", "")
    assert f"{rule.low - 1} is below the {rule.low}" in refused(hint, rule.low - 1)
    assert f"{rule.high + 1} exceeds the {rule.high}" in refused(hint, rule.high + 1)
    assert f"Use {rule.low} to {rule.high}" in refused(hint, rule.high + 1)


@pytest.mark.parametrize(("hint", "rule"), TEXTS, ids=[rule.what for _, rule in TEXTS])
def test_a_text_is_too_long_from_the_first_character_too_many(hint: Any, rule: Text) -> None:
    assert "characters, " not in refused(hint, "x" * rule.longest)
    assert f"{rule.longest + 1} characters, {rule.longest} are allowed" in refused(hint, "x" * (rule.longest + 1))
