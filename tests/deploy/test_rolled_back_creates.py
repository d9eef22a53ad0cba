"""What a rolled back first create kept is reported with the command that deletes it.

``Retain`` also holds in a rollback: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

import pytest

from stacks.cloud import STACK_TYPE, Event, Submission
from stacks.deploy.failures import failed_update

RESOURCES = {
    "UserPool": {"Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain", "Properties": {}},
    "Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {"TableName": "t-notes"}},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
}
EVENTS = [
    Event(id="1", logical_id="Topic", physical_id="", type="AWS::SNS::Topic", status="CREATE_FAILED", reason="no"),
    Event(
        id="2", logical_id="UserPool", physical_id="eu-west-1_A", type="AWS::Cognito::UserPool", status="DELETE_SKIPPED"
    ),
    Event(id="3", logical_id="Table", physical_id="t-notes", type="AWS::DynamoDB::Table", status="DELETE_SKIPPED"),
    Event(id="4", logical_id="t-data", physical_id="t-data", type=STACK_TYPE, status="ROLLBACK_COMPLETE"),
]


def _reported(*, creates: bool) -> str:
    submission = Submission(
        name="t-data", region="eu-west-1", template={"Resources": RESOURCES}, body="", parameters={}, creates=creates
    )
    return str(failed_update(submission, "ROLLBACK_COMPLETE", EVENTS))


def test_what_has_no_name_of_ours_is_reported_with_how_to_delete_it() -> None:
    assert (
        "The rollback kept resources that the next deploy does not use; delete them with `aws cloudcontrol"
        " delete-resource --region eu-west-1 --type-name AWS::Cognito::UserPool --identifier eu-west-1_A` (UserPool)"
    ) in _reported(creates=True)


@pytest.mark.parametrize("creates", [True, False])
def test_what_the_next_create_takes_back_is_not_reported(creates: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert "t-notes" not in _reported(creates=creates)


def test_an_update_leaves_nothing_behind() -> None:
    assert "cloudcontrol" not in _reported(creates=False)
