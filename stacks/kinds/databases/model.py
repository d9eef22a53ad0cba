"""What a description says of databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from stacks.model.described import Described
from stacks.model.texts import Name, Plain
from stacks.values import value


@value
class Database(Described):
    """An Aurora DSQL cluster: PostgreSQL that is paid by use, encrypted, protected from deletion, retained.

    A cluster holds one database, which Aurora DSQL always names ``postgres``; the name here is what the description and
    the code of functions call it.
    https://docs.aws.amazon.com/aurora-dsql/latest/userguide/working-with-postgresql-compatibility.html
    """

    encryption: Literal["aws", "own"] = "aws"
    """With a key that AWS owns, or a key of this database's own (1 USD a month)."""


@value
class OfData(Described):
    """Databases in the section ``data``."""

    databases: Mapping[Name, Annotated[Database, Plain]] = field(default_factory=dict)
    """PostgreSQL databases (Aurora DSQL): ``main: true``."""


@value
class OfFunction(Described):
    """Databases that a function uses."""

    databases: Mapping[Name, Literal["connect", "admin"]] = field(default_factory=dict)
    """The databases it connects to, and how; it gets their hosts, as ``MAIN_DATABASE``. ``admin`` is the role that may
    do everything, migrations say; ``connect`` is for roles that ``admin`` has made in the database."""
