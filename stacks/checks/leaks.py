"""Secrets and what is about to be written or uploaded → the places that contain a secret's value. Pure.

A value is looked for as it is, and as base64, URLs, JSON, HTML and ``Fn::Sub`` spell it; in zips and gzip files, too.
A finding names the place and the variable, never the value.
"""

from __future__ import annotations

import gzip
import json
import re
import zipfile
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from stacks.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SHORTEST = 8
"""Characters: a shorter value is found by chance."""

_PLAIN = re.compile(r"[\d\s.,:_+-]+|[a-z]{2}(?:-[a-z]+)+-\d|localhost(?::\d+)?|production|development", re.IGNORECASE)
_DAMAGED = (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSecret:
    """A value that no file may contain: the variable that holds it, and every spelling of it.

    ``likely`` says that its name looks like a secret's.
    """

    name: str
    likely: bool
    forms: tuple[bytes, ...] = field(repr=False)


def is_plain(value: str) -> bool:
    """Whether a value is too short for a secret, or a number, a region, or the name of a kind of stage."""
    return len(value) < SHORTEST or _PLAIN.fullmatch(value) is not None


def spellings(value: str) -> tuple[bytes, ...]:
    """How a value may be written, the plain way first, each once."""
    quoted = {quote(value, safe=""), quote(value), quote_plus(value), quote(value, safe="!'()*~")}
    texts = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    texts |= {text.replace("/", r"\/") for text in texts} | {json.dumps(text)[1:-1] for text in texts}
    texts |= quoted | {re.sub("%..", lambda match: match[0].lower(), item) for item in quoted}
    texts |= {escape(value), escape(value, quote=False), value.replace("${", "${!")}
    encoded = {value.encode(), *(text.encode() for text in texts), *_base64(value.encode())}
    return (value.encode(), *sorted(encoded - {value.encode()}))


def _base64(value: bytes) -> Iterator[bytes]:
    """What of the base64 of a longer text is the value's own, for each of the three places it may begin at."""
    for offset in range(3):
        first, last = -(-offset * 8 // 6), (offset + len(value)) * 8 // 6
        padded = b"\0" * offset + value
        yield from (encode(padded)[first:last] for encode in (b64encode, urlsafe_b64encode))


def in_bytes(content: bytes, secrets: Iterable[KnownSecret]) -> list[KnownSecret]:
    """The secrets that some bytes contain."""
    return [secret for secret in secrets if any(form in content for form in secret.forms)]


def leaks_of_data(data: object, where: str, secrets: Sequence[KnownSecret]) -> Iterator[Problem]:
    """Each text of plain data (a template, parameters) that holds a secret, by its dotted path below ``where``."""
    if isinstance(data, Mapping):
        for key, item in data.items():
            known_secrets = in_bytes(str(key).encode(), secrets)
            yield from (_problem(f"{where} (a name in it)", known_secret) for known_secret in known_secrets)
            yield from leaks_of_data(item, f"{where}.{'…' if known_secrets else key}", secrets)
    elif isinstance(data, list | tuple):
        for index, item in enumerate(data):
            yield from leaks_of_data(item, f"{where}[{index}]", secrets)
    else:
        yield from (_problem(where, known_secret) for known_secret in in_bytes(str(data).encode(), secrets))


def leaks_of_file(name: str, content: bytes, secrets: Sequence[KnownSecret]) -> Iterator[Problem]:
    """What a file holds, its name included; zips and gzip files are opened, and what is in them."""
    hidden = in_bytes(name.encode(), secrets)
    shown = "a file's name" if hidden else name
    yield from (_problem(shown, known_secret) for known_secret in dict.fromkeys((*hidden, *in_bytes(content, secrets))))
    for inner, unpacked in _unpacked(content):
        yield from leaks_of_file(f"{shown}:{inner}" if inner else f"{shown} (unpacked)", unpacked, secrets)


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive; none of what is not an archive, or a damaged one."""
    try:
        if content.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(BytesIO(content)) as opened:
                yield from ((zip_info.filename, opened.read(zip_info)) for zip_info in opened.infolist())
        elif content.startswith(b"\x1f\x8b"):
            yield "", gzip.decompress(content)
    except _DAMAGED:
        return


def _problem(where: str, secret: KnownSecret) -> Problem:
    fix = "Take it out; functions read secrets through 'backend.secrets' (a 'given' one), set with 'secrets set'"
    if secret.likely:
        fix += ". If it is a function's setting and no secret, mark that setting 'secret: false'"
    else:
        fix += f". If it is not a secret, write ${{env:{secret.name}}} where the description uses it"
    return Problem(where=where, what=f"holds the value of {secret.name}", fix=fix)
