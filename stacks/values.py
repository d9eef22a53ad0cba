"""``@value``: a frozen dataclass, made without compiling code.

``dataclass(frozen=True)`` writes and compiles six methods for each class, 0.65 ms on Python 3.11. Rendering loads more
than a hundred classes, so that was a fifth of its time (``benchmarks/render.py``). Here all classes share one set of
methods. The rest is the standard library's: ``fields``, ``replace``, ``asdict`` and pydantic see a dataclass.

    >>> @value
    ... class Size:
    ...     "What fits."
    ...     width: int
    ...     height: int = 1
    >>> Size(width=2)
    Size(width=2, height=1)
    >>> Size(width=2) == Size(width=2, height=1), len({Size(width=2), Size(width=3)})
    (True, 2)
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[_T]) -> type[_T]:
    """Make a class a frozen dataclass that is built with keywords only."""
    return _value_class(cls, keywords_only=True)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def positional_value(cls: type[_T]) -> type[_T]:
    """Make a class a frozen dataclass that is built by position, too: for one or two obvious fields."""
    return _value_class(cls, keywords_only=False)


def _value_class(cls: type[_T], *, keywords_only: bool) -> type[_T]:
    cls.__doc__ = cls.__doc__ or cls.__name__  # otherwise dataclass() writes the signature, which takes 0.5 ms
    dataclass(init=False, repr=False, eq=False, kw_only=keywords_only)(cls)
    described = fields(cls)  # type: ignore[arg-type]  # it has just become a dataclass
    compared = [field.name for field in described if field.compare]
    shape = _Shape(
        names=tuple(field.name for field in described),
        positional=tuple(field.name for field in described if not field.kw_only),
        shown=tuple(field.name for field in described if field.repr),
        compared=attrgetter(*compared) if compared else type,
        defaults={field.name: field.default for field in described if field.default is not MISSING},
        factories={field.name: field.default_factory for field in described if field.default_factory is not MISSING},
    )
    own = vars(cls)
    methods = {name: method for name, method in _METHODS.items() if name not in own}
    for name, attribute in {**methods, "__shape__": shape}.items():
        setattr(cls, name, attribute)
    return cls


class _Shape(NamedTuple):
    """The fields of a class, in the order in which they are written, as the shared methods need them."""

    names: tuple[str, ...]
    positional: tuple[str, ...]
    shown: tuple[str, ...]
    compared: Callable[[Any], Any]
    """Takes what is compared from a value."""
    defaults: Mapping[str, Any]
    factories: Mapping[str, Callable[[], Any]]


class _Value:
    """The methods that all values share."""

    __shape__: _Shape

    def __init__(self, *positional: Any, **named: Any) -> None:
        shape = self.__shape__
        if positional:
            named = _named(self, positional, named)
        values = {**shape.defaults, **named}
        for name, factory in shape.factories.items():
            if name not in named:
                values[name] = factory()
        if len(values) != len(shape.names) or not all(map(values.__contains__, shape.names)):
            _refuse(self, values)
        self.__dict__.update(values)
        if hasattr(self, "__post_init__"):
            self.__post_init__()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__shape__.shown)
        return f"{type(self).__qualname__}({shown})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        compared = self.__shape__.compared
        return bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        return hash(self.__shape__.compared(self))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


_METHODS = {name: attribute for name, attribute in vars(_Value).items() if callable(attribute)}


def _named(value: _Value, positional: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    names = value.__shape__.positional
    called = f"{type(value).__qualname__}.__init__()"
    if len(positional) > len(names):
        raise TypeError(f"{called} takes {len(names)} positional arguments but {len(positional)} were given")
    by_position = dict(zip(names, positional, strict=False))
    for name in by_position.keys() & named.keys():
        raise TypeError(f"{called} got multiple values for argument {name!r}")
    return by_position | named


def _refuse(value: _Value, values: Mapping[str, Any]) -> NoReturn:
    names = value.__shape__.names
    called = f"{type(value).__qualname__}.__init__()"
    for name in values:
        if name not in names:
            raise TypeError(f"{called} got an unexpected keyword argument {name!r}")
    missing = [repr(name) for name in names if name not in values]
    raise TypeError(f"{called} missing required arguments: {', '.join(missing)}")
