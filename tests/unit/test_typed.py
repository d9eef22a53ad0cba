"""What is read by type hints alone is what pydantic makes of the same description, and no mistake passes."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from stacks.app import App
from stacks.description.schema import judged
from stacks.description.typed import READERS, Untyped, typed
from stacks.description.validation import completed
from stacks.intrinsics.reading import parse
from stacks.model.described import Described, hint_of
from stacks.model.texts import ShortFor, SingleValue
from tools.corpus import description

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    10**9,
    1.5,
    "",
    "x",
    "GET /",
    "true",
    "1",
    [],
    ["x"],
    {},
    {"x": 1},
)
"""What stands in place of a value: of every type, allowed in some places."""


def read(data: Any) -> App | None:
    try:
        return typed(App, data)
    except Untyped:
        return None


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping and list with a key or index in it."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield data, key
        yield from places(value)


def changed(data: Any, random: Random) -> Any:
    """A copy with one value replaced, left out or added."""
    data = copy.deepcopy(data)
    inside, key = random.choice(list(places(data)))
    match random.randrange(8):
        case 0:
            del inside[key]
        case 1 if isinstance(inside, dict):
            inside[random.choice(["x", 1, None, True, f"{key}s"])] = inside[key]
        case _:
            inside[key] = random.choice(_OTHERS)
    return data


def test_the_example_is_read_without_pydantic(root: Path) -> None:
    data = completed(parse((root / "app.yaml").read_text(), "app.yaml").data)
    assert repr(read(data)) == repr(judged(data)[0])


def test_good_descriptions_are_read_as_pydantic_reads_them() -> None:
    for seed in range(60):
        data = completed(description(seed))
        app, errors = judged(data)
        assert errors or (repr(read(data)), seed) == (repr(app), seed)


def test_what_is_read_from_changed_descriptions_is_what_pydantic_reads() -> None:
    accepted = 0
    for seed in range(300):
        random = Random(seed)  # noqa: S311 - not for secrets
        data = changed(completed(description(seed % 60)), random)
        own = read(copy.deepcopy(data))
        app, errors = judged(data)
        assert own is None or (repr(own), seed) == (repr(app), seed), errors
        accepted += own is not None
    assert accepted > 30


def hints(hint: Any) -> Iterator[Any]:
    """A type hint with those inside it."""
    yield hint
    if get_origin(hint) is Literal:
        return
    if isinstance(hint, type) and is_dataclass(hint):
        yield from chain.from_iterable(hints(hint_of(hint, field.name)) for field in fields(hint))
    inside = [hint.__origin__] if get_origin(hint) is Annotated else get_args(hint)
    yield from chain.from_iterable(hints(part) for part in inside if part is not ...)


def test_every_hint_of_the_model_has_a_reader() -> None:
    """What has none would be read by pydantic, slowly, or not at all."""
    results = list(hints(App))
    origins = {get_origin(hint) for hint in results} - {None}
    plain = {hint for hint in results if get_origin(hint) is None and not is_dataclass(hint)}
    marks = [mark for hint in results if get_origin(hint) is Annotated for mark in hint.__metadata__]
    assert origins == set(READERS)
    assert plain == {Any, str, int, bool, type(None)}
    assert all(isinstance(mark, ShortFor | SingleValue) for mark in marks)
    assert all(get_args(hint)[1:] == (...,) for hint in results if get_origin(hint) is tuple)
    assert all(issubclass(hint, Described) for hint in results if isinstance(hint, type) and is_dataclass(hint))
