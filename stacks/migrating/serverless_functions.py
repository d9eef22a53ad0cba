"""One of ``functions`` of serverless.yml → a ``MigratedFunction``: its code, settings and events. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.migrating.code import handler_entry, not_python, runtime_of
from stacks.migrating.located import Map, Place, entries, items, plain
from stacks.migrating.obstacles import guarded
from stacks.migrating.references import owner
from stacks.migrating.serverless_events import EventReader
from stacks.migrating.service import MigratedFunction
from stacks.migrating.sources import network_statement
from stacks.migrating.tree import patterns_of
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.plugins import Plugins
    from stacks.migrating.provider import Defaults
    from stacks.migrating.service import Service
    from stacks.migrating.tree import Folder

_LAYER = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):\d{12}:layer:[A-Za-z0-9_-]+:\d+")
_DONE = {
    "architecture", "description", "environment", "ephemeralStorageSize", "events", "handler", "iamManagedPolicies",
    "iamRoleStatements", "iamRoleStatementsInherit", "iamRoleStatementsName", "image", "layers", "logRetentionInDays",
    "memorySize", "module", "name", "package", "provisionedConcurrency", "reservedConcurrency", "role", "runtime",
    "snapStart", "tags", "timeout", "tracing", "url", "vpc", "warmup", "dependsOn", "versionFunction", "awsKmsKeyArn",
    "kmsKeyArn", "disableLogs", "versionFunctions", "logs", "runtimeManagement",
}  # fmt: skip
_LOST = {
    "destinations": "Events that fail are kept in a queue here ('dead_letters'); send results on from the handler",
    "onError": "Events that fail are kept in a queue here ('dead_letters')",
    "maximumRetryAttempts": "Write an AWS::Lambda::EventInvokeConfig under 'backend.resources'",
    "maximumEventAge": "Write an AWS::Lambda::EventInvokeConfig under 'backend.resources'",
    "fileSystemConfig": "Write it under 'backend.overrides', at the function",
    "condition": "Describe the function in the stages that have it",
    "deploymentSettings": "Use 'gradual'",
    "alarms": "Use 'alarms' at the top, which watches every function",
    "layer": "Describe it under 'layers'",
    "logRetentionInDays": "Say 'log_retention_days' for all functions",
    "warmup": "Use 'provisioned_concurrency', or 'snap_start'",
    "awsKmsKeyArn": "Settings are encrypted by Lambda's own key; put secrets under 'secrets'",
    "kmsKeyArn": "Settings are encrypted by Lambda's own key; put secrets under 'secrets'",
    "tags": "Tags for everything are under 'tags'",
}
_REQUIREMENTS = ("requirements.txt", "uv.lock", "poetry.lock", "pyproject.toml")
"""What packaging installs from (``stacks.packaging.locks``)."""
_SECONDS, _MEMORY = 6, 1024
"""What Serverless sets where a service says nothing.
https://www.serverless.com/framework/docs/providers/aws/guide/functions"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What functions are read with: the service so far, what they inherit, and where their code is."""

    service: Service
    defaults: Defaults
    plugins: Plugins
    package: Any
    """``package`` of the service."""
    folder: Folder
    obstacles: Obstacles


def function_of(key: str, body: Map, place: Place, reading: Reading) -> MigratedFunction | None:
    """The function; None, with an obstacle, when it is not Python in a zip."""
    defaults, obstacles, service = reading.defaults, reading.obstacles, reading.service
    provider = defaults.provider
    function = MigratedFunction(key=key, place=place)
    runtime = body.get("runtime", provider.get("runtime"))
    if "image" in body:
        fix = "Describe the function with its handler; what the image installs goes into requirements"
        obstacles.lost(body.at("image"), f"functions.{key}", "is a container image, and functions are zips here", fix)
        return None
    if runtime is not None and not str(runtime).startswith("python"):
        named = runtime.text if isinstance(runtime, Unknown) else runtime
        obstacles.lost(place, f"functions.{key}", *not_python(named))
        return None
    if not isinstance(body.get("handler"), str):
        obstacles.lost(place, f"functions.{key}", "has no handler that is known here", "Describe it under 'backend'")
        return None
    module = body.get("module")
    entry = handler_entry(
        body["handler"], module if isinstance(module, str) else "", reading.plugins.application, reading.folder
    )
    if entry is None:
        fix = "Write it as 'handler: folder/file.py:name'"
        obstacles.lost(body.at("handler"), f"functions.{key}.handler", f"{body['handler']!r} names no Python", fix)
        return None
    own = body.get("package") if isinstance(body.get("package"), Map) else None
    patterns = [*patterns_of(reading.package, place), *patterns_of(own, place)]
    function.entry = entry.described(reading.folder, patterns)
    _missing(function, entry.file, reading.folder, body.at("handler"), obstacles)
    function.options = _options(body, provider, key, runtime, obstacles)
    _rights(function, body, defaults, obstacles)
    _network(function, body.get("vpc", provider.get("vpc")), body.at("vpc") if "vpc" in body else provider.at("vpc"), obstacles)  # fmt: skip # noqa: E501
    function.options |= _layers(body.get("layers", provider.get("layers")), place, key, reading)
    reader = EventReader(function, defaults, reading.plugins, service, obstacles)
    for event, at in items(body.get("events"), body.at("events")):
        with guarded(obstacles, at, f"functions.{key}.events"):
            reader.read(event, at)
    _url(function, body, obstacles)
    for name in body:
        if name in _LOST or name not in _DONE:
            what = "is not carried over" if name in _LOST else "is not a key that is known here"
            fix = _LOST.get(name, "Look up what it does, and write that into app.yaml")
            obstacles.lost(body.at(name), f"functions.{key}.{name}", what, fix)
    return function


def _missing(function: MigratedFunction, file: str, folder: Folder, place: Place, obstacles: Obstacles) -> None:
    if not folder.has(file):
        fix = f"Add it, or correct the path: {function.key!r} runs it"
        obstacles.changed(place, file, "the file is missing", fix)


def _options(body: Map, provider: Map, key: str, runtime: object, obstacles: Obstacles) -> JsonDict:
    numbers = _numbers(body, provider)
    numbers |= runtime_of(runtime, body.at("runtime") if "runtime" in body else provider.at("runtime"), obstacles)
    if str(body.get("architecture", provider.get("architecture", "x86_64"))) != "arm64":
        numbers["architecture"] = "x86_64"
    tracing = provider.get("tracing")
    traced = body.get("tracing", tracing.get("lambda") if isinstance(tracing, Map) else tracing)
    if str(traced).lower() in {"true", "active"}:
        numbers["tracing"] = True
    if str(body.get("snapStart", provider.get("snapStart"))).lower() == "true":
        numbers["snap_start"] = True
    if isinstance(body.get("name"), str):
        what = f"was called {body['name']}; functions are called <app>-<stage>-<name> here"
        obstacles.note(body.at("name"), f"functions.{key}.name", what, "Change callers that use its name")
    return numbers


def _numbers(body: Map, provider: Map) -> JsonDict:
    """Seconds, memory and the like: what Serverless sets by itself is written out where it is not the same here."""
    mapping: JsonDict = {}
    numbers = (("timeout", "timeout", _SECONDS, 15), ("memorySize", "memory", _MEMORY, 512))
    for old, new, usual, own_default in numbers:
        result = body.get(old, provider.get(old, usual))
        result = int(result) if isinstance(result, str) and result.isdigit() else result
        number = result if isinstance(result, int) and not isinstance(result, bool) else usual
        if number != own_default:
            mapping[new] = number
    storage = body.get("ephemeralStorageSize", provider.get("ephemeralStorageSize"))
    if isinstance(storage, int):
        mapping["storage"] = storage
    for old, new in (
        ("reservedConcurrency", "reserved_concurrency"),
        ("provisionedConcurrency", "provisioned_concurrency"),
    ):
        if isinstance(body.get(old), int):
            mapping[new] = body[old]
    return mapping


def _rights(function: MigratedFunction, body: Map, defaults: Defaults, obstacles: Obstacles) -> None:
    """The provider's statements for every function; with serverless-iam-roles-per-function its own."""
    own = list(items(body.get("iamRoleStatements"), body.at("iamRoleStatements")))
    inherits = str(body.get("iamRoleStatementsInherit")).lower() == "true"
    function.statements = [*(defaults.statements if not own or inherits else []), *own]
    function.managed = [*defaults.managed, *items(body.get("iamManagedPolicies"), body.at("iamManagedPolicies"))]
    function.role = (body["role"], body.at("role")) if "role" in body else defaults.role
    function.environment = {**defaults.environment}
    for name, value, place in entries(body.get("environment")):
        function.environment[name] = (value, place)
    if isinstance(body.get("environment"), Unknown):
        what = f"{body['environment'].text} is unknown"
        obstacles.lost(body.at("environment"), f"functions.{function.key}.environment", what, "Write each variable")


def _network(function: MigratedFunction, vpc: object, place: Place, obstacles: Obstacles) -> None:
    """Subnets and groups by their ids: an override of the function, and the right to attach it there."""
    if not isinstance(vpc, Map) or not vpc:
        if isinstance(vpc, Unknown):
            fix = "Write VpcConfig under 'backend.overrides', or set 'vpc: true'"
            obstacles.lost(place, f"functions.{function.key}.vpc", f"{vpc.text} is unknown", fix)
        return
    mapping: JsonDict = {}
    for old, new in (("securityGroupIds", "SecurityGroupIds"), ("subnetIds", "SubnetIds")):
        value = vpc.get(old)
        result = value if isinstance(value, Map) else [entry for entry, _ in items(value, place)]
        if result:
            mapping[new] = result
    if any(isinstance(entry, Unknown) for value in mapping.values() if isinstance(value, list) for entry in value):
        fix = "Write VpcConfig under 'backend.overrides', or set 'vpc: true'"
        obstacles.lost(place, f"functions.{function.key}.vpc", "has ids that are not known here", fix)
    elif len(mapping) == 2:  # noqa: PLR2004 - Lambda takes both or none
        function.overrides["VpcConfig"] = mapping
        function.options["statements"] = [network_statement()]
    else:
        obstacles.lost(place, f"functions.{function.key}.vpc", "needs subnets and security groups", "Set 'vpc: true'")


def _layers(raw: object, place: Place, key: str, reading: Reading) -> JsonDict:
    service, obstacles = reading.service, reading.obstacles
    layers: list[str] = []
    for layer, at in items(raw, place):
        layer_ = layer.replace("${AWS::Region}", service.region) if isinstance(layer, str) else layer
        if owner(layer) == "PythonRequirementsLambdaLayer":
            _shared(at, reading)
            continue
        match = _LAYER.fullmatch(layer_) if isinstance(layer_, str) else None
        if match and match[1] == service.region:
            layers.append(str(layer_))
        elif (owner(layer) or "").endswith("LambdaLayer"):
            continue  # a layer of this service, which is reported under 'layers'
        else:
            shown = layer.text if isinstance(layer, Unknown) else plain(layer)
            fix = "Name a layer's version by its ARN, in the stage's region, under the function's 'layers'"
            obstacles.lost(at, f"functions.{key}.layers", f"{shown} is not carried over", fix)
    return {"layers": layers} if layers else {}


def _shared(place: Place, reading: Reading) -> None:
    """The requirements that a layer of serverless-python-requirements holds."""
    result = next((name for name in _REQUIREMENTS if reading.folder.has(name)), None)
    if result:
        reading.service.backend["shared_requirements"] = result
        return
    fix = f"Write 'shared_requirements: FILE' under 'backend', with one of {', '.join(_REQUIREMENTS)}"
    reading.obstacles.lost(place, "PythonRequirementsLambdaLayer", "no file of requirements is next to it", fix)


def _url(function: MigratedFunction, body: Map, obstacles: Obstacles) -> None:
    url = body.get("url")
    if not url:
        return
    is_open = not (isinstance(url, Map) and str(url.get("authorizer")) == "aws_iam")
    function.options["url"] = "none" if is_open else True
    if is_open:
        function.options["public"] = True
    if isinstance(url, Map) and url.get("cors"):
        fix = "Write the origins, as 'url: {auth: none, cors: https://app.example.com}'"
        obstacles.lost(url.at("cors"), f"functions.{function.key}.url.cors", "names no exact origins", fix)
