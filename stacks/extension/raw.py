"""CloudFormation written in a section of the description → part of that section's template. Pure.

Resources, outputs and parameters are added under ids of their own; overrides are merged into what is generated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.errors import Problem, nearest
from stacks.intrinsics.functions import is_function, merged
from stacks.registry import unknown_properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.json_types import JsonDict, TemplateData
    from stacks.model.extension import Extended

_ADDED = {"resources": "Resources", "outputs": "Outputs", "parameters": "Parameters"}


def extended(template: TemplateData, section: Extended, name: str) -> tuple[JsonDict, list[Problem]]:
    """The template with what the section ``name`` of the description adds to it, and what cannot be added."""
    result, problems = dict(template), list(_conflicts(template, section, name))
    for key, part in _ADDED.items():
        additions = {
            logical_id: body for logical_id, body in getattr(section, key).items() if not isinstance(body, str)
        }
        if additions:
            result[part] = {**additions, **result.get(part, {})}
    if section.overrides:
        result["Resources"] = {
            logical_id: merged(body, section.overrides[logical_id]) if logical_id in section.overrides else body
            for logical_id, body in result["Resources"].items()
        }
    return result, problems


def _conflicts(template: TemplateData, section: Extended, name: str) -> Iterator[Problem]:
    for key, part in _ADDED.items():
        for logical_id, body in getattr(section, key).items():
            if not isinstance(body, str) and logical_id in template.get(part, {}):
                kind = key.removesuffix("s")
                fix = f"Choose another name, or change the generated one under {name}.overrides"
                yield Problem(where=f"{name}.{key}.{logical_id}", what=f"is the name of a generated {kind}", fix=fix)
    resources = template.get("Resources", {})
    for logical_id, change in section.overrides.items():
        where = f"{name}.overrides.{logical_id}"
        if logical_id in section.resources:
            continue  # reported when the description is loaded
        if logical_id not in resources:
            what = f"there is no generated resource {logical_id!r}"
            yield Problem(where=where, what=what, fix=nearest(logical_id, resources))
            continue
        kind = resources[logical_id]["Type"]
        properties = merged({}, change.get("Properties") or {})
        for path, known in unknown_properties(kind, properties, is_function):
            place = ".".join(map(str, ("Properties", *path)))
            what = f"is not a property of {kind}"
            yield Problem(where=f"{where}.{place}", what=what, fix=nearest(str(path[-1]), known))
