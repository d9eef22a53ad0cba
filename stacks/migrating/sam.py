"""template.yaml of SAM → a ``Service``: functions with their events and policies, APIs, tables and the rest. Pure.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.json_types import at, mapping
from stacks.migrating.located import Map, Place, entries, items, map_or_empty
from stacks.migrating.names import slug
from stacks.migrating.obstacles import guarded
from stacks.migrating.plugins import Plugins
from stacks.migrating.provider import Defaults
from stacks.migrating.references import owner
from stacks.migrating.sam_functions import SamFunctions
from stacks.migrating.service import MigratedAuthorizer, Service
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import VariableSources

_SECTIONS = {
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Mappings", "Metadata", "Outputs",
    "Parameters", "Resources", "Rules", "Transform",
}  # fmt: skip
_STAGE = re.compile(r"(?:app|deploy(?:ment)?)?[-_]?(?:stage|env|environment)(?:[-_]?name)?", re.IGNORECASE)
_LOST = {
    "AWS::Serverless::Application": "Describe it under 'stacks', with its own template",
    "AWS::Serverless::Connector": "Write the rights under the function's 'statements'",
    "AWS::Serverless::GraphQLApi": "Write it under 'backend.resources' as AWS::AppSync::GraphQLApi",
    "AWS::Serverless::LayerVersion": "Put what it holds into the functions' folder, or use 'shared_requirements'",
    "AWS::Serverless::StateMachine": "Write it under 'backend.resources' as AWS::StepFunctions::StateMachine",
    "AWS::Serverless::WebSocketApi": "Write it under 'backend.resources' as AWS::ApiGatewayV2::Api",
    "AWS::Serverless::CapacityProvider": "Leave it out: functions run on demand",
}
"""SAM's types, which have no record, and what to do instead."""


def is_sam_file(config: Map) -> bool:
    """Whether a configuration is a template of SAM."""
    resources = config.get("Resources")
    return isinstance(resources, Map) and (
        "Transform" in config or any("AWS::Serverless::" in str(_type(body)) for body in resources.values())
    )


def _type(body: object) -> str | None:
    kind = at(body, "Type")
    return kind if isinstance(kind, str) else None


def stages(config: Map, around: VariableSources, obstacles: Obstacles) -> list[str]:
    """The values of the parameter that names the stage; ``dev`` when there is none."""
    del around, obstacles
    for name, body, _ in entries(config.get("Parameters")):
        if _STAGE.fullmatch(name) and isinstance(body, Map):
            allowed = [str(entry) for entry, _ in items(body.get("AllowedValues"), body.place)]
            default = [str(body["Default"])] if isinstance(body.get("Default"), str) else []
            results = [item for item in dict.fromkeys([*default, *allowed]) if re.fullmatch(r"[A-Za-z][\w-]*", item)]
            if results:
                return results
    return ["dev"]


def service(config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
    """The service that a template describes in the stage ``around.stage``."""
    result = Service(name="", place=config.place, region=_region(around))
    result.aliases = {"ServerlessRestApi": "api", "ServerlessHttpApi": "api"}
    result.parameters = _parameters(config.get("Parameters"), around.stage, obstacles)
    for key, attribute in (("Conditions", "conditions"), ("Mappings", "mappings")):
        if isinstance(config.get(key), Map):
            setattr(result, attribute, config[key])
    for name, body, place in entries(config.get("Outputs")):
        result.outputs[name] = (body, place)
    defaults = map_or_empty(config.get("Globals"), config.place)
    _globals(defaults, result, obstacles)
    plugins, functions = Plugins(), dict[str, tuple[Map, Place]]()
    for name, body, place in entries(config.get("Resources")):
        _resource(name, body, place, result, functions, obstacles)
    apis = _apis(config, result, obstacles)
    reader = SamFunctions(result, Defaults(Map([], config.place, {})), plugins, folder, apis, obstacles)
    for name, (body, place) in functions.items():
        with guarded(obstacles, place, f"Resources.{name}"):
            reader.read(name, body, place, map_or_empty(defaults.get("Function"), place))
    _api_type(plugins, result, obstacles)
    _rest(config, obstacles)
    return result


def _region(around: VariableSources) -> str:
    """The region of samconfig.toml, else that of the environment."""
    settings = around.file("samconfig.toml") or ""
    match = re.search(r'^\s*region\s*=\s*"([a-z0-9-]+)"', settings, re.MULTILINE)
    return match[1] if match else around.region


def _parameters(raw: object, stage: str, obstacles: Obstacles) -> JsonDict:
    parameters: JsonDict = {}
    for name, body, place in entries(raw):
        kind = str(body.get("Type", "String")) if isinstance(body, Map) else "String"
        default = at(body, "Default")
        if _STAGE.fullmatch(name):
            parameters[name] = stage
        elif default is None:
            parameters[name] = Unknown(f"the parameter {name}")
        elif kind.startswith("AWS::SSM::Parameter::Value"):
            parameters[name] = f"{{{{resolve:ssm:{default}}}}}"
        else:
            parameters[name] = str(default).split(",") if kind == "CommaDelimitedList" else default
            what = f"is written out as its default, {default!r}"
            obstacles.note(place, f"parameter {name}", what, "Write other values in the stages that have them")
    return parameters


def _globals(defaults: Map, result: Service, obstacles: Obstacles) -> None:
    for kind, body, place in entries(defaults):
        if kind not in {"Function", "Api", "HttpApi", "SimpleTable"}:
            obstacles.lost(place, f"Globals.{kind}", "is not carried over", "Write it where it is used")
        if kind in {"Api", "HttpApi"} and isinstance(body, Map):
            _cors(body, result)


def _cors(body: Map, result: Service) -> None:
    for key in ("Cors", "CorsConfiguration"):
        if body.get(key):
            result.cors.append((body[key], body.at(key)))


def _resource(  # noqa: PLR0913, PLR0917 - one resource, and where it goes
    name: str,
    body: object,
    place: Place,
    result: Service,
    functions: dict[str, tuple[Map, Place]],
    obstacles: Obstacles,
) -> None:
    kind = _type(body)
    if not isinstance(body, Map) or not isinstance(kind, str):
        result.resources[name] = (body, place)
    elif kind == "AWS::Serverless::Function":
        functions[name] = (body, place)
    elif kind in {"AWS::Serverless::Api", "AWS::Serverless::HttpApi"}:
        result.aliases[name] = "api"
    elif kind == "AWS::Serverless::SimpleTable":
        result.resources[name] = (_table(body, place), place)
    elif kind in _LOST:
        obstacles.lost(place, f"Resources.{name}", f"is of the type {kind}", _LOST[kind])
    else:
        result.resources[name] = (body, place)


def _table(body: Map, place: Place) -> Map:
    """A SimpleTable as the table that it makes.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
    """
    settings = map_or_empty(body.get("Properties"), place)
    key = mapping(settings.get("PrimaryKey"))
    name, kind = key.get("Name", "id"), {"Number": "N", "Binary": "B"}.get(str(key.get("Type")), "S")
    properties: JsonDict = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind}],
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    properties |= {entry: settings[entry] for entry in ("TableName", "SSESpecification", "PointInTimeRecoverySpecification") if entry in settings}  # fmt: skip # noqa: E501
    inner = Map(properties.items(), place, settings.places)
    return Map([("Type", "AWS::DynamoDB::Table"), ("Properties", inner)], place, {})


def _apis(config: Map, value: Service, obstacles: Obstacles) -> dict[str, tuple[str, str]]:
    """Who may call routes that do not say, and each authorizer, by the API's logical id: ``default`` and the names."""
    result: dict[str, tuple[str, str]] = {}
    for name, body, place in entries(config.get("Resources")):
        if _type(body) not in {"AWS::Serverless::Api", "AWS::Serverless::HttpApi"}:
            continue
        settings = map_or_empty(body.get("Properties"), place)
        _cors(settings, value)
        _api_domain(settings.get("Domain"), settings.at("Domain"), value, obstacles)
        auth = settings.get("Auth")
        for key, entry, entry_place in entries(at(auth, "Authorizers")):
            result[f"{name}.{key}"] = (_authorizer(key, entry, entry_place, value, obstacles), key)
        default = str(at(auth, "DefaultAuthorizer") or "")
        if default == "AWS_IAM":
            result[f"{name}."] = ("iam", default)
        elif default:
            result[f"{name}."] = result.get(f"{name}.{default}", ("iam", default))
        if str(at(auth, "ApiKeyRequired")).lower() == "true":
            result[f"{name}.key"] = ("key", "")
        for key in settings:
            if key in {"DefinitionBody", "DefinitionUri", "Models", "GatewayResponses", "MethodSettings", "Variables"}:
                fix = "Compare with 'backend.api' and each function's 'routes' and 'body'"
                obstacles.lost(settings.at(key), f"Resources.{name}.{key}", "is not carried over", fix)
    return result


def _authorizer(key: str, body: object, place: Place, result: Service, obstacles: Obstacles) -> str:
    """How app.yaml names an authorizer; ``iam`` for one that is not carried over."""
    name = slug(key) or "authorizer"
    text, settings = str(body), body if isinstance(body, Map) else {}
    pools = [item for item, (resource, _) in result.resources.items() if _type(resource) == "AWS::Cognito::UserPool"]
    if "UserPoolArn" in settings and any(re.search(rf"\b{pool}\b", text) for pool in pools):
        return "users"
    jwt = settings.get("JwtConfiguration")
    if isinstance(jwt, Map):
        issuer, audience = jwt.get("issuer", jwt.get("Issuer")), jwt.get("audience", jwt.get("Audience"))
        audiences = [item for item, _ in items(audience, place) if isinstance(item, str)]
        if isinstance(issuer, str) and audiences:
            result.authorizers[name] = MigratedAuthorizer(place=place, issuer=issuer, audience=tuple(audiences))
            return name
        if any(re.search(rf"\b{pool}\b", str(issuer)) for pool in pools):
            return "users"
    if arn := settings.get("FunctionArn"):
        result.authorizers[name] = MigratedAuthorizer(place=place, function=owner(arn) or "")
        return name
    what = "is not of this template; until it is described, its routes ask for signed requests (auth: iam)"
    fix = "Describe it under 'backend.api.authorizers', or the user pool under 'data.users'"
    obstacles.lost(place, f"authorizer {key}", what, fix)
    return "iam"


def _api_domain(domain: object, place: Place, result: Service, obstacles: Obstacles) -> None:
    if not isinstance(domain, Map):
        return
    name, arn = domain.get("DomainName"), domain.get("CertificateArn")
    zone = domain["Route53"].get("HostedZoneId") if isinstance(domain.get("Route53"), Map) else None
    described = {"name": name, "certificate": arn, "zone": zone}
    known = {key: value for key, value in described.items() if isinstance(value, str)}
    if "name" in known and len(known) > 1:
        result.api["domain"] = known
        fix = "Delete the old one before this is deployed: a domain has one API. See docs/migrating.md"
        obstacles.changed(place, "Domain", f"{name} becomes the API's domain", fix)
    else:
        fix = "Write 'domain: {name: …, zone: Z…}' under 'backend.api'"
        obstacles.lost(place, "Domain", "its name and certificate are not known here", fix)


def _api_type(plugins: Plugins, result: Service, obstacles: Obstacles) -> None:
    kinds = [kind.kind for kind in plugins.kinds]
    if kinds.count("httpApi") > kinds.count("http"):
        result.api["type"] = "http"
    if len(set(kinds)) > 1:
        pair = next(route for route in plugins.kinds if route.kind != kinds[0])
        what = "the template has a REST API and an HTTP API; here all routes are of one"
        obstacles.changed(pair.place, "HttpApi", what, "Choose under 'backend.api.type'")


def _rest(config: Map, obstacles: Obstacles) -> None:
    for key in config:
        if key not in _SECTIONS:
            obstacles.lost(config.at(key), key, "is not a section that is known here", "Look up what it does")
    for name, place in _transforms(config):
        if not name.startswith("AWS::Serverless-"):
            what = f"asks for the transform {name}, which only AWS can run"
            obstacles.lost(place, "Transform", what, "Write out what it makes")


def _transforms(config: Map) -> list[tuple[str, Place]]:
    transform = config.get("Transform")
    named = [
        (entry.get("Name") if isinstance(entry, Map) else entry, at)
        for entry, at in items(transform, config.at("Transform"))
    ]
    return [(str(name), at) for name, at in named]
