"""References that CloudFormation cannot resolve at their position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stacks.checks.rule import Hit, Stacks, refusal
from stacks.intrinsics.functions import is_function
from stacks.json_types import mapping

_OUTPUT = "Fn::GetStackOutput"
_BELOW = ("Fn::Sub", "Fn::Base64", "Fn::ImportValue")
_SECTIONS = ("Outputs", "Conditions")


@refusal(
    "REFERENCE-POSITION",
    why="CloudFormation answers InternalFailure to Fn::GetStackOutput in Fn::Sub, Fn::Base64, Fn::ImportValue, Outputs "
    "and Conditions",
    fix="Use it as the value of a property, alone or in Fn::Join, Fn::If or Fn::Select",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html",
)
def outputs_are_read_where_they_can_be(stacks: Stacks) -> Iterator[Hit]:
    """``Fn::GetStackOutput`` is used in allowed positions only ("Known limitations" of its page)."""
    for target in stacks.targets:
        for section in _SECTIONS:
            for name, content in mapping(target.template.get(section)).items():
                if any(True for _ in _readers(content, "", forbidden=section)):
                    yield Hit(
                        stack=target.stack, logical_id=name, path=section, what=f"reads another stack in {section}"
                    )
        for name, body in mapping(target.template.get("Resources")).items():
            for place, function in _readers(mapping(body).get("Properties"), ""):
                what = f"reads another stack in {function}"
                yield Hit(stack=target.stack, logical_id=name, path=place or "Properties", what=what)


def _readers(value: object, place: str, forbidden: str = "") -> Iterator[tuple[str, str]]:
    """Every ``Fn::GetStackOutput`` in a forbidden position, by its place, with what makes it forbidden."""
    if isinstance(value, Mapping):
        for name, inside in value.items():
            if name == _OUTPUT and forbidden:
                yield place, forbidden
            below = name if name in _BELOW else forbidden
            yield from _readers(inside, place if is_function({name: inside}) else f"{place}.{name}".lstrip("."), below)
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from _readers(entry, f"{place}[{index}]", forbidden)


RULES = (outputs_are_read_where_they_can_be,)
