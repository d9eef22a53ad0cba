"""A template's text, YAML with CloudFormation's short tags or JSON → plain data in long form.

Not ``yamltree``: that keeps lines and drops tags, for descriptions. Not cfn-flip: forty times slower.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from stacks.errors import StacksError

_BARE = {"Ref", "Condition"}
"""Functions whose long form has no ``Fn::``."""


def read_template(text: str, where: str) -> dict[str, Any]:
    """The template of a text; ``where`` is its file, or what else it came from.

    Raises:
        StacksError: when the text cannot be read, or has no resources.
    """
    found = _parsed(text, where)
    if not isinstance(found, dict) or not isinstance(found.get("Resources"), dict):
        raise StacksError(where, "is no CloudFormation template: it has no Resources", "Restore it, or render it again")
    return found


def _parsed(text: str, where: str) -> Any:
    import yaml  # noqa: PLC0415 - a JSON template needs none

    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_loader())  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        why = str(getattr(error, "problem", None) or error).partition("\n")[0]
        raise StacksError(place, f"cannot be read: {why.rstrip('.')}", "Restore it, or render it again") from None


@cache
def _loader() -> Any:
    """PyYAML's safe loader that knows the short tags and takes dates for texts."""
    import yaml  # noqa: PLC0415

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads templates."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_multi_constructor("!", _function)
    return Loader


def _function(loader: Any, name: str, node: Any) -> dict[str, Any]:
    import yaml  # noqa: PLC0415

    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        value = value.split(".", 1) if name == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name if name in _BARE else f"Fn::{name}": value}
