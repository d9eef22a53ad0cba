"""Rendered stacks → how much of AWS's limits they use.

Pure; one walk over the resources, since every render takes it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError
from stacks.intrinsics.functions import Sub, function, is_function
from stacks.json_types import at, mapping
from stacks.sizes import capacity_units, compact, in_utf8, json_size, name_size, text_size
from stacks.types import TYPES, known
from stacks.values import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stacks.json_types import JsonObject, Properties
    from stacks.packaging import Artifact
    from stacks.template.rendered import Rendered
    from stacks.types.record import Document, Quota, Type

_SPLIT = "Describe fewer things in it; functions are spread over several stacks by 'backend.stacks'"
WARN_AT = 0.8
"""The share of a limit from which a warning is shown."""

INLINE_BYTES = 51_200
"""Bytes of a template in an API call; a larger one goes through S3, which ``deploy`` does by itself."""
TEMPLATE_BYTES = 1_000_000
"""Bytes of a template in S3; CloudFormation answers "Template may not exceed 1000000 bytes in size"."""
RESOURCES, _OUTPUTS, _PARAMETERS = 500, 200, 200
_FUNCTION_POLICY, _STATEMENT, _FEW = 20_480, 120, 15
"""Bytes of a function's policy (Lambda quotas), and of what a statement has in addition to a permission's content:
Lambda's own words, and the random end of its id. As few permissions are never half of it."""
_PATH, _ROUTE = "AWS::ApiGateway::Resource", "AWS::ApiGatewayV2::Route"
_OF_BODY = {"schemas": "AWS::ApiGateway::Model", "securitySchemes": "AWS::ApiGateway::Authorizer"}
"""What a REST API makes of the parts of its OpenAPI body."""
_FUNCTION_CODE = 10_240
"""Bytes of a CloudFront function (CloudFront quotas)."""
_CAPACITY = 5_000
"""Web ACL capacity units (WAF quotas)."""


@value
class LimitUse:
    """How much of one limit is used, and where."""

    where: str
    """``notes-dev-backend.WebFunction``, or the stack alone."""
    what: str
    """``bytes of environment variables``."""
    used: int
    allowed: int
    fix: str
    raisable: bool = False
    """AWS allows a larger number on request, and large applications need it: more is reported, not refused."""

    @property
    def share(self) -> float:
        """1.0 is a limit that is used up."""
        return self.used / self.allowed

    @property
    def amount(self) -> str:
        """``30 of 500 resources (6%)``."""
        return f"{self.used:,} of {self.allowed:,} {self.what} ({self.share:.0%})"

    def __str__(self) -> str:
        more = "; more only once AWS has raised this quota for you" if self.share > 1 else ""
        return f"{self.where}: {self.amount}{more}"


def budget(stack: Rendered) -> tuple[LimitUse, ...]:
    """The use of every limit that a stack touches; of a policy only when it is near its limit."""
    return tuple(_stack_uses(stack))


def code_budget(artifacts: Sequence[Artifact]) -> tuple[LimitUse, ...]:
    """What each package of code has when extracted, with the layer made for it; other layers are AWS's to know."""
    from stacks.packaging.archive import UNZIPPED_LIMIT  # noqa: PLC0415 - rendering packages nothing

    layers = {artifact.key: artifact.unzipped for artifact in artifacts}
    fix = "Remove what the function does not need, or split it"
    return tuple(
        LimitUse(
            where=f"code {artifact.bundle}",
            what="bytes unzipped",
            used=artifact.unzipped + layers.get(artifact.layer or "", 0),
            allowed=UNZIPPED_LIMIT,
            fix=fix,
        )
        for artifact in artifacts
    )


def within_limits(rendered: Sequence[Rendered]) -> tuple[str, ...]:
    """Messages about stacks' limits, as ``within``."""
    return within([*(use for stack in rendered for use in budget(stack)), *counted(rendered)])


def counted(rendered: Sequence[Rendered]) -> tuple[LimitUse, ...]:
    """What an account or a user pool has a quota of, over all stacks of a stage; what is far below is left out."""
    resources = (body for stack in rendered for body in stack.template.get("Resources", {}).values())
    kinds = Counter(body["Type"] for body in resources)
    quotas = ((kind, record.count) for kind, record in TYPES.items() if record.count)
    uses = ((kind, quota) for kind, quota in quotas if kinds[kind] > quota.most // 2)
    return tuple(_use(quota, "all stacks together", kinds[kind]) for kind, quota in uses)


def within(uses: Sequence[LimitUse]) -> tuple[str, ...]:
    """Messages about limits that are nearly used up; often none.

    Raises:
        StacksError: with one problem for each limit that is overrun.
    """
    if over := tuple(_problem(use) for use in uses if use.share > 1 and not use.raisable):
        raise StacksError.of(over)
    return tuple(str(use) for use in uses if use.share >= WARN_AT)


def too_large(rendered: Sequence[Rendered]) -> tuple[str, ...]:
    """Messages about templates that are too large for an API call; often none."""
    large = [stack.name for stack in rendered if in_utf8(stack.body) > INLINE_BYTES]
    if not large:
        return ()
    which = f"{large[0]} is" if len(large) == 1 else f"{large[0]} and {len(large) - 1} more are"
    return (f"{which} over {INLINE_BYTES:,} bytes: `aws cloudformation deploy` needs --s3-bucket for that",)


def _problem(use: LimitUse) -> Problem:
    return Problem(where=use.where, what=f"has {use.used:,} {use.what}, AWS allows {use.allowed:,}", fix=use.fix)


def _spread(stack: str, resources: int) -> str:
    """How to make a stack smaller, with a number of stacks that is enough although a hash spreads unevenly."""
    enough = f": {math.ceil(resources / (0.7 * RESOURCES))}" if stack == "backend" else ""
    return f"Describe fewer things in it; functions are spread over several stacks by 'backend.stacks{enough}'"


def _stack_uses(stack: Rendered) -> Iterator[LimitUse]:
    template, where = stack.template, stack.name
    resources: JsonObject = template.get("Resources", {})
    kinds = Counter(body["Type"] for body in resources.values())
    routes = known(_ROUTE).each_api if kinds[_ROUTE] > RESOURCES // 4 else None
    many = routes.fix if routes else _spread(stack.stack, len(resources))
    yield LimitUse(where=where, what="resources", used=len(resources), allowed=RESOURCES, fix=many)
    outputs, parameters = len(template.get("Outputs", {})), len(template.get("Parameters", {}))
    yield LimitUse(where=where, what="outputs", used=outputs, allowed=_OUTPUTS, fix=_SPLIT)
    yield LimitUse(where=where, what="parameters", used=parameters, allowed=_PARAMETERS, fix=_SPLIT)
    yield LimitUse(where=where, what="bytes of template", used=in_utf8(stack.body), allowed=TEMPLATE_BYTES, fix=_SPLIT)
    for logical_id, body in resources.items():
        yield from _resource_uses(body["Type"], f"{where}.{logical_id}", body.get("Properties", {}), stack.region)
    yield from _called(where, resources)
    for kind in kinds:
        if known(kind).each_api:
            yield from (use for count in _of_each_api(kind, resources) for use in _in_api(kind, where, count))


def _resource_uses(kind: str, where: str, properties: Properties, region: str) -> Iterator[LimitUse]:
    record = known(kind)
    if record.longest_name:
        yield from _name(record, where, properties, region)
    if record.document:
        yield from _policy(kind, record.document, where, properties)
    for quota in record.quotas:
        yield from _quota(quota, where, properties)
    if look := _LOOKS.get(kind):
        yield from look(where, properties)


def _quota(quota: Quota, where: str, properties: Properties) -> Iterator[LimitUse]:
    """Lists and texts that use half of what AWS takes, or more."""
    for limited in _values(properties, quota.path.split(".")):
        used = len(limited) if isinstance(limited, list) else _MEASURES[quota.measure](limited)
        if used > quota.most // 2:
            yield _use(quota, where, used)


def _pairs(value: object) -> int:
    """Bytes of names and values; nothing of a mapping that only AWS knows."""
    pairs = {} if is_function(value) or not isinstance(value, dict) else value
    return sum(in_utf8(name) + text_size(item) for name, item in pairs.items())


_MEASURES: dict[str, Callable[[object], int]] = {
    "": lambda value: text_size(value, len),
    "json": json_size,
    "pairs": _pairs,
}
"""``Quota.measure`` → how large a value is that is no list."""


def _use(quota: Quota, where: str, used: int) -> LimitUse:
    return LimitUse(where=where, what=quota.what, used=used, allowed=quota.most, fix=quota.fix, raisable=quota.raisable)


def _values(value: object, path: Sequence[str]) -> Iterator[Any]:
    """What is at a path; nothing where something on the way does not exist."""
    if not path:
        yield value
    elif path[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _values(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _called(where: str, resources: JsonObject) -> Iterator[LimitUse]:
    """The policies of functions that permissions add up to; those that are far below their limit are left out."""
    called: dict[str, list[tuple[str, Any]]] = {}
    for logical_id, body in resources.items():
        if body["Type"] == "AWS::Lambda::Permission":
            properties = body.get("Properties", {})
            called.setdefault(str(properties.get("FunctionName")), []).append((logical_id, properties))
    for called_function, permissions in called.items():
        if len(permissions) < _FEW:  # to measure each costs time in every render
            continue
        used = sum(_STATEMENT + len(where) + len(name) + json_size(permission) for name, permission in permissions)
        if used > _FUNCTION_POLICY // 2:
            what, fix = "characters of a function's policy", "Give some of its schedules and events to another function"
            yield LimitUse(where=f"{where} {called_function}", what=what, used=used, allowed=_FUNCTION_POLICY, fix=fix)


def _in_api(kind: str, where: str, count: int) -> Iterator[LimitUse]:
    if quota := known(kind).each_api:
        yield _use(quota, where, count)


def _of_each_api(kind: str, resources: JsonObject) -> Iterable[int]:
    """How many resources of a type each API has."""
    results = (body["Properties"] for body in resources.values() if body["Type"] == kind)
    return Counter(compact(properties.get("RestApiId", properties.get("ApiId"))) for properties in results).values()


def _policy(kind: str, record: Document, where: str, properties: Properties) -> Iterator[LimitUse]:
    document, allowed = properties.get(record.property), record.most
    if len(compact(document)) > allowed // 2:  # cheap, and off by less than half: most policies are small
        split = "Let it use less, or split what it belongs to: two functions have two policies"
        fix = split if kind == "AWS::IAM::ManagedPolicy" else "Grant less in it"
        used = json_size(document)
        yield LimitUse(
            where=where, what="characters of policy", used=used, allowed=allowed, fix=fix, raisable=bool(record.raised)
        )


def _name(record: Type, where: str, properties: Properties, region: str) -> Iterator[LimitUse]:
    used = name_size(properties.get(record.name), region)
    if used is not None:
        fix = "Shorten the name of the application, the stage or the thing itself"
        yield LimitUse(where=where, what="characters of name", used=used, allowed=record.longest_name, fix=fix)


def _rest_api(where: str, properties: Properties) -> Iterator[LimitUse]:
    """What the paths of an OpenAPI body become: a resource for each part that differs."""
    parts = (path.strip("/").split("/") for path in _paths(properties) if path != "/")
    used = len({tuple(segments[:depth]) for segments in parts for depth in range(1, len(segments) + 1)})
    if used:
        yield from _in_api(_PATH, where, used)
    parts_of = mapping(at(properties, "Body", "components"))
    for name, kind in _OF_BODY.items():
        yield from (use for use in _in_api(kind, where, len(parts_of.get(name, ()))) if 2 * use.used > use.allowed)


def _http_api(where: str, properties: Properties) -> Iterator[LimitUse]:
    """What the paths of an OpenAPI body become: a route for each method."""
    used = sum(len(mapping(methods)) for methods in _paths(properties).values())
    if used:
        yield from _in_api(_ROUTE, where, used)


def _paths(properties: Properties) -> JsonObject:
    return mapping(at(properties, "Body", "paths"))


def _edge_function(where: str, properties: Properties) -> Iterator[LimitUse]:
    code = properties.get("FunctionCode")
    match function(code):
        case Sub(text):  # what enters by a parameter keeps to what is left
            code = text
    if isinstance(code, str):
        used = len(code.encode())
        yield LimitUse(where=where, what="bytes of code", used=used, allowed=_FUNCTION_CODE, fix="Shorten the function")


def _web_acl(where: str, properties: Properties) -> Iterator[LimitUse]:
    units = [capacity_units(rule.get("Statement", {})) for rule in properties.get("Rules", ())]
    known = [unit for unit in units if unit is not None]
    if len(known) == len(units):
        yield LimitUse(
            where=where, what="capacity units", used=sum(known), allowed=_CAPACITY, fix="Use fewer rule groups"
        )


_LOOKS: dict[str, Callable[[str, JsonObject], Iterator[LimitUse]]] = {
    "AWS::ApiGateway::RestApi": _rest_api,
    "AWS::ApiGatewayV2::Api": _http_api,
    "AWS::CloudFront::Function": _edge_function,
    "AWS::WAFv2::WebACL": _web_acl,
}
"""Type → what is counted by reading a document, code or statements; numbers of properties are its record's."""
