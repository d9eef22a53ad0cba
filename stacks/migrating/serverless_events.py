"""The events of a function in serverless.yml → routes, schedules and sources, or resources that do the same. Pure.

https://www.serverless.com/framework/docs/providers/aws/guide/events
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import Ref, function, is_function
from stacks.migrating.located import Map, Place, items, map_or_empty, place_of, plain
from stacks.migrating.names import slug
from stacks.migrating.own_events import OwnEvents
from stacks.migrating.plugins import ApiKind
from stacks.migrating.service import EventSource, MigratedAuthorizer, MigratedFunction, MigratedRoute
from stacks.migrating.variables import Unknown

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.plugins import Plugins
    from stacks.migrating.provider import Defaults
    from stacks.migrating.service import Service

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"}
_ROUTE_DONE = {
    "path",
    "method",
    "cors",
    "authorizer",
    "private",
    "async",
    "integration",
    "request",
    "timeout",
    "operationId",
}
_MAPPING = {
    "batchSize": "BatchSize",
    "batchWindow": "MaximumBatchingWindowInSeconds",
    "maximumBatchingWindow": "MaximumBatchingWindowInSeconds",
    "startingPosition": "StartingPosition",
    "enabled": "Enabled",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
    "parallelizationFactor": "ParallelizationFactor",
    "bisectBatchOnFunctionError": "BisectBatchOnFunctionError",
    "functionResponseType": "FunctionResponseTypes",
    "filterPatterns": "FilterCriteria",
    "maximumConcurrency": "ScalingConfig",
}
"""Keys of streams and queues → properties of AWS::Lambda::EventSourceMapping."""
_FIXES = {
    "alb": "Write AWS::ElasticLoadBalancingV2::ListenerRule and TargetGroup under 'backend.resources'",
    "cloudFront": "Lambda@Edge is not deployed here; see 'frontend' for headers, redirects and paths",
    "cloudfront": "Lambda@Edge is not deployed here; see 'frontend' for headers, redirects and paths",
    "websocket": "Write the WebSocket API under 'backend.resources' as AWS::ApiGatewayV2::Api with its routes",
    "kafka": "Write an AWS::Lambda::EventSourceMapping under 'backend.resources'",
    "msk": "Write an AWS::Lambda::EventSourceMapping under 'backend.resources'",
    "activemq": "Write an AWS::Lambda::EventSourceMapping under 'backend.resources'",
    "rabbitmq": "Write an AWS::Lambda::EventSourceMapping under 'backend.resources'",
    "documentdb": "Write an AWS::Lambda::EventSourceMapping under 'backend.resources'",
}


class EventReader:
    """Reads the events of one function."""

    def __init__(
        self, function: MigratedFunction, defaults: Defaults, plugins: Plugins, service: Service, obstacles: Obstacles
    ) -> None:
        self._function, self._defaults, self._plugins = function, defaults, plugins
        self._service, self._obstacles = service, obstacles
        self._own = OwnEvents(function, service, obstacles)

    def read(self, event: object, place: Place) -> None:
        """Read one event: ``http: GET /notes``, or a mapping of its kind to its settings."""
        if isinstance(event, str):
            self.read(Map([(event, True)], place, {}), place)
            return
        if not isinstance(event, Map) or not event:
            if event is not None:
                shown = event.text if isinstance(event, Unknown) else plain(event)
                self._lost(place, "event", f"{shown} is unknown", "Describe what starts the function")
            return
        kind = next(iter(event))
        body, at = event[kind], event.at(kind)
        if len(event) > 1 and body is None:  # settings written next to their kind instead of below it
            body = Map([(key, event[key]) for key in event if key != kind], at, event.places)
        at = place_of(body, at)
        if isinstance(body, Unknown):
            self._lost(at, kind, f"{body.text} is unknown", "Describe what starts the function")
            return
        self._read(kind, body, at)

    def _read(self, kind: str, body: object, at: Place) -> None:
        match kind:
            case "http" | "httpApi":
                self._route(kind, body, at)
            case "schedule":
                self._schedule(body, at)
            case "sqs" | "stream" | "kinesis" | "dynamodb":
                self._source(kind, body, at)
            case "s3":
                self._bucket(body, at)
            case "cognitoUserPool":
                self._pool(body, at)
            case _ if self._own.takes(kind):
                self._own.read(kind, body, at)
            case _:
                fix = _FIXES.get(kind, "Look up what it does, and describe what starts the function")
                self._lost(at, kind, "is an event that app.yaml has no words for", fix)

    def _lost(self, place: Place, kind: str, what: str, fix: str) -> None:
        self._obstacles.lost(place, f"functions.{self._function.key}.events.{kind}", what, fix)

    def _changed(self, place: Place, kind: str, what: str, fix: str) -> None:
        self._obstacles.changed(place, f"functions.{self._function.key}.events.{kind}", what, fix)

    def _route(self, kind: str, body: object, place: Place) -> None:
        method, path = _method_and_path(body)
        if path is None:
            self._lost(
                place, kind, f"{plain(body)!r} is not a method and path", "Write it under 'routes', as 'GET /notes'"
            )
            return
        self._plugins.kinds.append(ApiKind(kind, place))
        settings = map_or_empty(body, place)
        auth, scopes = self._auth(settings)
        api_key = str(settings.get("private")).lower() == "true"
        if settings.get("cors"):
            self._service.cors.append((settings["cors"], settings.at("cors")))
        self._differences(kind, settings)
        wanted = [method] if method in _METHODS else []
        if not wanted:
            self._lost(place, kind, f"{method} is not a method that API Gateway has", "Write it under 'routes'")
        paths = ["/", "/{proxy+}"] if path == "*" else [path]
        for item in paths:
            route = MigratedRoute(method=method, path=item, place=place, auth=auth, api_key=api_key, scopes=scopes)
            self._function.routes += [route] if wanted else []

    def _differences(self, kind: str, settings: Map) -> None:
        """Settings of a route that work in another way here, or not at all."""
        integration = str(settings.get("integration", "lambda-proxy")).lower().replace("_", "-")
        if integration in {"lambda", "aws"}:
            what = "maps requests and answers by templates; here the handler gets the whole request (proxy)"
            fix = "Read event['body'] as text, and return {'statusCode': 200, 'body': json.dumps(…)} from the handler"
            self._changed(settings.at("integration"), kind, what, fix)
        elif integration not in {"lambda-proxy", "aws-proxy"}:
            what = f"has the integration {integration}, without the function"
            self._lost(settings.at("integration"), kind, what, "Let a function answer the route")
        if str(settings.get("async")).lower() == "true":
            what = "answers before the function runs; here the answer is the function's own"
            self._changed(settings.at("async"), kind, what, "Send a message to a queue, and let it start the work")
        self._request(kind, settings.get("request"))
        for key in settings:
            if key not in _ROUTE_DONE:
                fix = "Look up what it does, and compare with 'backend.api'"
                if key in {"response", "statusCodes", "documentation", "caching", "throttling", "responseSchemas"}:
                    fix = "Answer with status and headers from the handler"
                self._lost(settings.at(key), kind, f"{key} is not carried over", fix)

    def _request(self, kind: str, request: object) -> None:
        """What the API itself asks of requests."""
        if not isinstance(request, Map):
            return
        for key in request:
            if key in {"schemas", "schema"}:
                fix = "Write the schema as 'body: {POST /notes: note.json}' at the function"
                self._lost(request.at(key), kind, "checks bodies by a schema, which is not carried over", fix)
            elif key not in {"passThrough", "parameters", "paths"}:
                fix = "Do it in the handler, which gets the whole request"
                self._lost(request.at(key), kind, f"request.{key} is not carried over", fix)
            elif key == "parameters" and request[key]:
                fix = "Check them in the handler"
                self._changed(request.at(key), kind, "parameters are not asked for by the API", fix)

    def _auth(self, settings: Map) -> tuple[str, tuple[str, ...]]:  # noqa: PLR0911 - one for each kind of authorizer
        """Who may call a route. What is not known is closed to all but signed requests of the account."""
        result, place = settings.get("authorizer"), settings.at("authorizer")
        if result is None or result is False:
            return "public", ()
        body = result if isinstance(result, Map) else Map([("name", result)], place, {})
        kind, name = str(body.get("type", "")).upper(), body.get("name", body.get("authorizerId"))
        scopes = tuple(item for item, _ in items(body.get("scopes"), place) if isinstance(item, str))
        if kind == "AWS_IAM" or str(name).lower() == "aws_iam":
            return "iam", ()
        arn = body.get("arn")
        target = str(plain(arn)) if arn is not None else str(name)
        if self._is_pool(kind, target, body):
            return "users", scopes
        if isinstance(name, str) and name in self._defaults.authorizers:
            return slug(name) or "authorizer", scopes
        if isinstance(name, str) and f"users:{name}" in self._defaults.authorizers:
            return "users", scopes
        if isinstance(name, str) and arn is None and kind in {"", "TOKEN", "REQUEST"}:
            return self._authorizer_of(name, body, place), ()
        what = "is not of this service; until it is described, its routes ask for signed requests (auth: iam)"
        fix = "Describe it under 'backend.api.authorizers', or the user pool under 'data.users'"
        shown = str(arn) if isinstance(arn, str | Unknown) else str(name) if name else "by a reference"
        self._obstacles.lost(place, f"authorizer {shown}", what, fix)
        return "iam", ()

    def _is_pool(self, kind: str, target: str, body: Map) -> bool:
        """Whether callers show tokens of a user pool that this service itself describes."""
        pools = [
            name for name, (resource, _) in self._service.resources.items()
            if isinstance(resource, Map) and resource.get("Type") == "AWS::Cognito::UserPool"
        ]  # fmt: skip
        if isinstance(function(body.get("authorizerId")), Ref) and kind == "COGNITO_USER_POOLS":
            return bool(pools)
        return bool(pools) and any(re.search(rf"\b{name}\b", target) for name in pools)

    def _authorizer_of(self, function: str, body: Map, place: Place) -> str:
        """A function of the service that judges requests."""
        name = slug(function) or "authorizer"
        name = f"{name}-check" if name in {"users", "iam"} else name
        ttl = body.get("resultTtlInSeconds")
        keep = ttl if isinstance(ttl, int) and not isinstance(ttl, bool) else 300
        self._service.authorizers.setdefault(
            name, MigratedAuthorizer(place=place, function=function, keep=min(keep, 3600))
        )
        source = body.get("identitySource")
        if source and "authorization" not in str(plain(source)).lower():
            what = f"reads {plain(source)}; here an authorizer reads the header Authorization"
            self._changed(place, "authorizer", what, "Send what it judges in that header")
        return name

    def _schedule(self, body: object, place: Place) -> None:
        settings = body if isinstance(body, Map) else Map([("rate", body)], place, {})
        rates = [item for item, _ in items(settings.get("rate"), place) if isinstance(item, str)]
        special = {"input", "inputPath", "inputTransformer"} & set(settings)
        zone = settings.get("timezone")
        is_off = str(settings.get("enabled", True)).lower() == "false"
        if not rates:
            self._lost(place, "schedule", f"{plain(body)!r} is not a schedule", "Write it under 'events.schedules'")
        elif special or is_off:
            self._own.schedule(settings, rates, place, is_off=is_off)
        else:
            self._function.schedules += [
                ({"at": rate, "zone": zone} if isinstance(zone, str) else rate, place) for rate in rates
            ]

    def _source(self, kind: str, body: object, place: Place) -> None:
        settings = body if isinstance(body, Map) and not is_function(body) else Map([("arn", body)], place, {})
        arn = settings.get("arn")
        if arn is None or isinstance(arn, Unknown):
            shown = arn.text if isinstance(arn, Unknown) else "no ARN"
            self._lost(place, kind, f"{shown} is unknown", "Describe the source, and name it under 'events'")
            return
        result: JsonDict = {}
        for key, value in settings.items():
            if key in _MAPPING:
                result[_MAPPING[key]] = _mapped(key, value)
            elif key not in {"arn", "type", "name"}:
                self._lost(settings.at(key), kind, f"{key} is not carried over", "Write it under 'backend.overrides'")
        is_queue = kind == "sqs"
        if is_queue:
            result.pop("StartingPosition", None)
        source = EventSource(kind="queue" if is_queue else "table", value=arn, place=place, settings=result)
        self._function.sources.append(source)

    def _bucket(self, body: object, place: Place) -> None:
        settings = body if isinstance(body, Map) and "bucket" in body else Map([("bucket", body)], place, {})
        result = {key: plain(settings[key]) for key in ("event", "rules", "existing") if key in settings}
        bucket = settings.get("bucket")
        custom = self._plugins.bucket(bucket) if isinstance(bucket, str) else None
        self._function.sources.append(EventSource(kind="bucket", value=custom or bucket, place=place, settings=result))

    def _pool(self, body: Any, place: Place) -> None:
        """A trigger of a user pool of the service; it is put where the pool is described."""
        pool = body.get("pool") if isinstance(body, Map) else None
        if not isinstance(pool, str) or str(body.get("existing")).lower() == "true":
            fix = "Describe the users under 'data.users', with the function under 'triggers'"
            self._lost(place, "cognitoUserPool", "is a trigger of a pool that is not of this service", fix)
            return
        trigger = str(body.get("trigger", ""))
        pool_id = f"CognitoUserPool{pool[:1].upper()}{re.sub('[^A-Za-z0-9]', '', pool)[1:]}"
        known, at = self._service.resources.get(pool_id, (None, place))
        described = known.get("Properties") if isinstance(known, Map) else None
        properties: JsonDict = dict(described) if isinstance(described, Map) else {"UserPoolName": pool}
        triggers = dict(properties.get("LambdaConfig") or {})
        triggers[trigger] = {"Fn::GetAtt": [self._service.function_id(self._function.key), "Arn"]}
        properties["LambdaConfig"] = triggers
        inner = Map(properties.items(), at, {})
        self._service.resources[pool_id] = (
            Map([("Type", "AWS::Cognito::UserPool"), ("Properties", inner)], at, {}),
            at,
        )


def _mapped(key: str, value: object) -> Any:
    match key:
        case "functionResponseType":
            return [value]
        case "filterPatterns":
            return {"Filters": [{"Pattern": json.dumps(plain(entry))} for entry, _ in items(value, Place(""))]}
        case "maximumConcurrency":
            return {"MaximumConcurrency": value}
    return plain(value)


def _method_and_path(body: object) -> tuple[str, str | None]:
    """``GET /notes`` or a mapping as method and path; ``*`` is everything. None when it is neither."""
    if isinstance(body, str):
        text = body.strip()
        if text == "*":
            return "ANY", "*"
        method, _, path = text.partition(" ")
        if not path:
            return ("ANY", _path(method)) if method.startswith("/") else ("", None)
    elif isinstance(body, Map):
        path = body.get("path", "")
        method = str(body.get("method", "any"))
        if path == "*" and method in {"any", "*"}:
            return "ANY", "*"
        if not isinstance(path, str | int):
            return "", None
    else:
        return "", None
    method = method.strip().upper()
    return ("ANY" if method == "*" else method), _path(str(path))


def _path(path: str) -> str:
    """A path with ``/`` in front and none behind; ``{proxy*}`` of older services is greedy."""
    cleaned = "/" + path.strip().strip("/")
    return re.sub(r"\{(\w+)\*\}", r"{\1+}", cleaned)
