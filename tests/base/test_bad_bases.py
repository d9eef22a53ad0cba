"""Bad input of ``base``: one clear error each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.loading import validated
from tests.base.test_network import BACKEND, SUBNETS, VPC

if TYPE_CHECKING:
    from tests.base.conftest import Problems, Rendering

NAMED = {"existing": VPC, "subnets": SUBNETS}
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"trail": "exising"}, "trail", "'exising' is not a trail. Write 'existing', or the trail's ARN"),
    ({"trail": {"existing": "existing", "encryption": "aws"}}, "trail.encryption", "the trail already exists"),
    ({"trail": {"existing": "existing", "cloudwatch": True}}, "trail.cloudwatch", "Leave it out"),
    ({"trail": {"log_group": "some"}}, "trail.log_group", "names its log group itself. Set 'cloudwatch: true' instead"),
    ({"trail": {"object_lock": {"days": 0}}}, "trail.object_lock.days", "0 is below the 1 days allowed"),
    ({"trail": {"object_lock": {"mode": "legal"}}}, "trail.object_lock.mode", "Use 'governance' or 'compliance'"),
    ({"alarms": "team@example.com"}, "alarms", "Set 'trail: {cloudwatch: true}' under 'base'"),
    ({"alarms": "team@example.com", "trail": False}, "alarms", "Set 'trail: {cloudwatch: true}' under 'base'"),
    ({"alarms": "team@example.com", "trail": "existing"}, "alarms", "Name the log group that the existing trail"),
    ({"alarms": "team", "trail": {"cloudwatch": True}}, "alarms", "'team' is not an e-mail address"),
    ({"budget": {"amount": 0, "email": "a@example.com"}}, "budget.amount", "0 is below the 1 USD allowed"),
    ({"budget": {"amount": 5}}, "budget", "email"),
    ({"api_gateway_logs": "exists"}, "api_gateway_logs", "'exists'"),
    ({"vpc": {"existing": "vpc-1"}}, "vpc.existing", "'vpc-1' is not an id of a VPC"),
    ({"vpc": {"existing": VPC, "subnets": ["subnet"]}}, "vpc.subnets[0]", "'subnet' is not an id of a subnet"),
    ({"vpc": {"existing": VPC, "subnets": [SUBNETS[0]] * 2}}, "vpc.subnets[1]", "twice"),
    ({"vpc": {"subnets": SUBNETS}}, "vpc.subnets", "base makes the subnets of a network that it makes"),
    ({"vpc": {**NAMED, "nat": "one"}}, "vpc.nat", "the network already exists, base changes nothing of it"),
    ({"vpc": {**NAMED, "zones": 3}}, "vpc.zones", "the network already exists"),
    ({"vpc": {"zones": 4}}, "vpc.zones", "4 exceeds the 3 allowed"),
    ({"vpc": {"nat": "two"}}, "vpc.nat", "Use 'none', 'one' or 'each-zone'"),
    ({"vpc": {"endpoints": ["s4"]}}, "vpc.endpoints[0]", "'s4' is not allowed"),
    ({"vpc": {"cidr": "10.0.0.0/8"}}, "vpc.cidr", "is not a /16 network"),
    ({"vpc": {"cidr": "10.300.0.0/16"}}, "vpc.cidr", "10.300.0.0/16 is not a network"),
    ({"vpc": {"cidr": "10.0.1.0/16"}}, "vpc.cidr", "10.0.1.0/16 is not a network"),
]


@pytest.mark.parametrize(
    ("base", "where", "message"), MISTAKES, ids=[f"{where} {message[:20]}" for _, where, message in MISTAKES]
)
def test_a_mistake_is_reported_once_with_its_fix(
    problems: Problems, base: dict[str, Any], where: str, message: str
) -> None:
    (line,) = problems(base)
    assert f"base.{where}" in line
    assert message in line


def test_functions_need_a_subnet_of_the_named_network(problems: Problems) -> None:
    (line,) = problems({"vpc": {"existing": VPC}}, backend=BACKEND)
    assert "base.vpc.subnets: functions run in the network, in no subnet. Name its private subnets" in line


def _stages(problems: Problems, **test: Any) -> list[str]:
    """What is told of two stages of one account, of which the second says so much of its base."""
    place = {"region": "eu-west-1", "account": "1" * 12}
    options = {
        "trail": {"cloudwatch": True},
        "alarms": "a@example.com",
        "budget": {"amount": 5, "email": "a@example.com"},
    }
    stages = {"dev": {**place, "base": options}, "test": {**place, **test}}
    return problems({}, stages=stages)


def test_what_an_account_has_once_is_created_by_one_of_its_stages(problems: Problems) -> None:
    budget = {"amount": 9, "email": "a@example.com"}
    stages = _stages(problems, base={"trail": {"cloudwatch": True}, "alarms": "b@example.com", "budget": budget})
    both, end = "stages 'dev' and 'test' both make", f"for account {'1' * 12}. Set"
    role = f"{both} API Gateway's log role {end} 'api_gateway_logs: existing'"
    assert stages == [
        f"base.trail: {both} the trail {end} 'trail: existing' under 'stages.test.base'.",
        f"base.alarms: {both} alarms {end} 'alarms: false' under 'stages.test.base'.",
        f"base.budget: {both} a budget {end} 'budget: false' under 'stages.test.base'.",
        f"base.api_gateway_logs: {role} under 'stages.test.base'.",
    ]


def test_api_gateways_log_role_is_created_once_in_each_region(problems: Problems) -> None:
    (line,) = _stages(problems, region="us-east-1")
    assert "both make the trail" in line


@pytest.mark.parametrize("account", [None, "2" * 12])
def test_stages_of_other_accounts_and_of_accounts_unsaid_have_what_is_their_own(account: str | None) -> None:
    stages = {"dev": {"region": "eu-west-1"}, "test": {"region": "eu-west-1"}}
    if account:
        stages["dev"]["account"], stages["test"]["account"] = "1" * 12, account
    assert all(stage.base.trail for stage in validated({"name": "notes", "stages": stages}).stages.values())


CALLING = {"secrets": {"key": True, "plan": "parameter"}, "queues": {"jobs": True}}
USES: dict[str, dict[str, Any]] = {
    "secretsmanager": {"secrets": ["key"]},
    "ssm": {"secrets": ["plan"]},
    "sqs": {"queues": {"jobs": "send"}},
    "lambda": {"invoke": ["other"]},
}


def calling(service: str) -> dict[str, Any]:
    """A backend with a function in the network that calls a service."""
    function = BACKEND["functions"]["hello"]
    return {**CALLING, "functions": {"hello": {**function, **USES[service]}, "other": {"handler": "code/other.py:run"}}}


@pytest.mark.parametrize("service", USES)
def test_a_function_in_a_network_without_a_way_to_what_it_calls_is_reported_with_the_endpoint(
    problems: Problems, service: str
) -> None:
    (line,) = problems({}, backend=calling(service))
    assert f"cannot be reached from the network. Set 'endpoints: [{service}]' under 'base.vpc'" in line


@pytest.mark.parametrize("service", USES)
@pytest.mark.parametrize("way", ["endpoint", "nat", "existing"])
def test_an_endpoint_a_nat_gateway_or_a_network_of_others_is_a_way(
    rendering: Rendering, service: str, way: str
) -> None:
    vpc = {"endpoint": {"endpoints": [service]}, "nat": {"nat": "one"}, "existing": NAMED}[way]
    assert "backend" in rendering({"vpc": vpc}, backend=calling(service))
