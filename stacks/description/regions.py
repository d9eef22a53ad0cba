"""A region's name → whether AWS has it, by the list that comes with botocore; nothing is imported for that.

The list is newer than any of ours could be, and what AWS's client does not know, the client could not reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import nearest
from stacks.package_data import regions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.description.finding import Finding
    from stacks.description.finding import KeyPath as Place


def region_problems(region: str, at: Place) -> Iterator[Finding]:
    """What is wrong with a stage's region."""
    known = regions()
    if region not in known:
        guess = nearest(region, known)
        fix = guess if guess.endswith("?") else "Correct it; for a region newer than your boto3, upgrade that"
        yield (*at, "region"), f"{region!r} is not an AWS region", fix, "REGION"
