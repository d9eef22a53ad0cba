"""What follows from each row of ``stacks.types``: ``python -m tests.types.effects`` writes it into ``effects.json``.

A row is a field of a record, or one entry of it. Small templates of its type are judged by the public functions, with
the row and without it; what is said only with it, or only without, is its effect. The templates are filled from the
registry's schema, not from the record: each property is set to something.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks import registry
from stacks.app import Stage
from stacks.checks.outgoing import nobody_gets_lasting_credentials
from stacks.checks.refused.changes import NAMED, changes
from stacks.checks.related import data_outlives_its_stack
from stacks.checks.rule import Stacks
from stacks.ci.patterns import Patterns
from stacks.ci.previews import preview_statements
from stacks.cloud import Event, StackResource
from stacks.deploy.destroy_plan import Going, Held
from stacks.deploy.identity import StackPlace, identifier
from stacks.deploy.stored_data import StoredData, contents
from stacks.errors import StacksError
from stacks.forecast.renames import renames
from stacks.forecast.resources import changed
from stacks.forecast.stateful import loss_by_removal, stateful_types
from stacks.foreign.outputs import with_stage
from stacks.limits import budget, counted
from stacks.live import LiveWork
from stacks.local.front.localize import localize
from stacks.progress import ResourceEvent, StackStarted
from stacks.roles import derive
from stacks.roles.scopes import SCOPES
from stacks.template.rendered import Rendered
from stacks.types import TYPES
from stacks.types.record import Type, TypeScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stacks.limits import LimitUse

FILE = Path(__file__).with_name("effects.json")
REGION = "eu-west-1"
STAGE = Stage(name="dev", region=REGION, app_name="shop")
PLACE = StackPlace(account="111122223333", region=REGION, stack="shop-dev-data")
NAME, LONG = "shop-dev-thing", "x" * 40_000
WORDS = (
    "lambda firehose s3 cloudfront codewhisperer workmail amplify apigateway apprunner appsync bedrock-agentcore"
    " userpool verified-access loadbalancer CodeStarSourceConnection"
)
"""What values mention of which rights depend (``Path~text``)."""
MANY = 10_001
_STACK, _SHOWN = "data", 4
_DEEPEST = 7
Body = dict[str, Any]


def filled(kind: str, text: str, *, wide: str = "") -> dict[str, Any]:
    """Every property of a type that can be set; texts are ``text``, the list at the path ``wide`` has many items."""
    schema: Any = registry.schema(kind) or {}
    hidden = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", ())}
    named = {name: node for name, node in schema.get("properties", {}).items() if name not in hidden}
    return {name: _value(schema, node, name, text, wide) for name, node in sorted(named.items())}


def _value(schema: Any, node: Any, path: str, text: str, wide: str) -> Any:
    node = _resolved(schema, node)
    if path.count(".") > _DEEPEST:
        return text
    if path == "Path":
        return f"/{PLACE.stack.rpartition('-')[0]}/{_STACK}/"  # of IAM: other paths are refused
    if "properties" in node:
        inner = sorted(node["properties"].items())
        return {name: _value(schema, entry, f"{path}.{name}", text, wide) for name, entry in inner}
    if "items" in node:
        return [_value(schema, node["items"], f"{path}.*", text, wide)] * (MANY if path == wide else 1)
    kinds = node.get("type", "string")
    first = kinds if isinstance(kinds, str) else kinds[0]
    return {"boolean": True, "integer": 1, "number": 1, "object": {"Key": text}}.get(first, text)


def _resolved(schema: Any, node: Any) -> Any:
    while "$ref" in node:
        target: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target.get(part, {})
        node = target
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node and "properties" not in node and "items" not in node and "type" not in node:
            return _resolved(schema, node[key][0])
    return node


@cache
def _small(kind: str, text: str = NAME) -> dict[str, Any]:
    return filled(kind, text)


def _rendered(resources: Body) -> Rendered:
    return Rendered(stack=_STACK, name=PLACE.stack, region=REGION, template={"Resources": resources}, body="")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its type, what it is called, the record without it, and the question that it answers."""

    kind: str
    label: str
    without: Type
    question: Callable[[str], Iterator[str]]

    @property
    def key(self) -> str:
        """``AWS::S3::Bucket only_if MetadataConfiguration``."""
        return f"{self.kind} {self.label}"


def rows() -> Iterator[Row]:
    """Every row of every record."""
    for kind, record in TYPES.items():
        for field in fields(Type):
            if getattr(record, field.name) != getattr(Type(), field.name):
                yield from _rows(kind, record, field.name)


def _rows(kind: str, record: Type, field: str) -> Iterator[Row]:
    value, question = getattr(record, field), _QUESTIONS[field]
    if field == "quotas":
        for quota in value:
            rest = replace(record, quotas=tuple(item for item in value if item != quota))
            yield Row(kind, f"quotas {quota.path}", rest, partial(_limits, path=quota.path))
    elif isinstance(value, tuple):
        for entry in value:
            rest = _with(record, field, tuple(other for other in value if other != entry))
            asked = partial(_rights, path=entry.path) if question is _rights else question
            yield Row(kind, f"{field} {_name(entry)}", rest, asked)
    elif isinstance(value, dict):
        for key in value:
            rest = _with(record, field, {name: item for name, item in value.items() if name != key})
            yield Row(kind, f"{field} {key}", rest, partial(_rights, path=key))
    else:
        yield Row(kind, field, _with(record, field, getattr(Type(), field)), question)
    if isinstance(value, TypeScope):
        usual = TypeScope(arns=())
        for part in fields(TypeScope):
            if part.name != "arns" and getattr(value, part.name) != getattr(usual, part.name):
                scope: TypeScope = _with(value, part.name, getattr(usual, part.name))
                yield Row(kind, f"scope.{part.name}", replace(record, scope=scope), question)


def _with(value: Any, field: str, other: Any) -> Any:
    return replace(value, **{field: other})


def _name(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    return " ".join(filter(None, (entry.path, getattr(entry, "action", ""))))


def _names(kind: str) -> Iterator[str]:
    """The name as limits, rights and changes read it."""
    yield from _limits(kind)
    yield from _rights(kind)
    yield from _identified(kind)
    if TYPES[kind].unique:
        yield from _changes(kind)


def _rights(kind: str, path: str = "") -> Iterator[str]:
    """Actions, resources and conditions of the rights to deploy one: bare, with properties, with words in them."""
    small, words = _small(kind), _small(kind, WORDS)
    only = re.split(r"[.~]", path)[0]
    bodies = {"bare": {}, "filled": small, "words": words}
    if only in small:
        path_too = {"Path": small["Path"]} if "Path" in small else {}
        with_it, with_words = {**path_too, only: small[only]}, {**path_too, only: words[only]}
        bodies = {"bare": path_too, f"with {only}": with_it, f"with words in {only}": with_words}
    for how, properties in bodies.items():
        try:
            statements = derive(STAGE, _rendered({"Thing": {"Type": kind, "Properties": properties}})).statements
        except (StacksError, LookupError) as error:  # code that needs a row may look it up without asking
            yield f"{how}: {error}"
            continue
        for statement in statements:
            yield from (f"{how}: {statement.effect} {action}" for action in statement.actions)
            yield from (f"{how}: on {arn}" for arn in statement.place.arns)
            yield f"{how}: if {json.dumps(statement.place.conditions, sort_keys=True)}"


def _limits(kind: str, path: str = "") -> Iterator[str]:
    """Which limits long texts and a long list at ``path`` reach."""
    uses = list(budget(_rendered({"Thing": {"Type": kind, "Properties": _small(kind, LONG)}})))
    if path:
        uses += budget(_rendered({"Thing": {"Type": kind, "Properties": filled(kind, NAME, wide=path)}}))
    yield from map(_use, uses)


def _counted(kind: str) -> Iterator[str]:
    """Which limits many resources of the type reach."""
    body = {"Type": kind, "Properties": {}}
    yield from map(_use, counted([_rendered({str(number): body for number in range(MANY)})]))


def _use(use: LimitUse) -> str:
    return f"{use.what}: {use.allowed}{', more on request' if use.raisable else ''}. {use.fix}"


def _changes(kind: str) -> Iterator[str]:
    """What an update must not do with a resource: give its name to another, change a property."""
    body = {"Type": kind, "Properties": _small(kind)}
    for rule, hit in changes(_rendered({"Thing": body}), _rendered({"Other": body})):
        yield f"{rule.id} {hit.path}"
    for name in body["Properties"]:
        changed = {**body, "Properties": {**_small(kind), name: "other"}}
        for rule, hit in changes(_rendered({"Thing": body}), _rendered({"Thing": changed})):
            yield f"{rule.id} {hit.path}"


def _identified(kind: str) -> Iterator[str]:
    yield f"identifier {identifier({'Type': kind, 'Properties': _small(kind)}, PLACE)}"


def _stateful(kind: str) -> Iterator[str]:
    stateful_types.cache_clear()
    yield f"holds data: {kind in stateful_types()}"
    yield f"removed: {loss_by_removal(kind, {})}"
    stacks = Stacks([_rendered({"Thing": {"Type": kind, "Properties": {}}})])
    yield from (f"{hit.path} {hit.what}" for hit in data_outlives_its_stack(stacks))


def _emulated(kind: str) -> Iterator[str]:
    """What the local AWS leaves out of a resource when it needs what is left out, and what ``Ref`` becomes."""
    for path in _paths(kind):
        *parents, last = path.split(".")
        properties: Body = {}
        holder = properties
        for parent in parents:
            holder = holder.setdefault(parent, {})
        holder[last] = {"Ref": "Lost"}
        resources = {"Lost": {"Type": "AWS::Lost::Thing"}, "Thing": {"Type": kind, "Properties": properties}}
        if "Thing" in localize({"Resources": resources}, frozenset({"AWS::Lost::Thing"}), 4566)[0]["Resources"]:
            yield f"without {path}"
    reader = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Thing"}}}
    result, _ = localize({"Resources": {"Thing": {"Type": kind}, "Reader": reader}}, frozenset(), 4566)
    yield f"Ref is {json.dumps(result['Resources']['Reader']['Properties']['Value'])}"


def _erased(kind: str) -> Iterator[str]:
    """What ``destroy`` deletes of what stacks keep, and what previews may delete, kept or not."""
    resource = StackResource(logical_id="Thing", physical_id=NAME, type=kind)
    kept = Held(resource=resource, stored=StoredData(items=2))
    yield f"deletes data: {bool(Going(stack=_STACK, name=NAME, region=REGION, state=None, kept=(kept,)).data)}"
    yield f"holds {contents(kind, kept.stored)}"
    preview = replace(STAGE, name="pr-1")
    for policy in ("Retain", "Delete"):
        stack = _rendered({"Thing": {"Type": kind, "Properties": {}, "DeletionPolicy": policy}})
        for statement in preview_statements(preview, [stack], Patterns(preview, "pr-*")):
            yield f"{policy}: {json.dumps(statement, sort_keys=True)}"


def _credential(kind: str) -> Iterator[str]:
    stacks = Stacks([_rendered({"Thing": {"Type": kind, "Properties": {}}})])
    yield from (hit.what for hit in nobody_gets_lasting_credentials(stacks))


def _renamed(kind: str) -> Iterator[str]:
    body = {"Type": kind, "Properties": _small(kind)}
    yield f"renamed: {renames({'Thing': body}, {'Other': body})}"


def _in_an_api(kind: str) -> Iterator[str]:
    """What an API has many of; what follows from a route in its document; which stage another template's API has."""
    named = {"RestApiId": {"Ref": "Api"}, "ApiId": {"Ref": "Api"}, "StageName": "live"}
    body = {"Type": kind, "Properties": named}
    yield from map(_use, budget(_rendered({str(number): body for number in range(400)})))
    routes: tuple[Body, Body] = ({}, {"/x": {"get": {}}})
    without, with_route = ({"Type": kind, "Properties": {"Body": {"paths": paths}}} for paths in routes)
    change = changed("Thing", without, with_route)
    yield f"changes {[entry.path for entry in change.properties] if change else []}"
    outputs = {"Api": {"Value": {"Ref": "Api"}}}
    yield f"stage {with_stage({'ApiId': 'Api'}, {'Resources': {'Thing': body}, 'Outputs': outputs})}"


def _awaited(kind: str) -> Iterator[str]:
    work = LiveWork()
    event = Event(id="1", logical_id="Thing", physical_id=NAME, type=kind, status="CREATE_IN_PROGRESS")
    for fact in (StackStarted(stack=_STACK, name=NAME, region=REGION), ResourceEvent(stack=_STACK, event=event)):
        work.note(fact, 0)
    yield from work.lines(60)


def _paths(kind: str) -> Iterator[str]:
    """The properties of a type, and those right inside of them."""
    for name, value in _small(kind).items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)


_QUESTIONS: dict[str, Callable[[str], Iterator[str]]] = {
    "name": _names,
    "longest_name": _limits,
    "unique": _changes,
    "scope": _rights,
    "identifier": _identified,
    "holds_data": _stateful,
    "deletion_default": _stateful,
    "content": _erased,
    "emptied": _erased,
    "erasure": _erased,
    "snapshot": _renamed,
    "credential": _credential,
    "deleted_by_people": _rights,
    "create_only": _changes,
    "linked_role": _rights,
    "hands_roles": _rights,
    "handlers": _rights,
    "only_if": _rights,
    "missing": _rights,
    "document": _limits,
    "quotas": _limits,
    "count": _counted,
    "each_api": _in_an_api,
    "is_api": _in_an_api,
    "stage_of": _in_an_api,
    "wait": _awaited,
    "emulator_drops": _emulated,
    "emulator_ref": _emulated,
}
"""Field → what is asked to see that it matters."""


@contextmanager
def _as(kind: str, record: Type) -> Iterator[None]:
    """The tables with another record of a type."""
    kept = TYPES[kind]
    _put(kind, record)
    try:
        yield
    finally:
        _put(kind, kept)


def _put(kind: str, record: Type) -> None:
    TYPES[kind] = record
    for table, value in ((SCOPES, record.named_scope), (NAMED, record.name if record.unique else None)):
        table.pop(kind, None)
        if value is not None:
            table[kind] = value  # type: ignore[assignment]


def effect(row: Row) -> dict[str, list[str]]:
    """What is said only with the row, or, if that is nothing, only without it. Empty for a row that nothing needs."""
    having = set(row.question(row.kind))
    with _as(row.kind, row.without):
        lacking = set(row.question(row.kind))
    stateful_types.cache_clear()
    return {"with": _short(having - lacking)} if having - lacking else {"without": _short(lacking - having)}


def _short(results: set[str]) -> list[str]:
    """In order; of many the first, with a digest of all."""
    lines = sorted(results)
    if len(lines) <= _SHOWN:
        return lines
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    return [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more, together {digest}"]


def described_types() -> str:
    """The effects of all rows, as the file has them."""
    return json.dumps({row.key: effect(row) for row in rows()}, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(described_types(), encoding="utf-8")
