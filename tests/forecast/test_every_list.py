"""Every list, mapping and number of resources that a description makes longer has an entry in the limit budget.

Found by comparing: an application whose lists have two entries each, and one with four. What grew between them is
filled from the description. Fields of the model that the comparison does not fill are named with their reason.
"""

from __future__ import annotations

import dataclasses
import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from stacks.app import Stage
from stacks.limits import LimitUse, budget, counted, within_limits
from stacks.types import TYPES
from tests.forecast.everything import everything, stacks_of

MEASURED = {
    "AWS::ApiGateway::RestApi Body.components.schemas{}": "models of an API",
    "AWS::ApiGateway::RestApi Body.components.securitySchemes{}": "authorizers of an API",
    "AWS::ApiGateway::RestApi Body.paths{}": "API resources",
    "AWS::Events::Rule EventPattern.source": "characters of an event pattern",
    "AWS::WAFv2::WebACL Rules": "capacity units",
}
"""Lists that ``stacks.limits`` measures by a function of its own, and what it calls that."""
REASONS = {
    "AWS::ApiGateway::RestApi Body.paths.*.get.security.*.users": "a REST API has no quota of scopes",
    "AWS::ApiGatewayV2::Api CorsConfiguration.AllowHeaders": "an HTTP API has no quota of headers",
    "AWS::ApiGatewayV2::Api CorsConfiguration.AllowOrigins": "an HTTP API has no quota of origins",
    "AWS::CloudFront::Distribution DistributionConfig.Restrictions.GeoRestriction.Locations": "countries, 250",
    "AWS::CodePipeline::Pipeline Stages.*.Actions.*.OutputArtifacts": "a build and its files, two of CodeBuild's five",
    "AWS::Cognito::UserPool LambdaConfig{}": "Cognito's triggers, a closed list",
    "AWS::Cognito::UserPoolClient ReadAttributes": "attributes of the pool, in the budget as its Schema",
    "AWS::Cognito::UserPoolClient SupportedIdentityProviders": "providers, in the budget as their number",
    "AWS::Cognito::UserPoolClient WriteAttributes": "attributes of the pool, in the budget as its Schema",
    "AWS::Cognito::UserPoolIdentityProvider AttributeMapping{}": "attributes of the pool, in the budget as its Schema",
    "AWS::DynamoDB::GlobalTable Replicas": "regions of AWS",
    "AWS::DynamoDB::Table AttributeDefinitions": "keys of the table and its indexes, in the budget as these",
    "AWS::EC2::VPCEndpoint RouteTableIds": "availability zones, 3 at most",
    "AWS::EC2::VPCEndpoint SubnetIds": "availability zones, 3 at most",
    "AWS::S3::Bucket CorsConfiguration.CorsRules.*.AllowedOrigins": "S3 counts rules, of which there is one",
    "AWS::WAFv2::WebACL Rules.*.Statement.GeoMatchStatement.CountryCodes": "countries, 250",
}
"""Lists that a description makes longer, and why no quota is in the budget."""
COUNT_REASONS = {
    "AWS::ApiGateway::UsagePlanKey": "one for each API key",
    "AWS::ApiGatewayV2::Integration": "measured for each API: functions of an HTTP API",
    "AWS::ApiGatewayV2::Route": "measured for each API: routes of an HTTP API",
    "AWS::CodeBuild::Project": "one for each stack with a pipeline; an account has 5,000",
    "AWS::CodePipeline::Pipeline": "one for each stack of a stage; an account has 1,000",
    "AWS::EC2::RouteTable": "availability zones, 3 at most",
    "AWS::EC2::Subnet": "availability zones, 3 at most",
    "AWS::EC2::SubnetRouteTableAssociation": "availability zones, 3 at most",
    "AWS::EC2::VPCEndpoint": "services of a closed list, fewer than the 50 of a network",
    "AWS::Lambda::EventSourceMapping": "Lambda has no quota of them",
    "AWS::Lambda::Function": "Lambda has no quota of functions, but of their code",
    "AWS::Lambda::Permission": "measured for each function: characters of its policy",
    "AWS::Logs::LogGroup": "an account has 1,000,000",
    "AWS::S3::Bucket": "an account has 10,000",
    "AWS::S3::BucketPolicy": "one for each bucket",
    "AWS::SNS::Subscription": "a topic has 12,500,000",
    "AWS::SNS::Topic": "an account has 100,000",
    "AWS::SNS::TopicPolicy": "one for each topic",
    "AWS::SQS::Queue": "SQS has no quota of them",
    "AWS::SES::EmailIdentity": "an account has 10,000 in a region",
    "AWS::SQS::QueuePolicy": "one for each queue; the rule QUEUE-POLICY knows how much is in it",
    "AWS::SSM::Parameter": "an account has 10,000",
    "AWS::SecretsManager::Secret": "an account has 500,000",
    "AWS::StepFunctions::StateMachine": "an account has 100,000",
}
"""Types of which a description makes more, and why no number of them is in the budget."""
UNFILLED = {
    "Base.overrides": "changes resources, adds none",
    "Vpc.subnets": "of a network that exists; in the budget as 'subnets of a function'",
    "Data.overrides": "changes resources, adds none",
    "Backend.overrides": "changes resources, adds none",
    "Frontend.overrides": "changes resources, adds none",
    "Backend.template": "a template of another framework, judged as it is",
    "GivenTemplate.body": "a template of another framework, judged as it is",
    "GivenTemplate.nested": "as above",
    "GivenTemplate.files": "its files, uploaded one by one",
    "OwnStack.parameters": "CloudFormation's 200 parameters, in the budget of each stack",
    "Stage.extend": "hooks are code, not a list of resources",
    "Stage.extend.*": "as above",
    "Stage.moved": "renames, adds nothing",
    "Function.after_deploy": "commands, not in a template",
    "Tokens.clients": "variables of a web application, in the budget as its environment",
    "Frontend.errors": "eleven codes of CloudFront, a closed list",
    "Ci.stacks": "roles, one for each stack",
    "Ci.install": "commands of a build specification outside of AWS",
    "Ci.build": "commands of a build specification outside of AWS",
    "OwnStack.template": "a template of your own, judged as it is",
}
"""Fields of the model with several entries that ``everything`` leaves out, and why."""
KINDS = ("rest", "http")


def _fields(kind: Any, path: str, seen: set[type]) -> Iterator[str]:
    """The fields of a dataclass that hold several values, as ``Table.replicas``."""
    origin = typing.get_origin(kind)
    if origin in (tuple, Mapping):
        yield path
    for inner in typing.get_args(kind) if origin is not None else ():
        more = f"{path}.*" if origin in (tuple, Mapping) else path
        yield from _fields(inner, more, seen) if inner is not Ellipsis else ()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in seen:
        seen.add(kind)
        hints = typing.get_type_hints(kind, include_extras=True)
        for field in dataclasses.fields(kind):
            yield from _fields(hints[field.name], f"{kind.__name__}.{field.name}", seen)


def _filled(value: Any, path: str = "Stage") -> Iterator[str]:
    """The fields that hold at least two entries somewhere in a stage."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _filled(getattr(value, field.name), f"{type(value).__name__}.{field.name}")
    elif isinstance(value, Mapping | tuple):
        if len(value) > 1:
            yield path
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _filled(item, f"{path}.*")


@cache
def _measures(kind: str, count: int) -> tuple[dict[str, int], Counter[str]]:
    """The longest list at each path of each type, and how many resources of each type there are."""
    longest: dict[str, int] = {}
    kinds: Counter[str] = Counter()
    for stack in stacks_of(everything(count, kind=kind)):
        for body in stack.template["Resources"].values():
            kinds[body["Type"]] += 1
            for path, size in _lists(body.get("Properties", {}), ""):
                name = f"{body['Type']} {path}"
                longest[name] = max(longest.get(name, 0), size)
    return longest, kinds


def _lists(value: Any, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, list):
        yield path, len(value)
        for item in value:
            yield from _lists(item, f"{path}.*")
    elif isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        yield f"{path}{{}}", len(value)
        for key, item in value.items():
            yield from _lists(item, f"{path}.{'*' if key.startswith('/') else key}".lstrip("."))


def _is_policy(path: str) -> bool:
    """Policies are measured by their characters; tags by the rule TAGS; what a schema of a body has by its size."""
    return any(part in path for part in ("Policy", "Tags", "Statement.*", ".properties{}"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_that_grows_with_the_description_is_in_the_budget(kind: str) -> None:
    short, long = _measures(kind, 2)[0], _measures(kind, 4)[0]
    grown = {name for name, size in long.items() if name in short and size > short[name] and not _is_policy(name)}
    known = {
        f"{of} {quota.path}{'{}' if quota.measure else ''}" for of, record in TYPES.items() for quota in record.quotas
    }
    assert grown - known - MEASURED.keys() - REASONS.keys() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_which_a_description_makes_more_is_in_the_budget(kind: str) -> None:
    few, many = _measures(kind, 2)[1], _measures(kind, 4)[1]
    counted = {name for name, record in TYPES.items() if record.count}
    assert {item for item in many if many[item] > few[item]} - counted - COUNT_REASONS.keys() == set()


def test_every_field_of_the_model_with_several_entries_is_filled_or_says_why_not() -> None:
    fields = set(_fields(Stage, "Stage", set()))
    filled = {path for kind in KINDS for path in _filled(everything(3, kind=kind).stages["s"])}
    missing = fields - filled - UNFILLED.keys()
    assert not missing, f"fill these in {everything.__module__}, or say in UNFILLED why not: {sorted(missing)}"
    assert not UNFILLED.keys() - (fields - filled)


def test_reasons_are_given_for_what_grows_and_nothing_else() -> None:
    grown = {
        name
        for kind in KINDS
        for name, size in _measures(kind, 4)[0].items()
        if size > _measures(kind, 2)[0].get(name, size)
    }
    assert (REASONS.keys() | MEASURED.keys()) - grown == set()


@pytest.mark.parametrize("kind", KINDS)
def test_an_application_with_everything_is_within_its_limits(kind: str) -> None:
    within_limits(stacks_of(everything(3, kind=kind)))


def _uses(**functions: Any) -> tuple[LimitUse, ...]:
    from stacks.loading import validated  # noqa: PLC0415 - one helper of several

    app = validated({"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "backend": functions})
    stacks = stacks_of(app)
    return (*(use for stack in stacks for use in budget(stack)), *counted(stacks))


def test_a_function_with_too_many_schedules_is_over_its_policys_limit() -> None:
    """20 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (resource-based policy)."""
    schedules = [f"rate({n + 2} days)" for n in range(70)]
    uses = _uses(functions={"f": {"handler": "a/b.py:f", "events": {"schedules": schedules}}})
    (use,) = (entry for entry in uses if entry.what == "characters of a function's policy")
    assert use.share > 1
    assert "another function" in use.fix


def test_eleven_judges_of_a_rest_api_are_more_than_api_gateway_gives_by_itself() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html."""
    handler = {"handler": "a/b.py:f"}
    judges = {f"j{n}": {"function": "judge"} for n in range(11)}
    routes = {f"f{n}": {**handler, "routes": [f"GET /f{n}"], "auth": f"j{n}"} for n in range(11)}
    uses = _uses(functions={"judge": handler, **routes}, api={"authorizers": judges})
    (use,) = (entry for entry in uses if entry.what == "authorizers of an API")
    assert (use.used, use.raisable) == (11, True)


def test_roles_are_counted_over_all_stacks() -> None:
    """1,000 in an account: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    functions = {f"f{n}": {"handler": "a/b.py:f"} for n in range(600)}
    (use,) = (entry for entry in _uses(functions=functions, stacks=8) if entry.what == "roles (of an account)")
    assert (use.where, use.used >= 600) == ("all stacks together", True)
