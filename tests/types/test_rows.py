"""Every row of ``stacks.types`` changes what is said of its type, and what it changes is written down."""

from __future__ import annotations

import json
from itertools import groupby

import pytest

from stacks.types import TYPES
from tests.types.effects import FILE, effect, rows

WRITTEN = json.loads(FILE.read_text(encoding="utf-8"))
ROWS = {kind: list(some) for kind, some in groupby(rows(), key=lambda row: row.kind)}


@pytest.mark.parametrize("kind", ROWS)
def test_each_row_of_a_type_changes_a_verdict_as_written(kind: str) -> None:
    """Another effect is a change of what we know of AWS: read it, and run ``python -m tests.types.effects``."""
    effects = {row.key: effect(row) for row in ROWS[kind]}
    assert [key for key, result in effects.items() if not any(result.values())] == [], (
        "nothing depends on these: delete"
    )
    assert effects == {key: result for key, result in WRITTEN.items() if key.split()[0] == kind}


def test_no_type_is_gone_and_none_is_empty() -> None:
    assert ROWS.keys() == TYPES.keys() == {key.split()[0] for key in WRITTEN}
