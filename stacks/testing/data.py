"""What exists outside of stacks, imitated for ``stacks.testing.MemoryCloud``: left behind by one, or made by hand.

Only names are kept; of buckets, their objects.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stacks.deploy.collisions import Sight
from stacks.deploy.stored_data import StoredData
from stacks.testing.buckets import MemoryBuckets
from stacks.types import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stacks.cloud import StackResource
    from stacks.deploy.collisions import Named


class MemoryData(MemoryBuckets):
    """Resources that no stack holds: see ``DataCloud``."""

    def __init__(self) -> None:
        super().__init__()
        self._loose: set[tuple[str, str, str]] = set()
        self._left: defaultdict[tuple[str, str], list[StackResource]] = defaultdict(list)

    def exists(self, type_name: str, physical_id: str, region: str) -> None:
        """Let a resource exist that no stack holds, as if somebody had made it by hand."""
        self._loose.add((region, type_name, physical_id))
        if known(type_name).emptied:
            self.buckets.setdefault(physical_id, {})

    def stored(self, resource: StackResource, region: str) -> StoredData | None:
        """See ``DataCloud.stored``."""
        if known(resource.type).emptied:
            stored_objects = self.buckets.get(resource.physical_id)
            size = sum(len(stored_object.body) for stored_object in (stored_objects or {}).values())
            return None if stored_objects is None else StoredData(items=len(stored_objects), bytes=size)
        gone = resource in self._all_left() and (region, resource.type, resource.physical_id) not in self._loose
        return None if gone else StoredData()

    def look_up(self, wanted: Sequence[Named], region: str) -> Sight:
        """See ``LookupCloud.look_up``."""
        existing = tuple(entry for entry in wanted if (region, entry.type, entry.text) in self._loose)
        return Sight(existing=existing, unseen={})

    def owner(self, physical_id: str, region: str) -> str | None:  # noqa: ARG002 - what is loose has none
        """See ``LookupCloud.owner``."""
        return None

    def delete_data(self, resource: StackResource, region: str) -> None:
        """See ``DataCloud.delete_data``."""
        self._loose.discard((region, resource.type, resource.physical_id))
        if known(resource.type).emptied:
            self.buckets.pop(resource.physical_id, None)

    def _leave(self, name: str, region: str, resources: Iterable[StackResource]) -> None:
        """Note what a stack that is deleted leaves behind."""
        for resource in resources:
            self._left[name, region].append(resource)
            self.exists(resource.type, resource.physical_id, region)

    def _all_left(self) -> list[StackResource]:
        return [resource for left in self._left.values() for resource in left]
