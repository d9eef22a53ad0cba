"""What a destroyed stack left behind is taken back when the stack is created again.

Retained resources keep their names, so a plain create would fail on them. CloudFormation imports them by itself when it
is asked to, if their names stand in the template as plain text and they are retained:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
Our bucket names are made of pseudo parameters, so for a create the deployer writes them out. Later updates send the
template as rendered: the names are the same.
"""

from __future__ import annotations

from typing import Any


def with_plain_names(template: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """The template, its buckets' names written out for an account and a region; nothing else changes."""
    resources = {name: _named(body, account, region) for name, body in template["Resources"].items()}
    return {**template, "Resources": resources}


def _named(body: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    properties = body.get("Properties", {})
    match properties.get("BucketName"):
        case {"Fn::Sub": str(text)}:
            plain = text.replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)
            return {**body, "Properties": {**properties, "BucketName": plain}}
        case _:
            return body
