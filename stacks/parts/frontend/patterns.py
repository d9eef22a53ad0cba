"""Path patterns of CloudFront, and which behaviour of a stage's distribution a path meets. Pure.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.intrinsics.references import names
from stacks.parts.frontend.behaviors import BUCKET, BUCKET_THEN_API, behaviors, default_behavior
from stacks.parts.frontend.edge_functions import function_title

if TYPE_CHECKING:
    from stacks.app import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavior:
    """A behaviour: its pattern (``*`` for the default one), and the id of the origin that is asked first.

    ``is_routed`` says that the site's router runs.
    """

    pattern: str
    origin: str
    is_routed: bool


def behaviors_of(stage: Stage) -> tuple[Behavior, ...]:
    """The behaviours in the order CloudFront tries them, the default one last."""
    router = function_title("site", stage)
    patterns = [(cache_behavior.PathPattern, cache_behavior) for cache_behavior in behaviors(stage)]
    return tuple(
        Behavior(
            pattern=pattern,
            origin=BUCKET if aws_property.TargetOriginId == BUCKET_THEN_API else aws_property.TargetOriginId,
            is_routed=router in _functions(aws_property),
        )
        for pattern, aws_property in (*patterns, ("*", default_behavior(stage)))
    )


def leads_to_api(stage: Stage, folder: str) -> bool:
    """Whether the distribution asks the API for a file below ``folder`` (``/ext/``) that the bucket lacks."""
    patterns = [(cache_behavior.PathPattern, cache_behavior.TargetOriginId) for cache_behavior in behaviors(stage)]
    default = ("*", default_behavior(stage).TargetOriginId)
    target = next(origin for pattern, origin in (*patterns, default) if matches(pattern, f"{folder}file.css"))
    return target in {"api", BUCKET_THEN_API}


def _functions(behavior: object) -> list[str]:
    associations = getattr(behavior, "FunctionAssociations", [])
    return [name for association in associations for name in names(association.FunctionARN.to_dict())]


def matches(pattern: str, path: str) -> bool:
    """Whether a path pattern of CloudFront covers a path: ``*`` is anything, ``?`` one character, case counts."""
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), path, re.DOTALL) is not None
