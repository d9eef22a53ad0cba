"""A template → the same with the digest of what its references have now (see ``stamps``). Asks a ``Cloud``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.deploy.stamps import references, stamped
from stacks.errors import DeployError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.deploy.cloud import Cloud
    from stacks.deploy.stamps import Reference


def refreshed(name: str, template: Mapping[str, Any], region: str, cloud: Cloud) -> dict[str, Any]:
    """Return the template of the stack ``name``, stamped; the very same when it reads nothing of other stacks.

    Raises ``DeployError`` when a stack that it reads from is not there, or has no such output.
    """
    found = set(references(template, region))
    return stamped(template, region, _values(name, found, cloud)) if found else dict(template)


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
