"""A deploy role suffices: what creating, updating and rolling back its stack asks for is allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.roles.deployments import UNUSED, requests
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from tests.roles.conftest import Role

ROLES = [(stage, stack) for stage in ("dev", "prod") for stack in ("data", "backend", "frontend")]
EDGE = [("dev", "frontend-edge"), ("dev", "frontend-logs-edge")]


@pytest.mark.parametrize(("stage", "stack"), [*ROLES, *EDGE])
def test_every_request_of_a_deployment_is_allowed(stage: str, stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles[stage, stack]
    denied = {(request.action, request.resource) for request in requests(role) if not allowed(role.documents, request)}
    assert denied == set()


@pytest.mark.parametrize(("stage", "stack"), [*ROLES, *EDGE])
def test_nothing_is_allowed_that_no_deployment_asks_for(
    stage: str, stack: str, roles: dict[tuple[str, str], Role]
) -> None:
    asked = {request.action.lower() for request in requests(roles[stage, stack])}
    more = {action for action in roles[stage, stack].rights.actions if action.lower() not in asked}
    assert more <= {
        "cloudformation:DescribeStacks",
        "cloudfront:AllowVendedLogDeliveryForResource",
        "logs:PutResourcePolicy",
        "secretsmanager:GetSecretValue",
        "wafv2:GetWebACL",
    }


@pytest.mark.parametrize(
    ("stack", "read"),
    [
        ("frontend", "cloudformation:us-east-1:111122223333:stack/notes-dev-frontend-edge/1"),
        ("frontend-logs-edge", "cloudformation:eu-west-1:111122223333:stack/notes-dev-frontend/1"),
    ],
)
def test_outputs_that_it_reads_in_other_regions_are_readable(
    stack: str, read: str, roles: dict[tuple[str, str], Role]
) -> None:
    tagged = {"aws:ResourceTag/stack": read.partition("/")[2].removesuffix("/1")}
    request = Request(action="cloudformation:DescribeStacks", resource=f"arn:aws:{read}", context=tagged)
    assert allowed(roles["dev", stack].documents, request)


@pytest.mark.parametrize(
    ("name", "stacks"),
    [
        ("/notes/dev/data/UserPoolId", {"data", "backend"}),
        ("/notes/dev/data/UserPoolArn", {"data"}),
        ("/notes/dev/backend/ApiId", {"backend", "frontend"}),
        ("/notes/prod/data/UserPoolId", set()),
        ("/notes-dev/stripe-key", set()),
    ],
)
def test_parameters_are_fetched_by_the_stacks_that_read_them_and_changed_by_their_own(
    name: str, stacks: set[str], roles: dict[tuple[str, str], Role]
) -> None:
    arn = f"arn:aws:ssm:eu-west-1:111122223333:parameter{name}"
    tagged = {"aws:ResourceTag/stack": "-".join(name.split("/")[1:4])}

    def may(action: str) -> set[str]:
        request = Request(action=action, resource=arn, context=tagged)
        return {stack for (stage, stack), role in roles.items() if stage == "dev" and allowed(role.documents, request)}

    assert may("ssm:GetParameters") == stacks
    for action in ("ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource"):
        assert may(action) == {stack for stack in stacks if f"/notes/dev/{stack}/" in name}
    assert may("ssm:GetParameter") == may("ssm:GetParametersByPath") == set()


def test_the_site_may_look_at_the_firewall_of_the_other_region(roles: dict[tuple[str, str], Role]) -> None:
    arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/notes-dev/1"
    tagged = {"aws:ResourceTag/stack": "notes-dev-frontend-edge"}
    request = Request(action="wafv2:GetWebACL", resource=arn, context=tagged)
    assert allowed(roles["dev", "frontend"].documents, request)


@pytest.mark.parametrize("owner", ["frontend", "backend"])
def test_only_the_secret_that_the_template_resolves_is_read(owner: str, roles: dict[tuple[str, str], Role]) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:EdgeKey-AbCd-123456"
    tagged = {"aws:ResourceTag/stack": f"notes-dev-{owner}"}
    request = Request(action="secretsmanager:GetSecretValue", resource=arn, context=tagged)
    assert allowed(roles["dev", "frontend"].documents, request) == (owner == "frontend")


def test_aws_rule_groups_may_be_used(roles: dict[tuple[str, str], Role]) -> None:
    arn = "arn:aws:wafv2:us-east-1:111122223333:global/managedruleset/AWSManagedRulesCommonRuleSet/1"
    assert allowed(roles["prod", "frontend"].documents, Request(action="wafv2:CreateWebACL", resource=arn))


def test_every_unused_pattern_is_one() -> None:
    assert all(re.compile(pattern) for pattern in UNUSED)
