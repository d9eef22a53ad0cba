"""Events that app.yaml has no words for → resources that start the function just so. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.functions import is_function
from stacks.migrating.located import Map, Place, plain
from stacks.migrating.references import owner
from stacks.migrating.service import EventSource

if TYPE_CHECKING:
    from stacks.json_types import JsonDict
    from stacks.migrating.obstacles import Obstacles
    from stacks.migrating.service import MigratedFunction, Service

_KINDS = {"sns", "eventBridge", "cloudwatchEvent", "cloudwatchLog", "alexaSkill", "alexaSmartHome", "iot"}
_RULE = "AWS::Events::Rule"
_TRANSFORMER = {"inputPathsMap": "InputPathsMap", "inputTemplate": "InputTemplate"}


class OwnEvents:
    """Adds resources to a service that call one of its functions."""

    def __init__(self, function: MigratedFunction, service: Service, obstacles: Obstacles) -> None:
        self._function, self._service, self._obstacles = function, service, obstacles

    def takes(self, kind: str) -> bool:
        """Whether it knows an event of this kind."""
        return kind in _KINDS

    def read(self, kind: str, body: object, place: Place) -> None:
        """Add what does the same as the event."""
        match kind:
            case "sns":
                self._topic(body, place)
            case "eventBridge":
                self._event_bridge(body, place)
            case "cloudwatchEvent":
                self._cloudwatch_event(body, place)
            case "cloudwatchLog":
                self._log(body, place)
            case "alexaSkill" | "alexaSmartHome":
                self._alexa(kind, body, place)
            case "iot":
                self._iot(body, place)

    def schedule(self, settings: Map, rates: list[str], place: Place, *, is_off: bool) -> None:
        """Schedules with an input of their own, or switched off; a time zone needs the scheduler."""
        if "timezone" in settings:
            what = f"is in the time of {settings['timezone']}, and has settings that only rules in UTC have here"
            self._lost(place, "schedule", what, "Write 'at' and 'zone' under 'events.schedules', without an input")
            return
        for rate in rates:
            self._rule(place, {"ScheduleExpression": rate}, settings, is_off=is_off)

    def _lost(self, place: Place, kind: str, what: str, fix: str) -> None:
        self._obstacles.lost(place, f"functions.{self._function.key}.events.{kind}", what, fix)

    def _id(self) -> str:
        return self._service.function_id(self._function.key)

    def _arn(self) -> JsonDict:
        return {"Fn::GetAtt": [self._id(), "Arn"]}

    def add(self, kind: str, resource: str, properties: JsonDict, place: Place) -> str:
        """Add a resource; returns its logical id."""
        base = "".join(part[:1].upper() + part[1:] for part in self._function.key.replace("_", "-").split("-"))
        base = "".join(sign for sign in base if sign.isalnum() and sign.isascii()) or "Function"
        number = 1
        while (name := f"{base}{kind}{number}") in self._service.resources:
            number += 1
        inner = Map(properties.items(), place, {})
        self._service.resources[name] = (Map([("Type", resource), ("Properties", inner)], place, {}), place)
        return name

    def _permission(self, principal: str, source: Any, place: Place) -> None:
        properties = {"FunctionName": {"Ref": self._id()}, "Action": "lambda:InvokeFunction", "Principal": principal}
        if source is not None:
            properties["SourceArn"] = source
        self.add("Permission", "AWS::Lambda::Permission", properties, place)

    def _rule(self, place: Place, when: JsonDict, settings: Map, *, is_off: bool = False) -> None:
        target: JsonDict = {"Id": "function", "Arn": self._arn()}
        if "input" in settings:
            content = plain(settings["input"])
            target["Input"] = content if isinstance(content, str) else json.dumps(content)
        if "inputPath" in settings:
            target["InputPath"] = settings["inputPath"]
        if isinstance(settings.get("inputTransformer"), Map):
            content = settings["inputTransformer"]
            target["InputTransformer"] = {new: content[old] for old, new in _TRANSFORMER.items() if old in content}
        state = "DISABLED" if is_off else "ENABLED"
        name = self.add("Rule", _RULE, {**when, "State": state, "Targets": [target]}, place)
        self._permission("events.amazonaws.com", {"Fn::GetAtt": [name, "Arn"]}, place)

    def _is_plain_pattern(self, body: Map) -> bool:
        """Whether app.yaml has words for it: one pattern for events of the account's own bus."""
        special = set(body) - {"pattern", "eventBus", "name", "description", "enabled"}
        is_on = str(body.get("enabled", True)).lower() != "false"
        bus = body.get("eventBus", "default")
        return not special and is_on and bus == "default" and "default" not in self._function.buses

    def _event_bridge(self, body: object, place: Place) -> None:
        if isinstance(body, Map) and isinstance(body.get("pattern"), Map) and self._is_plain_pattern(body):
            self._function.buses["default"] = (body["pattern"], place)
            return
        if not isinstance(body, Map):
            self._lost(place, "eventBridge", "says nothing", "Write a rule under 'backend.resources'")
            return
        when: JsonDict = {}
        if "schedule" in body:
            when["ScheduleExpression"] = body["schedule"]
        if "pattern" in body:
            when["EventPattern"] = body["pattern"]
        if "eventBus" in body:
            when["EventBusName"] = body["eventBus"]
        if not when or not {"ScheduleExpression", "EventPattern"} & set(when):
            self._lost(
                place, "eventBridge", "has neither pattern nor schedule", "Write a rule under 'backend.resources'"
            )
            return
        self._rule(place, when, body, is_off=str(body.get("enabled", True)).lower() == "false")
        for key in set(body) - {"schedule", "pattern", "eventBus", "enabled", "input", "inputPath", "inputTransformer", "name", "description"}:  # fmt: skip # noqa: E501
            self._lost(body.at(key), "eventBridge", f"{key} is not carried over", "Write it at the rule")

    def _cloudwatch_event(self, body: object, place: Place) -> None:
        if not isinstance(body, Map) or not isinstance(body.get("event"), Map):
            self._lost(place, "cloudwatchEvent", "names no event", "Write a rule under 'backend.resources'")
            return
        is_off = str(body.get("enabled", True)).lower() == "false"
        self._rule(place, {"EventPattern": body["event"]}, body, is_off=is_off)

    def _topic(self, body: object, place: Place) -> None:
        """A topic of the service's own, or one that already exists."""
        settings = body if isinstance(body, Map) and not is_function(body) else Map([("arn", body)], place, {})
        arn = settings.get("arn", settings.get("topicName"))
        if isinstance(arn, str) and not arn.startswith("arn:"):
            arn = self._new_topic(arn, settings, place)
        elif "arn" in settings and isinstance(settings["arn"], str) and not settings["arn"].startswith("arn:"):
            arn = self._new_topic(settings["arn"], settings, place)
        if arn is None:
            self._lost(place, "sns", "names no topic", "Write a subscription under 'backend.resources'")
            return
        if not set(settings) - {"arn", "topicName", "displayName"} and self._is_own(arn):
            self._function.sources.append(EventSource(kind="topic", value=arn, place=place))
            return
        properties: JsonDict = {"Protocol": "lambda", "TopicArn": arn, "Endpoint": self._arn()}
        for old, new in (("filterPolicy", "FilterPolicy"), ("filterPolicyScope", "FilterPolicyScope")):
            if old in settings:
                properties[new] = settings[old]
        for key in set(settings) - {"arn", "topicName", "displayName", "filterPolicy", "filterPolicyScope"}:
            self._lost(settings.at(key), "sns", f"{key} is not carried over", "Write it at the subscription")
        self.add("Subscription", "AWS::SNS::Subscription", properties, place)
        self._permission("sns.amazonaws.com", arn, place)

    def _is_own(self, arn: object) -> bool:
        known, _ = self._service.resources.get(owner(arn) or "", (None, None))
        return isinstance(known, Map) and known.get("Type") == "AWS::SNS::Topic"

    def _new_topic(self, called: str, settings: Map, place: Place) -> JsonDict:
        name = "SNSTopic" + "".join(part[:1].upper() + part[1:] for part in called.replace("_", "-").split("-"))
        name = "".join(sign for sign in name if sign.isalnum() and sign.isascii())
        if name not in self._service.resources:
            properties = {"TopicName": called}
            if settings.get("displayName"):
                properties["DisplayName"] = settings["displayName"]
            body = Map([("Type", "AWS::SNS::Topic"), ("Properties", Map(properties.items(), place, {}))], place, {})
            self._service.resources[name] = (body, place)
        return {"Ref": name}

    def _log(self, body: object, place: Place) -> None:
        settings = body if isinstance(body, Map) else Map([("logGroup", body)], place, {})
        group = settings.get("logGroup")
        if not isinstance(group, str):
            self._lost(place, "cloudwatchLog", "names no log group", "Write a subscription under 'backend.resources'")
            return
        source = {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{group}:*"}
        self._permission("logs.amazonaws.com", source, place)
        properties = {"LogGroupName": group, "FilterPattern": settings.get("filter", ""), "DestinationArn": self._arn()}
        self.add("LogFilter", "AWS::Logs::SubscriptionFilter", properties, place)

    def _alexa(self, kind: str, body: object, place: Place) -> None:
        token = body.get("appId") if isinstance(body, Map) else body
        principal = "alexa-appkit.amazon.com" if kind == "alexaSkill" else "alexa-connectedhome.amazon.com"
        properties = {"FunctionName": {"Ref": self._id()}, "Action": "lambda:InvokeFunction", "Principal": principal}
        if not isinstance(token, str):
            fix = "Write an AWS::Lambda::Permission with EventSourceToken under 'backend.resources'"
            self._lost(place, kind, "names no skill, so any skill could call the function", fix)
            return
        self.add("Permission", "AWS::Lambda::Permission", {**properties, "EventSourceToken": token}, place)

    def _iot(self, body: object, place: Place) -> None:
        if not isinstance(body, Map) or "sql" not in body:
            self._lost(place, "iot", "has no sql", "Write an AWS::IoT::TopicRule under 'backend.resources'")
            return
        payload = {
            "Sql": body["sql"],
            "RuleDisabled": str(body.get("enabled", True)).lower() == "false",
            "Actions": [{"Lambda": {"FunctionArn": self._arn()}}],
        }
        if body.get("sqlVersion"):
            payload["AwsIotSqlVersion"] = body["sqlVersion"]
        name = self.add("TopicRule", "AWS::IoT::TopicRule", {"TopicRulePayload": payload}, place)
        self._permission("iot.amazonaws.com", {"Fn::GetAtt": [name, "Arn"]}, place)
