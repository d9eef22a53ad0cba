"""``@value`` classes behave as frozen dataclasses of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import FrozenInstanceError, dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.values import positional_value, value


@value
class AsValue:
    """The fields of ``AsDataclass``."""

    name: str
    size: int = 1
    tags: tuple[str, ...] = field(default_factory=tuple)
    note: str = field(default="", compare=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class AsDataclass:
    """What the standard library makes of the same fields."""

    name: str
    size: int = 1
    tags: tuple[str, ...] = field(default_factory=tuple)
    note: str = field(default="", compare=False)
    secret: str = field(default="", repr=False)


@value
class Longer(AsValue):
    """One field more, and a rule."""

    more: bool = False

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(self.size)


@positional_value
class Point:
    """Built by position or by name."""

    x: int
    y: int = 0


@value
class Empty:
    """No field."""


texts = st.sampled_from(["", "a", "b"])
arguments = st.fixed_dictionaries(
    {"name": texts},
    optional={"size": st.integers(0, 2), "tags": st.tuples(texts), "note": texts, "secret": texts},
)


@given(arguments, arguments)
def test_values_compare_hash_and_print_as_dataclasses(first: dict[str, object], second: dict[str, object]) -> None:
    own_values = AsValue(**first), AsValue(**second)  # type: ignore[arg-type]
    dataclass_values = AsDataclass(**first), AsDataclass(**second)  # type: ignore[arg-type]
    assert (own_values[0] == own_values[1]) == (dataclass_values[0] == dataclass_values[1])
    assert (hash(own_values[0]) == hash(own_values[1])) == (hash(dataclass_values[0]) == hash(dataclass_values[1]))
    assert repr(own_values[0]) == repr(dataclass_values[0]).replace("AsDataclass", "AsValue")
    assert dataclasses.asdict(own_values[0]) == dataclasses.asdict(dataclass_values[0])


def test_the_tools_of_dataclasses_work() -> None:
    size = AsValue(name="a", tags=("x",))
    assert dataclasses.replace(size, size=2) == AsValue(name="a", size=2, tags=("x",))
    assert copy.deepcopy(size) == size
    assert [field.name for field in dataclasses.fields(Longer)] == ["name", "size", "tags", "note", "secret", "more"]
    assert Longer(name="a") != AsValue(name="a")
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_fields_cannot_be_set_or_deleted() -> None:
    size = AsValue(name="a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'size'"):
        size.size = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'size'"):
        del size.size


def test_a_rule_of_the_class_is_asked() -> None:
    with pytest.raises(ValueError, match="-1"):
        Longer(name="a", size=-1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (AsValue, "missing required arguments: 'name'"),
        (lambda: AsValue(name="a", wrong=1), "an unexpected keyword argument 'wrong'"),  # type: ignore[call-arg]
        (lambda: AsValue(wrong=1), "an unexpected keyword argument 'wrong'"),  # type: ignore[call-arg]
        (lambda: AsValue("a"), "takes 0 positional arguments but 1 were given"),  # type: ignore[call-arg]
        (lambda: Point(1, 2, 3), "takes 2 positional arguments but 3 were given"),  # type: ignore[call-arg]
        (lambda: Point(1, x=2), "multiple values for argument 'x'"),  # type: ignore[misc]
    ],
)
def test_wrong_arguments_are_refused(build: object, message: str) -> None:
    assert callable(build)
    with pytest.raises(TypeError, match=message):
        build()


def test_positions_and_names_build_the_same() -> None:
    assert Point(1, 2) == Point(1, y=2) == Point(x=1, y=2)
    assert Point(1) == Point(1, 0)
