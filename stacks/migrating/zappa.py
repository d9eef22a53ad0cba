"""zappa_settings of Zappa → a ``Service``: one web application, and functions for its events. Pure.

https://github.com/zappa/Zappa#advanced-settings lists the settings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.migrating.code import handler_entry, runtime_of
from stacks.migrating.located import Map, Place, entries, items, map_or_empty
from stacks.migrating.service import EventSource, MigratedFunction, MigratedRoute, Service
from stacks.migrating.sources import network_statement

if TYPE_CHECKING:
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.tree import Folder
    from stacks.migrating.variables import VariableSources

_KNOWN_KEYS = {"app_function", "django_settings", "s3_bucket", "project_name", "app_module", "extends"}
_TEXT = """
additional_text_mimetypes api_key apigateway_description apigateway_enabled app_function app_type architecture
aws_environment_variables aws_region base_path binary_support certificate_arn cloudwatch_data_trace
cloudwatch_log_level cloudwatch_metrics_enabled context_header_mappings cors debug delete_local_zip delete_s3_zip
django_settings domain environment_variables ephemeral_storage events exclude exclude_glob extends extra_permissions
function_url_enabled http_methods iam_authorization keep_warm keep_warm_expression lambda_concurrency
lambda_description lambda_handler layers log_level manage_roles memory_size num_retained_versions payload_compression
payload_minimum_compression_size prebuild_script profile_name project_name role_arn role_name route53_enabled runtime
s3_bucket slim_handler tags timeout_seconds touch touch_path use_apigateway use_precompiled_packages vpc_config
xray_tracing endpoint_configuration remote_env_bucket remote_env_file remote_env api_key_required authorizer
architectures use_alb function_url_config snap_start
"""
_DONE = frozenset(_TEXT.split())
_LOST = {
    "assume_policy": "Functions have roles of their own, which Lambda takes",
    "attach_policy": "Write the statements of the file under the function's 'statements'",
    "attach_policy_arn": "Write the actions that the code uses under the function's 'statements'",
    "async_resources": "Send messages to a queue under 'backend.queues', and let it start a function",
    "async_response_table": "Describe the table under 'data.tables'",
    "async_source": "Send messages to a queue under 'backend.queues', and let it start a function",
    "authorizer": "Describe the function, and name it under 'backend.api.authorizers'",
    "callbacks": "Run the commands around 'deploy' yourself, or under 'base.pipelines.build'",
    "certificate": "Import it into ACM, and name its ARN under 'domain'",
    "certificate_chain": "Import it into ACM, and name its ARN under 'domain'",
    "certificate_key": "Import it into ACM, and name its ARN under 'domain'",
    "cognito": "Describe the users under 'data.users', with the function under 'triggers'",
    "dead_letter_arn": "Functions with events keep what fails: 'dead_letters'",
    "exception_handler": "Report errors in the application itself",
    "efs_config": "Write it under 'backend.overrides', at the function",
    "image_uri": "Functions are zips here; put what the image installs into requirements",
    "docker_image_uri": "Functions are zips here; put what the image installs into requirements",
    "lets_encrypt_key": "Give the domain a 'zone': its certificate is made and renewed by ACM",
    "prebuild_script": "Name the commands that build under 'base.pipelines.build'",
    "remote_env": "Write the settings under 'environment', and secrets under 'secrets'",
    "remote_env_bucket": "Write the settings under 'environment', and secrets under 'secrets'",
    "role_arn": "Write what the role allows under the function's 'statements'",
    "use_alb": "The API is API Gateway; or give the function a 'url'",
    "alb_vpc_config": "The API is API Gateway; or give the function a 'url'",
}
_SECONDS, _MEMORY = 30, 512
"""What Zappa sets where a stage says nothing."""
_RESERVED = {"DJANGO_SETTINGS_MODULE"}


def is_zappa_settings(config: Map) -> bool:
    """Whether a configuration is Zappa's: stages, one of which names an application."""
    return any(isinstance(body, Map) and _KNOWN_KEYS & set(body) for body in config.values())


def stages(config: Map, around: VariableSources, obstacles: Obstacles) -> list[str]:
    """Every stage that is not only there to be extended."""
    del around, obstacles
    extended = {str(body.get("extends")) for body in config.values() if isinstance(body, Map)}
    results = [name for name, body in config.items() if isinstance(body, Map)]
    return [name for name in results if name not in extended or _has_region(config[name])] or results


def _has_region(body: Map) -> bool:
    return "aws_region" in body and bool({"app_function", "django_settings"} & set(body))


def _complete(config: Map, stage: str, depth: int = 0) -> Map:
    """A stage with what it extends."""
    own = map_or_empty(config.get(stage), config.place)
    above = own.get("extends")
    if not isinstance(above, str) or depth > 10:  # noqa: PLR2004 - stages that extend each other
        return own
    base = _complete(config, above, depth + 1)
    return Map({**base, **own}.items(), own.place, {**base.places, **own.places})


def service(config: Map, around: VariableSources, folder: Folder, obstacles: Obstacles) -> Service:
    """The service of the stage ``around.stage``."""
    settings = _complete(config, around.stage)
    name = settings.get("project_name")
    result = Service(name=name if isinstance(name, str) else "", place=settings.place)
    region = settings.get("aws_region")
    result.region = region if isinstance(region, str) else around.region
    _web(settings, result, folder, obstacles)
    for number, (event, place) in enumerate(items(settings.get("events"), settings.at("events")), 1):
        _event(number, event, place, settings, result, folder, obstacles)
    _domain(settings, result, obstacles)
    tags = {key: str(value) for key, value, _ in entries(settings.get("tags")) if isinstance(value, str | int)}
    if tags:
        result.top["tags"] = tags
    for key in settings:
        if key not in _DONE or (key in _LOST and settings[key]):
            fix = _LOST.get(key, "Look up what it does, and write that into app.yaml")
            what = "is not carried over" if key in _LOST else "is not a setting that is known here"
            obstacles.lost(settings.at(key), key, what, fix)
    if str(settings.get("keep_warm", True)).lower() == "true":
        obstacles.note(settings.at("keep_warm"), "keep_warm", "is not needed: functions start fast", "Nothing to do")
    if str(settings.get("slim_handler")).lower() == "true":
        what = "packages over Lambda's limit are refused; shared packages go into a layer"
        obstacles.changed(
            settings.at("slim_handler"), "slim_handler", what, "Use 'shared_requirements' under 'backend'"
        )
    return result


def _web(config: Map, result: Service, folder: Folder, obstacles: Obstacles) -> None:
    """The web application, a Flask application or Django's settings."""
    settings, application = config.get("django_settings"), config.get("app_function")
    function = MigratedFunction(key="web", place=config.at("django_settings" if settings else "app_function"))
    if isinstance(settings, str):
        package = settings.removesuffix(".py").split(".")[0]
        application = f"{package}.wsgi.application"
        function.environment["DJANGO_SETTINGS_MODULE"] = (settings, function.place)
    entry = handler_entry("wsgi.handler", "", application, folder) if isinstance(application, str) else None
    if entry is None:
        fix = "Describe the application under 'backend.functions' with 'wsgi: folder/file.py:app'"
        obstacles.lost(function.place, "app_function", "names no application that is known here", fix)
        return
    described = entry.described(folder, [f"!{item}" for item, _ in items(config.get("exclude"), config.place)])
    if str(config.get("app_type", "wsgi")).lower() == "asgi":
        described = {"asgi": described.pop("wsgi"), **described}
    function.entry = described
    if not folder.has(entry.file):
        obstacles.changed(
            function.place, entry.file, "the file is missing", "Add it, or correct the application's path"
        )
    _settings(function, config, obstacles)
    auth = "iam" if str(config.get("iam_authorization")).lower() == "true" or config.get("authorizer") else "public"
    api_key = str(config.get("api_key_required")).lower() == "true"
    if str(config.get("apigateway_enabled", True)).lower() != "false":
        routes = [MigratedRoute(method="ANY", path=path, place=function.place, auth=auth, api_key=api_key) for path in ("/", "/{proxy+}")]  # fmt: skip # noqa: E501
        function.routes += routes
    if str(config.get("function_url_enabled")).lower() == "true":
        function.options["url"] = True
        obstacles.changed(config.at("function_url_enabled"), "function_url_enabled", "asks for signed requests", "Set 'url: none' and 'public: true' to open it")  # fmt: skip # noqa: E501
    if config.get("cors"):
        result.cors.append((config["cors"], config.at("cors")))
    result.functions["web"] = function


def _settings(function: MigratedFunction, settings: Map, obstacles: Obstacles) -> None:
    for old, new, usual, own_default in (
        ("timeout_seconds", "timeout", _SECONDS, 15),
        ("memory_size", "memory", _MEMORY, 512),
    ):
        result = settings.get(old, usual)
        number = int(result) if isinstance(result, int | str) and str(result).isdigit() else usual
        if number != own_default:
            function.options[new] = number
    function.options |= runtime_of(settings.get("runtime"), settings.at("runtime"), obstacles)
    architectures = [
        entry for entry, _ in items(settings.get("architecture", settings.get("architectures")), settings.place)
    ]
    if "arm64" not in architectures:
        function.options["architecture"] = "x86_64"
    if str(settings.get("xray_tracing")).lower() == "true":
        function.options["tracing"] = True
    if isinstance(settings.get("lambda_concurrency"), int):
        function.options["reserved_concurrency"] = settings["lambda_concurrency"]
    storage = settings.get("ephemeral_storage")
    if isinstance(storage, Map) and isinstance(storage.get("Size"), int):
        function.options["storage"] = storage["Size"]
    _rights(function, settings)


def _rights(function: MigratedFunction, settings: Map) -> None:
    layers = [item for item, _ in items(settings.get("layers"), settings.place) if isinstance(item, str)]
    if layers:
        function.options["layers"] = layers
    for key in ("environment_variables", "aws_environment_variables"):
        for name, value, place in entries(settings.get(key)):
            function.environment[name] = (value, place)
    function.statements += list(items(settings.get("extra_permissions"), settings.at("extra_permissions")))
    vpc = settings.get("vpc_config")
    if isinstance(vpc, Map) and vpc.get("SubnetIds") and vpc.get("SecurityGroupIds"):
        function.overrides["VpcConfig"] = {key: vpc[key] for key in ("SubnetIds", "SecurityGroupIds")}
        function.options["statements"] = [network_statement()]


def _event(  # noqa: PLR0913, PLR0917 - one event, and what it is read with
    number: int, event: object, place: Place, settings: Map, result: Service, folder: Folder, obstacles: Obstacles
) -> None:
    """A function of the project that a schedule or a source starts: a function of its own here."""
    called = event.get("function") if isinstance(event, Map) else None
    entry = handler_entry(called, "", "", folder) if isinstance(called, str) else None
    if not isinstance(event, Map) or entry is None:
        obstacles.lost(place, f"events[{number - 1}]", "names no function", "Describe it under 'backend.functions'")
        return
    key = str(called).rpartition(".")[2]
    function = result.functions.get(key) or MigratedFunction(key=key, place=place)
    if not function.entry:
        function.entry = entry.described(folder, ())
        _settings(function, settings, obstacles)
        result.functions[key] = function
    expressions = [*items(event.get("expression"), place), *items(event.get("expressions"), place)]
    function.schedules += [(item, at) for item, at in expressions if isinstance(item, str)]
    source = event.get("event_source")
    if isinstance(source, Map):
        _source(function, source, obstacles)


def _source(function: MigratedFunction, source: Map, obstacles: Obstacles) -> None:
    arn = source.get("arn")
    kind = next((entry for entry in ("sqs", "dynamodb", "kinesis", "s3") if f":{entry}:" in str(arn)), "")
    settings = {"BatchSize": source["batch_size"]} if isinstance(source.get("batch_size"), int) else {}
    if kind in {"sqs", "dynamodb", "kinesis"}:
        if isinstance(source.get("starting_position"), str):
            settings["StartingPosition"] = source["starting_position"]
        event_source = EventSource(
            kind="queue" if kind == "sqs" else "table", value=arn, place=source.place, settings=settings
        )
        function.sources.append(event_source)
        return
    fix = "Name the source under the function's 'events', or write it under 'backend.resources'"
    obstacles.lost(source.at("arn"), f"events of {function.key}", f"{arn} is not carried over", fix)


def _domain(settings: Map, result: Service, obstacles: Obstacles) -> None:
    name, arn = settings.get("domain"), settings.get("certificate_arn")
    if not isinstance(name, str) or not name:
        return
    if not isinstance(arn, str) or not re.match(r"arn:aws[a-z-]*:acm:", arn):
        fix = f"Write 'domain: {{name: {name}, zone: Z…}}' under 'backend.api', with the id of its hosted zone"
        obstacles.lost(
            settings.at("domain"), "domain", f"{name} is not carried over: its certificate is not named", fix
        )
        return
    result.api["domain"] = {"name": name, "certificate": arn}
    if isinstance(settings.get("base_path"), str):
        result.api["domain"]["base_path"] = settings["base_path"]
    if ":us-east-1:" in arn and result.region != "us-east-1":
        result.api["endpoint"] = "edge"
    fix = "Delete the old one before this is deployed: a domain has one API. See docs/migrating.md"
    obstacles.changed(settings.at("domain"), "domain", f"{name} becomes the API's domain", fix)
