""".chalice/config.json and app.py of Chalice → a ``Service``. Pure.

Routes and events are in the code, as decorators: they are read from its text, and nothing is run.
https://aws.github.io/chalice/topics/configfile.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.json_types import at
from stacks.migrating.chalice_code import Decorated, decorated
from stacks.migrating.code import runtime_of
from stacks.migrating.located import Map, Place, UnreadableSourceError, entries, items, map_or_empty, read
from stacks.migrating.names import slug
from stacks.migrating.service import EventSource, MigratedAuthorizer, MigratedFunction, MigratedRoute, Service
from stacks.migrating.sources import network_statement

if TYPE_CHECKING:
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import VariableSources

_TEXT = """
api_gateway_custom_domain api_gateway_endpoint_type api_gateway_stage app_name autogen_policy automatic_layer
environment_variables iam_policy_file lambda_functions lambda_memory_size lambda_timeout layers log_retention_in_days
manage_iam_role minimum_compression_size reserved_concurrency security_group_ids stages subnet_ids tags version xray
"""
_DONE = frozenset(_TEXT.split())
_LOST = {
    "iam_role_arn": "Write what the role allows under each function's 'statements'",
    "api_gateway_policy_file": "Set who may call under each function's 'auth'",
    "api_gateway_endpoint_vpce": "Private APIs are not described here; write one under 'backend.resources'",
    "api_gateway_endpoint_vpce_policy": "Private APIs are not described here; write one under 'backend.resources'",
    "websocket_api_custom_domain": "Write the WebSocket API under 'backend.resources'",
}
_MEMORY, _SECONDS = 128, 60
"""What Chalice sets where the configuration says nothing."""


def is_chalice(config: Map) -> bool:
    """Whether a configuration is Chalice's."""
    return "app_name" in config and ("stages" in config or "version" in config)


def stages(config: Map, around: VariableSources, obstacles: Obstacles) -> list[str]:
    """The stages of the configuration; ``dev`` when it has none."""
    del around, obstacles
    return [name for name, _, _ in entries(config.get("stages"))] or ["dev"]


def service(config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
    """The service of the stage ``around.stage``."""
    own = map_or_empty(at(config, "stages", around.stage), config.place)
    settings = Map({**config, **own}.items(), own.place, {**config.places, **own.places})
    name = config.get("app_name")
    value = Service(name=name if isinstance(name, str) else "", place=config.at("app_name"), region=around.region)
    text = around.file("app.py")
    if text is None:
        fix = "Name .chalice/config.json inside of the project's folder, next to app.py"
        obstacles.lost(Place("app.py"), "app.py", "cannot be read, and it contains the routes", fix)
        return value
    code = decorated(text, "app.py", obstacles)
    base = _function("api", Place("app.py"), "app.py:app", settings, around, folder, obstacles)
    _routes(base, code, value, obstacles)
    _others(code, settings, around, folder, value, obstacles)
    _settings(settings, value, obstacles)
    what = "is brought along by Chalice, and has to be installed here"
    obstacles.changed(config.place, "chalice", what, "Add 'chalice' to requirements.txt, if it does not exist")
    return value


def _function(  # noqa: PLR0913, PLR0917 - one function, and what it is read with
    key: str, place: Place, entry: str, settings: Map, around: VariableSources, folder: Folder, obstacles: Obstacles
) -> MigratedFunction:
    """A function with the settings of its stage, and its own under ``lambda_functions``."""
    own = map_or_empty(at(settings, "lambda_functions", "api_handler" if key == "api" else key), settings.place)
    all_ = Map({**settings, **own}.items(), settings.place, {**settings.places, **own.places})
    function = MigratedFunction(key=key, place=place)
    packaged = [item for item in ("app.py", "chalicelib", "vendor") if item == "app.py" or folder.holds(item)]
    function.entry = {"handler": entry, "source": ".", "only": packaged} if len(packaged) > 1 else {"handler": entry}
    for old, new, usual, own_default in (("lambda_timeout", "timeout", _SECONDS, 15), ("lambda_memory_size", "memory", _MEMORY, 512)):  # fmt: skip # noqa: E501
        number = all_.get(old, usual)
        number = number if isinstance(number, int) else usual
        if number != own_default:
            function.options[new] = number
    function.options |= runtime_of(None, place, obstacles) | {"architecture": "x86_64"}
    if str(all_.get("xray")).lower() == "true":
        function.options["tracing"] = True
    if isinstance(all_.get("reserved_concurrency"), int):
        function.options["reserved_concurrency"] = all_["reserved_concurrency"]
    layers = [item for item, _ in items(all_.get("layers"), place) if isinstance(item, str)]
    if layers:
        function.options["layers"] = layers
    for source in (settings, own):
        for name, value, value_place in entries(source.get("environment_variables")):
            function.environment[name] = (value, value_place)
    if all_.get("subnet_ids") and all_.get("security_group_ids"):
        vpc = {"SubnetIds": all_["subnet_ids"], "SecurityGroupIds": all_["security_group_ids"]}
        function.overrides["VpcConfig"] = vpc
        function.options["statements"] = [network_statement()]
    _policy(function, all_, around, obstacles)
    return function


def _policy(function: MigratedFunction, settings: Map, around: VariableSources, obstacles: Obstacles) -> None:
    """The statements of ``iam_policy_file``; what Chalice would find in the code is unknown."""
    name = settings.get("iam_policy_file", f"policy-{around.stage}.json")
    text = around.file(f".chalice/{name}")
    if text is None:
        what = "Chalice finds the rights of functions in their code; here they are written down"
        fix = "Write the actions and resources that the code uses under each function's 'statements'"
        obstacles.lost(settings.place, "autogen_policy", what, fix)
        return
    try:
        document = read(text, f".chalice/{name}")
    except UnreadableSourceError as error:
        obstacles.lost(Place(f".chalice/{name}"), str(name), error.problems[0].what, error.problems[0].fix)
        return
    statements = at(document, "Statement")
    function.statements += list(items(statements, Place(f".chalice/{name}")))


def _routes(base: MigratedFunction, code: list[Decorated], result: Service, obstacles: Obstacles) -> None:
    for entry in code:
        if entry.kind != "route":
            continue
        path = entry.arguments[0] if entry.arguments else entry.options.get("path")
        if not isinstance(path, str):
            obstacles.lost(entry.place, f"route of {entry.name}", "its path is not a text", "Write it under 'routes'")
            continue
        methods = entry.options.get("methods", ["GET"])
        auth = entry.options.get("authorizer")
        named = slug(str(auth)) if auth else ""
        known = "public" if not auth else named if any(other.name == auth for other in code) else "iam"
        if auth and known == "iam":
            what = "is not a function of app.py; until it is described, its routes ask for signed requests (auth: iam)"
            fix = "Describe it under 'backend.api.authorizers', or the user pool under 'data.users'"
            obstacles.lost(entry.place, f"authorizer {auth}", what, fix)
        if entry.options.get("cors"):
            result.cors.append((True, entry.place))
        for method in methods if isinstance(methods, list) else [methods]:
            key = bool(entry.options.get("api_key_required"))
            route = MigratedRoute(method=str(method).upper(), path=path, place=entry.place, auth=known, api_key=key)
            base.routes.append(route)
    if base.routes:
        result.functions["api"] = base


def _others(  # noqa: PLR0913, PLR0917 - what is in the code, and what it is read with
    code: list[Decorated], settings: Map, around: VariableSources, folder: Folder, result: Service, obstacles: Obstacles
) -> None:
    """Functions of their own: schedules, messages, files, authorizers."""
    for entry in code:
        if entry.kind == "route":
            continue
        function = _function(entry.name, entry.place, f"app.py:{entry.name}", settings, around, folder, obstacles)
        match entry.kind:
            case "schedule":
                function.schedules += [(text, entry.place) for text in entry.schedules]
                if not entry.schedules:
                    obstacles.lost(
                        entry.place, f"schedule of {entry.name}", "is not written out", "Write it under 'events'"
                    )
            case "on_sqs_message":
                _queue(function, entry, result)
            case "on_s3_event":
                _bucket(function, entry, obstacles)
            case "authorizer":
                result.authorizers[slug(entry.name) or "authorizer"] = MigratedAuthorizer(
                    place=entry.place, function=entry.name
                )
            case "lambda_function":
                pass
            case _:
                fix = "Write what starts the function under 'events' or 'backend.resources'"
                obstacles.lost(entry.place, f"{entry.kind} of {entry.name}", "is not carried over", fix)
        result.functions[entry.name] = function


def _queue(function: MigratedFunction, entry: Decorated, result: Service) -> None:
    queue, arn = entry.options.get("queue"), entry.options.get("queue_arn")
    value: Any = arn or {"Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{queue}"}
    size = entry.options.get("batch_size")
    settings = {"BatchSize": size} if isinstance(size, int) else {}
    function.sources.append(EventSource(kind="queue", value=value, place=entry.place, settings=settings))
    del result


def _bucket(function: MigratedFunction, entry: Decorated, obstacles: Obstacles) -> None:
    bucket = entry.options.get("bucket", entry.arguments[0] if entry.arguments else None)
    if not isinstance(bucket, str):
        fix = "Describe the bucket under 'data.buckets', and name it under the function's 'events'"
        obstacles.lost(entry.place, f"on_s3_event of {entry.name}", "names its bucket by code", fix)
        return
    events = entry.options.get("events", ["s3:ObjectCreated:*"])
    settings = {"event": events[0] if isinstance(events, list) and events else "s3:ObjectCreated:*", "existing": True}
    function.sources.append(EventSource(kind="bucket", value=bucket, place=entry.place, settings=settings))


def _settings(settings: Map, result: Service, obstacles: Obstacles) -> None:
    if str(settings.get("api_gateway_endpoint_type", "")).upper() == "EDGE":
        result.api["endpoint"] = "edge"
    domain = settings.get("api_gateway_custom_domain")
    if isinstance(domain, Map):
        name, arn = domain.get("domain_name"), domain.get("certificate_arn")
        if isinstance(name, str) and isinstance(arn, str):
            result.api["domain"] = {"name": name, "certificate": arn}
        else:
            fix = "Write 'domain: {name: …, zone: Z…}' under 'backend.api'"
            obstacles.lost(
                settings.at("api_gateway_custom_domain"), "api_gateway_custom_domain", "is not complete", fix
            )
    tags = {key: str(value) for key, value, _ in entries(settings.get("tags"))}
    if tags:
        result.top["tags"] = tags
    for key in settings:
        if key not in _DONE:
            fix = _LOST.get(key, "Look up what it does, and write that into app.yaml")
            what = "is not carried over" if key in _LOST else "is not a setting that is known here"
            obstacles.lost(settings.at(key), key, what, fix)
