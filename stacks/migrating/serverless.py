"""serverless.yml → a ``Service``: provider, functions, plugins and resources of the Serverless Framework, 1 to 4. Pure.

https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml lists the keys. Every key that is not known
here is an obstacle.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stacks.json_types import at
from stacks.migrating.located import Map, Place, entries, items, plain
from stacks.migrating.obstacles import guarded
from stacks.migrating.plugins import Plugins, used_plugins
from stacks.migrating.provider import take_provider
from stacks.migrating.serverless_functions import Reading, function_of
from stacks.migrating.service import Service
from stacks.migrating.variables import Unknown, Variables, VariableSources

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.tree import Folder

_DONE = {"service", "provider", "functions", "plugins", "resources", "package", "custom", "layers", "params", "stages"}
_SILENT = {
    "frameworkVersion",
    "variablesResolutionMode",
    "configValidationMode",
    "deprecationNotificationMode",
    "disabledDeprecations",
    "useDotenv",
    "unresolvedVariablesNotificationMode",
    "org",
    "app",
    "tenant",
    "console",
    "licenseKey",
    "outputs",
    "description",
    "dashboard",
}
"""Keys that say how Serverless itself runs, or name its dashboard."""
_ELSEWHERE = {
    "stepFunctions": "Write the state machines under 'backend.resources' as AWS::StepFunctions::StateMachine",
    "constructs": "Write what each construct makes: queues under 'backend.queues', a site under 'frontend.site'",
    "appSync": "Write the API under 'backend.resources' as AWS::AppSync::GraphQLApi",
    "resourcesExtensions": "Write the changes under 'backend.overrides'",
    "state": "Leave it out: stacks read each other's outputs here",
    "build": "Name the commands that build under 'base.pipelines.build'",
    "hooks": "Run the commands around 'deploy' yourself, or under 'base.pipelines.build'",
}


def first_stage(config: Map, around: VariableSources, obstacles: Obstacles) -> str:
    """The stage that Serverless deploys to when none is named."""
    raw = at(config, "provider", "stage")
    if raw is None:
        return "dev"
    result = Variables(config, around, obstacles).text(raw, config.place) if isinstance(raw, str) else raw
    return result if isinstance(result, str) and re.fullmatch(r"[A-Za-z][\w-]*", result) else "dev"


def service_of(config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
    """The service that a configuration describes in the stage ``around.stage``."""
    variables = Variables(config, around, obstacles)
    place = config.at("service")
    name = variables.value(config.get("service"), place)
    if isinstance(name, Map):
        name = name.get("name")
    service = Service(name=name if isinstance(name, str) else "", place=place)
    service.function_id = lambda key: f"{_normalized(key)}LambdaFunction"
    service.aliases = {"ApiGatewayRestApi": "api", "HttpApi": "api"}
    service.needed = around.needed
    provider = variables.value(config.get("provider"), config.at("provider"))
    provider = provider if isinstance(provider, Map) else Map([("name", provider)], config.at("provider"), {})
    service.region = _region(provider, around, config, obstacles)
    around.region = service.region
    custom = _Custom(config, variables)
    plugins = used_plugins(variables.value(config.get("plugins"), config.at("plugins")), custom, service, obstacles)
    defaults = take_provider(provider, service, obstacles)
    _resources(variables.value(config.get("resources"), config.at("resources")), service, obstacles)
    _role_policies(service, defaults, obstacles)
    _layers(variables.value(config.get("layers"), config.at("layers")), obstacles)
    package = variables.value(config.get("package"), config.at("package"))
    reading = Reading(
        service=service, defaults=defaults, plugins=plugins, package=package, folder=folder, obstacles=obstacles
    )
    _functions(variables.value(config.get("functions"), config.at("functions")), config, reading)
    _rest(config, obstacles)
    return service


class _Custom:
    """``custom``, whose parts are resolved when something asks for them."""

    def __init__(self, config: Map, variables: Variables) -> None:
        raw = config.get("custom")
        if isinstance(raw, str):
            raw = variables.text(raw, config.at("custom"))
        self._raw, self._variables = raw if isinstance(raw, Map) else None, variables

    def get(self, key: str) -> tuple[Any, Place]:
        """A part of ``custom`` and its place; None when it is missing."""
        if self._raw is None or key not in self._raw:
            return None, Place("")
        place = self._raw.at(key)
        return self._variables.value(self._raw[key], place), place


def _normalized(key: str) -> str:
    """A function's key as Serverless writes it in logical ids."""
    key = key.replace("-", "Dash").replace("_", "Underscore")
    return key[:1].upper() + key[1:]


def _region(provider: Map, around: VariableSources, config: Map, obstacles: Obstacles) -> str:
    region = provider.get("region")
    if isinstance(region, str) and (known := re.fullmatch(r"\$\{env:([^}]+)\}", region)):
        region = around.environment.get(known[1])
    if isinstance(region, str) and re.fullmatch(r"[a-z]{2,4}(?:-[a-z]+)+-\d", region):
        return region
    if region is not None:
        shown = region.text if isinstance(region, Unknown) else region
        fix = f"Write the region under 'stages.{around.stage}'; it is us-east-1 now"
        obstacles.changed(config.at("provider"), "provider.region", f"{shown} is unknown", fix)
    return "us-east-1"


def _functions(raw: object, config: Map, reading: Reading) -> None:
    obstacles = reading.obstacles
    if isinstance(raw, Unknown) or (raw is None and "functions" in config):
        obstacles.lost(config.at("functions"), "functions", "cannot be read here", "Describe them under 'backend'")
        return
    for part, _ in items(raw, config.at("functions")):
        for key, body, place in entries(part):
            if isinstance(body, Map):
                with guarded(obstacles, place, f"functions.{key}"):
                    function = function_of(key, body, place, reading)
                    if function is not None:
                        reading.service.functions[key] = function
            elif body is not None:
                shown = body if isinstance(body, Unknown) else "it"
                obstacles.lost(place, f"functions.{key}", f"{shown} is not a function", "Describe it under 'backend'")
    _api_type(reading.plugins, reading.service, obstacles)


def _api_type(plugins: Plugins, service: Service, obstacles: Obstacles) -> None:
    """Whether the API is of type ``http``; all routes are of one API here."""
    kinds = [route.kind for route in plugins.kinds]
    if kinds:
        service.api["type"] = "http" if kinds.count("httpApi") > kinds.count("http") else "rest"
        if len(set(kinds)) > 1:
            kind = next(route for route in plugins.kinds if route.kind != kinds[0])
            what = "the service has a REST API and an HTTP API; here all routes are of one"
            fix = f"All are of the {service.api['type'].upper()} API now; choose under 'backend.api.type'"
            obstacles.changed(kind.place, "httpApi", what, fix)
    if service.api.get("type") == "rest":
        del service.api["type"]


def _resources(raw: object, service: Service, obstacles: Obstacles) -> None:
    """``resources``: one mapping, or a list of them, each a part of a CloudFormation template."""
    for part, place in items(raw, service.place):
        if isinstance(part, Unknown):
            obstacles.lost(place, "resources", f"{part.text} is unknown", "Write them under 'backend.resources'")
            continue
        for key, body, section_place in entries(part):
            _section(key, body, section_place, service, obstacles)


def _section(key: str, body: object, place: Place, service: Service, obstacles: Obstacles) -> None:
    """A section of a template: resources, outputs, and what they are decided by."""
    match key:
        case "Resources":
            _bodies(body, place, "resources", service.resources, obstacles)
        case "Outputs":
            _bodies(body, place, "outputs", service.outputs, obstacles)
        case "Conditions" if isinstance(body, Map):
            service.conditions = {**service.conditions, **body}
        case "Mappings" if isinstance(body, Map):
            service.mappings = {**service.mappings, **body}
        case "Parameters" if isinstance(body, Map):
            service.parameters = {**service.parameters, **_defaults(body)}
        case "Description" | "AWSTemplateFormatVersion":
            return
        case "extensions":
            _extensions(body, place, obstacles)
        case _ if isinstance(body, Map) and "Type" in body:
            service.resources[key] = (body, place)
        case _:
            obstacles.lost(place, f"resources.{key}", "is not carried over", "Write it under 'backend'")


def _bodies(raw: object, place: Place, what: str, into: dict[str, tuple[Any, Place]], obstacles: Obstacles) -> None:
    for part, part_place in items(raw, place):
        for key, body, here in entries(part):
            if isinstance(body, Map):
                into[key] = (body, here)
            elif body is not None:
                obstacles.lost(here, f"{what}.{key}", "is not readable here", "Write it under 'backend'")
        if isinstance(part, Unknown):
            obstacles.lost(part_place, what, f"{part.text} is unknown", "Write what it holds under 'backend.resources'")


def _role_policies(service: Service, defaults: Any, obstacles: Obstacles) -> None:
    """Policies that are attached to the role of all functions: their statements are the functions' own."""
    for name, (body, place) in list(service.resources.items()):
        if not isinstance(body, Map) or str(body.get("Type")) not in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            continue
        if "IamRoleLambdaExecution" not in str(plain(at(body, "Properties", "Roles"))):
            continue
        defaults.statements += list(items(at(body, "Properties", "PolicyDocument", "Statement"), place))
        del service.resources[name]
        what = "is attached to the role of all functions: each of them has its statements"
        obstacles.note(place, f"resources.{name}", what, "Nothing to do")


def _defaults(parameters: Map) -> JsonDict:
    return {
        name: body.get("Default", Unknown(name)) if isinstance(body, Map) else body for name, body in parameters.items()
    }


def _extensions(raw: object, place: Place, obstacles: Obstacles) -> None:
    for key, body, body_place in entries(raw):
        shown = ", ".join(plain(body.get("Properties", body))) if isinstance(body, Map) else ""
        fix = "Write the change under 'backend.overrides', at the resource that this application has instead"
        obstacles.lost(body_place, f"resources.extensions.{key}", f"changes {shown or 'a generated resource'}", fix)
    if not isinstance(raw, Map):
        obstacles.lost(place, "resources.extensions", "is not readable here", "Write it under 'backend.overrides'")


def _layers(raw: object, obstacles: Obstacles) -> None:
    for key, body, place in entries(raw):
        path = body.get("path", key) if isinstance(body, Map) else key
        fix = f"Put what {path} holds into the functions' folder or requirements, or publish it and name its ARN"
        obstacles.lost(place, f"layers.{key}", "is a layer of files, which app.yaml does not build", fix)


def _rest(config: Map, obstacles: Obstacles) -> None:
    for key in config:
        if key in _DONE or key in _SILENT:
            continue
        fix = _ELSEWHERE.get(key, "Look up what it does, and write that into app.yaml")
        known = "is not carried over" if key in _ELSEWHERE else "is not a key that is known here"
        obstacles.lost(config.at(key), key, known, fix)
