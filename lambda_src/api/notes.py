"""Turns API Gateway's events into JSON answers: the notes of people who signed in with Cognito.

API Gateway has verified the ID token before these functions run, so the claims in the event can be trusted; nothing
else in it may be. Owners begin with ``user#``, those of the web application with ``visitor#``: one table, no clash.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import secrets
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import boto3

MAX_CHARACTERS = 2000
NEWEST = 100  # notes listed; 100 of 2000 characters stay below the 1 MB that one DynamoDB query may return

Event = dict[str, Any]
Answer = dict[str, Any]


class InvalidNoteError(ValueError):
    """A body that cannot become a note; its message is meant for the person who sent it."""


def list_notes(event: Event, _context: object) -> Answer:
    """``GET /api/notes``: 200 and ``{"notes": [{"id", "text", "created"}]}``, the newest first, at most ``NEWEST``."""
    page = dynamodb().query(
        TableName=os.environ["NOTES_TABLE"],
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": owner(event)}},
        ScanIndexForward=False,
        Limit=NEWEST,
    )
    return answer(HTTPStatus.OK, {"notes": [shown(item["id"]["S"], item["text"]["S"]) for item in page["Items"]]})


def add_note(event: Event, _context: object) -> Answer:
    """``POST /api/notes`` with ``{"text": …}``: 201 and the note; 400 and ``{"message"}`` when it cannot be kept."""
    try:
        text = note_text(event)
    except InvalidNoteError as problem:
        return answer(HTTPStatus.BAD_REQUEST, {"message": str(problem)})
    note_id = f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(6)}"
    item = {"owner": {"S": owner(event)}, "id": {"S": note_id}, "text": {"S": text}}
    dynamodb().put_item(TableName=os.environ["NOTES_TABLE"], Item=item)
    return answer(HTTPStatus.CREATED, shown(note_id, text))


@functools.cache
def dynamodb() -> Any:
    """One client for the life of the process, made at the first request."""
    return boto3.client("dynamodb")


def owner(event: Event) -> str:
    """Whose notes: Cognito's ``sub``, which never changes and is never given to somebody else.

    A REST API puts the claims right into ``authorizer``, an HTTP API into ``authorizer.jwt``.
    """
    authorizer = event["requestContext"]["authorizer"]
    return f"user#{authorizer.get('jwt', authorizer)['claims']['sub']}"


def note_text(event: Event) -> str:
    """The text that the body asks to keep, without space around it.

    Raises:
        InvalidNoteError: the body is no JSON object with a ``text``, or the text is empty or too long.
    """
    try:
        body = json.loads(raw_body(event))
    except ValueError as error:
        raise InvalidNoteError("The body is not valid JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise InvalidNoteError('Send a JSON object with a string: {"text": "…"}.')
    text: str = body["text"].encode(errors="replace").decode().strip()  # JSON can carry half a surrogate pair
    if not text:
        raise InvalidNoteError("Write something first: a note cannot be empty.")
    if len(text) > MAX_CHARACTERS:
        raise InvalidNoteError(f"This note has {len(text)} characters; at most {MAX_CHARACTERS} fit.")
    return text


def raw_body(event: Event) -> bytes:
    """The body as bytes; API Gateway sends base64 when it takes the body for binary."""
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def shown(note_id: str, text: str) -> dict[str, str]:
    """A note as the API gives it; ``created`` is ISO 8601 in UTC, read from the id's first 13 digits."""
    created = datetime.fromtimestamp(int(note_id[:13]) / 1000, UTC)
    return {"id": note_id, "text": text, "created": created.isoformat(timespec="milliseconds")}


def answer(status: HTTPStatus, body: dict[str, Any]) -> Answer:
    """What API Gateway's proxy integration makes an HTTP answer of; no cache may keep it."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return {"statusCode": int(status), "headers": headers, "body": json.dumps(body)}
