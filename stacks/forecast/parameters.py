"""A template with the values of its parameters in place of their ``Ref``s, as CloudFormation compares it.

A value that is not known on both sides stays a ``Ref``. Values of ``NoEcho`` parameters never leave this module:
they become ``****``, and what was given anew becomes ``**** (new)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.references import Reference, substitute

if TYPE_CHECKING:
    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, JsonObject, TemplateData

MASK = "****"
"""What CloudFormation itself shows for a NoEcho parameter."""
MASK_CHANGED = "**** (new)"

Values = Mapping[str, Any]


def part(template: TemplateData, section: str) -> JsonDict:
    """A section of a template by logical id; empty for one that is missing or no mapping."""
    result = template.get(section)
    return {str(name): body for name, body in result.items()} if isinstance(result, dict) else {}


def known_values(
    old: JsonObject, old_given: Mapping[str, str], new: JsonObject, new_given: Mapping[str, str]
) -> tuple[Values, Values]:
    """What stands for each parameter on the two sides, of those that can be compared.

    Pseudo parameters (``AWS::AccountId``) stand for themselves when they are given.
    """
    before, after = part(old, "Parameters"), part(new, "Parameters")
    left, right = _values(before, old_given), _values(after, new_given)
    for name in before.keys() & after.keys():
        if name not in left or name not in right:
            left.pop(name, None)
            right.pop(name, None)
        elif is_secret(before[name]) or is_secret(after[name]):
            same = left[name] == right[name] or MASK in {left[name], right[name]}
            left[name], right[name] = MASK, MASK if same else MASK_CHANGED
    for side, declared in ((left, before), (right, after)):
        for name in side:
            if is_secret(declared[name]) and side[name] != MASK_CHANGED:
                side[name] = MASK
    return {**left, **_pseudo(old_given)}, {**right, **_pseudo(new_given)}


def is_secret(declaration: object) -> bool:
    """Whether a parameter's value must not be shown."""
    return isinstance(declaration, dict) and str(declaration.get("NoEcho", "")).lower() == "true"


def filled(value: object, values: Values) -> Any:
    """A value with parameters put in; a ``Fn::Sub`` with nothing left to put in is its text."""

    def known(reference: Reference | GetStackOutput) -> Any:
        return values.get(reference.variable) if isinstance(reference, Reference) else None

    return substitute(value, known)


def _pseudo(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name.startswith("AWS::")}


def _values(declared: JsonObject, parameters: Mapping[str, str]) -> JsonDict:
    result = {}
    for name, body in declared.items():
        declaration = body if isinstance(body, dict) else {}
        kind = str(declaration.get("Type", "String"))
        reads = kind.startswith("AWS::SSM::")  # its default is a name, not the value
        value = parameters.get(name, None if reads else declaration.get("Default"))
        if value is not None:
            many = kind == "CommaDelimitedList" or kind.startswith("List<")
            result[name] = str(value).split(",") if many else str(value)
    return result
