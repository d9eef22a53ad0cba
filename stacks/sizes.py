"""Values of templates → how large they are once AWS has them. Pure.

What only AWS knows (an ARN that a reference will be) counts as ``RESOLVED`` characters, so sizes with references in
them are estimates.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stacks.intrinsics.functions import Other, Sub, function
from stacks.intrinsics.references import literal, variables, with_variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.json_types import JsonObject, StatementData

RESOLVED = 80
"""Characters that a reference counts for: the length of most ARNs."""
_GROUP_CAPACITY = {
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
"""Units of AWS's rule groups.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""
_STATEMENT_CAPACITY = {"GeoMatchStatement": 1, "IPSetReferenceStatement": 1, "LabelMatchStatement": 1}
_PSEUDO = {"AWS::AccountId": 12, "AWS::Partition": 3, "AWS::Region": 14, "AWS::URLSuffix": 13}

compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str).encode
"""A value as JSON without white space."""


def capacity_units(statement: StatementData) -> int | None:
    """Units of a web ACL's rule, by its statement; None when only AWS knows."""
    match statement:
        case {"ManagedRuleGroupStatement": {"Name": str(name)}}:
            return _GROUP_CAPACITY.get(name)
        case {"RateBasedStatement": rate}:
            scope = rate.get("ScopeDownStatement")
            inner = capacity_units(scope) if scope else 0
            return None if inner is None else 2 + inner
        case {"NotStatement": {"Statement": inner}}:
            return capacity_units(inner)
        case {"AndStatement": {"Statements": several}} | {"OrStatement": {"Statements": several}}:
            units = [capacity_units(entry) for entry in several]
            return None if None in units else sum(unit for unit in units if unit is not None)
        case {"ByteMatchStatement": part} | {"SizeConstraintStatement": part}:
            return _of_component(part)
    return next((units for name, units in _STATEMENT_CAPACITY.items() if name in statement), None)


def _of_component(statement: StatementData) -> int:
    """A statement that compares a part of the request with a text, or its size with a number.

    https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-string-match.html
    """
    match statement.get("PositionalConstraint"):
        case None:
            base = 1
        case "CONTAINS" | "CONTAINS_WORD":
            base = 10
        case _:
            base = 2
    field = statement.get("FieldToMatch", {})
    changed = [
        transformation
        for transformation in statement.get("TextTransformations", ())
        if transformation.get("Type") != "NONE"
    ]
    return base * (2 if "JsonBody" in field else 1) + 10 * ("AllQueryArguments" in field) + 10 * len(changed)


def json_size(value: object) -> int:
    """Characters of a value as compact JSON once its references are resolved."""
    if isinstance(value, dict):
        result = function(value)
        if result is not None and (not isinstance(result, Other) or result.name == "Fn::Join"):
            return text_size(value) + 2
        return 1 + sum(len(str(key)) + 4 + json_size(item) for key, item in value.items()) if value else 2
    if isinstance(value, list):
        return 1 + sum(1 + json_size(item) for item in value) if value else 2
    return len(compact(value))


def in_utf8(text: str) -> int:
    """Bytes of a text."""
    return len(text.encode())


def text_size(value: object, measure: Callable[[str], int] = in_utf8) -> int:
    """Bytes of a text, or of what a function will make of it; characters when it is measured by ``len``."""
    match value:
        case str():
            return measure(value)
        case dict():
            result = function(value)
            return _sub_size(result, measure) if isinstance(result, Sub) else RESOLVED
    return measure(str(value))


def name_size(value: object, region: str) -> int | None:
    """Characters of a name in a region; None for one that is put together from what only AWS knows."""
    result = Sub(value) if isinstance(value, str) else function(value)
    if not isinstance(result, Sub):
        return None
    text = with_variables(result.text, lambda pair: region if pair.variable == "AWS::Region" else None)
    known = all(variable.variable in _PSEUDO for variable in variables(text))
    return _sub_size(Sub(text, result.variables), len) if known else None


def _sub_size(sub: Sub, measure: Callable[[str], int]) -> int:
    """The size of what a ``Fn::Sub`` makes; a region's name is 14 at most."""
    plain = literal(with_variables(sub.text, lambda _: "")) or ""
    return measure(plain) + sum(
        _variable_size(variable.variable, sub.variables, measure) for variable in variables(sub.text)
    )


def _variable_size(name: str, own: JsonObject, measure: Callable[[str], int]) -> int:
    return text_size(own[name], measure) if name in own else _PSEUDO.get(name, RESOLVED)
