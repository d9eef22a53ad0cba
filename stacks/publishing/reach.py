"""Keys that are published → those whose own address leads to something else. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.parts.frontend.patterns import Behavior, matches
from stacks.publishing.routing import Router

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stacks.publishing.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The way to the bucket: the distribution's behaviours, and the sites with the forms that are described."""

    behaviors: tuple[Behavior, ...]
    sites: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A key whose address leads elsewhere; ``answers`` is what answers there: a path of the bucket, or an origin."""

    key: str
    answers: str
    is_router: bool
    """The site's router leads elsewhere; otherwise another behaviour of the distribution has the path."""


def lost(keys: Iterable[str], reach: Reach, routing: Routing) -> Iterator[Lost]:
    """The keys that no visitor gets at their own address, redirects followed."""
    router = Router(sites=reach.sites, routing=routing)
    for key in keys:
        path = f"/{key}"
        behavior = next(behavior for behavior in reach.behaviors if matches(behavior.pattern, path))
        if behavior.origin != "bucket":
            origin = "the API" if behavior.origin == "api" else behavior.origin
            yield Lost(key=key, answers=f"{origin} ({behavior.pattern})", is_router=False)
        elif behavior.is_routed and (answer := router.leads_to(path)) != path:
            yield Lost(key=key, answers=answer, is_router=True)
