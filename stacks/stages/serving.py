"""How a stage's site and API are connected: one origin or two, and whether the API answers the site only."""

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
    return stage.frontend.is_described and is_gated(stage)


def signs_in_below_site(stage: Stage) -> bool:
    """Whether the sign-in domain is right below the site's, whose record we make.

    Cognito makes a domain only if the one above it has an address, so it has to come after the site's record.
    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
    """
    users, site = stage.data.users, stage.frontend.domain
    if not stage.frontend.is_described or site is None or site.zone is None:
        return False
    name = users.domain.name if users and users.domain else None
    return name is not None and name.partition(".")[2] in site.names
