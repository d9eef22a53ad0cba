"""The JSON functions, given API Gateway's events; DynamoDB is played by botocore's Stubber."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import ANY, Stubber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.example.conftest import Load

OWNER = {"S": "user#8f1c"}
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}


@pytest.fixture
def api(load: Load, deployed: None) -> ModuleType:
    assert deployed is None
    return load("api/notes.py")


@pytest.fixture
def dynamodb(api: ModuleType) -> Iterator[Stubber]:
    with Stubber(api.dynamodb()) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def event(body: str | None = None, *, encoded: bool = False) -> dict[str, Any]:
    """What a REST API sends after its Cognito authorizer let the request pass."""
    claims = {"sub": "8f1c", "email": "ann@example.org"}
    return {"requestContext": {"authorizer": {"claims": claims}}, "body": body, "isBase64Encoded": encoded}


def test_the_notes_of_the_signed_in_person_are_listed(api: ModuleType, dynamodb: Stubber) -> None:
    asked = {
        "TableName": "notes-dev-notes",
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": {":owner": OWNER},
        "ScanIndexForward": False,
        "Limit": 100,
    }
    stored = {"owner": OWNER, "id": {"S": "1700000000123-a"}, "text": {"S": "hello"}}
    dynamodb.add_response("query", {"Items": [stored]}, asked)
    answer = api.list_notes(event(), None)
    assert (answer["statusCode"], answer["headers"]) == (200, JSON_HEADERS)
    assert json.loads(answer["body"]) == {
        "notes": [{"id": "1700000000123-a", "text": "hello", "created": "2023-11-14T22:13:20.123+00:00"}]
    }


@pytest.mark.parametrize("encoded", [False, True])
def test_a_note_is_added_for_the_signed_in_person(api: ModuleType, dynamodb: Stubber, *, encoded: bool) -> None:
    kept = {"owner": OWNER, "id": {"S": ANY}, "text": {"S": "grüße"}}
    dynamodb.add_response("put_item", {}, {"TableName": "notes-dev-notes", "Item": kept})
    body = json.dumps({"text": " grüße\n"}, ensure_ascii=False)
    sent = base64.b64encode(body.encode()).decode() if encoded else body
    answer = api.add_note(event(sent, encoded=encoded), None)
    note = json.loads(answer["body"])
    assert (answer["statusCode"], answer["headers"]) == (201, JSON_HEADERS)
    assert note["text"] == "grüße"
    assert set(note) == {"id", "text", "created"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "Send a JSON object"),
        ('{"text": 7}', "Send a JSON object"),
        ('{"text": "  "}', "a note cannot be empty"),
        (json.dumps({"text": "x" * 2001}), "2001 characters; at most 2000 fit"),
    ],
)
def test_a_body_that_is_no_note_is_refused_with_the_reason(api: ModuleType, body: str | None, message: str) -> None:
    answer = api.add_note(event(body), None)
    assert (answer["statusCode"], answer["headers"]) == (400, JSON_HEADERS)
    assert message in json.loads(answer["body"])["message"]


@pytest.mark.parametrize("body", ["%%%", base64.b64encode(b"\xff\xfe").decode()])
def test_bytes_that_are_no_text_are_refused(api: ModuleType, body: str) -> None:
    assert api.add_note(event(body, encoded=True), None)["statusCode"] == 400


def test_half_a_surrogate_pair_does_not_reach_the_table(api: ModuleType, dynamodb: Stubber) -> None:
    kept = {"owner": OWNER, "id": {"S": ANY}, "text": {"S": "a?"}}
    dynamodb.add_response("put_item", {}, {"TableName": "notes-dev-notes", "Item": kept})
    assert api.add_note(event('{"text": "a\\ud83d"}'), None)["statusCode"] == 201


def test_both_parts_of_the_example_agree_on_what_a_note_is(api: ModuleType, load: Load) -> None:
    store = load("web/store.py")
    assert (api.MAX_CHARACTERS, api.NEWEST) == (store.MAX_CHARACTERS, store.NEWEST)
    assert store.NOTE_ID.pattern.startswith("[0-9]{13}-")
