"""Which resources hold what cannot be made again, and whether their policies keep it.

The set is cfn-lint's (of its rule I3011), and those that it lacks (``stacks.types``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stacks.package_data import listed_stateful_types
from stacks.types import TYPES, known

if TYPE_CHECKING:
    from stacks.forecast.change import Loss
    from stacks.json_types import JsonObject

RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})
"""The values of DeletionPolicy with which a resource outlives its stack."""
KEPT = RETAINED | {"Snapshot"}
"""Those with which its data does."""
_KEPT_ON_REPLACE = frozenset({"Retain", "Snapshot"})


@cache
def stateful_types() -> frozenset[str]:
    """The resource types that hold data."""
    types = {name for name, record in TYPES.items() if record.holds_data}
    return listed_stateful_types() | types


def loss_by_removal(type_name: str, old: JsonObject) -> Loss:
    """What becomes of the data when a resource is taken out: the deployed ``DeletionPolicy`` decides.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    if type_name not in stateful_types():
        return "none"
    policy = old.get("DeletionPolicy", known(type_name).deletion_default)
    return "kept" if str(policy) in KEPT else "lost"


def loss_by_replacement(type_name: str, old: JsonObject, new: JsonObject) -> Loss:
    """What becomes of the data of the old resource: ``UpdateReplacePolicy`` must keep it on both sides.

    Which side's policy counts is not documented, so the weaker one does.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
    """
    if type_name not in stateful_types():
        return "none"
    kept = all(str(side.get("UpdateReplacePolicy")) in _KEPT_ON_REPLACE for side in (old, new))
    return "kept" if kept else "lost"
