"""Turns an owner into their notes, in DynamoDB when deployed and in memory on a development machine.

The table's partition key is ``owner``, its sort key ``id``, both strings. An id begins with the time of its
making, so the order of the keys is the order of the notes and nothing ever needs to scan the table.
Nothing here knows of HTTP.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import aws

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARACTERS = 2000
NEWEST = 100  # notes shown; 100 of 2000 characters stay below the 1 MB that one DynamoDB query may return
NOTE_ID = re.compile(r"[0-9]{13}-[0-9a-f]{12}")


class InvalidNoteError(ValueError):
    """A text that cannot become a note; its message is meant for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note: ``id`` is milliseconds since 1970 (13 digits), a hyphen and 12 random hexadecimal digits."""

    id: str
    text: str

    @property
    def created(self) -> datetime:
        """When the note was made, in UTC."""
        return datetime.fromtimestamp(int(self.id[:13]) / 1000, UTC)


class NoteStore(Protocol):
    """All that the pages need from a place that keeps notes."""

    def newest(self, owner: str) -> list[Note]:
        """The owner's ``NEWEST`` notes, the newest first."""

    def add(self, owner: str, text: str) -> Note:
        """Keep a new note for ``owner``."""

    def delete(self, owner: str, note_id: str) -> None:
        """Forget a note. A missing one, or one of another owner, changes nothing."""


class MemoryStore:
    """Notes that last as long as the process."""

    def __init__(self) -> None:
        self._notes: defaultdict[str, dict[str, Note]] = defaultdict(dict)

    def newest(self, owner: str) -> list[Note]:
        """See ``NoteStore``."""
        return sorted(self._notes[owner].values(), key=lambda note: note.id, reverse=True)[:NEWEST]

    def add(self, owner: str, text: str) -> Note:
        """See ``NoteStore``."""
        note = Note(id=new_id(), text=text)
        self._notes[owner][note.id] = note
        return note

    def delete(self, owner: str, note_id: str) -> None:
        """See ``NoteStore``."""
        self._notes[owner].pop(note_id, None)


class DynamoStore:
    """Notes in a DynamoDB table; ``client`` is boto3's low-level DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def newest(self, owner: str) -> list[Note]:
        """See ``NoteStore``."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
            ScanIndexForward=False,
            Limit=NEWEST,
        )
        return [Note(id=item["id"]["S"], text=item["text"]["S"]) for item in answer["Items"]]

    def add(self, owner: str, text: str) -> Note:
        """See ``NoteStore``."""
        note = Note(id=new_id(), text=text)
        item = {"owner": {"S": owner}, "id": {"S": note.id}, "text": {"S": note.text}}
        self._client.put_item(TableName=self._table, Item=item)
        return note

    def delete(self, owner: str, note_id: str) -> None:
        """See ``NoteStore``."""
        self._client.delete_item(TableName=self._table, Key={"owner": {"S": owner}, "id": {"S": note_id}})


def store_for(environ: Mapping[str, str]) -> NoteStore:
    """The table named by ``NOTES_TABLE``; memory where there is no ``STAGE``, that is, outside a deployment.

    Raises:
        KeyError: a deployment does not say which table to use; falling back to memory there would lose notes.
    """
    if "STAGE" not in environ:
        return MemoryStore()
    table = environ["NOTES_TABLE"]
    return DynamoStore(aws.client("dynamodb"), table)


def new_id() -> str:
    """An id for a note made now: sorts by time, cannot be guessed."""
    return f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(6)}"


def note_text(raw: str) -> str:
    r"""``raw`` as it is kept: without space around it, lines ended by ``\n`` (a form sends ``\r\n``).

    Raises:
        InvalidNoteError: nothing is left, or more than ``MAX_CHARACTERS``.
    """
    text = raw.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidNoteError("Write something first: a note cannot be empty.")
    if len(text) > MAX_CHARACTERS:
        raise InvalidNoteError(f"This note has {len(text)} characters; at most {MAX_CHARACTERS} fit.")
    return text
