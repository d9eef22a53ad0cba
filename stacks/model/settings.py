"""Environment variables of a function, as its description has them."""

from __future__ import annotations

from typing import Any

from stacks.intrinsics.functions import is_function
from stacks.model.described import Described
from stacks.model.texts import Mistake, ShortFor
from stacks.values import value


@value
class Setting(Described):
    """The value of an environment variable."""

    value: Any = ""
    """A text, or a CloudFormation function such as ``!Ref Alerts``."""
    secret: bool | None = None
    """``false``: it is not a secret although its name looks like one. What is one belongs under ``secrets``."""

    def __post_init__(self) -> None:
        if not isinstance(self.value, str) and not is_function(self.value):
            raise Mistake(f"{self.value!r} is not text", "Write text, or a CloudFormation function such as !Ref Alerts")


def _setting(described: object) -> Any:
    if isinstance(described, bool | int | float):
        shown = str(described).lower()
        raise Mistake(f"{shown} is not text", f'Write it in quotes, as "{shown}"')
    return {"value": described} if isinstance(described, str) or is_function(described) else described


setting = ShortFor(_setting, ("string",))
"""Text alone stands for a setting that is not a secret by its name."""
