"""What every value of a description is: frozen, built with keywords, and closed to keys that are not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(cls: type[_T]) -> type[_T]:
    """Make a class a frozen dataclass that takes keywords only."""
    return dataclass(frozen=True, kw_only=True)(cls)


class Described:
    """What pydantic is to know of a class when it reads a description: unknown keys are refused."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
