"""The text of a template that was rendered or deployed → plain data in long form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import StacksError
from stacks.intrinsics.reading import UnreadableError, load

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

_FIX = "Restore it, or render it again"


def read_template(text: str, where: str) -> JsonDict:
    """The template of a text; ``where`` is its file, or what else it came from.

    Raises:
        StacksError: when the text cannot be read, or has no resources.
    """
    try:
        template = load(text)
    except UnreadableError as error:
        place = f"{where}:{error.line}" if error.line else where
        raise StacksError(place, f"cannot be read: {error.why.rstrip('.')}", _FIX) from None
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise StacksError(where, "is not a CloudFormation template: it has no Resources", _FIX)
    return template
