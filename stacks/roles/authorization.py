"""IAM's own list of actions: does an action exist, and does IAM check it against a resource?

The list is the service authorization reference as cfn-lint carries it.
The registry's handler permissions are held against it, since hundreds of the names there are not IAM actions.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from stacks.package_data import authorization_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.json_types import JsonObject

_CORRECTED: Mapping[str, tuple[str, ...]] = {
    "cloudwatch:getmetricdata": (),
    "logs:deletedeliverysource": ("delivery-source",),
}
"""Action → what it is checked against, where the list has something that the call does not even name; nothing for
metrics of AWS's services, which belong to no dataset.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html"""


def _action(action: str) -> JsonObject | None:
    service, _, name = action.lower().partition(":")
    result: JsonObject | None = authorization_reference().get(service, {}).get("Actions", {}).get(name)
    return result


def exists(action: str) -> bool:
    """Whether IAM knows the action; a pattern such as ``s3:*`` is not an action."""
    return _action(action) is not None


def has_resources(action: str) -> bool:
    """Whether IAM checks the action against ARNs; False for one that can only be allowed on ``*``."""
    return bool(_checked(action))


def _checked(action: str) -> Sequence[str]:
    """The kinds of resources that IAM checks an action against."""
    resources: Sequence[str] = (_action(action) or {}).get("Resources", ())
    return _CORRECTED.get(action.lower(), resources)


def arn_formats(action: str) -> tuple[str, ...]:
    """The ARNs an action is checked against, as ``arn:${Partition}:sns:${Region}:${Account}:.*``."""
    service = action.lower().partition(":")[0]
    kinds = authorization_reference().get(service, {}).get("Resources", {})
    formats = (text for kind in _checked(action) for text in kinds.get(kind.lower(), {}).get("ARNFormats", ()))
    # AWS Backup lists "any resource" as arn:${Partition}:${Vendor}:…; IAM refuses a service that is not written out.
    formats = (text for text in formats if "$" not in text.split(":")[2])
    return tuple(dict.fromkeys(formats))


def named(pattern: str) -> tuple[str, ...]:
    """The actions that an action with wildcards, in lower case, means: ``ssm:getparameter*``."""
    service, _, name = pattern.partition(":")
    actions = authorization_reference().get(service, {}).get("Actions", {})
    return tuple(f"{service}:{action}" for action in actions if fnmatchcase(action.lower(), name))
