"""The step of a plan that uploads static files, as data: which folders, to which bucket, under which policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stacks.wiring import Output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.publishing.reach import Reach
    from stacks.publishing.routing import Routing
    from stacks.publishing.sites import SiteFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFile:
    """A published file of names and values, some of which only the deployed stacks know."""

    key: str
    values: tuple[tuple[str, str | Output], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Upload static files and invalidate what changed in the distribution, if there is one."""

    stack: str
    bucket: Output
    distribution: Output | None
    folders: tuple[SiteFiles, ...]
    generated: tuple[JsonFile, ...] = ()
    policy: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The Content-Security-Policy that pages are served with: directive → sources."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Pages that the CDN answers errors with, which must be among the files: status → key."""

    missing: str | None = None
    """The key of the page that the CDN shows for missing ones, if it is published; ``None`` where it shows none."""
    reach: Reach | None = None
    """The way to the bucket, to which every key is compared."""
    routing: Routing | None = None
    """What the router knows of the folders; ``None`` while one of them cannot be published."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the stack whose values come from the folders: name → value."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The stacks whose outputs are read."""
        wires = [self.bucket, self.distribution, *(value for file in self.generated for _, value in file.values)]
        return tuple(sorted({wire.stack for wire in wires if isinstance(wire, Output)} | {self.stack}))
