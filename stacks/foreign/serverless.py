"""The Serverless Framework's packaged template → one that uses no bucket of the framework's own. Pure.

``serverless package`` writes the template next to its zips, and names each by a key in a bucket that the same template
makes. Our artifact bucket takes the zips, so that bucket, its policy and its output go.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from stacks.foreign.artifacts import zipped_code

if TYPE_CHECKING:
    from stacks.json_types import JsonDict

_BUCKET, _POLICY = "ServerlessDeploymentBucket", "ServerlessDeploymentBucketPolicy"


def without_deployment_bucket(template: JsonDict) -> JsonDict:
    """The template as it is, or without the deployment bucket and with the zips next to it as local paths."""
    if template["Resources"].get(_BUCKET, {}).get("Type") != "AWS::S3::Bucket":
        return template
    kept = {
        name: _without_bucket(body) for name, body in template["Resources"].items() if name not in {_BUCKET, _POLICY}
    }
    result = {**template, "Resources": kept}
    if "Outputs" in template:
        result["Outputs"] = {name: body for name, body in template["Outputs"].items() if body.get("Value") != _ref()}
    return result


def _without_bucket(body: JsonDict) -> JsonDict:
    properties = body.get("Properties", {})
    name = next(iter(zipped_code(body["Type"])), "")
    code = properties.get(name)
    if not isinstance(code, dict) or code.get("S3Bucket") != _ref() or not isinstance(code.get("S3Key"), str):
        return body
    return {**body, "Properties": {**properties, name: posixpath.basename(code["S3Key"])}}


def _ref() -> dict[str, str]:
    return {"Ref": _BUCKET}
