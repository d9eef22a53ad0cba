"""What CloudFormation's registry says of resource types, read from the schemas that cfn-lint carries.

cfn-lint itself is not imported (that takes most of a second): only its data files are read, each when it is
first asked for. They are the us-east-1 schemas of the release that is installed.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Operation = Literal["create", "read", "update", "delete", "list"]


@cache
def _folder() -> Path:
    spec = find_spec("cfnlint")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("cfn-lint is not installed; it carries CloudFormation's registry schemas")
    return Path(spec.submodule_search_locations[0]) / "data" / "schemas"


@cache
def _index() -> dict[str, str]:
    found: dict[str, str] = json.loads((_folder() / "providers" / "us-east-1.json").read_bytes())
    return found


def types() -> frozenset[str]:
    """Every resource type there is."""
    return frozenset(_index())


@cache
def schema(type_name: str) -> Mapping[str, Any] | None:
    """The schema of a type such as ``AWS::S3::Bucket``; None for one that the registry does not know."""
    name = _index().get(type_name)
    if name is None:
        return None
    found: dict[str, Any] = json.loads((_folder() / "resources" / f"{name}.json").read_bytes())
    return found


def handler_actions(type_name: str, operation: Operation) -> frozenset[str] | None:
    """The IAM actions that the type's handler says it needs; None for a type without handlers.

    The lists are a start, not the truth: some names do not exist, some are missing, many are optional.
    """
    handlers = (schema(type_name) or {}).get("handlers")
    if not handlers:
        return None
    return frozenset(handlers.get(operation, {}).get("permissions", ()))


def create_only(type_name: str) -> frozenset[str]:
    """Properties (``/properties/A/B``) whose change replaces the resource."""
    return frozenset((schema(type_name) or {}).get("createOnlyProperties", ()))


def conditional_create_only(type_name: str) -> frozenset[str]:
    """Properties whose change replaces the resource under some conditions."""
    return frozenset((schema(type_name) or {}).get("conditionalCreateOnlyProperties", ()))
