"""Templates inside templates: a nested stack's local template replaces its path. Pure.

``{"path", "template"}`` is the value of ``TemplateURL`` or ``Location`` from when the file was read to when it is
uploaded, so that anyone who looks at a template sees all that it makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.json_types import JsonDict, TemplateData

URLS = ("TemplateURL", "Location")


def is_read(value: object) -> TypeGuard[JsonDict]:
    """Whether a nested template was put in its path's place."""
    return isinstance(value, dict) and value.keys() == {"path", "template"}


def with_resources(template: TemplateData, change: Callable[[JsonDict], JsonDict]) -> JsonDict:
    """The template with every resource changed, those of nested templates, too."""
    resources = {name: change(_inside(body, change)) for name, body in template["Resources"].items()}
    return {**template, "Resources": resources}


def _inside(body: JsonDict, change: Callable[[JsonDict], JsonDict]) -> JsonDict:
    properties = body.get("Properties", {})
    read = {name: properties[name] for name in URLS if is_read(properties.get(name))}
    result = {name: {**value, "template": with_resources(value["template"], change)} for name, value in read.items()}
    return {**body, "Properties": {**properties, **result}} if result else body


def nested_resources(template: TemplateData) -> JsonDict:
    """The resources of all nested templates, each under its stack's name and its own: ``JobsWork``."""
    resources: JsonDict = {}
    for name, body in template["Resources"].items():
        for value in (body.get("Properties", {}).get(url) for url in URLS):
            if is_read(value):
                inner = {**value["template"]["Resources"], **nested_resources(value["template"])}
                resources |= {f"{name}{title}": entry for title, entry in inner.items()}
    return resources
