"""The policy documents of a stage: whose they are, and their statements one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from stacks.checks.values import text, texts
from stacks.intrinsics.functions import is_function
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from stacks.checks.rule import Hit, Resource, Stacks
    from stacks.json_types import JsonDict, JsonObject, StatementData

PolicyKind = Literal["identity", "trust", "resource"]
_ACCOUNT_PART = 4
"""Which part of an ARN is the account."""

_IDENTITY = re.compile(r"AWS::IAM::(?:ManagedPolicy|Policy|(?:Role|User|Group)Policy|Role|User|Group)")
_ENDPOINT = "AWS::EC2::VPCEndpoint"
"""Its policy is about whom its callers may reach; ``VPCE-POLICY`` reads it."""
_known: WeakKeyDictionary[Stacks, tuple[JudgedDocument, ...]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDocument:
    """A policy document and its location."""

    owner: Resource
    kind: PolicyKind
    path: str
    content: JsonObject

    def statements(self) -> Iterator[JudgedStatement]:
        """Its statements."""
        for index, statement in enumerate(items(self.content.get("Statement"))):
            if isinstance(statement, Mapping):
                yield JudgedStatement(document=self, path=f"{self.path}.Statement[{index}]", content=statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedStatement:
    """One statement of a policy."""

    document: JudgedDocument
    path: str
    content: JsonObject

    @property
    def allows(self) -> bool:
        """Whether it allows rather than denies."""
        return self.content.get("Effect") == "Allow"

    @property
    def actions(self) -> list[str]:
        """The actions it names, in lower case."""
        return [action.lower() for action in texts(self.content.get("Action"))]

    @property
    def resources(self) -> list[str]:
        """The resources it names, as far as they can be read."""
        return texts(self.content.get("Resource"))

    @property
    def services(self) -> list[str]:
        """The services it lets in, as ``cloudfront``."""
        return [name.partition(".amazonaws.")[0] for name in texts(at(self.content, "Principal", "Service"))]

    @property
    def keys(self) -> set[str]:
        """The condition keys it asks for, in lower case; of those that allow, only what excludes anybody."""
        return {key for key, _, binds in self._conditions() if binds or not self.allows}

    @property
    def sure_keys(self) -> set[str]:
        """The keys that a request must carry, and with a value that is not everybody's."""
        return {key for key, sure, binds in self._conditions() if binds and sure}

    def _conditions(self) -> Iterator[tuple[str, bool, bool]]:
        """Each key; whether it has to be there; whether its values exclude anybody."""
        for operator, values in mapping(self.content.get("Condition")).items():
            sure = not operator.endswith("IfExists") and not operator.startswith("ForAllValues:")
            positive = not operator.rpartition(":")[2].startswith("Null") and "Not" not in operator
            for key, value in mapping(values).items():
                yield key.lower(), sure, positive and not any(map(_is_everybody, texts(value)))

    def gives(self, action: str) -> bool:
        """Whether the action, in lower case, is among those it names, by itself or by a wildcard after some of it."""
        return any(
            action == name or (name.endswith("*") and name != "*" and action.startswith(name.removesuffix("*")))
            for name in self.actions
        )

    def hit(self, what: str) -> Hit:
        """A finding at this statement."""
        return self.document.owner.hit(self.path, what)


def _is_everybody(value: str) -> bool:
    """Whether a value of a condition excludes no principal: ``*``, an ARN of any account, any repository."""
    parts = value.split(":", 5)
    if value.startswith("arn:") and len(parts) > _ACCOUNT_PART:
        account, resource = parts[_ACCOUNT_PART], parts[-1]
        return "*" in account or (not account and resource.strip("*") in {"", "/"})
    known, wildcard, _ = value.partition("*")
    return bool(wildcard) and (not known.strip("?") or bool(re.fullmatch(r"[a-z_]+:", known)))


def documents(stacks: Stacks, *kinds: PolicyKind) -> Iterator[JudgedDocument]:
    """The policy documents of these kinds, all without: wherever a property holds statements, also as JSON text."""
    if stacks not in _known:
        _known[stacks] = tuple(
            judged_document for resource in stacks.resources for judged_document in _documents(resource)
        )
    return (judged_document for judged_document in _known[stacks] if not kinds or judged_document.kind in kinds)


def _documents(resource: Resource) -> Iterator[JudgedDocument]:
    if resource.type == _ENDPOINT:
        return
    if resource.type == "AWS::Events::EventBusPolicy" and "Statement" not in resource.properties:
        yield JudgedDocument(owner=resource, kind="resource", path="", content={"Statement": [_of_bus(resource)]})
    for path, content in _with_statements(resource.properties, ""):
        yield JudgedDocument(owner=resource, kind=_kind(resource, path, content), path=path, content=content)


def _of_bus(resource: Resource) -> JsonDict:
    """The older form of an event bus policy, as a statement.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
    """
    condition_data = mapping(resource.at("Condition"))
    condition = (
        {text(condition_data.get("Type")): {text(condition_data.get("Key")): condition_data.get("Value")}}
        if condition_data
        else {}
    )
    return {"Effect": "Allow", "Principal": {"AWS": resource.at("Principal")}, "Condition": condition}


def _kind(resource: Resource, path: str, content: JsonObject) -> PolicyKind:
    if path.startswith("AssumeRolePolicyDocument"):
        return "trust"
    named = any(
        {"Principal", "NotPrincipal"} & mapping(statement).keys() for statement in items(content.get("Statement"))
    )
    return "resource" if named and not _IDENTITY.fullmatch(resource.type) else "identity"


def _with_statements(value: object, path: str) -> Iterator[tuple[str, StatementData]]:
    """Every mapping with statements below a value, and where it is."""
    if isinstance(value, str) or is_function(value):
        content = _parsed(text(value) or "")
        if content and _has_statements(content):
            yield path, content
    elif isinstance(value, Mapping):
        if _has_statements(value):
            yield path, value
            return
        for name, inside in value.items():
            yield from _with_statements(inside, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for index, inside in enumerate(value):
            yield from _with_statements(inside, f"{path}[{index}]")


def _has_statements(value: JsonObject) -> bool:
    return any("Effect" in mapping(statement) for statement in items(value.get("Statement")))


def _parsed(content: str) -> JsonObject:
    if "Statement" not in content:
        return {}
    try:
        return mapping(json.loads(content))
    except ValueError:
        return {}


def statements(stacks: Stacks, *kinds: PolicyKind) -> Iterator[JudgedStatement]:
    """Every statement of these kinds of documents."""
    for document in documents(stacks, *kinds):
        yield from document.statements()


def of_role(stacks: Stacks, role: Resource) -> Iterator[JudgedStatement]:
    """What a role may do: its inline policies and those of its stack that are attached to it."""
    attached = {(text(arn) or "")[2:-1] for arn in items(role.properties.get("ManagedPolicyArns"))}
    for statement in statements(stacks, "identity"):
        owner = statement.document.owner
        names = texts(owner.properties.get("Roles")) + texts(owner.properties.get("RoleName"))
        if owner.stack == role.stack and (owner.id in {role.id, *attached} or f"${{{role.id}}}" in names):
            yield statement


def trusted(role: Resource) -> set[str]:
    """The services that may take a role."""
    document = JudgedDocument(owner=role, kind="trust", path="", content=mapping(role.at("AssumeRolePolicyDocument")))
    return {name for statement in document.statements() for name in statement.services}
