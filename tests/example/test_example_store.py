"""Notes in DynamoDB and the session key in Secrets Manager: the very calls, answered by botocore's Stubber."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.example.conftest import Load

TABLE = "notes-dev-notes"
OWNER = "visitor#1"


@pytest.fixture
def store(load: Load) -> ModuleType:
    return load("web/store.py")


@pytest.fixture
def dynamodb(deployed: None) -> Iterator[tuple[Any, Stubber]]:
    assert deployed is None
    client = boto3.client("dynamodb")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def item(note_id: str, text: str) -> dict[str, dict[str, str]]:
    return {"owner": {"S": OWNER}, "id": {"S": note_id}, "text": {"S": text}}


def test_the_newest_notes_come_from_one_query(store: ModuleType, dynamodb: tuple[Any, Stubber]) -> None:
    client, stubber = dynamodb
    asked = {
        "TableName": TABLE,
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": {"S": OWNER}},
        "ScanIndexForward": False,
        "Limit": 100,
    }
    stubber.add_response(
        "query", {"Items": [item("1700000000001-b", "second"), item("1700000000000-a", "first")]}, asked
    )
    result = store.DynamoStore(client, TABLE).newest(OWNER)
    assert [note.text for note in result] == ["second", "first"]
    assert result[1].created == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_note_is_put_under_its_owner_and_a_new_id(store: ModuleType, dynamodb: tuple[Any, Stubber]) -> None:
    client, stubber = dynamodb
    put = {"owner": {"S": OWNER}, "id": {"S": ANY}, "text": {"S": "hello"}}
    stubber.add_response("put_item", {}, {"TableName": TABLE, "Item": put})
    note = store.DynamoStore(client, TABLE).add(OWNER, "hello")
    assert store.NOTE_ID.fullmatch(note.id)
    assert timedelta(0) <= datetime.now(UTC) - note.created < timedelta(minutes=1)


def test_a_note_is_deleted_by_its_whole_key(store: ModuleType, dynamodb: tuple[Any, Stubber]) -> None:
    client, stubber = dynamodb
    key = {"owner": {"S": OWNER}, "id": {"S": "1700000000000-a"}}
    stubber.add_response("delete_item", {}, {"TableName": TABLE, "Key": key})
    store.DynamoStore(client, TABLE).delete(OWNER, "1700000000000-a")


def test_memory_lists_the_newest_hundred_first(store: ModuleType) -> None:
    memory = store.MemoryStore()
    added = [memory.add(OWNER, str(number)).id for number in range(101)]
    assert [note.id for note in memory.newest(OWNER)] == sorted(added, reverse=True)[:100]
    assert memory.newest("visitor#2") == []


def test_a_deployment_uses_its_table(store: ModuleType, deployed: None) -> None:
    assert deployed is None
    assert isinstance(store.store_for({"STAGE": "dev", "NOTES_TABLE": TABLE}), store.DynamoStore)


def test_a_deployment_without_a_table_fails_instead_of_losing_notes(store: ModuleType) -> None:
    with pytest.raises(KeyError, match="NOTES_TABLE"):
        store.store_for({"STAGE": "dev"})


def test_a_deployment_without_a_session_secret_fails(load: Load) -> None:
    with pytest.raises(KeyError, match="SESSION_KEY_SECRET_ID"):
        load("web/visitor.py").session_key({"STAGE": "dev"})


def test_the_session_key_is_random_in_development(load: Load) -> None:
    session_key = load("web/visitor.py").session_key
    assert len({session_key({}) for _ in range(3)}) == 3


def test_the_whole_lambda_environment_loads_without_a_call(load: Load, deployed: None) -> None:
    assert deployed is None
    application = load("web/app.py").app
    assert application.secret_key is None
    assert application.config["STAGE"] == "dev"


def test_any_text_becomes_a_note_or_is_refused_with_a_reason(store: ModuleType) -> None:
    @given(st.text(max_size=2100))
    def check(raw: str) -> None:
        stripped = raw.replace("\r\n", "\n").strip()
        if 0 < len(stripped) <= store.MAX_CHARACTERS:
            assert store.note_text(raw) == stripped
        else:
            with pytest.raises(store.InvalidNoteError, match=r"\.$"):
                store.note_text(raw)

    check()
