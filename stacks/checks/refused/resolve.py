"""A template → the same with every reference replaced whose value is known before deploying. Pure.

Known are parameters with a given or default value, the region and the partition, mappings, and therefore many
conditions: ``Fn::If`` becomes its branch, a resource whose condition is false is left out. What stays unknown stays as
it is. Parameters that Parameter Store holds (``AWS::SSM::Parameter::Value<…>``) are unknown: their default is a name.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.checks.rule import Template
from stacks.checks.values import text
from stacks.intrinsics.functions import Ref, Sub, function, is_function
from stacks.intrinsics.references import with_variables
from stacks.json_types import at, items, mapping

if TYPE_CHECKING:
    from stacks.checks.rule import JudgedStack
    from stacks.json_types import JsonDict, JsonObject

_NOTHING = object()
_DEEPEST = 60
"""Levels that are followed; CloudFormation has no template that deep, and a circle ends here."""


def resolved(target: JudgedStack) -> Template:
    """The stack with what is known put in; ``Parameters`` and other sections stay as they are."""
    known = _Known.of(target)
    resources = {}
    for name, body in mapping(target.template.get("Resources")).items():
        if known.condition(mapping(body).get("Condition")) is not False:
            value = known.put_into(body)
            resources[name] = {} if value is _NOTHING else value
    template = {**target.template, "Resources": resources}
    return Template(stack=target.stack, region=target.region, template=template, parameters=target.parameters)


@dataclass(frozen=True, slots=True)
class _Known:
    values: JsonObject
    conditions: JsonObject
    maps: JsonObject

    @staticmethod
    def of(target: JudgedStack) -> _Known:
        partition = "aws-cn" if target.region.startswith("cn-") else "aws"
        values: JsonDict = {"AWS::Region": target.region, "AWS::Partition": partition}
        for name, parameter in mapping(target.template.get("Parameters")).items():
            kind = text(mapping(parameter).get("Type")) or "String"
            value = target.parameters.get(name, mapping(parameter).get("Default"))
            if value is not None and not kind.startswith("AWS::SSM::Parameter"):
                is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
                values[name] = [part.strip() for part in str(value).split(",")] if is_list else value
        conditions = mapping(target.template.get("Conditions"))
        return _Known(values, conditions, mapping(target.template.get("Mappings")))

    def put_into(self, value: object, depth: int = 0) -> Any:
        """The value with what is known put in; ``_NOTHING`` for what is left out."""
        if depth > _DEEPEST:
            return value
        if isinstance(value, Mapping):
            if len(value) == 1:
                ((name, inside),) = value.items()
                if is_function(value):
                    return self._function(name, inside, value, depth)
            pairs = ((key, self.put_into(entry, depth + 1)) for key, entry in value.items())
            return {key: entry for key, entry in pairs if entry is not _NOTHING}
        if isinstance(value, list | tuple):
            return [entry for entry in (self.put_into(item, depth + 1) for item in value) if entry is not _NOTHING]
        return value

    def _function(self, name: str, inside: Any, expression: Any, depth: int) -> Any:  # noqa: PLR0911 - one a function
        match name:
            case "Ref":
                if inside == "AWS::NoValue":
                    return _NOTHING
                # Names of resources and pseudo parameters stay; rules put them in as they need them.
                plain = isinstance(inside, str) and not inside.startswith("AWS::")
                return self.values.get(inside, expression) if plain else expression
            case "Fn::If":
                says = self.condition(at(inside, 0)) if isinstance(inside, list | tuple) else None
                if says is None:
                    return {name: self._inside(inside, depth)}
                return self.put_into(at(inside, 1 if says else 2), depth + 1)
            case "Fn::FindInMap":
                keys = [self.put_into(entry, depth + 1) for entry in items(inside)[:3]]
                result = at(self.maps, *(str(text(self._pseudo(key))) for key in keys))
                return expression if result is None else result
            case "Fn::Select":
                index, listed = at(inside, 0), self.put_into(at(inside, 1), depth + 1)
                number = int(index) if str(index).isdigit() else None
                chosen = at(listed, number) if number is not None and isinstance(listed, list) else None
                return {name: [index, listed]} if chosen is None else chosen
            case "Fn::Sub":
                return {name: self._sub(inside, depth)}
            case _:
                return {name: self._inside(inside, depth)}

    def _inside(self, inside: object, depth: int) -> Any:
        value = self.put_into(inside, depth + 1)
        return {} if value is _NOTHING else value

    def _pseudo(self, value: object) -> Any:
        match function(value):
            case Ref(name):
                return self.values.get(name, value)
        return value

    def _sub(self, inside: object, depth: int) -> Any:
        match function({"Fn::Sub": inside}):
            case Sub(pattern, own):
                filled = with_variables(pattern, lambda pair: self._in_text(pair.variable, own))
                return [filled, self._inside(own, depth)] if own else filled
        return inside

    def _in_text(self, name: str, own: JsonObject) -> str | None:
        value = self.values.get(name)
        plain = isinstance(value, str | int | float) and name not in own and not name.startswith("AWS::")
        return str(value) if plain else None

    def condition(self, expression: object, depth: int = 0) -> bool | None:  # noqa: PLR0911 - one a function
        """Whether a condition holds, by its name or its function; None when that is not known."""
        if depth > _DEEPEST:
            return None
        if isinstance(expression, str):
            return self.condition(self.conditions[expression], depth + 1) if expression in self.conditions else None
        if not isinstance(expression, Mapping) or len(expression) != 1:
            return None
        ((name, inside),) = expression.items()
        match name:
            case "Condition":
                return self.condition(inside, depth + 1) if isinstance(inside, str) else None
            case "Fn::Equals":
                both = [self._pseudo(self.put_into(entry)) for entry in items(inside)]
                plain = len(both) == 2 and all(isinstance(entry, str | int | float) for entry in both)  # noqa: PLR2004
                return bool(text(both[0]) == text(both[1])) if plain else None
            case "Fn::Not":
                result = self.condition(at(inside, 0), depth + 1)
                return None if result is None else not result
            case "Fn::And" | "Fn::Or":
                results = [self.condition(entry, depth + 1) for entry in items(inside)]
                decided: bool = name == "Fn::Or"
                if decided in results:
                    return decided
                return None if None in results else not decided
        return None
