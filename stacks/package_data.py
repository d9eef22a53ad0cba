"""Data files of cfn-lint and botocore, read without importing the packages: cfn-lint takes most of a second.

Only this module knows where these files are and what they look like; a house test holds the others to that. Each file
is read when it is first asked for, and what its readers count on is verified then: a release of a package that keeps a
file elsewhere or in another form is named, with its version.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.errors import StacksError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.json_types import JsonDict

_NAMES = {"cfnlint": "cfn-lint", "botocore": "botocore"}
_HOME_REGION = "us-east-1"
_POINTERS = ("primaryIdentifier", "createOnlyProperties", "conditionalCreateOnlyProperties", "readOnlyProperties")
_SAMPLE = "AWS::SNS::Topic"
"""A type whose schema will always have a name, an ARN, tags and handlers: keys that other schemas may lack."""


@cache
def schema_files(region: str = _HOME_REGION) -> dict[str, str]:
    """Resource type → the file with its schema, of a region; of us-east-1 where cfn-lint's data lacks the region.

    Raises:
        StacksError: as ``_read``.
    """
    file = f"schemas/providers/{region}.json"
    if region != _HOME_REGION and not (_folder("cfnlint") / file).is_file():
        return schema_files()
    result: dict[str, str] = _read("cfnlint", file, _is_index)
    return result


def resource_schema(type_name: str) -> JsonDict | None:
    """The registry's schema of a resource type; None for one that it does not have.

    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html

    Raises:
        StacksError: as ``_read``.
    """
    files = schema_files()
    if type_name not in files:
        return None
    _read("cfnlint", f"schemas/resources/{files[_SAMPLE]}.json", _is_sample)
    result: JsonDict = _read("cfnlint", f"schemas/resources/{files[type_name]}.json", _is_schema)
    return result


def listed_stateful_types() -> frozenset[str]:
    """The resource types of cfn-lint's rule I3011: what holds data.

    Raises:
        StacksError: as ``_read``.
    """
    return frozenset(_read("cfnlint", "AdditionalSpecs/StatefulResources.json", _are_types)["ResourceTypes"])


def authorization_reference() -> JsonDict:
    """IAM's services, by the word that actions begin with: what each action is checked against, and the ARNs of that.

    ``{"sns": {"Actions": {"publish": {"Resources": ["topic"]}}, "Resources": {"topic": {"ARNFormats": ["arn:…"]}}}}``;
    a key is missing where there is nothing to list.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

    Raises:
        StacksError: as ``_read``.
    """
    result: JsonDict = _read("cfnlint", "AdditionalSpecs/Policies.json", _are_services)
    return result


def regions() -> frozenset[str]:
    """The regions of all partitions that AWS's client knows.

    Raises:
        StacksError: as ``_read``.
    """
    result = _read("botocore", "partitions.json", _are_partitions)
    return frozenset(region for partition in result["partitions"] for region in partition["regions"])


def installed() -> list[str]:
    """Every package that is installed with troposphere, with its version, as ``troposphere-4.9.0.dist-info``."""
    spec = find_spec("troposphere")
    if spec is None or spec.origin is None:
        return []
    return sorted(file.name for file in Path(spec.origin).parents[1].iterdir() if file.name.endswith("-info"))


def forget() -> None:
    """Read each file again when it is next asked for."""
    _read.cache_clear()
    schema_files.cache_clear()


def _folder(package: str) -> Path:
    """The folder with a package's data files.

    Raises:
        StacksError: when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        what = "is not installed; this library reads its data"
        raise StacksError(_NAMES[package], what, f"Install it: 'pip install {_NAMES[package]}'")
    return Path(spec.submodule_search_locations[0]) / "data"


@cache
def _read(package: str, path: str, has_form: Callable[[Any], bool]) -> Any:
    """The JSON file at ``path`` below a package's data, for which ``has_form`` holds.

    Raises:
        StacksError: when the package is not installed, or this release of it has no such file in that form.
    """
    file = _folder(package) / path
    try:
        load = json.loads(file.read_bytes())
        fits = has_form(load)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        fits = False
    if not fits:
        where = f"{_NAMES[package]} {_version(package)}"
        what = f"has no file 'data/{path}' in the form that this library reads"
        fix = f"Upgrade this library, or install an earlier {_NAMES[package]}, as in requirements/dev.txt"
        raise StacksError(where, what, fix)
    return load


def _is_index(load: Any) -> bool:
    return _SAMPLE in load and _are_texts(load.values())


def _is_schema(load: Any) -> bool:
    pointers = [pointer for key in _POINTERS for pointer in _list(load.get(key, []))]
    handlers = load.get("handlers", {}).values()
    actions = [action for handler in handlers for action in _list(handler.get("permissions", []))]
    return (
        "::" in load["typeName"]
        and bool(load["primaryIdentifier"])
        and all(isinstance(entry, dict) for entry in load["properties"].values())
        and all(pointer.startswith("/properties/") for pointer in pointers)
        and _are_texts(actions)
        and isinstance(load.get("tagging", {}), dict)
    )


def _is_sample(load: Any) -> bool:
    """Whether what an optional key says is said by this key."""
    return (
        _is_schema(load)
        and load["typeName"] == _SAMPLE
        and "/properties/TopicName" in load["createOnlyProperties"]
        and "/properties/TopicArn" in load["readOnlyProperties"]
        and "sns:CreateTopic" in load["handlers"]["create"]["permissions"]
        and load["tagging"]["taggable"] is True
    )


def _are_types(load: Any) -> bool:
    return "AWS::DynamoDB::Table" in load["ResourceTypes"] and _are_texts(load["ResourceTypes"])


def _are_services(load: Any) -> bool:
    """An action that there will always be, with the ARNs that it is checked against."""
    (kind,) = load["sns"]["Actions"]["publish"]["Resources"]
    formats = _list(load["sns"]["Resources"][kind.lower()]["ARNFormats"])
    return bool(formats) and all(text.startswith("arn:${Partition}:sns:") for text in formats)


def _are_partitions(load: Any) -> bool:
    return _HOME_REGION in load["partitions"][0]["regions"]


def _are_texts(values: Any) -> bool:
    return all(isinstance(entry, str) for entry in values)


def _list(load: object) -> list[Any]:
    if not isinstance(load, list):
        raise TypeError(load)
    return load


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - brings email; only for mistakes

    try:
        return version(_NAMES[package])
    except PackageNotFoundError:
        return "of an unknown version"
