"""Resources that app.yaml has no words of its own for → ``backend.resources``, as CloudFormation writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacks.forecast.stateful import stateful_types
from stacks.intrinsics.functions import is_function
from stacks.migrating.located import Map, Place
from stacks.migrating.provider import RETENTIONS
from stacks.migrating.references import LostError, References, ReferenceTarget, owner
from stacks.migrating.variables import Unknown
from stacks.registry import is_type, unknown_properties

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.recognised import Recogniser
    from stacks.migrating.service import Service

_ATTRIBUTES = {
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}
_GENERATED = {"Api", "ApiDeployment", "ApiLogGroup", "ApiStage", "ApiUsagePlan", "HttpApi"}


def carried_resources(
    service: Service, references: References, recogniser: Recogniser, obstacles: Obstacles
) -> JsonDict:
    """The resources that stay as they are, by logical id; references to the others are obstacles."""
    names = {name: f"Own{name}" if name in _GENERATED else name for name in service.resources}
    bodies: dict[str, tuple[Map, Place]] = {}
    for name, (body, place) in service.resources.items():
        if not isinstance(body, Map) or not isinstance(body.get("Type"), str):
            obstacles.lost(place, f"resources.{name}", "has no Type", "Correct it, or leave it out")
        elif _is_carried(body, name, place, service, recogniser, obstacles):
            bodies[name] = (body, place)
            references.targets[name] = ReferenceTarget(ref={"Ref": names[name]}, same=True, id=names[name])
    resources: JsonDict = {}
    while True:
        resources, lost = _translated(bodies, references, obstacles)
        if not lost:
            break
        for name in lost:
            del bodies[name]
            references.targets[name] = ReferenceTarget()
    for name in resources:
        recogniser.result.places["backend", "resources", names[name]] = bodies[name][1]
    return {names[name]: body for name, body in resources.items()}


def _is_carried(  # noqa: PLR0913, PLR0917 - one resource, and what is known of others
    body: Map, name: str, place: Place, service: Service, recogniser: Recogniser, obstacles: Obstacles
) -> bool:
    kind = body["Type"]
    subject = f"resources.{name}"
    if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        what = f"is a custom resource ({kind}), which this project does without"
        obstacles.lost(place, subject, what, "Do what it does with a command, or in a stack of your own under 'stacks'")
    elif kind in {"AWS::CloudFormation::Stack", "AWS::CloudFormation::Macro"}:
        obstacles.lost(place, subject, f"is of the type {kind}", "Describe it under 'stacks', with its own template")
    elif kind in {"AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"} and _is_of_recognised(body, recogniser):
        what = "is a policy of something that has one of its own here, and only one can be"
        obstacles.lost(place, subject, what, "Write who else may use it under 'overrides' of the generated policy")
    elif kind == "AWS::Logs::LogGroup" and "/aws/lambda/" in str(body.get("Properties")):
        days = body["Properties"].get("RetentionInDays")
        if days in RETENTIONS:
            service.top.setdefault("log_retention_days", days)
        obstacles.note(place, subject, "is not needed: every function has its log group", "Nothing to do")
    elif kind.startswith("AWS::ApiGateway") and _is_of_our_api(body, service):
        what = "is a part of the API that the framework makes"
        fix = "Compare with 'backend.api': errors name the origin of 'cors', bodies are checked by 'body'"
        obstacles.lost(place, subject, what, fix)
    elif not is_type(kind):
        obstacles.lost(place, subject, f"has the type {kind}, which CloudFormation does not have", "Correct the type")
    elif not is_type(kind, service.region):
        what = f"has the type {kind}, which {service.region} does not have"
        obstacles.lost(place, subject, what, "Describe it under 'stacks', with the 'region' it is to be in")
    else:
        return True
    return False


def _is_of_recognised(body: Map, recogniser: Recogniser) -> bool:
    properties = body.get("Properties")
    bucket = properties.get("Bucket", properties.get("Topics")) if isinstance(properties, Mapping) else None
    named = bucket if isinstance(bucket, list) else [bucket]
    return any(owner(entry) in recogniser.result.by_id for entry in named)


def _is_of_our_api(body: Map, service: Service) -> bool:
    properties = body.get("Properties")
    api = properties.get("RestApiId", properties.get("ApiId")) if isinstance(properties, Mapping) else None
    return owner(api) in service.aliases


def _translated(
    bodies: Mapping[str, tuple[Map, Place]], references: References, obstacles: Obstacles
) -> tuple[JsonDict, list[str]]:
    mapping: JsonDict = {}
    lost: list[str] = []
    for name, (body, place) in bodies.items():
        subject = f"resources.{name}"
        try:
            rest = {key: item for key, item in body.items() if key not in {"DependsOn", "Type", "Condition"}}
            result = references.value(rest)
        except LostError as error:
            fix = "Write it under 'backend.resources' with what this application has instead, or leave it out"
            obstacles.lost(place, subject, f"is not carried over: {error}", fix)
            lost.append(name)
            continue
        mapping[name] = _complete(name, body, result, references, obstacles)
    return mapping, lost


def _complete(name: str, body: Map, resource: JsonDict, references: References, obstacles: Obstacles) -> JsonDict:
    """A translated body with only what CloudFormation knows, and kept where it holds data."""
    kind = body["Type"]
    properties = resource.get("Properties") or {}
    if not isinstance(properties, dict):
        properties = {}
    for path, _ in list(unknown_properties(kind, properties, is_function)):
        place = body["Properties"].at(str(path[0])) if isinstance(body.get("Properties"), Map) else body.place
        shown = ".".join(map(str, path))
        obstacles.lost(
            place, f"resources.{name}.{shown}", f"is not a property of {kind}", "Correct it, or leave it out"
        )
        _remove(properties, path)
    _without_passwords(name, body, properties, obstacles)
    result: JsonDict = {"Type": kind}
    for key in _ATTRIBUTES - {"Type", "Properties", "DependsOn"}:
        if key in resource:
            result[key] = resource[key]
    if kind in stateful_types():
        result |= dict.fromkeys(("DeletionPolicy", "UpdateReplacePolicy"), "Retain")
    depends = [depend for depend in _depends(body.get("DependsOn"), references) if depend != name]
    if depends:
        result["DependsOn"] = depends
    if properties:
        result["Properties"] = dict(properties)
    return result


def _without_passwords(name: str, body: Map, properties: JsonDict, obstacles: Obstacles) -> None:
    """A database whose password the template would contain: RDS makes one, and keeps it in Secrets Manager.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    """
    password = properties.get("MasterUserPassword")
    if not isinstance(password, str) or password.startswith("{{resolve:"):
        return
    del properties["MasterUserPassword"]
    properties["ManageMasterUserPassword"] = True
    at = body["Properties"].at("MasterUserPassword")
    what = "would be readable in the template; RDS makes one and keeps it in Secrets Manager instead"
    fix = "Read it there, by the attribute MasterUserSecret.SecretArn"
    obstacles.changed(at, f"resources.{name}.MasterUserPassword", what, fix)


def _depends(result: object, references: References) -> list[str]:
    names = [result] if isinstance(result, str) else result if isinstance(result, list) else []
    targets = [references.targets.get(str(name)) for name in names]
    return [target.id for target in targets if target and target.same and target.id]


def _remove(value: Any, path: tuple[Any, ...]) -> None:
    for part in path[:-1]:
        value = value[part]
    if isinstance(value, dict):
        value.pop(path[-1], None)


def translated(value: object, references: References, place: Place, subject: str, obstacles: Obstacles) -> Any:
    """The value in our stacks; None, with an obstacle, when it refers to something that does not exist."""
    try:
        return references.value(value)
    except LostError as error:
        shown = value.text if isinstance(value, Unknown) else subject
        obstacles.lost(place, subject, f"is not carried over: {error}", f"Write {shown} into app.yaml")
        return None
