"""A template → the same with the digest of what its references have now (see ``stamps``). Asks a ``Cloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.deploy.stamps import references, stamped
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.cloud import Cloud
    from stacks.deploy.stamps import Reference


def refreshed(
    name: str, template: Mapping[str, Any], region: str, cloud: Cloud, *, coming: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the template of the stack ``name``, stamped; the very same when it reads nothing of other stacks.

    ``coming`` are stacks that are deployed between now and then, by name, each with a digest of what it will be: their
    outputs are not known yet, but move with nothing else.

    Raises ``DeployError`` when a stack that it reads from is not there, or has no such output.
    """
    found, later = set(references(template, region)), coming or {}
    values = {ref: later[ref.stack] for ref in found if ref.stack in later}
    values |= _values(name, found - values.keys(), cloud)
    return stamped(template, region, values) if found else dict(template)


def _values(name: str, found: set[Reference], cloud: Cloud) -> dict[Reference, str]:
    states = {place: cloud.stack(*place) for place in sorted({(ref.stack, ref.region) for ref in found})}
    values = {}
    for ref in sorted(found):
        state = states[ref.stack, ref.region]
        if state is None or ref.output not in state.outputs:
            what = f"it reads output {ref.output} of stack {ref.stack} in {ref.region}, which is not there"
            raise DeployError(name, what, f"Deploy {ref.stack} first")
        values[ref] = state.outputs[ref.output]
    return values
