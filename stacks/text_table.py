"""Rows → aligned text, without importing anything that takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], headers: Sequence[str], right: Sequence[int] = ()) -> str:
    """Rows under headers, each column as wide as its widest cell; columns of ``right`` are flush right."""
    widths = [max(len(row[column]) for row in (headers, *rows)) for column in range(len(headers))]
    ruled = [headers, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            f"{cell:>{width}}" if column in right else f"{cell:<{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in ruled
    )
