"""Rendered stacks → how much of AWS's limits they use.

Pure; one walk over the resources, since every render takes it. What only AWS knows (an ARN that a reference will
be) counts as ``RESOLVED`` characters, so sizes with references in them are estimates.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacks.errors import Problem, StacksError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stacks.rendering import Rendered

_REST = "Use 'api: {type: rest}', whose routes fit into one resource, or one proxy route for several"
_SPLIT = "Describe fewer things in it; functions are spread over several stacks by 'backend.stacks'"
WARN_AT = 0.8
"""The share of a limit from which a person is told."""

INLINE_BYTES = 51_200
"""Bytes of a template in an API call; a larger one goes through S3, which ``deploy`` does by itself."""
_TEMPLATE_BYTES = 1_000_000
_RESOURCES, _OUTPUTS, _PARAMETERS = 500, 200, 200
_POLICY = 6_144
"""Characters of a managed policy without white space (IAM quotas)."""
_NAME = 64
"""Characters of a role's or function's name (IAM and Lambda quotas)."""
_ENVIRONMENT = 4_096
"""Bytes of a function's variables, names and values (Lambda quotas)."""
_OF_API = 300
_OF_APIS = (
    ("AWS::ApiGateway::Resource", "API resources", "Use fewer paths, or one proxy path for a WSGI application"),
    ("AWS::ApiGatewayV2::Integration", "functions of an HTTP API", _REST),
    ("AWS::ApiGatewayV2::Route", "routes of an HTTP API", _REST),
)
"""What API Gateway takes 300 of for each API (API Gateway quotas)."""
_BEHAVIORS = 75
"""Cache behaviors per distribution (CloudFront quotas, November 2026; it had been 25)."""
_FUNCTION_CODE = 10_240
"""Bytes of a CloudFront function (CloudFront quotas)."""
_CAPACITY = 5_000
"""Web ACL capacity units (WAF quotas)."""
@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of one limit is used, and where."""

    where: str
    """``notes-dev-backend.WebFunction``, or the stack alone."""
    what: str
    """``bytes of environment variables``."""
    used: int
    allowed: int
    fix: str = "Split it"

    @property
    def share(self) -> float:
        """1.0 is a limit that is used up."""
        return self.used / self.allowed

    def __str__(self) -> str:
        return f"{self.where}: {self.used:,} of {self.allowed:,} {self.what} ({self.share:.0%})"


def budget(rendered: Sequence[Rendered]) -> tuple[Use, ...]:
    """The use of every limit that the stacks touch, stack by stack; of a policy only when it is near its limit."""
    return tuple(use for one in rendered for use in _stack_uses(one))


def within_limits(rendered: Sequence[Rendered]) -> tuple[str, ...]:
    """What to tell of limits that are nearly used up, or of templates too large for an API call; often nothing.

    Raises:
        StacksError: with one problem for each limit that is overrun.
    """
    uses = budget(rendered)
    if over := tuple(_problem(use) for use in uses if use.share > 1):
        raise StacksError.of(over)
    near = tuple(str(use) for use in uses if use.share >= WARN_AT)
    large = [one.name for one in rendered if len(one.body) > INLINE_BYTES]
    if not large:
        return near
    which = f"{large[0]} is" if len(large) == 1 else f"{large[0]} and {len(large) - 1} more are"
    return (*near, f"{which} over {INLINE_BYTES:,} bytes: `aws cloudformation deploy` needs --s3-bucket for that")


def _problem(use: Use) -> Problem:
    return Problem(where=use.where, what=f"has {use.used:,} {use.what}, AWS allows {use.allowed:,}", fix=use.fix)


def _stack_uses(one: Rendered) -> Iterator[Use]:
    template, where = one.template, one.name
    resources: Mapping[str, Any] = template.get("Resources", {})
    kinds = Counter(body["Type"] for body in resources.values())
    many = _REST if kinds["AWS::ApiGatewayV2::Route"] > _RESOURCES // 4 else _SPLIT
    yield Use(where=where, what="resources", used=len(resources), allowed=_RESOURCES, fix=many)
    outputs, parameters = len(template.get("Outputs", {})), len(template.get("Parameters", {}))
    yield Use(where=where, what="outputs", used=outputs, allowed=_OUTPUTS, fix=_SPLIT)
    yield Use(where=where, what="parameters", used=parameters, allowed=_PARAMETERS, fix=_SPLIT)
    size = len(one.body.encode())
    yield Use(where=where, what="bytes of template", used=size, allowed=_TEMPLATE_BYTES, fix=_SPLIT)
    for logical_id, body in resources.items():
        look = _LOOKS.get(body["Type"])
        if look:
            yield from look(f"{where}.{logical_id}", body.get("Properties", {}))
    for kind, what, fix in _OF_APIS:
        if kinds[kind]:
            for count in _of_each_api(kind, resources):
                yield Use(where=where, what=what, used=count, allowed=_OF_API, fix=fix)


def _of_each_api(kind: str, resources: Mapping[str, Any]) -> Iterable[int]:
    """How many resources of a type each API has."""
    found = (body["Properties"] for body in resources.values() if body["Type"] == kind)
    return Counter(_encode(said.get("RestApiId", said.get("ApiId"))) for said in found).values()


def _policy(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    document = properties.get("PolicyDocument")
    if len(_encode(document)) > _POLICY // 2:  # cheap, and off by less than half: most policies are small
        size = _size(document)
        yield Use(
            where=where, what="characters of policy", used=size, allowed=_POLICY, fix="Split it into several policies"
        )


def _role(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    yield from _name(where, properties.get("RoleName"))


def _function(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    yield from _name(where, properties.get("FunctionName"))
    variables = properties.get("Environment", {}).get("Variables")
    if isinstance(variables, dict):
        used = sum(len(name) + _text_size(value) for name, value in variables.items())
        fix = "Keep large values in a parameter or a file of the code"
        yield Use(where=where, what="bytes of environment variables", used=used, allowed=_ENVIRONMENT, fix=fix)


def _name(where: str, name: Any) -> Iterator[Use]:
    # A name that is put together from others' values is no ARN: how long it is, is not known.
    text = name.get("Fn::Sub") if isinstance(name, dict) else name
    if isinstance(text, str) and text.count("${") == sum(map(text.count, (*_PSEUDO, "${AWS::Region}"))):
        fix = "Shorten the name of the application, the stage or the function"
        yield Use(where=where, what="characters of name", used=_text_size(name), allowed=_NAME, fix=fix)


def _distribution(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    # The default behavior is one of them.
    used = 1 + len(properties.get("DistributionConfig", {}).get("CacheBehaviors", ()))
    yield Use(where=where, what="cache behaviors", used=used, allowed=_BEHAVIORS, fix="Serve fewer paths apart")


def _edge_function(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    code = properties.get("FunctionCode")
    if isinstance(code, str):
        used = len(code.encode())
        yield Use(where=where, what="bytes of code", used=used, allowed=_FUNCTION_CODE, fix="Shorten the function")


def _web_acl(where: str, properties: Mapping[str, Any]) -> Iterator[Use]:
    units = [_capacity(rule.get("Statement", {})) for rule in properties.get("Rules", ())]
    known = [unit for unit in units if unit is not None]
    if len(known) == len(units):
        yield Use(where=where, what="capacity units", used=sum(known), allowed=_CAPACITY, fix="Use fewer rule groups")


_LOOKS: dict[str, Callable[[str, Mapping[str, Any]], Iterator[Use]]] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudFront::Function": _edge_function,
    "AWS::IAM::ManagedPolicy": _policy,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::WAFv2::WebACL": _web_acl,
}
