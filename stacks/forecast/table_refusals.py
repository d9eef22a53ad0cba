"""Two versions of a table → what DynamoDB refuses of the way between them, with the steps that it takes. Pure.

A table has one time-to-live attribute and one view of its stream at a time. While one is on, DynamoDB refuses another:
"TimeToLive is active on a different AttributeName", "Table already has an enabled stream". Taking the specification out
of a template names no attribute to switch off, so it is off only once ``Enabled: false`` has been deployed.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html (StreamSpecification)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.json_types import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonObject

_TTL, _STREAM = "TimeToLiveSpecification", "StreamSpecification"


def refusals(old: JsonObject, new: JsonObject) -> Iterator[str]:
    """Why DynamoDB refuses to update a table from its old properties to its new ones, each with the steps."""
    before, after = mapping(old.get(_TTL)), mapping(new.get(_TTL))
    active = before.get("AttributeName") if before.get("Enabled") is True else None
    if active and active != after.get("AttributeName"):
        what = f"items expire by {active!r}, and DynamoDB changes that in two updates only"
        yield f"{_TTL}: {what}. {_ttl_steps(active, after)}"
    had, has = (mapping(side.get(_STREAM)).get("StreamViewType") for side in (old, new))
    if had and has and had != has:
        yield (
            f"{_STREAM}: the stream shows {had}, and DynamoDB refuses another view while it is on. First deploy the"
            " table without 'stream', and without functions that listen to it; then deploy it with the new one"
        )


def _ttl_steps(active: object, after: JsonObject) -> str:
    off = f"First deploy 'expires: {{attribute: {active}, enabled: false}}'"
    if not after.get("AttributeName"):
        return f"{off}; then 'expires' may go"
    return f"{off}; an hour later, which is how long DynamoDB takes, deploy the new one"
