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
    made: dict[str, Any] = yaml.safe_load(MINIMAL)
    made["backend"] = yaml.safe_load(dedent(backend))
    return made


def stacks_of(backend: str) -> dict[str, dict[str, Any]]:
    """The rendered templates by stack."""
    app = validated(described(backend))
    return {one.stack: dict(one.template) for one in render(app, app.stages["dev"])}


def resources_of(backend: str, stack: str = "backend") -> dict[str, Any]:
    """The resources of one rendered stack."""
    found: dict[str, Any] = stacks_of(backend)[stack]["Resources"]
    return found


def properties_of(backend: str, kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of a type in the backend stack."""
    return [body["Properties"] for body in resources_of(backend).values() if body["Type"] == kind]


def body_of(backend: str) -> dict[str, Any]:
    """The OpenAPI document of the REST API."""
    found: dict[str, Any] = resources_of(backend)["Api"]["Properties"]["Body"]
    return found


def problems_of(backend: str) -> list[str]:
    """Every problem of the description, one text each."""
    with pytest.raises(DescriptionError) as caught:
        validated(described(backend))
    return [str(problem) for problem in caught.value.problems]


def statements_of(document: dict[str, Any], service: str) -> list[dict[str, Any]]:
    """The statements of a policy that name actions of a service."""
    return [one for one in document["Statement"] if str(one["Action"][0]).startswith(f"{service}:")]
