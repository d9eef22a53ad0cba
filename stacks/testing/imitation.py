"""CloudFormation's rules on templates, imitated for ``stacks.testing.MemoryCloud``.

What a change set finds, what references resolve to, which parameters are wanted. Pure, and only as
exact as a deployer can observe: physical ids and attributes are invented, the same ones every time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stacks.cloud import STACK_TYPE, ChangedResource, Drifted, DriftedProperty, Event
from stacks.errors import DeployError
from stacks.forecast.route_variables import in_the_way
from stacks.forecast.table_parts import moves
from stacks.intrinsics.functions import GetAtt, GetStackOutput, Other, Ref, Sub, function
from stacks.intrinsics.references import Reference, substitute, with_variables
from stacks.template.pseudo import pseudo_parameters
from stacks.template.references import read_by
from stacks.template.wired import PUBLISHED_TYPE, READ_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stacks.cloud import Cloud, StackResource, StackState, Submission
    from stacks.json_types import JsonDict, JsonObject

_NAMES = ("BucketName", "TableName", "FunctionName", "RoleName", "UserPoolName", "LogGroupName", "Name")


class ExecutionScope:
    """What references of a template resolve to while its stack is executed."""

    def __init__(self, cloud: Cloud, submission: Submission, template: JsonDict) -> None:
        self._cloud, self._submission, self._template = cloud, submission, template
        place = pseudo_parameters(cloud.account(), submission.region, submission.name)
        self._known = {**place, **all_parameters(submission), **fetched(cloud, submission)}

    def value(self, value: Any) -> Any:
        """Resolve a value; a function that is unknown stays as it is."""
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        called = self._called(value)
        return {key: self.value(item) for key, item in value.items()} if called is None else called

    def _called(self, value: JsonDict) -> str | None:
        match function(value):
            case Ref(name):
                return self._ref(name)
            case GetAtt(resource, str(attribute)):
                return self._attribute(resource, attribute)
            case Other("Fn::Join", [separator, [*items]]):
                return str(separator).join(str(self.value(item)) for item in items)
            case Sub(text, own):
                return self._sub(text, {name: str(self.value(entry)) for name, entry in own.items()})
            case GetStackOutput(stack, output, region):
                return self._output(stack, output, region or self._submission.region)
        return None

    def _ref(self, name: str) -> str:
        if name in self._known:
            return self._known[name]
        body = self._template.get("Resources", {}).get(name)
        if body is None:
            raise DeployError(
                self._submission.name, f"the template refers to {name}, which does not exist", "Correct the name"
            )
        named = {key: self.value(entry) for key, entry in body.get("Properties", {}).items() if key in _NAMES}
        return physical_id(self._submission.name, name, named)

    def _attribute(self, name: str, attribute: str) -> str:
        body = self._template.get("Resources", {}).get(name, {})
        if body.get("Type") == PUBLISHED_TYPE and attribute == "Value":
            return str(self.value(body["Properties"]["Value"]))
        return f"{self._ref(name)}.{attribute}"

    def _sub(self, text: str, names: dict[str, str]) -> str:
        def value(reference: Reference) -> str:
            own = names.get(reference.variable)
            return own or (
                self._attribute(reference.name, reference.attribute)
                if reference.attribute
                else self._ref(reference.name)
            )

        return with_variables(text, value).replace("${!", "${")

    def _output(self, stack: str, output: str, region: str) -> str:
        state = self._cloud.stack(stack, region)
        if state is None or output not in state.outputs:
            raise DeployError(self._submission.name, f"stack {stack} has no output {output}", f"Deploy {stack} first")
        return state.outputs[output]


def physical_id(stack: str, logical_id: str, properties: JsonDict) -> str:
    """Return a resource's name: the one it asks for, else one made from its stack and logical id."""
    described = next((properties[name] for name in _NAMES if isinstance(properties.get(name), str)), None)
    return described or f"{stack}-{logical_id}".lower()


def check_parameters(submission: Submission) -> None:
    """Raise ``DeployError`` for parameters without a value, and values without a parameter."""
    declared = submission.template.get("Parameters", {})
    missing = [n for n, body in declared.items() if "Default" not in body and n not in submission.parameters]
    if missing or (extra := sorted(submission.parameters.keys() - declared.keys())):
        names = missing or extra
        what = f"Parameters: [{', '.join(names)}] " + (
            "must have values" if missing else "do not exist in the template"
        )
        raise DeployError(submission.name, what, "Give the template what it declares")


def all_parameters(submission: Submission) -> dict[str, str]:
    """Return the parameters' values, defaults included."""
    declared = submission.template.get("Parameters", {})
    defaults = {name: str(body["Default"]) for name, body in declared.items() if "Default" in body}
    return {**defaults, **submission.parameters}


def fetched(cloud: Cloud, submission: Submission) -> dict[str, str]:
    """What parameters that read Parameter Store have; raise ``DeployError`` as CloudFormation does for missing ones."""
    declared = {
        name for name, body in submission.template.get("Parameters", {}).items() if body.get("Type") == READ_TYPE
    }
    names = {name: value for name, value in all_parameters(submission).items() if name in declared}
    values = cloud.published(sorted(set(names.values())), submission.region) if names else {}
    if missing := sorted(set(names.values()) - values.keys()):
        what = f"Unable to fetch parameters [{','.join(missing)}] from parameter store for this account"
        raise DeployError(submission.name, what, "Deploy what publishes them first")
    return {name: values[key] for name, key in names.items()}


def changes(
    old: JsonDict, old_values: dict[str, str], new: JsonDict, new_values: dict[str, str]
) -> Iterator[ChangedResource]:
    """Yield what an update would touch: values are filled in, and what reads a resource that moves goes with it."""
    before, after = old.get("Resources", {}), new.get("Resources", {})
    result = {change.logical_id: change for change in _differing(before, old_values, after, new_values)}
    moving = [name for name, change in result.items() if _moves(change)]
    while moving:
        moved = moving.pop()
        for name in (before.keys() & after.keys()) - result.keys():
            if moved in read_by(after[name]):
                result[name] = ChangedResource(action="change", logical_id=name, type=after[name]["Type"])
                moving += [name] if _moves(result[name]) else []
    yield from (result[name] for name in sorted(result))


def _moves(change: ChangedResource) -> bool:
    """Whether others that refer to a resource see another value: it is replaced, or its value is what they read."""
    return change.action == "change" and (change.replacement == "always" or change.type == PUBLISHED_TYPE)


def _differing(
    before: JsonDict, old_values: dict[str, str], after: JsonDict, new_values: dict[str, str]
) -> Iterator[ChangedResource]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield ChangedResource(action="add", logical_id=name, type=after[name]["Type"])
        elif name not in after:
            yield ChangedResource(action="remove", logical_id=name, type=before[name]["Type"])
        elif (was := _filled(before[name], old_values)) != (becomes := _filled(after[name], new_values)):
            renamed = any(_property(was, key) != _property(becomes, key) for key in _NAMES)
            kind = after[name]["Type"]
            yield ChangedResource(
                action="change", logical_id=name, type=kind, replacement="always" if renamed else "never"
            )


def refused(old: JsonDict, new: JsonDict) -> dict[str, str]:
    """Why AWS would refuse an update, by logical id.

    Several indexes or replicas of a table come and go, or a path parameter of an HTTP API is renamed.
    """
    why = "Cannot perform more than one GSI creation or deletion in a single update"
    before, after = old.get("Resources", {}), new.get("Resources", {})
    tables = {name: why for name in before.keys() & after.keys() if len(moves(name, before[name], after[name])) > 1}
    routes = dict.fromkeys(in_the_way(old, new).keys() & after.keys(), "has a conflicting variable")
    return {**tables, **routes}


def forbidden(policy: str | None, results: Iterable[ChangedResource]) -> dict[str, str]:
    """Why a stack policy forbids a change, by logical id; of policies known is what ``deploy.protection`` writes."""
    rules = json.loads(policy)["Statement"] if policy else []
    denied = {name for rule in rules if rule["Effect"] == "Deny" for name in rule["Resource"]}
    going = {"remove": "Update:Delete", "change": "Update:Replace"}
    return {
        change.logical_id: f"Action denied by stack policy: {going[change.action]} for [{change.logical_id}]"
        for change in results
        if f"LogicalResourceId/{change.logical_id}" in denied
        and (change.action == "remove" or change.replacement == "always")
    }


def _property(body: JsonDict, name: str) -> Any:
    return body.get("Properties", {}).get(name)


def _filled(value: Any, values: dict[str, str]) -> Any:
    """A body with values in place of the names of parameters: what CloudFormation compares."""
    return substitute(value, lambda entry: values.get(entry.variable) if isinstance(entry, Reference) else None)


class Log:
    """The events of one run, oldest first."""

    def __init__(self, state: StackState, next_id: Any) -> None:
        self.events: list[Event] = []
        self._state, self._next_id = state, next_id

    def stack(self, status: str, reason: str = "") -> None:
        """Add an event of the stack itself."""
        self._add(self._state.name, self._state.id, STACK_TYPE, status, reason)

    def resource(self, change: ChangedResource, status: str, reason: str = "") -> None:
        """Add an event of a resource."""
        self._add(change.logical_id, f"{self._state.name}-{change.logical_id}".lower(), change.type, status, reason)

    def _add(self, logical_id: str, physical_id: str, kind: str, status: str, reason: str) -> None:
        event = Event(
            id=self._next_id("event"),
            logical_id=logical_id,
            physical_id=physical_id,
            type=kind,
            status=status,
            reason=reason,
        )
        self.events.append(event)


def as_text(value: Any) -> str:
    """A property as drift detection writes it."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def drifted(resource: StackResource, expected: JsonObject, outside: JsonObject | None) -> Drifted | None:
    """What drift detection finds of a resource that was set to ``outside`` by somebody else; ``None`` deleted it."""
    differences = tuple(
        DriftedProperty(path=f"/{name}", expected=as_text(expected.get(name)), actual=as_text(value))
        for name, value in sorted((outside or {}).items())
        if value != expected.get(name)
    )
    if outside is not None and not differences:
        return None
    return Drifted(
        logical_id=resource.logical_id,
        physical_id=resource.physical_id,
        type=resource.type,
        deleted=outside is None,
        differences=differences,
    )
