"""How a stage's site and API stand to each other: one origin or two, and whether the API is closed beside the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.app import Stage


def is_split(stage: Stage) -> bool:
    """Whether browsers ask the API itself for pages."""
    return stage.frontend.serve == "split"


def is_gated(stage: Stage) -> bool:
    """Whether the API is closed to all but the site, if there is one."""
    waf = stage.frontend.waf
    return waf is not None and not waf.direct_api and stage.backend.api.type == "rest"


def is_behind_gate(stage: Stage) -> bool:
    """Whether what reaches the API came through the site, so that the host it names can be believed."""
    return bool(stage.frontend.site or stage.frontend.static) and is_gated(stage)
