"""A service of any framework → the sections of app.yaml for one stage, and the place of each of their parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stacks import naming
from stacks.json_types import at
from stacks.migrating.functions import FunctionWriter
from stacks.migrating.located import Map, Place, items, plain
from stacks.migrating.names import unique
from stacks.migrating.obstacles import guarded
from stacks.migrating.raw import carried_resources, translated
from stacks.migrating.recognised import Recognised, Recogniser
from stacks.migrating.references import LostError, References, ReferenceTarget, owner
from stacks.migrating.sites import take_site

if TYPE_CHECKING:
    from stacks.intrinsics.paths import KeyPath
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import Service

_NAME_ENDING = re.compile(r"(?<=[A-Za-z0-9])[-_]?(?:Lambda)?Function$")


@dataclass(slots=True)
class StageSections:
    """What a stage says, and where each part of it was written."""

    data: JsonDict = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)


def assembled(service: Service, obstacles: Obstacles, app: str, stage: str) -> StageSections:
    """The sections for ``service`` in ``stage`` of the application ``app``."""
    references = References(
        conditions=service.conditions,
        mappings=service.mappings,
        parameters=service.parameters,
        region=service.region,
    )
    taken = set[str]()
    for function in service.functions.values():
        function.name = unique(_NAME_ENDING.sub("", function.key) or function.key, taken, "function")
    _one_package(service)
    _drop_unmet(service, references, obstacles)
    recogniser = Recogniser(service, references, obstacles, f"{app}-{stage}")
    take_site(service, references, recogniser, obstacles)
    _recognise(service, recogniser, obstacles)
    _function_targets(service, references)
    raw = carried_resources(service, references, recogniser, obstacles)
    inside = _seen_by_functions(service, references, f"{app}-{stage}")
    writer = FunctionWriter(service, inside, recogniser, raw, obstacles)
    stage_sections = StageSections()
    functions = writer.functions(stage_sections.places)
    backend = _backend(service, functions, writer, recogniser.result, raw)
    if outputs := _outputs(service, references, obstacles):
        backend["outputs"] = outputs
    stage_sections.places.update(recogniser.result.places)
    sections = {
        "base": service.base,
        "data": _data(recogniser.result),
        "backend": backend,
        "frontend": service.frontend,
    }
    stage_sections.data = {key: plain(value) for key, value in service.top.items()}
    stage_sections.data |= {key: plain(value) for key, value in sections.items() if value}
    return stage_sections


def _one_package(service: Service) -> None:
    """Package what functions take of the project's folder as one zip, since zips of one folder would be named alike."""
    sharing = [
        function.entry
        for function in service.functions.values()
        if function.entry.get("source") == "." and "only" in function.entry
    ]
    union = list(dict.fromkeys(name for entry in sharing for name in entry["only"]))
    for entry in sharing:
        entry["only"] = union


def _drop_unmet(service: Service, references: References, obstacles: Obstacles) -> None:
    """Take resources and outputs out whose condition is not met in this stage."""
    for group, what in ((service.resources, "resources"), (service.outputs, "outputs")):
        for name, (body, place) in list(group.items()):
            if not isinstance(body, Mapping) or "Condition" not in body:
                continue
            try:
                holds = references.holds(str(body["Condition"]))
            except LostError as error:
                obstacles.changed(place, f"{what}.{name}", f"{error}; it is always made here", "Remove it if it is not")
                holds = True
            if holds:
                group[name] = (_without(body, "Condition"), place)
            else:
                obstacles.note(place, f"{what}.{name}", "its condition is not met in this stage", "Nothing to do")
                del group[name]


def _without(body: Any, key: str) -> Any:
    if isinstance(body, Map):
        return Map([(name, item) for name, item in body.items() if name != key], body.place, body.places)
    return {name: item for name, item in body.items() if name != key}


def _recognise(service: Service, recogniser: Recogniser, obstacles: Obstacles) -> None:
    """Describe what app.yaml has words for, and take it out of the resources."""
    skipped = _dead_letters(service) | _with_policies(service)
    names = {service.function_id(key): function.name for key, function in service.functions.items()}
    for name, (body, place) in list(service.resources.items()):
        is_done = False
        with guarded(obstacles, place, f"resources.{name}"):
            is_done = isinstance(body, Map) and _is_recognised(name, body, place, recogniser, skipped, names)
        if is_done:
            del service.resources[name]
    _client(service, recogniser, obstacles)


def _is_recognised(  # noqa: PLR0913, PLR0917 - one resource, and what is known of others
    name: str, body: Map, place: Place, recogniser: Recogniser, skipped: set[str], names: Mapping[str, str]
) -> bool:
    match body.get("Type"):
        case "AWS::DynamoDB::Table":
            return recogniser.table(name, body, place)
        case "AWS::S3::Bucket":
            return _is_private(body) and recogniser.bucket(name, body, place)
        case "AWS::SQS::Queue":
            return name not in skipped and recogniser.queue(name, body, place)
        case "AWS::SNS::Topic":
            return recogniser.topic(name, body, place)
        case "AWS::Cognito::UserPool":
            return recogniser.users(name, body, place, names)
    return False


def _is_private(body: Map) -> bool:
    properties = body.get("Properties") or {}
    odd = {"WebsiteConfiguration", "NotificationConfiguration", "ReplicationConfiguration", "ObjectLockConfiguration"}
    return isinstance(properties, Mapping) and not odd & set(properties)


def _dead_letters(service: Service) -> set[str]:
    """Queues that hold dead letters of others; a described queue has its own."""
    letters = set[str]()
    for body, _ in service.resources.values():
        letters.add(owner(at(body, "Properties", "RedrivePolicy", "deadLetterTargetArn")) or "")
    return letters


def _with_policies(service: Service) -> set[str]:
    """Queues that have a policy of their own, which would replace that of a described queue."""
    policies = set[str]()
    for body, _ in service.resources.values():
        if isinstance(body, Mapping) and body.get("Type") == "AWS::SQS::QueuePolicy":
            queues = at(body, "Properties", "Queues")
            policies |= {owner(entry) or "" for entry, _ in items(queues, Place(""))}
    return policies


def _client(service: Service, recogniser: Recogniser, obstacles: Obstacles) -> None:
    """The first client of a described pool is the pool's own; a domain is its sign-in domain."""
    if recogniser.result.users is None:
        return
    is_first = True
    for name, (body, place) in list(service.resources.items()):
        kind = at(body, "Type")
        if kind == "AWS::Cognito::UserPoolClient" and is_first:
            is_first = False
            target = {"Fn::GetAtt": ["data", "UserPoolClientId"]}
            recogniser.take(name, ReferenceTarget(ref=target, attributes={"ClientId": target}), service)
            what = "becomes the pool's own client, which signs in by SRP and has no secret"
            fix = "Describe others under 'data.users.clients', and put the new id into the applications that use it"
            obstacles.changed(place, f"resources.{name}", what, fix)
        elif kind == "AWS::Cognito::UserPoolDomain":
            domain = at(body, "Properties", "Domain")
            if isinstance(domain, str) and "." not in domain:
                recogniser.result.users["domain"] = domain
                recogniser.take(name, ReferenceTarget(ref=domain), service)


def _function_targets(service: Service, references: References) -> None:
    for key, function in service.functions.items():
        title = naming.logical_id(function.name, "Function")
        references.targets[service.function_id(key)] = ReferenceTarget(ref={"Ref": title}, same=True, id=title)
        role = naming.logical_id(function.name, "Role")
        references.targets[f"{service.function_id(key)}Role"] = ReferenceTarget(ref={"Ref": role}, same=True, id=role)
    api = "HttpApi" if service.api.get("type") == "http" else "Api"
    for logical_id, kind in service.aliases.items():
        if kind == "api":
            address = {"Fn::Sub": f"https://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"}
            attributes: JsonDict = {"ApiEndpoint": address}
            if api == "Api":
                attributes["RootResourceId"] = {"Fn::GetAtt": [api, "RootResourceId"]}
            references.targets.setdefault(logical_id, ReferenceTarget(ref={"Ref": api}, attributes=attributes, id=api))


def _seen_by_functions(service: Service, references: References, prefix: str) -> References:
    """The references for the settings of functions: they name functions by texts, or each would wait for another."""
    targets = _Layered(references.targets)
    for key, function in service.functions.items():
        name = f"{prefix}-{function.name}"
        arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}"}
        targets[service.function_id(key)] = ReferenceTarget(ref=name, attributes={"Arn": arn})
    if service.api.get("type") != "http":
        targets.update({name: ReferenceTarget() for name, kind in service.aliases.items() if kind == "api"})
    return replace(references, targets=targets)


class _Layered(dict[str, ReferenceTarget]):
    """Targets of its own over others, which may still grow."""

    def __init__(self, below: dict[str, ReferenceTarget]) -> None:
        super().__init__()
        self._below = below

    def get(self, key: str, default: object = None) -> Any:
        return super().get(key) or self._below.get(key, default)

    def __missing__(self, key: str) -> ReferenceTarget:
        return self._below[key]


def _data(result: Recognised) -> JsonDict:
    """``data``."""
    parts = {"tables": result.tables, "buckets": result.buckets}
    mapping: JsonDict = {key: value for key, value in parts.items() if value}
    if result.users is not None:
        mapping["users"] = result.users or True
    if result.overrides.get("data"):
        mapping["overrides"] = result.overrides["data"]
    return mapping


def _backend(
    service: Service, functions: JsonDict, writer: FunctionWriter, result: Recognised, raw: JsonDict
) -> JsonDict:
    """``backend``, less its outputs."""
    parts = {
        "secrets": dict.fromkeys(writer.secrets, "given"),
        "queues": result.queues,
        "topics": result.topics,
        "api": {**service.api, **writer.api},
        "functions": functions,
        "resources": raw,
        "overrides": {**result.overrides.get("backend", {}), **writer.overrides},
    }
    return {**service.backend, **{key: value for key, value in parts.items() if value}}


def _outputs(service: Service, references: References, obstacles: Obstacles) -> JsonDict:
    outputs: JsonDict = {}
    for name, (body, place) in service.outputs.items():
        value = translated(body, references, place, f"outputs.{name}", obstacles)
        if isinstance(value, Mapping) and "Value" in value:
            outputs[name] = {key: value[key] for key in ("Value", "Description", "Export") if key in value}
            if set(outputs[name]) == {"Value"}:
                outputs[name] = value["Value"]
    return outputs
