"""Every text inside the properties of a resource, with its place, for rules about accounts and addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks.values import text

if TYPE_CHECKING:
    from stacks.json_types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePlace:
    """A text inside a template."""

    path: str
    """``Rules[0].Bucket``."""
    names: tuple[str, ...]
    """The names of the properties on the way, the nearest one last."""
    text: str
    """With ``${…}`` for what is not written out."""
    around: JsonObject
    """The nearest mapping around it."""
    is_literal: bool
    """No function replaces it."""

    @property
    def name(self) -> str:
        """The property that it is the value of, or an item of."""
        return self.names[-1] if self.names else ""


def places(value: object, *, leave: Collection[str] = (), path: str = "") -> Iterator[ValuePlace]:
    """Every text below a value, but for what is below properties named in ``leave``."""
    return _places(value, frozenset(leave), path, (), {})


def _places(
    value: object, leave: frozenset[str], path: str, names: tuple[str, ...], around: JsonObject
) -> Iterator[ValuePlace]:
    read = None if isinstance(value, bool) else text(value)
    if read is not None:
        yield ValuePlace(path=path, names=names, text=read, around=around, is_literal=isinstance(value, str))
    elif isinstance(value, Mapping):
        for name, inside in value.items():
            if name not in leave:
                yield from _places(inside, leave, f"{path}.{name}" if path else str(name), (*names, str(name)), value)
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _places(inside, leave, f"{path}[{index}]", names, around)
