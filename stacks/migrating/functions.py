"""Functions of any framework → ``backend.functions``, with the rights, settings and events that each has. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.references import as_sub
from stacks.migrating.authorization import split_by_auth
from stacks.migrating.cors import cors_of
from stacks.migrating.iam import carried, merged
from stacks.migrating.located import Place, plain
from stacks.migrating.managed import statements_of
from stacks.migrating.path_parameters import unify_parameters
from stacks.migrating.references import LostError, References, get_att
from stacks.migrating.settings import environment
from stacks.migrating.sources import SourceWriter
from stacks.model.schedules import schedule
from stacks.model.texts import Mistake

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.recognised import Recogniser
    from stacks.migrating.service import MigratedAuthorizer, MigratedFunction, Service

_SLOWEST_ROUTE = 29
"""Seconds that API Gateway waits for a function.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""
_ORDER = (
    "handler", "wsgi", "asgi", "source", "only", "routes", "public", "auth", "scopes", "api_key", "url", "body",
    "events", "dead_letters", "tables", "buckets", "queues", "users", "invoke", "secrets", "statements", "environment",
    "memory", "timeout", "storage", "runtime", "architecture", "layers",
)  # fmt: skip


class FunctionWriter:
    """Writes the functions of a service, and collects what they need elsewhere."""

    def __init__(
        self,
        service: Service,
        references: References,
        recogniser: Recogniser,
        raw: JsonDict,
        obstacles: Obstacles,
    ) -> None:
        self._service, self._references, self._obstacles = service, references, obstacles
        self._recogniser = recogniser
        self._sources = SourceWriter(service, references, recogniser, raw, obstacles)
        self._own = self._own_arns(raw)
        self.secrets: dict[str, Place] = {}
        self.overrides: JsonDict = {}
        self.api: JsonDict = {}

    def functions(self, places: dict[tuple[Any, ...], Place]) -> JsonDict:
        """Every function by its name, and where each was written."""
        self._authorizers()
        unify_parameters(self._service, self._obstacles)
        if cors := cors_of(self._service, self._obstacles):
            self.api["cors"] = cors
        result: JsonDict = {}
        taken = {function.name for function in self._service.functions.values()}
        for function in self._service.functions.values():
            body = self._function(function)
            for name, routes in split_by_auth(function, taken, self._obstacles):
                part = {**body, **routes}
                if name != function.name:
                    part = {key: value for key, value in part.items() if key not in {"events", "dead_letters"}}
                result[name] = {key: part[key] for key in sorted(part, key=_rank)}
                places["backend", "functions", name] = function.place
            if function.overrides:
                self.overrides |= self._sources.overrides(function)
        self._keys(result)
        return result

    def _keys(self, result: JsonObject) -> None:
        if any(body.get("api_key") for body in result.values()) and not self._service.api.get("keys"):
            self.api["keys"] = ["default"]

    def _authorizers(self) -> None:
        described: JsonDict = {}
        for name, migrated_authorizer in self._service.authorizers.items():
            if migrated_authorizer.issuer:
                described[name] = {"issuer": migrated_authorizer.issuer, "audience": list(migrated_authorizer.audience)}
            else:
                authorizer = self._service.functions.get(migrated_authorizer.function)
                if authorizer is None:
                    self._close(name, migrated_authorizer)
                    continue
                keep = {} if migrated_authorizer.keep == 300 else {"keep": migrated_authorizer.keep}  # noqa: PLR2004 - the default here and there
                described[name] = {"function": authorizer.name, **keep}
        if described:
            self.api["authorizers"] = described

    def _close(self, name: str, authorizer: MigratedAuthorizer) -> None:
        """Ask for signed requests where the function that would judge callers is not carried over."""
        what = (
            f"the function {authorizer.function!r} is not carried over; until it is, its routes ask for signed requests"
        )
        fix = f"Describe it, name it under 'backend.api.authorizers', and set 'auth: {name}' at the routes' functions"
        self._obstacles.lost(authorizer.place, f"authorizer {name}", what, fix)
        for function in self._service.functions.values():
            function.routes = [replace(route, auth="iam") if route.auth == name else route for route in function.routes]

    def _function(self, function: MigratedFunction) -> JsonDict:
        body: JsonDict = {**function.entry, **function.options}
        if function.routes and int(body.get("timeout", 0)) > _SLOWEST_ROUTE:
            what = f"may run {body['timeout']} s, and API Gateway waits {_SLOWEST_ROUTE} s for an answer"
            fix = "Move what takes longer to a function that a queue or schedule starts, and give that one the time"
            self._obstacles.changed(function.place, f"functions.{function.key}.timeout", what, fix)
            body["timeout"] = _SLOWEST_ROUTE
        events = self._sources.events(function, body)
        if schedules := self._schedules(function):
            events["schedules"] = schedules
        if buses := self._buses(function):
            events["buses"] = buses
        if events and not body.get("handler"):
            what = "is a web application, which answers HTTP requests only: its other triggers are left out"
            fix = "Write a handler for its schedules and messages, as a function of its own"
            self._obstacles.lost(function.place, f"functions.{function.key}.events", what, fix)
            events = {}
        if events:
            body["events"] = events
        statements, invoked = self._statements(function)
        if statements:
            body["statements"] = [*body.get("statements", []), *statements]
        if invoked:
            body["invoke"] = sorted(invoked)
        settings, secrets = environment(function, self._references, self._service, self._obstacles)
        if settings:
            body["environment"] = settings
        if secrets:
            body["secrets"] = list(secrets)
            self.secrets |= secrets
        return body

    def _schedules(self, function: MigratedFunction) -> list[Any]:
        schedules: list[Any] = []
        for expression, place in function.schedules:
            try:
                schedule(expression["at"] if isinstance(expression, dict) else expression)
            except Mistake as mistake:
                subject = f"functions.{function.key}.schedule"
                self._obstacles.lost(place, subject, mistake.what, mistake.fix)
                continue
            schedules += [] if expression in schedules else [expression]
        return schedules

    def _buses(self, function: MigratedFunction) -> JsonDict:
        buses: JsonDict = {}
        for bus, (pattern, place) in function.buses.items():
            try:
                buses[bus] = self._references.value(pattern)
            except LostError as error:
                fix = "Write the pattern under 'events.buses'"
                self._obstacles.lost(place, f"functions.{function.key}.events", str(error), fix)
        return buses

    def _statements(self, function: MigratedFunction) -> tuple[list[JsonDict], set[str]]:
        """What its role allows in addition to the generated statements, and the functions it calls."""
        statements: list[JsonDict] = []
        invoked = set[str]()
        described = [*function.statements]
        for policy, place in function.managed:
            described += [(mapping, place) for mapping in statements_of(policy, place, self._obstacles)]
        for statement, place in described:
            result = self._translated(statement, place)
            if result is None:
                continue
            for entry in carried(result, place, self._obstacles, self._own):
                rest, called = self._calls(entry)
                invoked |= called
                statements += [rest] if rest else []
        return merged(statements), invoked

    def _translated(self, statement: object, place: Place) -> Any:
        """A statement in our stacks; resources that do not exist are left out of it."""
        if not hasattr(statement, "items"):
            return statement
        result: JsonDict = {}
        for key, value in statement.items():
            if key != "Resource":
                try:
                    result[key] = self._references.value(value)
                except LostError as error:
                    self._obstacles.lost(place, f"IAM statement, {key}", str(error), "Write it under 'statements'")
                    return None
                continue
            kept: list[Any] = []
            for entry in value if isinstance(value, list) else [value]:
                try:
                    results = self._references.value(entry)
                    kept += results if isinstance(results, list) else [results]
                except LostError as error:
                    fix = "Write the resource under the function's 'statements'"
                    self._obstacles.lost(place, "IAM statement, Resource", str(error), fix)
            if not kept:
                return None
            result[key] = kept if len(kept) > 1 else kept[0]
        return result

    def _calls(self, statement: JsonDict) -> tuple[JsonDict | None, set[str]]:
        """A statement without the calls of our own functions, and the names of these."""
        if statement["Effect"] != "Allow" or not any(
            action.startswith("lambda:Invoke") for action in statement["Action"]
        ):
            return statement, set()
        described = statement["Resource"]
        resources = described if isinstance(described, list) else [described]
        called = {name for name in self._names() if any(self._is_arn(resource, name) for resource in resources)}
        rest = [resource for resource in resources if not any(self._is_arn(resource, name) for name in called)]
        if not called:
            return statement, set()
        others = [action for action in statement["Action"] if not action.startswith("lambda:Invoke")]
        if rest:
            return {**statement, "Resource": rest if len(rest) > 1 else rest[0]}, called
        return ({**statement, "Action": others} if others else None), called

    def _names(self) -> list[str]:
        return [function.name for function in self._service.functions.values()]

    def _is_arn(self, value: object, name: str) -> bool:
        text = as_sub(value)
        key = next(key for key, migrated_function in self._service.functions.items() if migrated_function.name == name)
        target = self._references.targets[self._service.function_id(key)]
        return text is not None and text.endswith(f":function:{target.ref}")

    def _own_arns(self, raw: JsonObject) -> dict[str, list[Any]]:
        """The ARNs of the service's own resources, by the prefix of the service's actions."""
        result = self._recogniser.result
        mapping: dict[str, list[Any]] = {"dynamodb": [], "s3": [], "sqs": [], "sns": [], "states": [], "kinesis": []}
        for logical_id, (kind, _) in result.by_id.items():
            arn = self._references.targets[logical_id].attributes.get("Arn")
            if kind == "table" and arn:
                mapping["dynamodb"] += [arn, {"Fn::Sub": f"{as_sub(arn)}/index/*"}]
            elif kind == "bucket" and arn:
                mapping["s3"] += [arn, {"Fn::Sub": f"{as_sub(arn)}/*"}]
            elif kind == "topic":
                mapping["sns"].append(self._references.targets[logical_id].ref)
            elif kind == "queue":
                mapping["sqs"].append(get_att(self._references.targets[logical_id].id, "Arn"))
        kinds = {
            "AWS::SNS::Topic": "sns",
            "AWS::StepFunctions::StateMachine": "states",
        }
        for name, body in raw.items():
            if service := kinds.get(body["Type"]):
                mapping[service].append({"Ref": name})
            elif body["Type"] in {"AWS::SQS::Queue", "AWS::Kinesis::Stream"}:
                mapping["sqs" if "SQS" in body["Type"] else "kinesis"].append(get_att(name, "Arn"))
            elif body["Type"] == "AWS::DynamoDB::Table":
                mapping["dynamodb"] += [get_att(name, "Arn"), {"Fn::Sub": f"${{{name}.Arn}}/index/*"}]
        return {service: plain(arns) for service, arns in mapping.items() if arns}


def _rank(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)
