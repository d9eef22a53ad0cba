"""What this project knows of AWS resource types: one record each (``record.Type``). Other tables are views of them."""

from __future__ import annotations

from stacks.types.account import ACCOUNT
from stacks.types.apis import APIS
from stacks.types.compute import COMPUTE
from stacks.types.delivery import DELIVERY
from stacks.types.edge import EDGE
from stacks.types.messaging import MESSAGING
from stacks.types.network import NETWORK
from stacks.types.record import Type
from stacks.types.storage import STORAGE
from stacks.types.users import USERS

__all__ = ["TYPES", "Type", "known"]

TYPES: dict[str, Type] = {
    **ACCOUNT,
    **APIS,
    **COMPUTE,
    **DELIVERY,
    **EDGE,
    **MESSAGING,
    **NETWORK,
    **STORAGE,
    **USERS,
}
"""Type → its record. A type that is not here has no facts other than the registry's."""
_UNKNOWN = Type()


def known(type_name: str) -> Type:
    """The record of a type; an empty one where there is none."""
    return TYPES.get(type_name, _UNKNOWN)
