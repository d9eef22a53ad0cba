"""Each number of the limit budget is the last that passes: one more is refused, or told where AWS may raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import limits
from stacks.errors import StacksError
from stacks.limits import too_large, within_limits
from stacks.sizes import json_size, text_size
from stacks.template.rendered import Rendered
from stacks.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Stacks = tuple[Rendered, ...]
Sized = tuple[str, int, bool, "Callable[[int], Stacks]"]
"""What is counted, the most of it, whether AWS raises that, and stacks that have so many of it."""


def stack(resources: Mapping[str, Any], body: str = "", **more: Any) -> Rendered:
    template = {"Resources": dict(resources), **more}
    return Rendered(stack="backend", name="t-x-backend", region="eu-west-1", template=template, body=body)


def stacks_with(kind: str, properties: Mapping[str, Any]) -> Stacks:
    return (stack({"It": {"Type": kind, "Properties": properties}}),)


def many(kind: str, count: int, **properties: Any) -> dict[str, Any]:
    return {f"R{number}": {"Type": kind, "Properties": properties} for number in range(count)}


def at(path: str, value: Any) -> Any:
    """Properties that have a value at a path."""
    for step in reversed(path.split(".")):
        value = [value] if step == "*" else {step: value}
    return value


def filled(what: str, count: int) -> Any:
    return "ä" * count if what.startswith("characters") else ["x"] * count


def multibyte(size: int) -> str:
    """A text of so many bytes in half as many characters."""
    return "ä" * (size // 2) + "x" * (size % 2)


def grown(value: Callable[[str], Any], size: int) -> Any:
    """A value of exactly this size as JSON."""
    grown_by = size - json_size(value(""))
    assert grown_by >= 0
    return value("x" * grown_by)


def statement(text: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": text}]}


def permissions(size: int) -> Stacks:
    """Sixteen permissions of one function whose policy has so many bytes."""
    name, where = "R10", "t-x-backend"
    each, rest = divmod(size, 16)
    fixed = limits._STATEMENT + len(where) + len(name)

    def of(text: str) -> dict[str, Any]:
        return {"FunctionName": "f", "SourceArn": text}

    sizes = [each - fixed] * 15 + [each + rest - fixed]
    bodies = {f"R{10 + index}": grown(of, wanted) for index, wanted in enumerate(sizes)}
    return (stack({key: {"Type": "AWS::Lambda::Permission", "Properties": body} for key, body in bodies.items()}),)


def _quota(kind: str, path: str, what: str) -> Callable[[int], Stacks]:
    return lambda count: stacks_with(kind, at(path, filled(what, count)))


def _of_type(kind: str, **properties: Any) -> Callable[[int], Stacks]:
    return lambda count: (stack(many(kind, count, **properties)),)


def _policy(kind: str, name: str) -> Callable[[int], Stacks]:
    return lambda size: stacks_with(kind, {name: grown(statement, size)})


def _named(kind: str, name: str) -> Callable[[int], Stacks]:
    return lambda size: stacks_with(kind, {name: "x" * size})


def _of_body(name: str) -> Callable[[int], Stacks]:
    return lambda count: stacks_with(
        "AWS::ApiGateway::RestApi", {"Body": {"components": {name: {str(n): {} for n in range(count)}}}}
    )


def _everywhere(kind: str) -> Callable[[int], Stacks]:
    return lambda count: tuple(stack(many(kind, min(400, count - start))) for start in range(0, count, 400))


def _variables(size: int) -> Stacks:
    return stacks_with("AWS::Lambda::Function", {"Environment": {"Variables": {"K": multibyte(size - 1)}}})


def _behaviors(count: int) -> Stacks:
    return stacks_with("AWS::CloudFront::Distribution", {"DistributionConfig": {"CacheBehaviors": [{}] * (count - 1)}})


def _edge_function(size: int) -> Stacks:
    return stacks_with("AWS::CloudFront::Function", {"FunctionCode": multibyte(size)})


def _event_rule(size: int) -> Stacks:
    return stacks_with("AWS::Events::Rule", {"EventPattern": grown(lambda text: {"source": [text]}, size)})


def _web_acl(units: int) -> Stacks:
    return stacks_with("AWS::WAFv2::WebACL", {"Rules": [{"Statement": {"GeoMatchStatement": {}}}] * units})


def _section(name: str) -> Callable[[int], Stacks]:
    return lambda count: (stack({}, body="", **{name: dict[str, Any]((str(n), {}) for n in range(count))}),)


QUOTA_ROWS = [(kind, row) for kind, record in TYPES.items() for row in record.quotas]
RECORDS: list[Sized] = [
    *((row.what, row.most, row.raisable, _quota(kind, row.path, row.what)) for kind, row in QUOTA_ROWS),
    *((row.what, row.most, row.raisable, _everywhere(kind)) for kind, record in TYPES.items() if (row := record.count)),
    *(
        ("characters of policy", said.most, said.raisable, _policy(kind, said.property))
        for kind, record in TYPES.items()
        if (said := record.document)
    ),
    *(
        ("characters of name", record.longest_name, False, _named(kind, record.name))
        for kind, record in TYPES.items()
        if record.longest_name
    ),
    *((what, limits._OF_API, more, _of_type(kind, ApiId="a")) for kind, what, _, more in limits._OF_APIS),
    *((what, most, True, _of_body(name)) for name, what, most, _ in limits._OF_BODY),
    ("bytes of template", limits.TEMPLATE_BYTES, False, lambda size: (stack({}, body=multibyte(size)),)),
    ("bytes of environment variables", limits._ENVIRONMENT, False, _variables),
    ("characters of a function's policy", limits._FUNCTION_POLICY, False, permissions),
    ("cache behaviors", limits._BEHAVIORS, True, _behaviors),
    ("bytes of code", limits._FUNCTION_CODE, False, _edge_function),
    ("characters of an event pattern", limits._PATTERN, True, _event_rule),
    ("capacity units", limits._CAPACITY, False, _web_acl),
    ("resources", limits.RESOURCES, False, _of_type("AWS::X::Y")),
    ("outputs", limits._OUTPUTS, False, _section("Outputs")),
    ("parameters", limits._PARAMETERS, False, _section("Parameters")),
]
"""Derived from the records, so a new row is held to the same."""


def over(stacks: Stacks, what: str) -> list[str]:
    """What is reported of one limit that is exceeded, whether AWS raises it or not."""
    try:
        messages = [text for text in within_limits(stacks) if "raised this quota" in text]
    except StacksError as error:
        messages = [str(problem) for problem in error.problems]
    return [text for text in messages if f" {what}" in text]


@pytest.mark.parametrize(
    ("what", "most", "raisable", "of"),
    RECORDS,
    ids=[f"{name} {most} {of}" for of, (name, most, *_) in enumerate(RECORDS)],
)
def test_the_most_passes_and_one_more_does_not(
    what: str, most: int, raisable: object, of: Callable[[int], Stacks]
) -> None:
    assert over(of(most), what) == []
    assert [("raised this quota" in text) for text in over(of(most + 1), what)] == [raisable]


def test_bytes_of_a_template_are_counted_and_not_characters() -> None:
    most = limits.INLINE_BYTES
    assert too_large([stack({}, body="ä" * (most // 2))]) == ()
    assert too_large([stack({}, body="ä" * (most // 2) + "x")]) != ()


def test_bytes_and_characters_are_distinguished() -> None:
    value = {"Fn::Sub": ["ä${A}${AWS::AccountId}", {"A": "é"}]}
    assert (text_size(value), text_size(value, len)) == (16, 14)
    assert json_size({"ä": "é"}) == len('{"ä":"é"}')


@pytest.mark.parametrize("share", [0.79, 0.8])
def test_a_limit_is_reported_from_four_fifths_on(share: float) -> None:
    count = int(limits.RESOURCES * share)
    assert bool(within_limits([stack(many("AWS::X::Y", count))])) == (share >= limits.WARN_AT)
