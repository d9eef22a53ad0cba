"""Applications that together take every option."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from stacks.errors import DescriptionError
from tests.checks.test_combinations import OPTIONS, described, merged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.app import App


def applications(root: Path) -> Iterator[App]:
    """As few as take all options: each has those that agree with the ones before, and leave them as they are."""
    left = [entry for entry in OPTIONS if "region" not in entry]
    while left:
        taken: list[dict[str, Any]] = []
        for option in left:
            together: dict[str, Any] = functools.reduce(merged, [*taken, option], {})
            if all(merged(together, entry) == together for entry in taken) and _is_taken(root, together):
                taken.append(option)
        yield described(root, tuple(taken))
        left = [entry for entry in left if entry not in taken]


def _is_taken(root: Path, options: dict[str, Any]) -> bool:
    try:
        described(root, (options,))
    except DescriptionError:
        return False
    return True
