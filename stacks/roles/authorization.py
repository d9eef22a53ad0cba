"""IAM's own list of actions: does an action exist, and does IAM check it against a resource?

The list is the service authorization reference as cfn-lint carries it; cfn-lint itself is not imported.
The registry's handler permissions are held against it, since hundreds of the names there are not IAM actions.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CORRECTED = {"logs:deletedeliverysource": ("delivery-source",)}
"""Action → what it is checked against, where the list has something that the call does not even name.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html"""


@cache
def _services() -> Mapping[str, Any]:
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("cfn-lint is not installed; it carries IAM's list of actions")
    file = Path(spec.submodule_search_locations[0]) / "data" / "AdditionalSpecs" / "Policies.json"
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _action(action: str) -> Mapping[str, Any] | None:
    service, _, name = action.lower().partition(":")
    found: Mapping[str, Any] | None = _services().get(service, {}).get("Actions", {}).get(name)
    return found


def exists(action: str) -> bool:
    """Whether IAM knows the action; a pattern such as ``s3:*`` is not an action."""
    return _action(action) is not None


def has_resources(action: str) -> bool:
    """Whether IAM checks the action against ARNs; False for one that can only be allowed on ``*``."""
    return bool((_action(action) or {}).get("Resources"))


def arn_formats(action: str) -> tuple[str, ...]:
    """The ARNs an action is checked against, as ``arn:${Partition}:sns:${Region}:${Account}:.*``."""
    service = action.lower().partition(":")[0]
    kinds = _services().get(service, {}).get("Resources", {})
    wanted = _CORRECTED.get(action.lower()) or (_action(action) or {}).get("Resources", ())
    formats = (text for kind in wanted for text in kinds.get(kind.lower(), {}).get("ARNFormats", ()))
    # AWS Backup lists "any resource" as arn:${Partition}:${Vendor}:…; IAM refuses a service that is not written out.
    formats = (text for text in formats if "$" not in text.split(":")[2])
    return tuple(dict.fromkeys(formats))
