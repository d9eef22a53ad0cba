"""Whatever options a description combines: it is refused with a reason, or its stacks have no finding and a role each.

Options are drawn by hypothesis and laid over the example. What a single option makes is tested where it is made; here
it is that no two of them are at odds.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks import render
from stacks.checks.run import check
from stacks.errors import DescriptionError
from stacks.limits import within_limits
from stacks.loading import validated
from stacks.roles import derive
from tests.positions import forbidden, occurrences

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stacks.app import App

ACCOUNT = "111111111111"
ZONE = "Z0123456789ABCDEFGHIJ"
MAIL = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/example.com"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0aa1b2c3-d4e5-46f7-8899-aabbccddeeff"
LAYER = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:tools:1"


def merged(first: Any, second: Any) -> Any:
    """Lay a part of a description over another."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return {**first, **{key: merged(first[key], value) if key in first else value for key, value in second.items()}}


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return dict(merged(first, second))


def _function(**options: Any) -> dict[str, Any]:
    return {"backend": {"functions": {"list-notes": options}}}


def _table(**options: Any) -> dict[str, Any]:
    return {"data": {"tables": {"notes": options}}}


def _users(**options: Any) -> dict[str, Any]:
    return {"data": {"users": options}}


def _api(**options: Any) -> dict[str, Any]:
    return {"backend": {"api": options}}


def _frontend(**options: Any) -> dict[str, Any]:
    return {"frontend": options}


def _base(**options: Any) -> dict[str, Any]:
    return {"base": options}


_COLOR = {"Type": "String", "Value": {"Fn::Sub": "${data.UserPoolId}"}}
"""A resource of your own that reads another stack in a place where ``Fn::GetStackOutput`` would be refused."""

OPTIONS: tuple[dict[str, Any], ...] = (
    _base(trail=False),
    _base(vpc=False),
    _base(vpc={"zones": 3}),
    _base(vpc={"nat": "each-zone", "endpoints": ["secretsmanager", "lambda"], "flow_logs": "cloudwatch"}),
    _base(vpc={"existing": "vpc-0123456789abcdef0", "subnets": ["subnet-0123456789abcdef0"]}),
    _base(trail={"encryption": "aws", "object_lock": {"days": 30}}),
    _base(trail={"cloudwatch": True}, alarms="team@example.com"),
    {"alarms": "team@example.com"},
    _both(
        {"backend": {"resources": {"Color": {"Type": "AWS::SSM::Parameter", "Properties": _COLOR}}}},
        _function(environment={"COLOR": {"value": {"Ref": "Color"}}}),
    ),
    _base(budget={"amount": 50, "email": "team@example.com"}),
    _base(log_encryption="own"),
    _base(api_gateway_logs=False),
    _base(pipelines={"repository": "someone/notes", "connection": CONNECTION}),
    _base(pipelines={"repository": "someone/notes", "approval": False, "notify": "team@example.com"}),
    _table(global_indexes={"by-day": {"partition_key": "day", "sort_key": {"name": "at", "type": "N"}}}),
    _table(local_indexes={"by-title": {"sort_key": "title", "holds": "keys"}}),
    _table(expires="until", stream="both"),
    _table(capacity={"read": {"low": 1, "high": 10}, "write": {"low": 1, "high": 10}}),
    _table(encryption="own"),
    _table(encryption="account", table_class="infrequent-access"),
    _table(contributor_insights=True),
    _table(replicas=["eu-central-1"]),
    {"data": {"tables": {"other": {"partition_key": "id"}}}},
    _both({"data": {"buckets": {"uploads": {"expire_after": 30}}}}, _function(buckets={"uploads": "read-write"})),
    {"data": {"backup": {"keep_days": 40}}},
    _users(mfa="required"),
    _users(user_names=True, groups=["editors"]),
    _users(threat_protection=True),
    _users(domain="notes-dev-111"),
    _users(attributes={"plan": {"type": "text", "longest": 20}}),
    _users(triggers={"pre_sign_up": "add-note"}),
    _users(
        domain="notes-dev-111",
        clients={"tool": {"kind": "browser", "callbacks": ["https://example.com/in"], "access_minutes": 600}},
    ),
    _users(resource_servers={"api": {"read": "Read notes"}}),
    _users(email={"address": "notes@example.com"}),
    _users(credentials={"tables": {"notes": "read-write"}}),
    _both({"backend": {"queues": {"jobs": {}}}}, _function(events={"queues": ["jobs"]}, queues={"jobs": "send"})),
    _function(events={"schedules": ["rate(5 minutes)"]}),
    _function(events={"tables": ["notes"]}),
    _function(gradual="canary-5m"),
    _function(provisioned_concurrency=2),
    _function(reserved_concurrency=5, tracing=True),
    _function(vpc=True),
    _function(dead_letters=True),
    _function(invoke=["add-note"]),
    _function(layers=[LAYER]),
    _function(architecture="x86_64", storage=1024, memory=2048, timeout=20),
    _function(environment={"GREETING": "hello"}),
    _function(public=True, auth=None),
    _function(auth="iam"),
    _both(_api(keys=["partner"], quota=1000), _function(api_key=True)),
    _function(statements=[{"Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": [MAIL]}]),
    _both({"backend": {"secrets": {"mail": {"kind": "given"}}}}, _function(secrets=["mail"])),
    {"backend": {"stacks": 2}},
    {"backend": {"boto3": "runtime"}},
    _both(_api(type="http"), _frontend(waf={"direct_api": True})),
    _api(endpoint="edge"),
    _api(cors={"origins": ["https://example.com"], "credentials": True}),
    _both(
        _api(type="http", authorizers={"partner": {"issuer": "https://example.com", "audience": ["notes"]}}),
        _both(_function(auth="partner"), _frontend(waf=False)),
    ),
    _both(_api(authorizers={"own": {"function": "add-note"}}), _function(auth="own")),
    _both(_api(domain={"name": "api.example.com", "zone": ZONE}), _frontend(waf={"direct_api": True})),
    _frontend(serve="split", site=None),
    _frontend(domain={"name": "www.example.com", "zone": ZONE}),
    _frontend(domain={"name": "example.com", "zone": ZONE, "www": True}),
    _frontend(waf=False),
    _frontend(waf={"direct_api": True}),
    _frontend(waf={"groups": ["common"], "count": ["common"], "body_limit": 8192, "block_countries": ["KP"]}),
    _frontend(waf={"groups": []}),
    _frontend(waf={"count": ["bad-inputs"]}),
    _frontend(waf={"allow": ["192.0.2.0/24"], "block": ["198.51.100.0/24"], "rate_limit": 500}),
    _frontend(csp={"sources": {"img-src": ["https://images.example.com"]}, "report_only": True}),
    _frontend(countries={"only": ["DE", "AT"]}),
    _frontend(access_log="legacy"),
    _frontend(access_log="v2"),
    _frontend(maintenance=True),
    _frontend(price_class="all"),
    _frontend(basic_auth={"user": "team", "password": "correct-horse-battery"}),
    {"region": "us-east-1"},
)


def described(root: Path, options: tuple[Mapping[str, Any], ...]) -> App:
    """The example, stage ``dev``, with options laid over it."""
    data = yaml.safe_load((root / "app.yaml").read_text())
    stage = functools.reduce(merged, options, {**data["stages"]["dev"], "account": ACCOUNT})
    return validated({**data, "stages": {"dev": stage}})


def is_accepted(root: Path, options: tuple[Mapping[str, Any], ...]) -> bool:
    """Whether the description is taken; then nothing is wrong with what it makes."""
    try:
        app = described(root, options)
    except DescriptionError:
        return False
    stage = app.stages["dev"]
    rendered = render(app, stage)
    assert check(rendered) == ()
    within_limits(rendered)
    for stack in rendered:
        assert derive(stage, stack).statements
        assert forbidden(stack.template) == []
        read = occurrences(stack.template)
        assert len(set(read)) == len(read), stack.stack
        assert all(region not in {None, stack.region} for _, _, region in read), stack.stack
    return True


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_an_option_alone_makes_stacks_without_a_finding(root: Path, option: dict[str, Any]) -> None:
    assert is_accepted(root, (option,))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.sampled_from(OPTIONS), min_size=2, max_size=8, unique_by=str).map(tuple))
def test_options_together_are_refused_or_make_stacks_without_a_finding(
    root: Path, chosen: tuple[dict[str, Any], ...]
) -> None:
    is_accepted(root, chosen)
