"""A rendered template → the same with what is intended in its metadata, each with its reason. Pure.

* checkov reads ``Metadata.checkov.skip`` of a resource.
* cdk-nag reads no template any more; its suppressions are listed once for the template, under ``cdk_nag``: ``id`` is a
  rule's name without its pack, ``resources`` names them where not all of the type are meant, routes of an API as
  ``Api GET /notes``.
* our own rules read ``stacks.skip`` (``stacks.checks``); cfn-lint reads ``cfn-lint.config``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.suppressions import BY_TYPE, CFN_LINT
from stacks.suppressions.when import TemplateResources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stacks.json_types import JsonDict, JsonObject
    from stacks.suppressions import Suppression


def suppressed(template: JsonDict) -> JsonDict:
    """The template, with what is intended written into its metadata, and into that of its resources."""
    resources = TemplateResources(template.get("Resources", {}))
    places_by_rule: dict[tuple[str, str, str], list[str]] = {}
    for name, body in resources.items():
        skip = []
        for suppression in _of(body, resources):
            skip += [{"id": rule, "comment": suppression.reason} for rule in suppression.checkov]
            places = (
                [f"{name} {part}" for part in suppression.parts(body["Properties"])] if suppression.parts else [name]
            )
            for scanner, rules in (("cdk_nag", suppression.nag), ("stacks", suppression.own)):
                for rule in rules:
                    places_by_rule.setdefault((scanner, rule, suppression.reason), []).extend(places)
        if skip:
            body["Metadata"] = {**body.get("Metadata", {}), "checkov": {"skip": skip}}
    metadata = _metadata(places_by_rule, resources)
    if resources.of["AWS::S3::BucketPolicy"]:
        metadata["cfn-lint"] = CFN_LINT
    return {**template, "Metadata": {**template.get("Metadata", {}), **metadata}} if metadata else template


def _of(body: JsonObject, resources: TemplateResources) -> Iterator[Suppression]:
    properties = body.get("Properties", {})
    return (
        suppression for suppression in BY_TYPE.get(body.get("Type", ""), ()) if suppression.when(properties, resources)
    )


def _metadata(places_by_rule: Mapping[tuple[str, str, str], list[str]], resources: TemplateResources) -> JsonDict:
    """The sections of the template's metadata; ``resources`` only where not every resource of the type is meant."""
    keys = {"cdk_nag": "rules_to_suppress", "stacks": "skip"}
    result: JsonDict = {}
    for (scanner, rule, reason), names in sorted(places_by_rule.items()):
        every = names[0] in resources and len(names) == len(resources.of[resources[names[0]]["Type"]])
        entry = {"id": rule, "reason": reason} | ({} if every else {"resources": sorted(names)})
        result.setdefault(scanner, {keys[scanner]: []})[keys[scanner]].append(entry)
    return result
