"""AWS::Serverless::Function → a ``MigratedFunction``: code, settings, policies, and events. Pure."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from stacks.intrinsics.functions import Ref, Sub, function
from stacks.json_types import at
from stacks.migrating.code import handler_entry, not_python, runtime_of
from stacks.migrating.located import Map, Place, Seq, entries, items, map_or_empty, plain
from stacks.migrating.references import owner
from stacks.migrating.sam_policies import statements_of_template
from stacks.migrating.serverless_events import EventReader
from stacks.migrating.service import MigratedFunction
from stacks.migrating.sources import network_statement

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.plugins import Plugins
    from stacks.migrating.provider import Defaults
    from stacks.migrating.service import Service
    from stacks.migrating.tree import Folder

_DONE = {
    "Architectures", "CodeUri", "Description", "Environment", "EphemeralStorage", "Events", "FunctionName",
    "FunctionUrlConfig", "Handler", "ImageConfig", "ImageUri", "InlineCode", "Layers", "MemorySize", "PackageType",
    "Policies", "ReservedConcurrentExecutions", "Role", "Runtime", "SnapStart", "Tags", "Timeout", "Tracing",
    "VpcConfig", "AutoPublishAlias", "PropagateTags", "RuntimeManagementConfig", "LoggingConfig", "Metadata",
}  # fmt: skip
_LOST = {
    "DeadLetterQueue": "Functions with events keep what fails: 'dead_letters'",
    "DeploymentPreference": "Use 'gradual'",
    "EventInvokeConfig": "Write an AWS::Lambda::EventInvokeConfig under 'backend.resources'",
    "FileSystemConfigs": "Write it under 'backend.overrides', at the function",
    "KmsKeyArn": "Settings are encrypted by Lambda's own key; put secrets under 'secrets'",
    "PermissionsBoundary": "Functions are below the stage's boundary",
    "ProvisionedConcurrencyConfig": "Use 'provisioned_concurrency'",
    "AssumeRolePolicyDocument": "Functions have roles of their own",
    "Tags": "Tags for everything are under 'tags'",
}
_SECONDS, _MEMORY = 3, 128
"""What Lambda takes where a template says nothing.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html"""
_KINDS = {
    "Api": "http",
    "HttpApi": "httpApi",
    "Schedule": "schedule",
    "ScheduleV2": "schedule",
    "SQS": "sqs",
    "SNS": "sns",
    "S3": "s3",
    "DynamoDB": "stream",
    "Kinesis": "stream",
    "EventBridgeRule": "eventBridge",
    "CloudWatchEvent": "eventBridge",
    "CloudWatchLogs": "cloudwatchLog",
    "IoTRule": "iot",
    "AlexaSkill": "alexaSkill",
}
_KEYS = {
    "Path": "path",
    "Method": "method",
    "Schedule": "rate",
    "ScheduleExpression": "rate",
    "ScheduleExpressionTimezone": "timezone",
    "Enabled": "enabled",
    "Input": "input",
    "InputPath": "inputPath",
    "Queue": "arn",
    "Stream": "arn",
    "Topic": "arn",
    "BatchSize": "batchSize",
    "StartingPosition": "startingPosition",
    "MaximumBatchingWindowInSeconds": "maximumBatchingWindow",
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "BisectBatchOnFunctionError": "bisectBatchOnFunctionError",
    "ParallelizationFactor": "parallelizationFactor",
    "Pattern": "pattern",
    "EventBusName": "eventBus",
    "LogGroupName": "logGroup",
    "FilterPattern": "filter",
    "FilterPolicy": "filterPolicy",
    "FilterPolicyScope": "filterPolicyScope",
    "Sql": "sql",
    "AwsIotSqlVersion": "sqlVersion",
    "SkillId": "appId",
    "Bucket": "bucket",
    "Name": "name",
    "Description": "description",
}
_SILENT = {"RestApiId", "ApiId", "PayloadFormatVersion", "TimeoutInMillis", "RouteSettings", "State", "Target", "Auth"}


class SamFunctions:
    """Reads the functions of a template."""

    def __init__(  # noqa: PLR0913, PLR0917 - what functions are read with
        self,
        service: Service,
        defaults: Defaults,
        plugins: Plugins,
        folder: Folder,
        apis: dict[str, tuple[str, str]],
        obstacles: Obstacles,
    ) -> None:
        self._service, self._defaults, self._plugins = service, defaults, plugins
        self._folder, self._apis, self._obstacles = folder, apis, obstacles

    def read(self, name: str, body: Map, place: Place, inherited: Map) -> None:
        """Add one function to the service, unless it is not valid Python in a zip."""
        own = map_or_empty(body.get("Properties"), place)
        properties = merged(inherited, own)
        function = MigratedFunction(key=name, place=place)
        runtime, handler = properties.get("Runtime"), properties.get("Handler")
        subject = f"Resources.{name}"
        if properties.get("PackageType") == "Image" or "ImageUri" in properties:
            fix = "Describe the function with its handler; what the image installs goes into requirements"
            self._obstacles.lost(place, subject, "is a container image, and functions are zips here", fix)
            return
        if runtime is not None and isinstance(runtime, str) and not runtime.startswith("python"):
            self._obstacles.lost(place, subject, *not_python(runtime))
            return
        code = properties.get("CodeUri", ".")
        path = code if isinstance(code, str) and "://" not in code else "."
        source = posixpath.normpath(posixpath.join(self._folder.base, path))
        entry = handler_entry(handler, source if source != "." else "", "", self._folder) if isinstance(handler, str) else None  # fmt: skip # noqa: E501
        if entry is None or "InlineCode" in properties:
            fix = "Describe it under 'backend.functions' with 'handler: folder/file.py:name'"
            self._obstacles.lost(place, subject, "has no handler in a file of the project", fix)
            return
        function.entry = entry.described(self._folder, ())
        if not self._folder.has(entry.file):
            fix = f"Add it, or correct the path: {name!r} runs it"
            self._obstacles.changed(properties.at("Handler"), entry.file, "the file is missing", fix)
        function.options = self._options(properties)
        self._rights(function, properties)
        self._network(function, properties)
        self._events(function, properties)
        for key in properties:
            if key == "Role":
                function.role = (properties["Role"], properties.at("Role"))
            elif key not in _DONE or key == "Tags":
                fix = _LOST.get(key, "Look up what it does, and write that into app.yaml")
                self._obstacles.lost(properties.at(key), f"{subject}.{key}", "is not carried over", fix)
        self._service.functions[name] = function

    def _options(self, properties: Map) -> JsonDict:
        options: JsonDict = {}
        for old, new, usual, own_default in (
            ("Timeout", "timeout", _SECONDS, 15),
            ("MemorySize", "memory", _MEMORY, 512),
        ):
            result = self._number(properties.get(old), usual)
            if result != own_default:
                options[new] = result
        options |= runtime_of(properties.get("Runtime"), properties.at("Runtime"), self._obstacles)
        architectures = [entry for entry, _ in items(properties.get("Architectures"), properties.place)]
        if "arm64" not in architectures:
            options["architecture"] = "x86_64"
        if str(properties.get("Tracing")) == "Active":
            options["tracing"] = True
        if isinstance(properties.get("ReservedConcurrentExecutions"), int):
            options["reserved_concurrency"] = properties["ReservedConcurrentExecutions"]
        storage = properties.get("EphemeralStorage")
        if isinstance(storage, Map) and isinstance(storage.get("Size"), int):
            options["storage"] = storage["Size"]
        url = properties.get("FunctionUrlConfig")
        if isinstance(url, Map):
            is_open = url.get("AuthType") == "NONE"
            options |= {"url": "none", "public": True} if is_open else {"url": True}
        return options | self._layers(properties)

    def _layers(self, properties: Map) -> JsonDict:
        layers = [entry for entry, _ in items(properties.get("Layers"), properties.place)]
        arns = [layer for layer in layers if isinstance(layer, str) and f":lambda:{self._service.region}:" in layer]
        for layer in layers:
            if layer not in arns:
                fix = "Name a layer's version by its ARN, or use 'shared_requirements'"
                self._obstacles.lost(properties.at("Layers"), "Layers", f"{plain(layer)} is not carried over", fix)
        return {"layers": arns} if arns else {}

    def _number(self, result: object, usual: int) -> int:
        reference = function(result)
        number = self._service.parameters.get(reference.name) if isinstance(reference, Ref) else result
        text = str(number) if isinstance(number, int | str) else ""
        return int(text) if text.isdigit() else usual

    def _rights(self, function: MigratedFunction, properties: Map) -> None:
        environment = properties.get("Environment")
        for name, value, place in entries(environment.get("Variables") if isinstance(environment, Map) else None):
            function.environment[name] = (value, place)
        for policy, place in items(properties.get("Policies"), properties.at("Policies")):
            if _is_managed(policy):
                function.managed.append((policy, place))
            elif isinstance(policy, Map) and ("Statement" in policy or "PolicyDocument" in policy):
                document = policy.get("PolicyDocument", policy)
                statements = document.get("Statement") if isinstance(document, Map) else None
                function.statements += list(items(statements, place))
            elif isinstance(policy, Map):
                for name, values, at in entries(policy):
                    function.statements += statements_of_template(name, values, at, self._obstacles)

    def _network(self, function: MigratedFunction, properties: Map) -> None:
        vpc = properties.get("VpcConfig")
        if not isinstance(vpc, Map) or not vpc:
            return
        result = {key: vpc[key] for key in ("SecurityGroupIds", "SubnetIds") if vpc.get(key)}
        if len(result) == 2:  # noqa: PLR2004 - Lambda takes both or none
            function.overrides["VpcConfig"] = result
            function.options["statements"] = [network_statement()]

    def _events(self, function: MigratedFunction, properties: Map) -> None:
        reader = EventReader(function, self._defaults, self._plugins, self._service, self._obstacles)
        for name, event, place in entries(properties.get("Events")):
            kind = str(event.get("Type")) if isinstance(event, Map) else ""
            settings = map_or_empty(at(event, "Properties"), place)
            if kind == "Cognito":
                self._pool(function, settings, place)
                continue
            known = _KINDS.get(kind)
            if known is None:
                fix = "Write what starts the function under 'backend.resources'"
                self._obstacles.lost(place, f"Resources.{function.key}.Events.{name}", f"is of the type {kind}", fix)
                continue
            body = self._event(known, settings, place)
            reader.read(Map([(known, body)], place, {known: place}), place)

    def _event(self, kind: str, settings: Map, place: Place) -> Map:
        """An event as Serverless writes it."""
        result: JsonDict = {}
        for key, value in settings.items():
            if key in _KEYS:
                result[_KEYS[key]] = value
            elif key == "Events":
                listed = [str(entry) for entry, _ in items(value, place)]
                result["event"] = listed[0] if listed else "s3:ObjectCreated:*"
            elif key == "Filter":
                result["rules"] = value
            elif key not in _SILENT:
                result[key] = value
        if kind in {"http", "httpApi"}:
            result |= self._auth(settings)
            result.setdefault("path", "*" if kind == "httpApi" else "/")
        if settings.get("State") == "DISABLED":
            result["enabled"] = False
        places = {new: settings.at(old) for old, new in _KEYS.items() if old in settings}
        return Map(result.items(), place, places)

    def _auth(self, settings: Map) -> JsonDict:
        """The authorizer of a route: its own, or the API's; a name of ours is returned as one of the service's."""
        api = settings.get("RestApiId", settings.get("ApiId"))
        name = owner(api) or ""
        raw = settings.get("Auth")
        auth = raw if isinstance(raw, Map) else {}
        asked = str(auth.get("Authorizer", ""))
        mapping: JsonDict = {}
        if str(auth.get("ApiKeyRequired", f"{name}.key" in self._apis)).lower() == "true":
            mapping["private"] = True
        if asked == "NONE":
            return mapping
        if asked == "AWS_IAM":
            return {**mapping, "authorizer": "aws_iam"}
        result = self._apis.get(f"{name}.{asked}", ("iam", asked) if asked else None)
        if result is None:
            return mapping
        known, _ = result
        if known == "iam":
            mapping["authorizer"] = "aws_iam"
        elif known == "users":
            self._defaults.authorizers.add("users:users")
            mapping["authorizer"] = Map([("name", "users")], settings.place, {})
        else:
            self._defaults.authorizers.add(known)
            mapping["authorizer"] = Map([("name", known)], settings.place, {})
        return mapping

    def _pool(self, function: MigratedFunction, settings: Map, place: Place) -> None:
        pool = settings.get("UserPool")
        name = owner(pool) or ""
        known, at = self._service.resources.get(name, (None, place))
        if not isinstance(known, Map):
            fix = "Describe the users under 'data.users', with the function under 'triggers'"
            self._obstacles.lost(place, "Cognito", "is a trigger of a pool that is not of this template", fix)
            return
        described = known.get("Properties")
        properties: JsonDict = dict(described) if isinstance(described, Map) else {}
        triggers = dict(properties.get("LambdaConfig") or {})
        for trigger, _ in items(settings.get("Trigger"), place):
            triggers[str(trigger)] = {"Fn::GetAtt": [function.key, "Arn"]}
        inner = Map(
            [*properties.items(), ("LambdaConfig", triggers)],
            at,
            described.places if isinstance(described, Map) else {},
        )
        self._service.resources[name] = (Map([("Type", known["Type"]), ("Properties", inner)], at, known.places), at)


def merged(inherited: Map, own: Map) -> Map:
    """A function's properties over those of ``Globals``: mappings are merged, lists joined.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    result: JsonDict = dict(inherited)
    for key, value in own.items():
        above = result.get(key)
        if isinstance(above, Map) and isinstance(value, Map):
            result[key] = merged(above, value)
        elif isinstance(above, Seq) and isinstance(value, Seq):
            result[key] = Seq([*above, *value], value.place, [*above.places, *value.places])
        else:
            result[key] = value
    return Map(result.items(), own.place, {**inherited.places, **own.places})


def _is_managed(policy: object) -> bool:
    """Whether a policy is a managed one: its name, or its ARN."""
    return isinstance(policy, str) or isinstance(function(policy), Ref | Sub)
