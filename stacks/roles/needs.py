"""A template → what deploying it needs: each IAM action with the resource, type and property that need it.

Handler permissions of the registry, corrected by ``corrections``. What a type's handler may do is collected once per
type, so the work and the result grow with types, not with resources. This module does not say on which ARNs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks import registry
from stacks.errors import Problem, StacksError
from stacks.intrinsics.references import outputs
from stacks.roles import authorization
from stacks.roles.corrections import NEVER
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stacks.json_types import JsonDict, JsonObject, TemplateData
    from stacks.registry import Operation

_OPERATIONS: tuple[Operation, ...] = ("create", "read", "update", "delete")
_PASS, _LINK = "iam:passrole", "iam:createservicelinkedrole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One action that a type of the template needs."""

    action: str
    type: str
    resources: tuple[str, ...]
    """Logical ids of the resources that need it."""
    operations: tuple[Operation, ...]
    property: str = ""
    """What set property asks for it; empty when every resource of the type does."""
    source: str = "handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The resources of one type in a template: logical id → body."""

    type: str
    bodies: Mapping[str, JsonObject]

    def having(self, path: str) -> tuple[str, ...]:
        """Logical ids of those with the property ``A.B``; ``A.B~text`` asks that its value mentions ``text``.

        Without a path all are meant.
        """
        return tuple(name for name, body in self.bodies.items() if _has(body.get("Properties", {}), path))

    @property
    def retained(self) -> bool:
        """Whether CloudFormation never deletes any of them: both policies say so."""
        kept = {"Retain", "Snapshot"}
        return all(
            body.get("DeletionPolicy") in kept and body.get("UpdateReplacePolicy") in kept
            for body in self.bodies.values()
        )

    @property
    def goes_with_its_create(self) -> bool:
        """Whether CloudFormation deletes some of them, but only where the create that made them is rolled back."""
        return any(body.get("DeletionPolicy") == "RetainExceptOnCreate" for body in self.bodies.values())


def _has(node: object, path: str) -> bool:
    path, _, text = path.partition("~")
    for key in filter(None, path.split(".")):
        if not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return not text or text.lower() in json.dumps(node).lower()


def members(template: TemplateData) -> tuple[Members, ...]:
    """The template's resources by type, in order of type."""
    result: dict[str, JsonDict] = {}
    for name, body in sorted(template["Resources"].items()):
        result.setdefault(body.get("Type", ""), {})[name] = body
    return tuple(Members(type=kind, bodies=bodies) for kind, bodies in sorted(result.items()))


def needs(all_members: Sequence[Members], stack: str, *, base: bool) -> tuple[Need, ...]:
    """What the resources of ``stack`` need, by type and action.

    Raises:
        StacksError: for types that the registry does not know, or that have no handlers and no correction.
    """
    unknown = tuple(problem for members in all_members for problem in _unknown(members, stack))
    if unknown:
        raise StacksError.of(unknown)
    return tuple(
        need for members in all_members for need in sorted(_of_type(members, base=base), key=lambda need: need.action)
    )


def _unknown(members: Members, stack: str) -> Iterator[Problem]:
    handled = registry.handler_actions(members.type, "create") is not None
    if not handled and not known(members.type).handlers:
        type_name = members.type or "of nothing"
        yield Problem(
            where=f"{stack}.Resources.{next(iter(members.bodies))}",
            what=f"what its type {type_name} needs is not known: the registry has no handlers for it",
            fix="Check the type's name, or give it handlers in stacks/types with a source",
        )


def _of_type(members: Members, *, base: bool) -> Iterator[Need]:
    yield from _passed(members)
    for action, operations in _listed(members).items():
        if action.lower() == _PASS or not authorization.exists(action) or _never(action, base=base):
            continue
        if action.lower() == _LINK and not known(members.type).linked_role:
            continue
        need = _gated(members, action, operations)
        if need:
            yield need
    for line in known(members.type).missing:
        users = members.having(line.path)
        if users:
            yield Need(
                action=line.action,
                type=members.type,
                resources=users,
                operations=("create", "update"),
                property=line.path.partition("~")[0],
                source=line.why,
            )


def _listed(members: Members) -> dict[str, tuple[Operation, ...]]:
    """Action → operations of the handlers that CloudFormation will ever call for these resources."""
    result: dict[str, tuple[Operation, ...]] = {}
    dropped = members.retained or (known(members.type).deleted_by_people and not members.goes_with_its_create)
    for operation in _OPERATIONS:
        if operation == "delete" and dropped:
            continue
        for action in sorted(_handler(members.type, operation)):
            service, _, name = action.partition(":")
            key = f"{service.lower()}:{name}"
            result[key] = (*result.get(key, ()), operation)
    return result


def _handler(kind: str, operation: Operation) -> frozenset[str]:
    listed = registry.handler_actions(kind, operation)
    if listed is None:
        return frozenset(known(kind).handlers.get(operation, ()))
    return listed


def _never(action: str, *, base: bool) -> bool:
    return any(action.lower() in map(str.lower, line.actions) and (line.base_too or not base) for line in NEVER)


def _gated(members: Members, action: str, operations: tuple[Operation, ...]) -> Need | None:
    """The need of a listed action; None when only properties that are not set need it."""
    lines = [line for line in known(members.type).only_if if action.lower() in map(str.lower, line.actions)]
    if not lines:
        return Need(action=action, type=members.type, resources=tuple(members.bodies), operations=operations)
    for line in lines:
        users = members.having(line.path)
        if users:
            return Need(
                action=action,
                type=members.type,
                resources=users,
                operations=operations,
                property=line.path.partition("~")[0],
                source=line.why,
            )
    return None


def _passed(members: Members) -> Iterator[Need]:
    for path in known(members.type).hands_roles:
        users = members.having(path)
        if users:
            yield Need(
                action="iam:PassRole",
                type=members.type,
                resources=users,
                operations=("create", "update"),
                property=path.partition("~")[0],
            )


def services_of(all_members: Iterable[Members]) -> dict[str, str]:
    """For each type that is handed roles: the service that takes them, as ``lambda.amazonaws.com``."""
    return {
        f"{members.type}.{path}": f"{service}.amazonaws.com"
        for members in all_members
        for path, service in known(members.type).hands_roles.items()
        if members.having(path)
    }


def resolved_secrets(all_members: Sequence[Members]) -> tuple[str, ...]:
    """Logical ids of resources with ``{{resolve:secretsmanager:…}}``, which CloudFormation reads as the deploy role.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
    """
    mark = "{{resolve:secretsmanager:"
    return tuple(name for members in all_members for name, body in members.bodies.items() if mark in json.dumps(body))


def referenced_stacks(template: TemplateData) -> tuple[tuple[str, str | None, str], ...]:
    """The stacks whose outputs the template reads: (name, region if another, first resource that reads it)."""
    stacks: dict[tuple[str, str | None], str] = {}
    for name, body in template["Resources"].items():
        for stack, region in outputs_in(body):
            stacks.setdefault((stack, region), name)
    return tuple(sorted(((*key, user) for key, user in stacks.items()), key=str))


def outputs_in(node: object) -> Iterator[tuple[str, str | None]]:
    """The stacks, with their region if another, whose outputs a value reads."""
    return ((output.stack, output.region) for output in outputs(node))
