"""What every value of a description is closed to: keys that are not known."""

from __future__ import annotations

from typing import ClassVar


class Described:
    """What pydantic is to know of a class when it reads a description: unknown keys are refused."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}
