"""Which functions run before which paths of a distribution, in its metadata: what takes one off is noticed. Pure.

Overrides, hooks and people can change a template: ``CDN-FUNCTION`` compares what is associated with what was rendered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.intrinsics.references import names

if TYPE_CHECKING:
    from stacks.json_types import JsonObject

KEY = "functions"
"""In ``Metadata.stacks`` of the distribution."""


def functions_of(config: JsonObject) -> dict[str, list[str]]:
    """Path pattern → logical ids of its behaviour's functions; the default one is ``*``, paths without are left out."""
    behaviors = {"*": config.get("DefaultCacheBehavior")}
    behaviors |= {
        str(behavior.get("PathPattern")): behavior
        for behavior in config.get("CacheBehaviors") or ()
        if isinstance(behavior, dict)
    }
    functions = {pattern: _ids(behavior) for pattern, behavior in behaviors.items() if isinstance(behavior, dict)}
    return {pattern: ids for pattern, ids in functions.items() if ids}


def _ids(behavior: JsonObject) -> list[str]:
    lists = (behavior.get("FunctionAssociations"), behavior.get("LambdaFunctionAssociations"))
    return [name for associations in lists for name in names(associations)]
