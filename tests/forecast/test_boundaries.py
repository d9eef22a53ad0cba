"""Each number of the limit budget is the last that passes: one more is refused, or told where AWS may raise it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import limits
from stacks.errors import StacksError
from stacks.limits import budget, counted, too_large, within_limits
from stacks.sizes import capacity_units, json_size, text_size
from stacks.template.rendered import Rendered
from stacks.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stacks.types.record import Quota

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


def filled(row: Quota, count: int) -> Any:
    if row.measure == "json":
        return grown(lambda text: {"source": [text]}, count)
    if row.measure == "pairs":
        return {"Ä": multibyte(count - 2)}
    return "ä" * count if row.what.startswith("characters") else ["x"] * count


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
    """Fifteen permissions of one function whose policy has so many bytes; Lambda adds 120 to each."""
    name, where = "R10", "t-x-backend"
    share, rest = divmod(size, 15)
    fixed = 120 + len(where) + len(name)

    def of(text: str) -> dict[str, Any]:
        return {"FunctionName": "f", "SourceArn": text}

    sizes = [share - fixed] * 14 + [share + rest - fixed]
    bodies = {f"R{10 + index}": grown(of, wanted) for index, wanted in enumerate(sizes)}
    return (stack({key: {"Type": "AWS::Lambda::Permission", "Properties": body} for key, body in bodies.items()}),)


def _quota(kind: str, row: Quota) -> Callable[[int], Stacks]:
    return lambda count: stacks_with(kind, at(row.path, filled(row, count)))


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


def _edge_function(size: int) -> Stacks:
    return stacks_with("AWS::CloudFront::Function", {"FunctionCode": multibyte(size)})


def _web_acl(units: int) -> Stacks:
    return stacks_with("AWS::WAFv2::WebACL", {"Rules": [{"Statement": {"GeoMatchStatement": {}}}] * units})


def _section(name: str) -> Callable[[int], Stacks]:
    return lambda count: (stack({}, body="", **{name: dict[str, Any]((str(n), {}) for n in range(count))}),)


QUOTA_ROWS = [(kind, row) for kind, record in TYPES.items() for row in record.quotas]
IN_APIS: list[Sized] = [
    (row.what, row.most, row.raisable, _of_type(kind, ApiId="a"))
    for kind, record in TYPES.items()
    if (row := record.each_api)
]
RECORDS: list[Sized] = [
    *IN_APIS,
    *((row.what, row.most, row.raisable, _quota(kind, row)) for kind, row in QUOTA_ROWS),
    *((row.what, row.most, row.raisable, _everywhere(kind)) for kind, record in TYPES.items() if (row := record.count)),
    *(
        ("characters of policy", policy.most, bool(policy.raised), _policy(kind, policy.property))
        for kind, record in TYPES.items()
        if (policy := record.document)
    ),
    *(
        ("characters of name", record.longest_name, False, _named(kind, record.name))
        for kind, record in TYPES.items()
        if record.longest_name
    ),
    *(
        (row.what, row.most, row.raisable, _of_body(name))
        for name, kind in limits._OF_BODY.items()
        if (row := TYPES[kind].each_api)
    ),
    ("bytes of template", limits.TEMPLATE_BYTES, False, lambda size: (stack({}, body=multibyte(size)),)),
    ("characters of a function's policy", limits._FUNCTION_POLICY, False, permissions),
    ("bytes of code", limits._FUNCTION_CODE, False, _edge_function),
    ("capacity units", limits._CAPACITY, False, _web_acl),
    ("resources", limits.RESOURCES, False, _of_type("AWS::X::Y")),
    ("outputs", limits._OUTPUTS, False, _section("Outputs")),
    ("parameters", limits._PARAMETERS, False, _section("Parameters")),
]
"""Derived from the records, so a new row is held to the same."""


HALVED = [
    record
    for record in RECORDS
    if record not in IN_APIS
    and record[3] not in {_edge_function, _web_acl}
    and record[0] not in {"characters of name", "bytes of template", "resources", "outputs", "parameters"}
]
"""Limits of which most things use little: what uses half or less is not shown."""


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


@pytest.mark.parametrize(
    ("what", "most", "of"),
    [(what, most, of) for what, most, _, of in HALVED],
    ids=[f"{name} {most} {of}" for of, (name, most, *_) in enumerate(HALVED)],
)
def test_what_uses_half_of_a_limit_is_not_shown_and_more_is(what: str, most: int, of: Callable[[int], Stacks]) -> None:
    def shown(used: int) -> list[int]:
        stacks = of(used)
        uses = [*(use for entry in stacks for use in budget(entry)), *counted(stacks)]
        return [use.used for use in uses if use.what == what and use.allowed == most]

    assert (shown(most // 2), shown(most // 2 + 1)) == ([], [most // 2 + 1])


@pytest.mark.parametrize(("routes", "fix"), [(125, "Describe fewer things"), (126, "Use 'api: {type: rest}'")])
def test_a_stack_that_is_a_quarter_routes_is_reported_with_the_other_kind_of_api(routes: int, fix: str) -> None:
    resources = {
        **many("AWS::X::Y", 500),
        **{f"Route{n}": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {}} for n in range(routes)},
    }
    (message,) = over((stack(resources),), "resources")
    assert fix in message


MOST = {
    "API keys (of a region's account)": [10_000],
    "API resources": [300],
    "EventBridge rules (of a region's account)": [300],
    "actions of a pipeline's stage": [50],
    "addresses to come back to": [100],
    "addresses to come back to after signing out": [100],
    "attributes": [50],
    "attributes in an index": [20],
    "audiences of an authorizer": [50],
    "authorizers of an API": [10],
    "authorizers of an HTTP API": [10],
    "bytes of code": [10_240],
    "bytes of environment variables": [4_096],
    "bytes of template": [1000000],
    "cache behaviors in addition to the default one": [74],
    "capacity units": [5_000],
    "characters of Content-Security-Policy": [1_783],
    "characters of a function's policy": [20_480],
    "characters of a header": [1_783],
    "characters of a parameter's value": [4_096],
    "characters of a scope's description": [256],
    "characters of an event pattern": [2_048],
    "characters of name": [60, 63, 64, 80, 128, 140, 255, 256, 512],
    "characters of policy": [2_048, 6_144, 20_480, 30_720, 32_768],
    "characters of what a version is made of": [256],
    "clients of the identity pool": [50],
    "clients of the user pool": [1_000],
    "columns of a CSV file": [255],
    "databases (clusters of a region's account)": [20],
    "domain names of a distribution": [100],
    "event buses (of a region's account)": [100],
    "functions of an HTTP API": [300],
    "global indexes of a table": [20],
    "groups of the user pool": [10_000],
    "headers of a URL's CORS": [100],
    "headers of a policy": [10],
    "identity providers": [300],
    "layers": [5],
    "local indexes of a table": [5],
    "managed policies of a role": [10],
    "models of an API": [60],
    "more names of a certificate": [9],
    "networks of a list": [10_000],
    "origins of a URL's CORS": [100],
    "origins of a distribution": [100],
    "outputs": [200],
    "parameters": [200],
    "patterns of paths": [8],
    "policies (of an account)": [1_500],
    "resource servers": [25],
    "resources": [500],
    "roles (of an account)": [1_000],
    "routes of an HTTP API": [300],
    "scopes of a client": [50],
    "scopes of a resource server": [100],
    "scopes of a route": [10],
    "styles of sign-in pages, one for each client": [20],
    "subnets of a function": [16],
    "tables (of a region's account)": [2_500],
    "tables in a backup": [500],
}
"""The numbers of AWS's pages: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html"""


def test_each_number_is_the_one_of_aws() -> None:
    assert {what: sorted({most for name, most, *_ in RECORDS if name == what}) for what, *_ in RECORDS} == MOST
    assert limits.INLINE_BYTES == 51_200


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "bc"]), inner, max_size=2),
    max_leaves=8,
)


@given(PLAIN)
def test_the_size_of_plain_values_is_that_of_their_json(value: Any) -> None:
    assert json_size(value) == len(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def test_a_number_in_the_place_of_a_text_has_the_size_of_its_digits() -> None:
    assert (text_size(900), text_size({"Ref": "A"}), json_size({"Ref": "A"})) == (3, 80, 82)


@pytest.mark.parametrize("owner", ["RestApiId", "ApiId"])
@pytest.mark.parametrize("kind", [kind for kind, record in TYPES.items() if record.each_api])
def test_each_api_has_a_quota_of_its_own(kind: str, owner: str) -> None:
    quota = TYPES[kind].each_api
    assert quota
    several = {
        f"{api}{name}": body for api in "ab" for name, body in many(kind, quota.most, **{owner: {"Ref": api}}).items()
    }
    assert [use.used for use in budget(stack(several)) if use.what == quota.what] == [quota.most, quota.most]


def test_each_function_has_a_policy_of_its_own() -> None:
    (of_one,) = permissions(20_480)
    bodies = of_one.template["Resources"]
    second = {
        f"S{name}": {**body, "Properties": {**body["Properties"], "FunctionName": "g"}} for name, body in bodies.items()
    }
    uses = [use for use in budget(stack({**bodies, **second})) if use.what == "characters of a function's policy"]
    assert [(use.where, use.used) for use in uses] == [("t-x-backend f", 20_480), ("t-x-backend g", 20_495)]


def test_every_limit_comes_with_its_place_and_with_what_to_do() -> None:
    for what, most, _, of in RECORDS:
        uses = [use for rendered in of(most) for use in budget(rendered)]
        assert all(use.fix and use.where.startswith("t-x-backend") for use in uses), what


def test_a_reference_alone_has_the_size_of_what_it_becomes() -> None:
    assert text_size({"Fn::Sub": "${AWS::AccountId}"}) == 12


def test_all_arguments_of_a_query_cost_ten_units_more() -> None:
    fields: tuple[dict[str, Any], ...] = ({"QueryString": {}}, {"AllQueryArguments": {}}, {"JsonBody": {}})
    matched = [{"ByteMatchStatement": {"PositionalConstraint": "EXACTLY", "FieldToMatch": field}} for field in fields]
    assert [capacity_units(statement) for statement in matched] == [2, 12, 4]
