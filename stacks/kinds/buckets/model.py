"""What a description says of buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.access import Access
from stacks.model.api import Origin
from stacks.model.described import Described
from stacks.model.texts import Between, Name, Plain, single
from stacks.values import value


@value
class Bucket(Described):
    """A private bucket for files that functions read and write: encrypted, versioned, retained."""

    expire_after: Annotated[int, Between(1, 36_500, "days")] | None = None
    """Days after which a file is deleted; None keeps it."""
    cors: Annotated[tuple[Origin | Literal["site"], ...], single] = ()
    """Whose pages may upload and download from a browser, by URLs that a function has presigned: ``site`` for the
    stage's own, or origins such as ``https://app.example.com``. Presign with signature version 4, as
    ``Config(signature_version="s3v4", s3={"addressing_style": "virtual"})``, in the bucket's region."""


@value
class OfData(Described):
    """Buckets in the section ``data``."""

    buckets: Mapping[Name, Annotated[Bucket, Plain]] = field(default_factory=dict)
    """S3 buckets for files of functions: ``uploads: true``."""


@value
class OfFunction(Described):
    """Buckets that a function uses."""

    buckets: Mapping[Name, Access] = field(default_factory=dict)
    """The buckets it uses, and how; it gets their names, as ``UPLOADS_BUCKET``."""


@value
class OfEvents(Described):
    """Buckets that start a function."""

    buckets: tuple[Name, ...] = ()
    """Buckets: it gets an event for each file that is created there."""
