"""Weak references kept fresh: what a template reads of other stacks is written into the template.

``Fn::GetStackOutput`` is resolved when a stack is created or updated, and nobody tells the reader when
the value moves (CloudFormation template reference, Fn::GetStackOutput). Worse: a change set of an
unchanged template has no changes, whatever happened to the output it reads. So each resource that reads
outputs is submitted with a digest of their present values in its ``Metadata``. An output that moved
moves the digest, the change set touches just the resources that read it, and they read it anew. What
was read last is thereby kept in CloudFormation itself, and a run that was cut off is made good by the
next. Metadata of a resource never replaces or interrupts it.

Pure; ``without_stamps`` gives back what was rendered, for whoever compares templates.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STAMP = "ReferencedOutputs"


class Reference(NamedTuple):
    """An output of a stack, by the names CloudFormation knows."""

    stack: str
    region: str
    output: str


def references(value: Any, region: str) -> Iterator[Reference]:
    """Yield what a template, or a part of it, reads of stacks named in plain text; ``region`` is its own."""
    if isinstance(value, list):
        for item in value:
            yield from references(item, region)
    elif isinstance(value, dict):
        match value:
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(output), **rest}}:
                yield Reference(stack, str(rest.get("Region", region)), output)
        for item in value.values():
            yield from references(item, region)


def stamped(template: Mapping[str, Any], region: str, values: Mapping[Reference, str]) -> dict[str, Any]:
    """Return a template whose readers carry the digest of what they read."""
    resources = {name: _stamp(body, region, values) for name, body in template.get("Resources", {}).items()}
    return {**template, "Resources": resources}


def without_stamps(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template as it was before ``stamped``."""
    return {**template, "Resources": {name: _bare(body) for name, body in template.get("Resources", {}).items()}}


def _stamp(body: dict[str, Any], region: str, values: Mapping[Reference, str]) -> dict[str, Any]:
    read = sorted(set(references(body, region)))
    if not read:
        return body
    text = json.dumps([(*reference, values[reference]) for reference in read])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {**body, "Metadata": {**body.get("Metadata", {}), STAMP: digest}}


def _bare(body: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in body.get("Metadata", {}).items() if key != STAMP}
    rest = {key: value for key, value in body.items() if key != "Metadata"}
    return {**rest, "Metadata": metadata} if metadata or (body.get("Metadata") == {}) else rest
