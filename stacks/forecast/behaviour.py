"""A difference of a resource's properties → what the update does: the registry's create-only lists, then the facts.

The registry's lists are ``createOnlyProperties`` (a change replaces) and ``conditionalCreateOnlyProperties`` (it may).
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stacks import registry
from stacks.forecast.change import PropertyChange, strongest
from stacks.forecast.difference import Difference, ValuePath, keys_of, written
from stacks.forecast.documented import facts_about
from stacks.forecast.security import is_security_change
from stacks.intrinsics.functions import Sub, function, has_function
from stacks.intrinsics.references import variables

if TYPE_CHECKING:
    from stacks.cloud import Replacement
    from stacks.json_types import Properties


def property_change(type_name: str, difference: Difference) -> PropertyChange:
    """What a difference of the properties of a resource of this type does."""
    facts = facts_about(type_name, difference)
    overruled = tuple(fact.replacement for fact in facts if fact.replacement)
    replacement = strongest(overruled) if overruled else replacement_by_registry(type_name, difference)
    return PropertyChange(
        path=written(difference.path),
        action=difference.action,
        old=difference.old,
        new=difference.new,
        replacement=replacement,
        interrupts=any(fact.interrupts for fact in facts),
        because="" if registry.schema(type_name) else "the registry does not know the type",
        refused=next((fact.refused for fact in facts if fact.refused), ""),
        security=is_security_change(type_name, keys_of(difference.path)),
    )


def replacement_by_registry(type_name: str, difference: Difference) -> Replacement:
    """What the registry says alone; ``maybe`` for a type it does not know."""
    if registry.schema(type_name) is None:
        return "maybe"
    if _touches(_patterns(type_name, "create"), difference):
        return "always" if _surely_differs(difference) else "maybe"
    return "maybe" if _touches(_patterns(type_name, "conditional"), difference) else "never"


def is_create_only(type_name: str, path: ValuePath) -> bool:
    """Whether the value at a path may cause a replacement when it changes: it is, is in, or holds such a property."""
    keys = keys_of(path)
    patterns = _patterns(type_name, "create") | _patterns(type_name, "conditional")
    return any(keys[: len(pattern)] == pattern or pattern[: len(keys)] == keys for pattern in patterns)


def keeps_its_name(type_name: str, properties: Properties, changed: set[str]) -> bool:
    """Whether the template names the resource and none of the ``changed`` properties is part of that name.

    Such a resource cannot be replaced: the new one is made first, under a name that is taken.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
    """
    named = identifiers(type_name)
    return bool(named) and named <= properties.keys() and named.isdisjoint(changed)


def identifiers(type_name: str) -> frozenset[str]:
    """The properties that make up a resource's id, given by the template or by AWS."""
    return frozenset(_keys(pointer)[0] for pointer in registry.primary_identifier(type_name))


@cache
def _patterns(type_name: str, kind: str) -> frozenset[ValuePath]:
    pointers = (registry.create_only if kind == "create" else registry.conditional_create_only)(type_name)
    return frozenset(map(_keys, pointers))


def _keys(pointer: str) -> ValuePath:
    """``/properties/A/*/B`` as ``("A", "B")``: differences are asked for their keys alone, too."""
    return tuple(part for part in pointer.split("/")[2:] if part != "*")


def _touches(patterns: frozenset[ValuePath], difference: Difference) -> bool:
    keys = keys_of(difference.path)
    return any(
        keys[: len(pattern)] == pattern
        or (
            pattern[: len(keys)] == keys
            and (_holds(difference.old, pattern[len(keys) :]) or _holds(difference.new, pattern[len(keys) :]))
        )
        for pattern in patterns
    )


def _holds(value: object, keys: ValuePath) -> bool:
    """Whether there is something at ``keys`` inside ``value``; lists are looked through."""
    if isinstance(value, list):
        return any(_holds(item, keys) for item in value)
    if not keys:
        return value is not None
    return isinstance(value, dict) and keys[0] in value and _holds(value[keys[0]], keys[1:])


def _surely_differs(difference: Difference) -> bool:
    """Whether the two values will differ once their functions are resolved, too."""
    if difference.action in {"added", "removed"} or not (has_function(difference.old) or has_function(difference.new)):
        return True
    match function(difference.old), function(difference.new):
        case Sub(old, own), Sub(new, others) if own == others:
            return list(variables(old)) == list(variables(new))
    return False
