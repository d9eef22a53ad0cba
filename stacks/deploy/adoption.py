"""Retained resources of a deleted stack are imported when the stack is created again.

They keep their names, so a plain create would fail on them. On request CloudFormation imports such a resource by
itself, if the template has its name as plain text and retains it:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
Our bucket names are made of pseudo parameters, so for a create the deployer writes them out. Later updates send the
template as rendered: the names are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.deploy.identity import StackPlace, identifier, importable
from stacks.forecast.stateful import RETAINED

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject


def with_plain_names(template: JsonDict, account: str, region: str, stack: str) -> JsonDict:
    """The template with the names of what can be imported as plain text, for one account and region."""
    place = StackPlace(account=account, region=region, stack=stack)
    resources = {name: _named(body, place) for name, body in template["Resources"].items()}
    return {**template, "Resources": resources}


def takes_back(body: JsonObject, place: StackPlace) -> bool:
    """Whether CloudFormation, creating a stack, imports an existing resource instead of failing on it."""
    if body.get("DeletionPolicy") not in RETAINED or not importable(body["Type"]):
        return False
    known = identifier(body, place)
    return known is not None and known.keys() <= body.get("Properties", {}).keys()


def _named(body: JsonDict, place: StackPlace) -> JsonDict:
    names = identifier(body, place) if takes_back(body, place) else None
    return {**body, "Properties": {**body["Properties"], **names}} if names else body
