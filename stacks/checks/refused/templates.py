"""What CloudFormation refuses of a template as a whole: too much of anything, sections and names of another form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.checks.rule import Hit, Stacks, refusal
from stacks.checks.values import text
from stacks.intrinsics.functions import is_function
from stacks.json_types import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTAS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
_MOST = {"Parameters": 200, "Resources": 500, "Outputs": 200, "Mappings": 200}
_LONGEST_NAME = {"Parameters": 255, "Resources": 255, "Outputs": 255}
_LONGEST_DESCRIPTION = 1_024


@refusal(
    "TEMPLATE-SIZE",
    why="CloudFormation refuses a template over its quotas",
    fix="Describe fewer things in one stack, or spread them over several",
    source=_QUOTAS,
)
def templates_keep_to_the_quotas(stacks: Stacks) -> Iterator[Hit]:
    """At most 200 parameters, 500 resources, 200 outputs and mappings, 1,024 bytes of description."""
    for target in stacks.targets:
        for section, most in _MOST.items():
            count = len(mapping(target.template.get(section)))
            if count > most:
                what = f"has {count} {section.lower()}, {most} are allowed"
                yield Hit(stack=target.stack, logical_id="template", path=section, what=what)
        description = target.template.get("Description")
        if isinstance(description, str) and len(description.encode()) > _LONGEST_DESCRIPTION:
            what = f"has {len(description.encode()):,} bytes, {_LONGEST_DESCRIPTION:,} are allowed"
            yield Hit(stack=target.stack, logical_id="template", path="Description", what=what)


@refusal(
    "TEMPLATE-NAMES",
    why="CloudFormation refuses names that are not letters and digits, or too long",
    fix="Use up to 255 letters and digits",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
)
def names_are_alphanumeric(stacks: Stacks) -> Iterator[Hit]:
    """Resources, parameters and outputs are called by letters and digits."""
    for target in stacks.targets:
        for section, most in _LONGEST_NAME.items():
            for name in mapping(target.template.get(section)):
                special = str(name).startswith("Fn::")
                if not special and not re.fullmatch(rf"[A-Za-z0-9]{{1,{most}}}", str(name)):
                    yield Hit(stack=target.stack, logical_id=str(name), path=section, what="is not letters and digits")


@refusal(
    "TEMPLATE-PARAMETER",
    why="CloudFormation refuses a value that its own parameter does not allow",
    fix="Correct the default or the value, or AllowedValues, AllowedPattern and the lengths",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
)
def values_are_allowed(stacks: Stacks) -> Iterator[Hit]:
    """Given and default values of parameters are ones that the parameter allows; a value has 4,096 bytes at most."""
    for target in stacks.targets:
        for name, body in mapping(target.template.get("Parameters")).items():
            parameter = mapping(body)
            value = target.parameters.get(name, parameter.get("Default"))
            if value is None or is_function(value) or str(parameter.get("Type")).startswith("AWS::SSM::"):
                continue
            if problem := _not_allowed(value, parameter):
                yield Hit(stack=target.stack, logical_id=name, path="Parameters", what=problem)


def _not_allowed(value: object, parameter: object) -> str | None:
    rules = mapping(parameter)
    written = text(value) or ""
    kind = text(rules.get("Type")) or "String"
    values = written.split(",") if kind == "CommaDelimitedList" or kind.startswith("List<") else [written]
    allowed = [text(entry) for entry in rules.get("AllowedValues") or ()]
    pattern = rules.get("AllowedPattern")
    shown = "its value" if rules.get("NoEcho") in (True, "true") else repr(written[:80])
    if allowed and any(item.strip() not in allowed for item in values):
        return f"{shown} is not one of {', '.join(map(str, allowed))}"
    if isinstance(pattern, str) and kind == "String" and not _matches(pattern, written):
        return f"{shown} does not match {pattern}"
    if len(written.encode()) > 4_096:  # noqa: PLR2004 - CloudFormation's quota
        return f"has {len(written.encode()):,} bytes, 4,096 are allowed"
    if kind == "Number" and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", written):
        return f"{shown} is not a number"
    return None


def _matches(pattern: str, written: str) -> bool:
    try:
        return re.fullmatch(pattern, written) is not None
    except re.error:
        return True  # Java's patterns are not all Python's


RULES = (templates_keep_to_the_quotas, names_are_alphanumeric, values_are_allowed)
