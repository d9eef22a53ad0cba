"""What AWS refuses of a change: a template that would be taken anew, and not after the one that is deployed.

Judged from the deployed template and the new one, as far as both say what they hold.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.checks.refused.apis import is_variable
from stacks.checks.refused.reading import name_of, plain
from stacks.checks.refused.resolve import resolved
from stacks.checks.rule import Hit, Resource, Stacks
from stacks.checks.values import known_list, text
from stacks.forecast.route_variables import ROUTE, in_the_way
from stacks.forecast.table_parts import TABLES, moves
from stacks.forecast.table_refusals import refusals
from stacks.intrinsics.functions import GetStackOutput, Other
from stacks.intrinsics.references import names, walk
from stacks.json_types import at
from stacks.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stacks.checks.rule import JudgedStack
    from stacks.json_types import JsonDict

_CFN = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_API = "https://docs.aws.amazon.com"
_POOL, _VERSION, _FUNCTION = "AWS::Cognito::UserPool", "AWS::Lambda::Version", "AWS::Lambda::Function"


@dataclass(frozen=True, slots=True)
class Pair:
    """A stack before and after an update, with what is known of parameters put in."""

    before: Stacks
    after: Stacks

    def both(self, *types: str) -> Iterator[tuple[Resource, Resource]]:
        """The resources of these types that stay, as they were and as they will be."""
        was = {resource.id: resource for resource in self.before.of(*types)}
        return ((was[resource.id], resource) for resource in self.after.of(*types) if resource.id in was)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRule:
    """A rule about a change; its texts are those of ``Rule``."""

    id: str
    why: str
    fix: str
    source: str
    find: Callable[[Pair], Iterable[Hit]]


def changes(before: JudgedStack, after: JudgedStack) -> Iterator[tuple[ChangeRule, Hit]]:
    """What AWS refuses of an update from one template to another."""
    pair = Pair(Stacks([resolved(before)]), Stacks([resolved(after)]))
    for change_rule in RULES:
        for hit in change_rule.find(pair):
            yield change_rule, hit


def _types(pair: Pair) -> Iterator[Hit]:
    """A logical id keeps its type."""
    was = {resource.id: resource.type for resource in pair.before.resources}
    for resource in pair.after.resources:
        if was.get(resource.id, resource.type) != resource.type:
            yield resource.hit("Type", f"was {was[resource.id]} and becomes {resource.type}")


def _tables(pair: Pair) -> Iterator[Hit]:
    """A table changes its time to live and the view of its stream in two updates."""
    for was, resource in pair.both(*TABLES):
        for problem in refusals(was.properties, resource.properties):
            place, _, what = problem.partition(": ")
            yield resource.hit(place, what)


def _indexes(pair: Pair) -> Iterator[Hit]:
    """An update makes or deletes one index and one replica of a table."""
    for was, resource in pair.both(*TABLES):
        results = moves(resource.id, was.body, resource.body)
        for kind in ("index", "replica"):
            named = [move.name for move in results if move.kind == kind]
            if len(named) > 1:
                yield resource.hit(
                    "GlobalSecondaryIndexes" if kind == "index" else "Replicas", f"move {', '.join(named)}"
                )


NOT_LOCKED = frozenset({"CodeSigningConfigArn", "ReservedConcurrentExecutions", "Tags", "TenancyConfig"})
"""Properties of a function that its versions do not keep (aws-cdk, aws-lambda/lib/function-hash.ts)."""


def _versions(pair: Pair) -> Iterator[Hit]:
    """A new version of a function differs from its last one."""
    functions = {resource.id: (was, resource) for was, resource in pair.both(_FUNCTION)}
    old = {resource.id for resource in pair.before.of(_VERSION)}
    had = {name_of(resource.at("FunctionName")) for resource in pair.before.of(_VERSION)}
    for version in pair.after.of(_VERSION):
        name = name_of(version.at("FunctionName")) or ""
        if version.id in old or name not in functions or name not in had:
            continue
        was, now = (_locked(resource) for resource in functions[name])
        if was == now and not _is_open(now, pair):
            yield version.hit("FunctionName", f"publishes {name}, which has not changed")


def _locked(function: Resource) -> JsonDict:
    return {name: value for name, value in function.properties.items() if name not in NOT_LOCKED}


def _is_open(value: object, pair: Pair) -> bool:
    """Whether a value depends on anything that the template does not say: other stacks, parameters without a value."""
    known = {resource.id for resource in pair.after.resources}
    elsewhere = ("Fn::ImportValue", "Fn::If")
    return (
        any(name not in known and not name.startswith("AWS::") for name in names(value))
        or any(
            isinstance(entry, GetStackOutput) or (isinstance(entry, Other) and entry.name in elsewhere)
            for entry in walk(value)
        )
        or "{{resolve:" in json.dumps(value, default=str)
    )


def _siblings(pair: Pair) -> Iterator[Hit]:
    """A variable of a path is not exchanged for another in one update."""
    kind = "AWS::ApiGateway::Resource"
    was = {
        (text(entry.at("ParentId")), text(entry.at("RestApiId"))): entry
        for entry in pair.before.of(kind)
        if _variable(entry)
    }
    for resource in pair.after.of(kind):
        other = was.get((text(resource.at("ParentId")), text(resource.at("RestApiId"))))
        if (
            other
            and _variable(resource)
            and (other.id, text(other.at("PathPart"))) != (resource.id, text(resource.at("PathPart")))
        ):
            yield resource.hit(
                "PathPart", f"{text(resource.at('PathPart'))} is made before {text(other.at('PathPart'))} goes"
            )


def _routes(pair: Pair) -> Iterator[Hit]:
    """A path parameter of an HTTP API is not renamed while a route has it."""
    before, after = (_template(side) for side in (pair.before, pair.after))
    for name, key in in_the_way(before, after).items():
        kind = pair.before.targets[0].stack
        yield Hit(stack=kind, logical_id=name, path="RouteKey", what=f"{key!r} still has the parameter's former name")


def _template(stacks: Stacks) -> JsonDict:
    return {"Resources": {resource.id: resource.body for resource in stacks.of(ROUTE)}}


def _variable(resource: Resource) -> bool:
    return is_variable(text(resource.at("PathPart")) or "")


NAMED = {name: record.name for name, record in TYPES.items() if record.unique}
"""Type → the property with the name that exists once in an account and region (or everywhere)."""


def names_of(stacks: Stacks) -> dict[tuple[str, str], Resource]:
    """Type and name → the resource that has it, of those whose name is known."""
    resources = {}
    for resource in stacks.of(*NAMED):
        name = plain(resource.at(NAMED[resource.type]), resource.region)
        if name is not None:
            resources[resource.type, name] = resource
    return resources


def _names(pair: Pair) -> Iterator[Hit]:
    """A name does not move to another logical id in one update."""
    was = names_of(pair.before)
    for (kind, name), resource in names_of(pair.after).items():
        other = was.get((kind, name))
        if other and other.id != resource.id:
            yield resource.hit(NAMED[kind], f"is {name!r}, which {other.id} still has when it is made")


def _replaced(pair: Pair) -> Iterator[Hit]:
    """A resource that keeps its name is not replaced."""
    for was, resource in pair.both(*NAMED):
        name = plain(resource.at(NAMED[resource.type]), resource.region)
        if name is None or name != plain(was.at(NAMED[resource.type]), resource.region):
            continue
        for place in TYPES[resource.type].create_only:
            if was.at(place) != resource.at(place):
                yield resource.hit(place, f"changes, and {name!r} would have to be created again")


def _pools(pair: Pair) -> Iterator[Hit]:
    """Names and attributes of a user pool stay as they were made; attributes may be added."""
    for was, resource in pair.both(_POOL):
        for name in ("AliasAttributes", "UsernameAttributes"):
            if was.at(name) != resource.at(name):
                yield resource.hit(name, "changes")
        new = {text(at(attribute, "Name")): attribute for attribute in known_list(resource.at("Schema"))}
        for attribute in known_list(was.at("Schema")):
            called = text(at(attribute, "Name"))
            if called and "$" not in called and new.get(called) != attribute:
                yield resource.hit("Schema", f"{'changes' if called in new else 'loses'} {called}")


RULES = (
    ChangeRule(
        id="CHANGE-TYPE",
        why="CloudFormation refuses it: Update of resource type is not permitted",
        fix="Give the new resource another logical id",
        source=f"{_API}/AWSCloudFormation/latest/UserGuide/resources-section-structure.html",
        find=_types,
    ),
    ChangeRule(
        id="CHANGE-TABLE",
        why="DynamoDB refuses it in one update",
        fix="Deploy the steps one after the other",
        source=f"{_API}/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html",
        find=_tables,
    ),
    ChangeRule(
        id="CHANGE-INDEXES",
        why="DynamoDB refuses more than one new or deleted index, or replica, of a table in one update",
        fix="Deploy them one after the other; this project's 'deploy' does so by itself",
        source=f"{_API}/amazondynamodb/latest/developerguide/GSI.OnlineOps.html",
        find=_indexes,
    ),
    ChangeRule(
        id="CHANGE-VERSION",
        why="Lambda refuses to publish a version without a change: A version for this Lambda function exists",
        fix="Keep the version's logical id until the function's code or configuration changes",
        source=f"{_CFN}/aws-resource-lambda-version.html",
        find=_versions,
    ),
    ChangeRule(
        id="CHANGE-SIBLING",
        why="API Gateway refuses it: A sibling of this resource already has a variable path part",
        fix="Remove the old path first, or describe the routes in the API's Body",
        source=f"{_CFN}/aws-resource-apigateway-resource.html",
        find=_siblings,
    ),
    ChangeRule(
        id="CHANGE-ROUTE",
        why="API Gateway refuses it: has a conflicting variable on the same hierarchical level",
        fix="Remove the routes first; this project's 'deploy' does so by itself",
        source="https://github.com/plutomi/plutomi/issues/271",
        find=_routes,
    ),
    ChangeRule(
        id="CHANGE-NAME",
        why="AWS refuses a second resource of the name: CloudFormation makes the new one before it deletes the old",
        fix="Keep the logical id, or choose another name",
        source=f"{_API}/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
        find=_names,
    ),
    ChangeRule(
        id="CHANGE-NAMED",
        why="CloudFormation cannot update a stack when a custom-named resource requires replacing",
        fix="Change the name as well, or leave it out",
        source=f"{_API}/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
        find=_replaced,
    ),
    ChangeRule(
        id="CHANGE-POOL",
        why="Cognito refuses it: names and attributes of a pool cannot be changed or removed",
        fix="Keep them, or make another pool",
        source=f"{_API}/cognito/latest/developerguide/user-pool-settings-attributes.html",
        find=_pools,
    ),
)
