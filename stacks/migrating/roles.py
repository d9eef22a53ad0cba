"""Roles of a service's own template that functions run as → statements of those functions. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks.json_types import at
from stacks.migrating.located import Map, Place, items, plain
from stacks.migrating.references import owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

_FIX = "Write what the role allows under the function's 'statements'"
_POLICIES = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"}
"""Types that give a role rights from outside of it."""


def take_roles(service: Service, obstacles: Obstacles) -> None:
    """Give each function the statements of its role; roles that only functions use are not carried over."""
    used = set[str]()
    for function in service.functions.values():
        if function.role is None:
            continue
        value, place = function.role
        name = _logical_id(value)
        role = service.resources.get(name)
        if role is None or not isinstance(role[0], Map) or role[0].get("Type") != "AWS::IAM::Role":
            shown = plain(value)
            what = f"runs as {shown if isinstance(shown, str) else 'a role of another template'}"
            obstacles.lost(place, f"functions.{function.key}.role", what, _FIX)
            continue
        used.add(name)
        function.statements += list(_statements(name, role[0], role[1], service))
        properties = role[0].get("Properties")
        if isinstance(properties, Map):
            function.managed += list(items(properties.get("ManagedPolicyArns"), properties.at("ManagedPolicyArns")))
        what = f"is the role {name}: here the function has a role of its own with these statements"
        obstacles.note(place, f"functions.{function.key}.role", what, "Nothing to do")
    _drop(used, service)


def _logical_id(value: object) -> str:
    """``MyRole`` of ``!GetAtt MyRole.Arn``, of ``!Ref MyRole``, and of Serverless' ``role: MyRole``."""
    return value.removesuffix(".Arn") if isinstance(value, str) else owner(value) or ""


def _statements(name: str, role: Map, place: Place, service: Service) -> Iterator[tuple[Any, Place]]:
    """The statements of a role's inline policies, and of the policies that are attached to it."""
    properties = role.get("Properties")
    if isinstance(properties, Map):
        for policy, at in items(properties.get("Policies"), place):
            yield from _of_document(policy, at)
    for body, at in service.resources.values():
        own = body.get("Properties") if isinstance(body, Map) and body.get("Type") in _POLICIES else None
        if isinstance(own, Map) and _names(own.get("Roles") or own.get("RoleName"), name):
            yield from _of_document(own, at)


def _of_document(policy: object, place: Place) -> Iterator[tuple[Any, Place]]:
    document = at(policy, "PolicyDocument")
    if isinstance(document, Map):
        yield from items(document.get("Statement"), document.at("Statement") or place)


def _names(value: object, name: str) -> bool:
    """Whether a value refers to a logical id."""
    return re.search(rf"\b{re.escape(name)}\b", str(plain(value))) is not None


def _drop(roles: set[str], service: Service) -> None:
    """Leave out roles and the policies that are attached to them alone, unless another resource refers to a role."""
    for name in roles:
        attached = {
            key
            for key, (body, _) in service.resources.items()
            if isinstance(body, Map) and body.get("Type") in _POLICIES and _names(body.get("Properties"), name)
        }
        others = [body for key, (body, _) in service.resources.items() if key not in {name, *attached}]
        if not any(_names(value, name) for value in [*others, *(value for value, _ in service.outputs.values())]):
            for key in (name, *attached):
                service.resources.pop(key, None)
