"""What users add to the generated stacks: functions in their place, types and properties that exist. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import nearest
from stacks.intrinsics.functions import is_function
from stacks.registry import is_type, types, unknown_properties
from stacks.stages.stacks import GENERATED, is_reserved, stacks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.app import Stage
    from stacks.description.finding import Finding, KeyPath
    from stacks.json_types import JsonObject, Properties
    from stacks.model.extension import Extended

SECTIONS = ("base", "data", "backend", "frontend")
_REGISTRY = "RESOURCE-SCHEMA"
_RAW = {"resources", "outputs", "parameters", "overrides"}
_IN_FUNCTIONS = {"environment", "statements"}
_LONGEST_STACK = 128
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""


def misplaced_functions(functions: Mapping[KeyPath, str]) -> Iterator[Finding]:
    """Short tags such as ``!Ref`` where the description takes plain values."""
    for path, tag in functions.items():
        if not _takes_functions(path[2:] if path[:1] == ("stages",) else path):
            what = f"is written with {tag}, which is not possible here"
            where = "resources, outputs, parameters, overrides, stacks, or a function's environment and statements"
            yield path, what, f"Write a plain value; CloudFormation functions belong under {where}"


def _takes_functions(path: KeyPath) -> bool:
    match path:
        case ("stacks", *_):
            return True
        case (str() as section, str() as part, *_) if section in SECTIONS and part in _RAW:
            return True
        case ("backend", "functions", _, str() as part, *_):
            return part in _IN_FUNCTIONS
    return False


def extension_problems(stage: Stage, prefix: str, at: KeyPath) -> Iterator[Finding]:
    """What is wrong with the resources, overrides, hooks and stacks that a stage adds."""
    keys = {stack.key for stack in stacks_of(stage)}
    for name in SECTIONS:
        section: Extended = getattr(stage, name)
        if section.overrides and name not in keys:
            what = f"change resources of the stack {name!r}, which the stage does not have"
            yield (*at, name, "overrides"), what, "Describe something in it, or leave them out"
        for logical_id, body in section.resources.items():
            yield from _resource(body, stage.region, (*at, name, "resources", logical_id))
        for logical_id, change in section.overrides.items():
            if logical_id in section.resources:
                where = (*at, name, "overrides", logical_id)
                yield where, "is a resource of your own", f"Change it under {name}.resources instead"
            yield from _override(change, (*at, name, "overrides", logical_id))
    yield from _stacks(stage, prefix, at)
    known = {*GENERATED, *stage.stacks}
    for key in stage.extend.keys() - known:
        yield (*at, "extend", key), f"there is no stack {key!r}", nearest(key, known)


def _resource(body: JsonObject, region: str, at: KeyPath) -> Iterator[Finding]:
    kind = body["Type"]
    for key in body.keys() - _ATTRIBUTES:
        yield (*at, key), "is not an attribute of a resource", nearest(str(key), _ATTRIBUTES), _REGISTRY
    yield from _shapes(body, at)
    if not is_type(kind):
        yield (*at, "Type"), f"{kind!r} is not a resource type", nearest(kind, types()), _REGISTRY
    elif not is_type(kind, region):
        fix = "Deploy it in another region, in a stack of its own"
        yield (*at, "Type"), f"{kind} does not exist in {region}", fix, _REGISTRY
    else:
        yield from unknown(kind, body.get("Properties", {}), (*at, "Properties"))


def _override(change: JsonObject, at: KeyPath) -> Iterator[Finding]:
    for key in change.keys() - _ATTRIBUTES:
        yield (*at, key), "is not an attribute of a resource", nearest(str(key), _ATTRIBUTES), _REGISTRY
    if "Type" in change:
        yield (*at, "Type"), "cannot be overridden", "Leave it out; a resource keeps its type"
    yield from _shapes(change, at)


def _shapes(body: JsonObject, at: KeyPath) -> Iterator[Finding]:
    for key in ("Metadata", "Properties"):
        if body.get(key) is not None and not isinstance(body[key], dict):
            yield (*at, key), "are not a mapping", "Write them as 'Name: value'"


_ATTRIBUTES = {
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html"""


def unknown(kind: str, properties: Properties, at: KeyPath) -> Iterator[Finding]:
    """Properties, at any depth, that the registry's schema of a type does not have."""
    for path, known in unknown_properties(kind, properties, is_function):
        yield (*at, *path), f"is not a property of {kind}", nearest(str(path[-1]), known), _REGISTRY


def _stacks(stage: Stage, prefix: str, at: KeyPath) -> Iterator[Finding]:
    for name in stage.stacks:
        where = (*at, "stacks", name)
        if is_reserved(name):
            yield where, f"{name!r} is the name of a generated stack", "Choose another name"
        if len(f"{prefix}-{name}") > _LONGEST_STACK:
            yield where, f"makes a stack name of over {_LONGEST_STACK} characters", "Shorten it", "TEMPLATE-NAMES"
