"""What a new stack takes back is reported: CloudFormation imports it as it is, and then believes the template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.cloud import Change, ChangeSet, Submission
from stacks.deploy.apply import carry_out
from stacks.progress import StackFinished
from stacks.ui import lines

if TYPE_CHECKING:
    from stacks.progress import Progress
    from stacks.testing import MemoryCloud

_TABLE = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {"TableName": "t-notes"}}


@pytest.mark.parametrize(("action", "adopted"), [("Import", ("Notes",)), ("Add", ())])
def test_a_resource_that_was_imported_by_a_create_is_reported(
    memory: MemoryCloud, seen: list[Progress], action: str, adopted: tuple[str, ...]
) -> None:
    template = {"Resources": {"Notes": _TABLE}}
    wanted = Submission(name="t-data", region="eu-west-1", template=template, body="{}", parameters={}, creates=True)
    prepared = memory.prepare(wanted)
    assert isinstance(prepared, ChangeSet)
    change = Change(action=action, logical_id="Notes", type="AWS::DynamoDB::Table")
    told = ChangeSet(id=prepared.id, stack=prepared.stack, region=prepared.region, creates=True, changes=(change,))
    if action == "Import":
        memory.exists(change.type, "t-notes", "eu-west-1")
    carry_out("data", wanted, told, memory, seen.append)
    (finished,) = [one for one in seen if isinstance(one, StackFinished)]
    assert finished.adopted == adopted


def test_what_was_taken_back_is_shown_with_the_next_command() -> None:
    shown = lines(StackFinished(stack="data", status="CREATE_COMPLETE", adopted=("NotesTable",)))
    assert "taken back as they were before: NotesTable;" in " ".join(line.text for line in shown)
