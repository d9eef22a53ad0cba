"""What AWS documents about updates and its registry does not say: one dated table, each fact with its source.

The facts are judged by code of this room (``Fact.holds`` reads a difference), so they are no fields of records.
``replacement`` overrules the registry, ``refused`` is why AWS fails the update, ``interrupts`` stands for "some
interruptions". A test fails for a fact that the registry says by now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.forecast.difference import ValuePath, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.cloud import Replacement
    from stacks.forecast.difference import Difference

CHECKED = "2026-11-23"
"""When the table was last held against its sources."""

_GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-"
_TABLE, _POOL, _KEY, _VPC = "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::KMS::Key", "AWS::EC2::VPC"
_GLOBAL = "AWS::DynamoDB::GlobalTable"
_INDEX_FIXED = "an index cannot change; describe it under another name, let functions ask that one, then drop this one"
_KEY_FIXED = "AWS KMS fails an update of this property, whatever the UpdateReplacePolicy; make a second key"
_PLAN_FIXED = "AWS rejects another tier; change it in CloudFront's console first, then here"
_POOL_FIXED = "Cognito fixes it when the pool is made; a new pool, and moving the users, is the only way"


def _always(_: Difference) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A documented update behaviour of a property, or of what is inside it."""

    type: str
    keys: ValuePath
    source: str
    replacement: Replacement | None = None
    interrupts: bool = False
    refused: str = ""
    holds: Callable[[Difference], bool] = _always
    """Whether the fact is about this difference."""

    def covers(self, difference: Difference) -> bool:
        """Whether the difference is at, or inside, the fact's property; another order alone is not."""
        inside = keys_of(difference.path)[: len(self.keys)] == self.keys
        return inside and difference.action != "reordered" and self.holds(difference)


def _no_new_attribute(difference: Difference) -> bool:
    """Everything but a new attribute of your own: those that everyone must have are chosen with the pool."""
    added = difference.new if isinstance(difference.new, list) else [difference.new]
    return difference.action != "added" or any(isinstance(entry, dict) and entry.get("Required") for entry in added)


def _inside_an_index(difference: Difference) -> bool:
    return len(keys_of(difference.path)) > 1


def _to_default(difference: Difference) -> bool:
    return bool(difference.new == "default")


def _from_default(difference: Difference) -> bool:
    return bool(difference.new != "default")


FACTS = (
    # Updating from dedicated to default needs no replacement, from default to dedicated it does.
    Fact(type=_VPC, keys=("InstanceTenancy",), replacement="never", holds=_to_default, source=f"{_GUIDE}ec2-vpc.html"),
    Fact(
        type=_VPC, keys=("InstanceTenancy",), replacement="always", holds=_from_default, source=f"{_GUIDE}ec2-vpc.html"
    ),
    Fact(type=_TABLE, keys=("KeySchema",), replacement="always", source=f"{_GUIDE}dynamodb-table.html"),
    Fact(type=_TABLE, keys=("LocalSecondaryIndexes",), replacement="always", source=f"{_GUIDE}dynamodb-table.html"),
    Fact(
        type=_TABLE,
        keys=("AttributeDefinitions", "AttributeType"),
        replacement="always",
        source=f"{_GUIDE}dynamodb-table.html",
    ),
    Fact(type=_TABLE, keys=("AttributeDefinitions",), interrupts=True, source=f"{_GUIDE}dynamodb-table.html"),
    Fact(type=_TABLE, keys=("SSESpecification",), interrupts=True, source=f"{_GUIDE}dynamodb-table.html"),
    *(
        Fact(
            type=kind,
            keys=("GlobalSecondaryIndexes", name),
            refused=_INDEX_FIXED,
            holds=_inside_an_index,
            source=f"{_GUIDE}dynamodb-{page}.html",
        )
        for kind, page in ((_TABLE, "table"), (_GLOBAL, "globaltable"))
        for name in ("KeySchema", "Projection")
    ),
    *(
        Fact(type=_KEY, keys=(name,), refused=_KEY_FIXED, source=f"{_GUIDE}kms-key.html")
        for name in ("KeySpec", "KeyUsage", "MultiRegion", "Origin")
    ),
    *(
        Fact(type=_POOL, keys=(name,), refused=_POOL_FIXED, source=f"{_GUIDE}cognito-userpool.html")
        for name in ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
    ),
    Fact(
        type="AWS::PricingPlanManager::Subscription",
        keys=("PlanTier",),
        refused=_PLAN_FIXED,
        source=f"{_GUIDE}pricingplanmanager-subscription.html",
    ),
    # Attributes may be added unless everyone must have them, never changed or removed.
    Fact(
        type=_POOL,
        keys=("Schema",),
        refused=_POOL_FIXED,
        holds=_no_new_attribute,
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html",
    ),
)


def facts_about(type_name: str, difference: Difference) -> tuple[Fact, ...]:
    """The facts that are about a difference of a resource's properties."""
    return tuple(fact for fact in FACTS if fact.type == type_name and fact.covers(difference))
