"""A base template that is too large for a first deployment → its artifact bucket, which has to exist first. Pure.

CloudFormation takes templates over 51,200 bytes from S3 only, and this template itself creates the bucket for them. So
a new base stack is created with the bucket and what the bucket needs, and then updated to the whole template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.template.references import read_by

if TYPE_CHECKING:
    from stacks.json_types import JsonDict, JsonObject, ResourceData, TemplateData

_BUCKET = "ArtifactBucket"
_POLICY = "AWS::S3::BucketPolicy"


def foundation(template: TemplateData) -> JsonDict | None:
    """The artifact bucket, what it refers to, their policies and outputs; None for a template without one."""
    resources: JsonObject = template.get("Resources", {})
    if _BUCKET not in resources:
        return None
    kept = _needed(resources)
    kept |= {name for name, body in resources.items() if body["Type"] == _POLICY and _refers(body, resources) <= kept}
    outputs = {name: body for name, body in template.get("Outputs", {}).items() if _refers(body, resources) <= kept}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": template.get("Description", ""),
        "Resources": {name: body for name, body in resources.items() if name in kept},
        "Outputs": outputs,
    }


def _needed(resources: JsonObject) -> set[str]:
    kept, more = set[str](), {_BUCKET}
    while more:
        kept |= more
        more = {name for item in more for name in _refers(resources[item], resources)} - kept
    return kept


def _refers(body: ResourceData, resources: JsonObject) -> set[str]:
    return read_by(body).keys() & resources.keys()
