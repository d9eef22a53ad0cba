"""Whatever a role is allowed it may do: no denial of its own takes it back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from stacks.kinds.tables import TABLES
from stacks.rendering import render
from stacks.roles import derive
from stacks.types import known
from tests.roles.positive import requests
from tests.roles.simulator import Request, allowed

if TYPE_CHECKING:
    from stacks.app import App
    from tests.roles.conftest import Role

_TAG = re.compile(r"-\d+$")
"""Parts of the backend carry the backend's tag."""


def _denied(role: Role) -> set[tuple[str, str]]:
    own = _TAG.sub("", role.rendered.name)
    documents = role.documents
    return {
        (request.action, request.resource) for request in requests(documents, own) if not allowed(documents, request)
    }


def test_no_role_of_the_example_denies_what_it_allows(roles: dict[tuple[str, str], Role]) -> None:
    assert {name: results for name, role in roles.items() if (results := _denied(role))} == {}


def test_no_role_denies_what_it_allows_whatever_options_are_taken(wide: tuple[dict[str, Role], ...]) -> None:
    assert {
        name: results for wide_roles in wide for name, role in wide_roles.items() if (results := _denied(role))
    } == {}


def test_a_distribution_of_another_stack_may_deliver_its_log(roles: dict[tuple[str, str], Role]) -> None:
    """Who makes a delivery source calls ``AllowVendedLogDeliveryForResource`` on the distribution.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    """
    role = roles["dev", "frontend-logs-edge"]
    request = Request(
        action="cloudfront:AllowVendedLogDeliveryForResource",
        resource="arn:aws:cloudfront::111122223333:distribution/E1",
        context={"aws:ResourceTag/stack": "notes-dev-frontend"},
    )
    assert allowed(role.documents, request)
    foreign = Request(
        action=request.action, resource=request.resource, context={"aws:ResourceTag/stack": "shop-dev-frontend"}
    )
    assert not allowed(role.documents, foreign)


def test_a_key_is_usable_before_its_tags_count(wide: tuple[dict[str, Role], ...]) -> None:
    """KMS counts tags up to five minutes late.

    https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
    """
    role = next(wide_roles["data"] for wide_roles in wide if "kms:CreateKey" in wide_roles["data"].rights.actions)
    key = "arn:aws:kms:eu-west-1:111122223333:key/1"
    for verb in ("DescribeKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"):
        new = Request(action=f"kms:{verb}", resource=key)
        of_other = Request(action=f"kms:{verb}", resource=key, context={"aws:ResourceTag/stack": "shop-dev-data"})
        assert allowed(role.documents, new), verb
        assert not allowed(role.documents, of_other), verb


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, True),
        ({"kms:ResourceAliases": "alias/payroll"}, False),
        ({"aws:ResourceTag/stack": "shop-dev-data"}, False),
        ({"aws:ResourceTag/stack": "notes-dev-data", "kms:ResourceAliases": "alias/notes"}, True),
    ],
)
def test_tags_are_given_to_a_new_key_and_to_no_key_of_others(
    wide: tuple[dict[str, Role], ...], context: dict[str, str], *, expected: bool
) -> None:
    """A tag makes a key ours, and PutKeyPolicy then gives it away: keys with an alias are somebody's.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
    """
    role = next(wide_roles["data"] for wide_roles in wide if "kms:CreateKey" in wide_roles["data"].rights.actions)
    asked = {"aws:RequestTag/stack": "notes-dev-data", **context}
    request = Request(action="kms:TagResource", resource="arn:aws:kms:eu-west-1:111122223333:key/1", context=asked)
    assert allowed(role.documents, request) is expected


def test_a_failed_first_create_takes_its_keys_along_and_nobody_deletes_them_sooner(
    wide: tuple[dict[str, Role], ...],
) -> None:
    """``RetainExceptOnCreate`` deletes in a rollback.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    role = next(wide_roles["data"] for wide_roles in wide if "kms:CreateKey" in wide_roles["data"].rights.actions)
    waiting = {
        days: Request(
            action="kms:ScheduleKeyDeletion",
            resource="arn:aws:kms:eu-west-1:111122223333:key/1",
            context={
                "aws:ResourceTag/stack": "notes-dev-data",
                "kms:ScheduleKeyDeletionPendingWindowInDays": days,
            },
        )
        for days in ("7", "30")
    }
    assert {days: allowed(role.documents, request) for days, request in waiting.items()} == {"7": False, "30": True}


def test_what_no_deploy_role_deletes_is_retained(
    roles: dict[tuple[str, str], Role], wide: tuple[dict[str, Role], ...]
) -> None:
    """Otherwise a failed first create ends in ROLLBACK_FAILED, as with the trail that nobody may delete."""
    apps = [next(iter(roles.values())).app, *(next(iter(wide_roles.values())).app for wide_roles in wide)]
    kept = {
        (stack.stack, name, body.get("DeletionPolicy"))
        for app in apps
        for stage in app.stages.values()
        for stack in render(app, stage)
        for name, body in stack.template["Resources"].items()
        if (known(body["Type"]).deleted_by_people or body["Type"] in TABLES.types)
        and body.get("DeletionPolicy") not in {"Retain", "RetainExceptOnCreate"}
    }
    assert kept == set()


def test_what_goes_with_its_create_may_be_deleted(wide: tuple[dict[str, Role], ...]) -> None:
    deletes = {
        "AWS::KMS::Key": "kms:ScheduleKeyDeletion",
        "AWS::Cognito::IdentityPool": "cognito-identity:DeleteIdentityPool",
    }
    seen = set()
    for wide_roles in wide:
        for role in wide_roles.values():
            for body in role.rendered.template["Resources"].values():
                if body.get("DeletionPolicy") == "RetainExceptOnCreate":
                    seen.add(body["Type"])
                    assert deletes[body["Type"]] in derive(role.stage, role.rendered).actions
    assert seen == deletes.keys()


def test_who_deploys_base_may_hand_over_the_connection_and_ask_for_zones(apps: tuple[App, ...]) -> None:
    """The service's former name alone is not enough, and ``Fn::GetAZs`` is answered as who deploys.

    https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html and
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
    """
    seen = set()
    for app in apps:
        for stage in app.stages.values():
            base = next(stack for stack in render(app, stage) if stack.stack == "base")
            text, actions = json.dumps(base.template), set(derive(stage, base).actions)
            if "CodeStarSourceConnection" in text:
                seen.add("connection")
                assert {"codeconnections:PassConnection", "codestar-connections:PassConnection"} <= actions
            if "Fn::GetAZs" in text:
                seen.add("zones")
                assert {"ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones"} <= actions
    assert seen == {"connection", "zones"}
