"""Policies → what parliament says of their grammar: actions that IAM does not know, or not on such resources.

A program of its own, run by the Python of the scanners' environment: reads ``{file: {policy: document}}`` from its
input, writes ``[[file, policy, issue, action], …]``. https://github.com/duo-labs/parliament
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from parliament import analyze_policy_string  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterator


def findings(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each issue with the action that it is about, or with what parliament says of it."""
    for finding in analyze_policy_string(json.dumps(document)).findings:
        messages = finding.detail if isinstance(finding.detail, list) else [str(finding.detail).rpartition(" ")[2]]
        yield from (
            (finding.issue, message["action"] if isinstance(message, dict) else str(message)) for message in messages
        )


if __name__ == "__main__":
    asked: dict[str, dict[str, dict[str, Any]]] = json.load(sys.stdin)
    json.dump(
        [
            [file, name, *finding]
            for file, policies in asked.items()
            for name, document in policies.items()
            for finding in findings(document)
        ],
        sys.stdout,
    )
