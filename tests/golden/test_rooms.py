"""The picture of the rooms in ARCHITECTURE.md is that of today's imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.rooms import drawn, reduced

if TYPE_CHECKING:
    from pathlib import Path


def test_the_picture_of_the_rooms_is_fresh(root: Path) -> None:
    page = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert page == drawn(page, root), "run python -m tools.rooms"


def test_arrows_that_follow_from_others_are_left_out() -> None:
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
