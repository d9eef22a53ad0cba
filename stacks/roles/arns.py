"""What IAM accepts as the resource of a policy: ``*``, or an ARN whose service is written out.

``arn:aws:*:eu-west-1:*:*`` is refused with MalformedPolicyDocument: "vendor must be fully qualified".
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re

_PSEUDO = r"\$\{[\w:.]+\}"
_SEGMENTS = (
    ("partition", re.compile(rf"aws[a-z-]*|\*|{_PSEUDO}"), "is neither aws, aws-cn and the like nor ${AWS::Partition}"),
    ("service", re.compile(rf"[a-z0-9-]+|{_PSEUDO}"), "must be written out"),
    ("region", re.compile(rf"[a-z0-9*?-]*|{_PSEUDO}"), "is not a region"),
    ("account", re.compile(rf"\d{{12}}|[*?0-9]*|aws[a-z-]*|cloudfront|{_PSEUDO}"), "is not an account"),
)
_PARTS = 6


def mistake(arn: str) -> str | None:
    """What IAM refuses about a policy's resource; None where nothing is, or its beginning is not known."""
    if arn == "*" or arn.startswith("${"):
        return None
    parts = _outside_names(arn)
    if parts[0] != "arn" or len(parts) < _PARTS:
        return f"{arn} is not an ARN: arn:partition:service:region:account:resource"
    for (name, accepted, why), part in zip(_SEGMENTS, parts[1:], strict=False):
        if not accepted.fullmatch(part):
            return f"the {name} of {arn} {why}"
    return None if parts[5] else f"{arn} names no resource"


def _outside_names(arn: str) -> list[str]:
    """The ARN's six parts; the colons of ``${AWS::Region}`` are none of its own."""
    return [part.replace("\0", "AWS::") for part in arn.replace("AWS::", "\0").split(":", 5)]
