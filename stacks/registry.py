"""What CloudFormation's registry says of resource types: the us-east-1 schemas of the cfn-lint that is installed.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from stacks.package_data import resource_schema, schema_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.json_types import JsonObject, Properties

Operation = Literal["create", "read", "update", "delete", "list"]


def types() -> frozenset[str]:
    """Every resource type there is."""
    return frozenset(schema_files())


def is_type(type_name: str, region: str = "us-east-1") -> bool:
    """Whether a region has a resource type; custom resources, modules and private types are taken as they are.

    A region that cfn-lint's data does not cover is judged like us-east-1.
    """
    public = type_name.startswith("AWS::") and not type_name.endswith("::MODULE")
    return type_name in schema_files(region) if public else type_name.count("::") >= 1


def unknown_properties(
    type_name: str, properties: Properties, opaque: Callable[[Any], bool]
) -> Iterator[tuple[tuple[str | int, ...], frozenset[str]]]:
    """Properties that a type's schema does not have, at any depth: the path of each, and the names it could have.

    Values that are ``opaque`` (intrinsic functions) are not looked into. Types without a schema have no unknown ones.
    """
    root = schema(type_name)
    if root is not None:
        yield from _unknown(root, root, properties, (), opaque)


def _unknown(
    root: JsonObject,
    node: JsonObject,
    value: object,
    path: tuple[str | int, ...],
    opaque: Callable[[Any], bool],
) -> Iterator[tuple[tuple[str | int, ...], frozenset[str]]]:
    shapes = list(_shapes(root, node))
    if isinstance(value, list):
        items = [shape["items"] for shape in shapes if isinstance(shape.get("items"), dict)]
        for index, item in enumerate(value):
            if len(items) == 1:
                yield from _unknown(root, items[0], item, (*path, index), opaque)
    elif isinstance(value, dict) and not opaque(value):
        known = {name: body for shape in shapes for name, body in shape.get("properties", {}).items()}
        closed = bool(known) and all(_is_closed(shape) for shape in shapes)
        for key, item in value.items():
            if key in known:
                yield from _unknown(root, known[key], item, (*path, key), opaque)
            elif closed:
                yield (*path, key), frozenset(known)


def _is_closed(shape: JsonObject) -> bool:
    return shape.get("additionalProperties", True) is False and "patternProperties" not in shape


def _shapes(root: JsonObject, node: JsonObject) -> Iterator[JsonObject]:
    """The node, and every alternative it names, with ``$ref`` resolved."""
    if "$ref" in node:
        target: Any = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target.get(part, {})
        yield from _shapes(root, target)
        return
    if "properties" in node or "items" in node or not any(key in node for key in ("anyOf", "oneOf", "allOf")):
        yield node
    for key in ("anyOf", "oneOf", "allOf"):
        for alternative in node.get(key, ()):
            if "$ref" in alternative or "properties" in alternative or "items" in alternative:
                yield from _shapes(root, alternative)


def schema(type_name: str) -> JsonObject | None:
    """The schema of a type such as ``AWS::S3::Bucket``; None for one that the registry does not know."""
    return resource_schema(type_name)


def handler_actions(type_name: str, operation: Operation) -> frozenset[str] | None:
    """The IAM actions that the type's handler says it needs; None for a type without handlers.

    The lists are a start, not the truth: some names do not exist, some are missing, many are optional.
    """
    handlers = (schema(type_name) or {}).get("handlers")
    if not handlers:
        return None
    return frozenset(handlers.get(operation, {}).get("permissions", ()))


def create_only(type_name: str) -> frozenset[str]:
    """Properties (``/properties/A/B``) whose change replaces the resource."""
    return frozenset((schema(type_name) or {}).get("createOnlyProperties", ()))


def conditional_create_only(type_name: str) -> frozenset[str]:
    """Properties whose change replaces the resource under some conditions."""
    return frozenset((schema(type_name) or {}).get("conditionalCreateOnlyProperties", ()))


def primary_identifier(type_name: str) -> tuple[str, ...]:
    """The properties (``/properties/A``) that identify a resource, in order; none for a type that is not known."""
    return tuple((schema(type_name) or {}).get("primaryIdentifier", ()))


def is_readable(type_name: str) -> bool:
    """Whether the type has a handler that reads a resource."""
    return "read" in (schema(type_name) or {}).get("handlers", {})


def is_taggable(type_name: str) -> bool:
    """Whether resources of the type can have tags."""
    return bool(((schema(type_name) or {}).get("tagging") or {}).get("taggable"))


def name_property(type_name: str) -> str | None:
    """The property with the physical name of a type's resources; None where AWS chooses it, or where it is in parts."""
    identifiers = primary_identifier(type_name)
    read_only = set((schema(type_name) or {}).get("readOnlyProperties", ()))
    named = [path.rpartition("/")[2] for path in identifiers if path not in read_only]
    return named[-1] if named and len(named) == len(identifiers) else None
