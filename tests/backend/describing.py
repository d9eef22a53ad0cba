"""Descriptions for the tests of the backend: short texts in, templates or problems out."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
import yaml

from stacks import DescriptionError, render
from stacks.loading import validated

MINIMAL = """
name: notes
stages: {dev: {region: eu-west-1}}
data:
  tables: {notes: {partition_key: owner}}
  buckets: {uploads: true}
  users: true
"""

WORKER = "handler: lambda_src/api/notes.py:add_note"


def described(backend: str) -> dict[str, Any]:
    """The minimal description with ``backend`` as its backend section."""
    result: dict[str, Any] = yaml.safe_load(MINIMAL)
    result["backend"] = yaml.safe_load(dedent(backend))
    return result


def stacks_of(backend: str) -> dict[str, dict[str, Any]]:
    """The rendered templates by stack."""
    app = validated(described(backend))
    return {stack.stack: dict(stack.template) for stack in render(app, app.stages["dev"])}


def resources_of(backend: str, stack: str = "backend") -> dict[str, Any]:
    """The resources of one rendered stack."""
    resources: dict[str, Any] = stacks_of(backend)[stack]["Resources"]
    return resources


def properties_of(backend: str, kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of a type in the backend stack."""
    return [body["Properties"] for body in resources_of(backend).values() if body["Type"] == kind]


def body_of(backend: str) -> dict[str, Any]:
    """The OpenAPI document of the REST API."""
    body: dict[str, Any] = resources_of(backend)["Api"]["Properties"]["Body"]
    return body


def problems_of(backend: str) -> list[str]:
    """Every problem of the description, one text each."""
    with pytest.raises(DescriptionError) as caught:
        validated(described(backend))
    return [str(problem) for problem in caught.value.problems]


def statements_of(document: dict[str, Any], service: str) -> list[dict[str, Any]]:
    """The statements of a policy that name actions of a service."""
    return [statement for statement in document["Statement"] if str(statement["Action"][0]).startswith(f"{service}:")]
