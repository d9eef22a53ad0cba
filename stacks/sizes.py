"""Values of templates → how large they are once AWS has them. Pure.

What only AWS knows (an ARN that a reference will be) counts as ``RESOLVED`` characters, so sizes with references in
them are estimates.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_PSEUDO = {"${AWS::AccountId}": 12, "${AWS::Partition}": 3, "${AWS::URLSuffix}": 13}

compact = json.JSONEncoder(separators=(",", ":"), default=str).encode
"""A value as JSON without white space."""


def capacity_units(statement: Mapping[str, Any]) -> int | None:
    """Units of a web ACL's rule, by its statement; None when only AWS can tell."""
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
            units = [capacity_units(one) for one in several]
            return None if None in units else sum(unit for unit in units if unit is not None)
        case {"ByteMatchStatement": part} | {"SizeConstraintStatement": part}:
            return _of_component(part)
    return next((units for name, units in _STATEMENT_CAPACITY.items() if name in statement), None)


def _of_component(statement: Mapping[str, Any]) -> int:
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
    changed = [one for one in statement.get("TextTransformations", ()) if one.get("Type") != "NONE"]
    return base * (2 if "JsonBody" in field else 1) + 10 * ("AllQueryArguments" in field) + 10 * len(changed)


def json_size(value: Any) -> int:
    """Characters of a value as compact JSON once its references are resolved."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in {"Ref", "Fn::Sub", "Fn::GetAtt", "Fn::GetStackOutput", "Fn::Join"}:
            return text_size(value) + 2
        return 1 + sum(len(str(key)) + 4 + json_size(item) for key, item in value.items())
    if isinstance(value, list):
        return 1 + sum(1 + json_size(item) for item in value) if value else 2
    return len(compact(value))


def text_size(value: Any) -> int:
    """Characters of a text, or of what a function will make of it."""
    match value:
        case str():
            return len(value.encode())
        case {"Fn::Sub": str(text)}:
            return _sub_size(text)
        case dict():
            return RESOLVED
    return len(str(value))


def name_size(value: Any, region: str) -> int | None:
    """Characters of a name in a region; None for one that is put together from what only AWS knows."""
    text = value.get("Fn::Sub") if isinstance(value, dict) else value
    if not isinstance(text, str):
        return None
    said = text.replace("${AWS::Region}", region)
    return _sub_size(said) if said.count("${") == sum(map(said.count, _PSEUDO)) else None


def _sub_size(text: str) -> int:
    for name, length in _PSEUDO.items():
        text = text.replace(name, "x" * length)
    parts = text.split("${")
    return len(parts[0]) + sum(_variable_size(part) for part in parts[1:])


def _variable_size(part: str) -> int:
    """A variable and the text behind it; a region's name is 14 characters at most."""
    name, _, rest = part.partition("}")
    return (14 if name == "AWS::Region" else RESOLVED) + len(rest)
