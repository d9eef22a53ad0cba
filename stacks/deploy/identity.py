"""What a resource of a template will be called in AWS: a resource's body → its identifier, when that can be known.

An identifier is what CloudFormation imports a resource by and what Cloud Control reads it by: the properties that the
registry calls a type's primary identifier. Known are names that the template contains as text or are made of pseudo
parameters, and ARNs and URLs that AWS makes of such names. Everything else is named when it is made.
https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-identifier.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks import registry
from stacks.errors import UsageError
from stacks.intrinsics.references import text_of
from stacks.template.pseudo import pseudo_parameters
from stacks.types import known as known_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.json_types import JsonObject, Properties

Identifier = dict[str, str]
"""Property → value, in the registry's order: ``{"TableName": "notes-dev-notes"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlace:
    """Where a stack is deployed."""

    account: str
    region: str
    stack: str

    @property
    def known(self) -> dict[str, str]:
        """What the pseudo parameters of its template stand for."""
        return pseudo_parameters(self.account, self.region, self.stack)


def keys(type_name: str) -> tuple[str, ...]:
    """The properties that identify a resource of a type, in order; empty for a type the registry does not know."""
    return tuple(path.removeprefix("/properties/") for path in registry.primary_identifier(type_name))


def importable(type_name: str) -> bool:
    """Whether CloudFormation can import a type: it must have a handler that reads it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
    """
    return bool(keys(type_name)) and registry.is_readable(type_name)


def identifier(body: JsonObject, place: StackPlace) -> Identifier | None:
    """What will identify a resource; None when AWS, or another resource, gives it its name."""
    named, type_name, known = keys(body["Type"]), body["Type"], place.known
    properties = body.get("Properties", {})
    if pattern := known_type(type_name).identifier:
        outcome = _identifier(pattern, properties, known)
        return None if outcome is None else {named[0]: outcome}
    result = {key: text_of(properties.get(key), known) for key in named}
    return {key: value for key, value in result.items() if value} if result and all(result.values()) else None


def chosen_identifier(type_name: str, text: str) -> Identifier:
    """The identifier a person wrote: its values in the registry's order, with ``|`` between them.

    Raises:
        UsageError: when there are more or fewer values than the type's identifier has.
    """
    named, values = keys(type_name), text.split("|")
    if len(named) != len(values) or not all(values):
        raise UsageError(text, f"is not an identifier of {type_name}", f"Write {'|'.join(named)} of the existing one")
    return dict(zip(named, values, strict=True))


def _identifier(pattern: str, properties: Properties, known: Mapping[str, str]) -> str | None:
    names = {key: text_of(value, known) for key, value in {"Path": "/", **properties}.items()}
    names |= {"Url": (names.get("Url") or "").removeprefix("https://")}  # ARNs of identity providers are without it
    return text_of({"Fn::Sub": pattern}, {**known, **{key: name for key, name in names.items() if name}})
