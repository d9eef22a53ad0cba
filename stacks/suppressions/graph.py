"""What is intended because of another resource of the template: the conditions that look further than one. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stacks.intrinsics.functions import GetAtt, Ref, Sub, function
from stacks.intrinsics.references import variables, walk
from stacks.json_types import at, items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict, JsonObject, Properties
    from stacks.suppressions.when import Predicate, TemplateResources

_ASYNCHRONOUS = {f"{name}.amazonaws.com" for name in ("events", "s3", "sns", "scheduler")}
"""Services that do not wait for a function's answer.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html"""


def own_id(properties: Properties, resources: TemplateResources) -> str:
    """The logical id of the resource that has these very properties; "" without one."""
    return resources.ids.get(id(properties), "")


def _ids(value: object) -> Iterator[str]:
    """The logical ids that ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` name in a value."""
    for result in walk(value):
        match result:
            case Ref():
                yield result.name
            case GetAtt():
                yield result.resource
            case Sub():
                yield from (variable.name for variable in variables(result.text))


def is_called_unawaited(properties: Properties, resources: TemplateResources) -> bool:
    """A service that does not wait for the answer may call the function."""
    return any(
        str(statement.get("Principal")) in _ASYNCHRONOUS
        and own_id(properties, resources) in _mentioned(statement, resources)
        for statement in (body.get("Properties", {}) for body in resources.of["AWS::Lambda::Permission"])
    )


def _mentioned(function: JsonObject, resources: TemplateResources) -> set[str]:
    """What a permission is for: the function, or the one that its alias is of."""
    named = set(_ids(function.get("FunctionName")))
    aliases = [resources.get(name, {}) for name in named]
    return named | {
        identifier for body in aliases for identifier in _ids(body.get("Properties", {}).get("FunctionName"))
    }


def takes_dead_letters(properties: Properties, resources: TemplateResources) -> bool:
    """The queue is what another resource of the template hands its failures to."""
    name = own_id(properties, resources)
    kept = [body.get("Properties", {}) for body in resources.values()]
    keys = ("RedrivePolicy", "DeadLetterConfig", "DestinationConfig")
    return any(name in _ids(entry.get(key)) for entry in kept for key in keys)


def reads_queue(properties: Properties, resources: TemplateResources) -> bool:
    """The mapping reads a queue of the template that has dead letters of its own."""
    queues = [resources.get(name, {}).get("Properties", {}) for name in _ids(properties.get("EventSourceArn"))]
    return "DestinationConfig" not in properties and any("RedrivePolicy" in queue for queue in queues)


def reads_stream(properties: Properties, resources: TemplateResources) -> bool:
    """The mapping reads something else, and drops what failed too often."""
    return "DestinationConfig" not in properties and not reads_queue(properties, resources)


def calls(*, keeping: bool) -> Predicate:
    """Whether a rule calls a function that keeps, or does not keep, what it failed to handle."""

    def predicate(properties: Properties, resources: TemplateResources) -> bool:
        targets = [entry for entry in _dicts(properties.get("Targets")) if "DeadLetterConfig" not in entry]
        functions = [
            entry for entry in (_function(target.get("Arn"), resources) for target in targets) if entry is not None
        ]
        return any(("DeadLetterConfig" in function) is keeping for function in functions)

    return predicate


def starts_or_reports(properties: Properties, resources: TemplateResources) -> bool:
    """The rule starts pipelines or notifies a topic."""
    targets = [entry for entry in _dicts(properties.get("Targets")) if "DeadLetterConfig" not in entry]
    return any(_function(target.get("Arn"), resources) is None for target in targets)


def _function(arn: object, resources: TemplateResources) -> JsonObject | None:
    """The function that a target's ARN is of, itself or by an alias."""
    for name in _ids(arn):
        body = resources.get(name, {})
        if body.get("Type") == "AWS::Lambda::Alias":
            return _function(body["Properties"].get("FunctionName"), resources)
        if body.get("Type") == "AWS::Lambda::Function":
            return dict(body["Properties"])
    return None


def purpose(properties: Properties) -> str:
    """What a bucket of ours is for, by its name and tags: "logs", "site"; "" for other buckets."""
    tags = properties.get("Tags", ())
    tags = {str(tag.get("Key")): tag.get("Value") for tag in tags if isinstance(tag, dict)}
    prefix = f"{tags.get('app')}-{tags.get('stage')}-"
    match function(properties.get("BucketName")):
        case Sub(name) if name.startswith(prefix):
            return name.removeprefix(prefix).partition("-${")[0]
    return ""


def is_for(*purposes: str) -> Predicate:
    """Whether a bucket is for one of these."""
    return lambda properties, _: purpose(properties) in purposes


def is_described(properties: Properties, _: JsonObject) -> bool:
    """Whether a bucket is one of the description's, which keeps versions."""
    versions = properties.get("VersioningConfiguration")
    kept = isinstance(versions, dict) and versions.get("Status") == "Enabled"
    return kept and purpose(properties) not in {"", *OWN_BUCKETS}


OWN_BUCKETS = ("logs", "cdn-logs", "trail", "code", "site")
"""Purposes of the buckets that every stage may have; no described bucket takes one of these names."""


def names_any(properties: Properties, _: JsonObject) -> bool:
    """The policy allows something on ``*``."""
    return any("*" in items(entry.get("Resource")) for entry in _allowing(properties))


def names_patterns(properties: Properties, _: JsonObject) -> bool:
    """The policy names actions or resources by patterns."""
    named = [
        text for entry in _allowing(properties) for key in ("Action", "Resource") for text in items(entry.get(key))
    ]
    return any(text != "*" and "*" in json.dumps(text) for text in named)


def _allowing(properties: Properties) -> list[JsonObject]:
    statements = _dicts(at(properties, "PolicyDocument", "Statement"))
    return [entry for entry in statements if entry.get("Effect") == "Allow"]


def _dicts(value: object) -> list[JsonDict]:
    """The mappings among the items of a list, or of a single value."""
    return [entry for entry in items(value) if isinstance(entry, dict)]
