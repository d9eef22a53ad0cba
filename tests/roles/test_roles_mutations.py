"""A role that is wider than its template needs is seen: each statement widened in turn must break a rule below."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from stacks.roles import derive
from stacks.roles.drift import missing_rights
from stacks.roles.resources import resources
from tests.roles.attacks import ATTACKS
from tests.roles.conftest import documents_of
from tests.roles.deployments import requests
from tests.roles.simulator import Request, allowed, without_denials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stacks.template.rendered import Rendered
    from tests.roles.conftest import Role

STACKS = ("data", "backend", "frontend", "frontend-edge", "frontend-logs-edge")
ON_EVERYTHING = {
    "cognito-idp:CreateUserPool": "makes what has no ARN yet, with our tag",
    "cloudfront:CreateDistribution": "the same",
    "cloudfront:CreateFunction": "CloudFront's IAM knows no ARN for it; in CloudFront's region",
    "cloudfront:CreateOriginAccessControl": "the same",
    "cloudfront:CreateResponseHeadersPolicy": "the same",
    "logs:CreateLogDelivery": "vended logs (the web ACL's) have no ARN; in the stack's region",
    "logs:DeleteLogDelivery": "the same",
    "logs:PutResourcePolicy": "lets WAF write its log; in the stack's region",
    "logs:DescribeDeliveries": "reads settings; in the stack's region",
    "logs:DescribeIndexPolicies": "the same",
    "logs:DescribeLogGroups": "the same",
    "logs:DescribeResourcePolicies": "the same",
    "secretsmanager:GetRandomPassword": "makes a password up; in the stack's region",
}
"""All that is ever allowed on ``*``, each under a condition."""
READING = (
    "cloudformation:DescribeStacks",
    "cloudfront:AllowVendedLogDeliveryForResource",
    "logs:GetDeliveryDestination",
    "logs:GetDeliverySource",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameters",
    "wafv2:GetWebACL",
)
"""What is read or logged of other stacks, tested on its own; a delivery's two ends, allowed by name as well."""
NEITHER_NAME_NOR_TAG = (":origin-access-control/", ":response-headers-policy/")
"""CloudFront's IAM has neither names nor tags for these; one in use cannot be deleted."""


def _statements(policies: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from (statement for policy in policies for statement in policy["Statement"] if statement["Effect"] == "Allow")


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def broken_rules(policies: Sequence[Mapping[str, Any]], role: Role) -> Iterator[str]:
    """What is wrong with a role: rules that a statement breaks, and attacks that its allowances let through."""
    bare = without_denials(policies)
    yield from _wide(bare, role)
    for attack in ATTACKS:
        known = (
            attack.owner == role.rendered.stack or attack.title == "change a function whose name only looks like ours"
        )
        if not known and allowed(bare, attack.by(role.rendered.name)):
            yield attack.title


NEEDED_KEYS = {
    "iam:CreateRole": {"iam:PermissionsBoundary"},
    "iam:AttachRolePolicy": {"iam:PermissionsBoundary", "iam:PolicyARN"},
    "iam:DetachRolePolicy": {"iam:PermissionsBoundary", "iam:PolicyARN"},
    "iam:PassRole": {"iam:PassedToService"},
    "lambda:AddPermission": {"lambda:Principal"},
}
"""Conditions that an action is never allowed without."""


def _wide(policies: Sequence[Mapping[str, Any]], role: Role) -> Iterator[str]:
    for statement in _statements(policies):
        keys = {key for values in statement.get("Condition", {}).values() for key in values}
        for action in _list(statement["Action"]):
            if "*" in action or not keys >= NEEDED_KEYS.get(action, set()):
                yield f"{action} is a pattern, or lacks a condition"
            for arn in _list(statement["Resource"]):
                if not _is_distinguished(action, arn, keys, role.stage.name):
                    yield f"{action} on {arn}, which is not told from others"


def _is_distinguished(action: str, arn: str, keys: set[str], stage: str) -> bool:
    """Whether an ARN is the stack's own by its name, or made so by a condition."""
    if arn == "*":
        return action in ON_EVERYTHING and bool(keys)
    if arn.endswith("::/tags/*"):
        return "aws:ResourceTag/stack" in keys
    own = (
        f"notes-{stage}-",
        f"notes-{stage}/",
        f"/notes-{stage}",
        f"/notes/{stage}/",
        f"logs-notes-{stage}",
        "managedruleset/",
    )
    return bool(keys) or any(part in arn for part in (*own, *NEITHER_NAME_NOR_TAG))


@pytest.mark.parametrize("stack", STACKS)
def test_no_rule_is_broken(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    assert list(broken_rules(role.documents, role)) == []


def _mutants(policies: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for number, policy in enumerate(policies):
        for index, statement in enumerate(policy["Statement"]):
            if statement["Effect"] == "Allow":
                for title, wider in _widened(statement):
                    mutant = copy.deepcopy(policies)
                    mutant[number]["Statement"][index] = wider
                    yield f"{number}.{index} {title}", mutant


def _widened(statement: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    service = _list(statement["Action"])[0].partition(":")[0]
    yield "every action of the service", {**statement, "Action": f"{service}:*"}
    if statement["Resource"] != "*":
        yield "on everything", {**statement, "Resource": "*"}
    for operator, keys in statement.get("Condition", {}).items():
        for key in keys:
            condition = copy.deepcopy(statement["Condition"])
            del condition[operator][key]
            yield f"without {operator} {key}", {**statement, "Condition": {k: v for k, v in condition.items() if v}}


@pytest.mark.parametrize("stack", STACKS)
def test_every_widened_statement_is_seen(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    unseen = [title for title, mutant in _mutants(role.documents) if not any(broken_rules(mutant, role))]
    assert unseen == []


@pytest.mark.parametrize("stack", STACKS)
def test_an_action_taken_away_is_seen(stack: str, roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", stack]
    asked = list(requests(role))
    unseen = []
    for number, policy in enumerate(role.documents):
        for index, statement in enumerate(policy["Statement"]):
            if statement["Effect"] == "Allow" and statement["Action"] not in READING:
                mutant = copy.deepcopy(role.documents)
                del mutant[number]["Statement"][index]
                if all(allowed(mutant, request) for request in asked):
                    unseen.append(statement)
    assert unseen == []


def test_a_role_without_its_denials_still_lacks_other_peoples_iam(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    request = Request(action="iam:CreateUser", resource="arn:aws:iam::111122223333:user/x")
    assert not allowed(without_denials(role.documents), request)


def _with(role: Role, **more: Mapping[str, Any]) -> Rendered:
    template = {**role.rendered.template, "Resources": {**role.rendered.template["Resources"], **more}}
    return replace(role.rendered, template=template)


def _with_queue(role: Role) -> Rendered:
    return _with(role, Jobs={"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notes-dev-jobs"}})


def _base(role: Role) -> dict[str, Any]:
    """A base template that has the role."""
    results = resources(role.rights, role.stage)
    return {"Resources": {resource.title: resource.to_dict() for resource in results}}


def test_a_resource_that_the_role_was_not_derived_for_is_denied(roles: dict[tuple[str, str], Role]) -> None:
    arn = "arn:aws:sqs:eu-west-1:111122223333:notes-dev-jobs"
    assert not allowed(roles["dev", "backend"].documents, Request(action="sqs:CreateQueue", resource=arn))


def test_a_role_derived_again_allows_the_new_resource(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    rights = derive(role.stage, _with_queue(role))
    arn = "arn:aws:sqs:eu-west-1:111122223333:notes-dev-jobs"
    assert allowed(documents_of(rights, "dev"), Request(action="sqs:CreateQueue", resource=arn))


def test_the_check_says_what_base_does_not_grant_and_why(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    problems = missing_rights(derive(role.stage, _with_queue(role)), _base(role), "dev")
    (line,) = [str(problem) for problem in problems if "sqs:CreateQueue" in problem.what]
    assert line.startswith("deploy base first: backend now needs sqs:CreateQueue because of Jobs. Run '")
    assert line.endswith("deploy base --stage dev'.")


def test_the_check_names_the_property_that_asks_for_more(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    provisioned = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}}
    alias = {"FunctionName": {"Ref": "WebFunction"}, "FunctionVersion": "1", "Name": "live", **provisioned}
    with_alias = _with(role, WebAlias={"Type": "AWS::Lambda::Alias", "Properties": alias})
    problems = missing_rights(derive(role.stage, with_alias), _base(role), "dev")
    (line,) = [str(problem) for problem in problems if "PutProvisioned" in problem.what]
    message = (
        "backend now needs lambda:PutProvisionedConcurrencyConfig because of WebAlias.ProvisionedConcurrencyConfig."
    )
    assert line.startswith(f"deploy base first: {message}")


def test_the_check_says_which_stack_is_read_for_the_first_time(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "data"]
    read = {"Fn::GetStackOutput": {"StackName": "notes-dev-base", "OutputName": "LogBucketName"}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "notes-dev-told", "DisplayName": read}}
    problems = missing_rights(derive(role.stage, _with(role, Told=topic)), _base(role), "dev")
    message = "data now needs cloudformation:DescribeStacks because of Told, which reads notes-dev-base"
    assert message in [problem.what for problem in problems]


def test_the_check_finds_nothing_where_base_has_the_role(roles: dict[tuple[str, str], Role]) -> None:
    assert [missing_rights(role.rights, _base(role), "dev") for role in roles.values()] == [()] * len(roles)


def test_the_check_says_that_base_has_no_role(roles: dict[tuple[str, str], Role]) -> None:
    (problem,) = missing_rights(roles["dev", "data"].rights, {"Resources": {}}, "dev")
    assert str(problem).startswith("deploy base first: data has no deploy role there. Run '")
