"""Applications with every option: their deploy roles can do no more of ``attacks`` than an option asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import registry
from tests.roles.attacks import ATTACKS
from tests.roles.conftest import Role, documents_of
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from collections.abc import Iterator


A = "111122223333"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
TYPES = "route53:ChangeResourceRecordSetsRecordTypes"
RECORD = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
ASKED_FOR = {
    ("let items expire", "data"): "expires",
    ("poll a queue with a function", "backend-1"): "events",
}
"""Attack and stack → the option that asks for just that, of the stack's own things."""


def _own(role: Role) -> str:
    """The tag of the stack's resources: parts of the backend have the backend's."""
    return role.rendered.name.removesuffix("-1").removesuffix("-2")


def test_every_stack_that_there_can_be_has_a_role(wide: tuple[dict[str, Role], ...]) -> None:
    results = {stack for roles in wide for stack in roles}
    assert results == {"data", "backend", "backend-1", "backend-2", "frontend", "frontend-edge", "frontend-logs-edge"}


def test_options_let_no_attack_through_but_what_they_ask_for(wide: tuple[dict[str, Role], ...]) -> None:
    results = {
        (attack.title, stack)
        for roles in wide
        for stack, role in roles.items()
        for attack in ATTACKS
        if attack.owner != _own(role).removeprefix("notes-dev-") and allowed(role.documents, attack.by(_own(role)))
    }
    assert results == ASKED_FOR.keys()


@pytest.mark.parametrize(
    ("stack", "request_"),
    [
        (
            "frontend",
            Request(action="route53:ChangeResourceRecordSets", resource=ZONE, context={RECORD: "example.com"}),
        ),
        (
            "frontend-edge",
            Request(
                action="route53:ChangeResourceRecordSets",
                resource=ZONE,
                context={RECORD: f"_{'1a' * 16}.www.example.com", TYPES: "CNAME"},
            ),
        ),
        (
            "frontend-edge",
            Request(
                action="wafv2:CreateWebACL",
                resource=f"arn:aws:wafv2:us-east-1:{A}:global/ipset/notes-dev-allow-ipv4/1",
                context={"aws:ResourceTag/stack": "notes-dev-frontend-edge"},
            ),
        ),
        ("frontend", Request(action="s3:PutBucketAcl", resource=f"arn:aws:s3:::notes-dev-cdn-logs-{A}-eu-west-1-an")),
        (
            "data",
            Request(
                action="application-autoscaling:RegisterScalableTarget",
                resource=f"arn:aws:application-autoscaling:eu-west-1:{A}:scalable-target/1",
                context={"aws:RequestTag/stack": "notes-dev-data"},
            ),
        ),
        (
            "data",
            Request(
                action="cloudwatch:PutMetricAlarm",
                resource=f"arn:aws:cloudwatch:eu-west-1:{A}:alarm:TargetTracking-table/notes-dev-notes-AlarmHigh-1",
            ),
        ),
        (
            "data",
            Request(
                action="iam:CreateServiceLinkedRole",
                resource=f"arn:aws:iam::{A}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/x",
                context={"iam:AWSServiceName": "dynamodb.application-autoscaling.amazonaws.com"},
            ),
        ),
        (
            "data",
            Request(
                action="iam:PassRole",
                resource=f"arn:aws:iam::{A}:role/notes-dev/data/notes-dev-data-BackupRole-1A2B",
                context={"iam:PassedToService": "backup.amazonaws.com"},
            ),
        ),
        (
            "backend",
            Request(
                action="iam:PassRole",
                resource=f"arn:aws:iam::{A}:role/notes-dev/platform/notes-dev-code-deploy",
                context={"iam:PassedToService": "codedeploy.amazonaws.com", "aws:ResourceTag/stack": "notes-dev-base"},
            ),
        ),
        (
            "backend",
            Request(
                action="codedeploy:GetDeploymentConfig",
                resource=f"arn:aws:codedeploy:eu-west-1:{A}:deploymentconfig:CodeDeployDefault.LambdaAllAtOnce",
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.action.replace(":", "-"),
)
def test_what_an_option_makes_can_be_created(wide: tuple[dict[str, Role], ...], stack: str, request_: Request) -> None:
    assert any(allowed(roles[stack].documents, request_) for roles in wide if stack in roles)


def _keys(node: Any) -> Iterator[str]:
    """Every key of properties, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _keys(value)
    elif isinstance(node, list):
        for value in node:
            yield from _keys(value)


def test_every_role_that_a_template_hands_to_a_service_may_be_passed(wide: tuple[dict[str, Role], ...]) -> None:
    handing: set[str] = set()
    passing: set[str] = set()
    for role in (role for roles in wide for role in roles.values()):
        for body in role.rendered.template["Resources"].values():
            handler = registry.handler_actions(body["Type"], "create") or ()
            if "iam:PassRole" in handler and any("Role" in key for key in _keys(body.get("Properties", {}))):
                handing.add(body["Type"])
        needs = (need for statement in role.rights.statements for need in statement.needs)
        passing |= {need.type for need in needs if need.action == "iam:PassRole"}
    assert handing == passing >= {"AWS::Backup::BackupSelection", "AWS::CodeDeploy::DeploymentGroup"}


def test_a_secret_is_known_by_the_name_that_cloudformation_makes(roles: dict[tuple[str, str], Role]) -> None:
    role = roles["dev", "backend"]
    context = {"aws:RequestTag/stack": "notes-dev-backend"}
    results = [
        allowed(
            documents_of(role.rights, "dev"),
            Request(
                action="secretsmanager:CreateSecret",
                resource=f"arn:aws:secretsmanager:eu-west-1:{A}:secret:{name}-123456",
                context=context,
            ),
        )
        for name in ("SessionKeySecret-AbCdEfGhIjKl", "billing-password")
    ]
    assert results == [True, False]
