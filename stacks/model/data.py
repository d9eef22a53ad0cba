"""The data section of a description: tables, files and users.

Shapes and the limits of single values; those of tables, buckets and users are in ``stacks.kinds``.
"""

from __future__ import annotations

from typing import Annotated

from stacks.kinds.described import OfData
from stacks.model.described import Described
from stacks.model.extension import Extended
from stacks.model.texts import Between, Switch
from stacks.values import value


@value
class Backup(Described):
    """A daily copy of every table in a vault of its own, in addition to point-in-time recovery."""

    keep_days: Annotated[int, Between(1, 36_500, "days", rule="BACKUP-DAYS")] = 35
    """How long each copy is kept."""
    hour: Annotated[int, Between(0, 23, rule="SCHEDULE")] = 3
    """The hour of the day, UTC."""


@value
class Data(Extended, OfData):
    """What cannot be made again: tables, files and users."""

    backup: Annotated[Backup | None, Switch] = None
    """Copies of all tables in AWS Backup, 0.10 USD for a GB and month; false, the default, makes none."""
