"""Policies → the ways in which they let their holder become more than he is, by cloudsplaining.

A program of its own, run by the Python of the scanners' environment (cloudsplaining comes with checkov): reads
``{file: {policy: document}}`` from its input, writes ``[[file, policy, finding], …]``.
https://cloudsplaining.readthedocs.io/en/latest/glossary/privilege-escalation/
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from cloudsplaining.scan.policy_document import PolicyDocument  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterator


def findings(document: dict[str, Any]) -> Iterator[str]:
    """What cloudsplaining calls privilege escalation, data exfiltration and service wildcards."""
    read = PolicyDocument(document)
    yield from (f"escalation by {entry['type']}" for entry in read.allows_privilege_escalation)
    yield from (f"reads data by {action}" for action in read.allows_data_exfiltration_actions)
    yield from (f"allows all of {entry}" for entry in read.service_wildcard)


if __name__ == "__main__":
    asked: dict[str, dict[str, dict[str, Any]]] = json.load(sys.stdin)
    json.dump(
        [
            [file, name, what]
            for file, policies in asked.items()
            for name, document in policies.items()
            for what in findings(document)
        ],
        sys.stdout,
    )
