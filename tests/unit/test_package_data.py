"""Data that other packages carry is read in one place, which says which release keeps it in another form."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from stacks import package_data
from stacks.errors import StacksError
from stacks.package_data import installed

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    ("cfnlint", "schemas/providers/us-east-1.json"),
    ("cfnlint", "AdditionalSpecs/Policies.json"),
    ("cfnlint", "AdditionalSpecs/StatefulResources.json"),
    ("botocore", "partitions.json"),
)


@pytest.mark.parametrize(("package", "path"), FILES)
def test_a_file_in_another_form_is_named_with_its_release(package: str, path: str) -> None:
    with pytest.raises(StacksError) as refused:
        package_data.read(package, path, lambda result: result["a key of another release"])
    assert re.fullmatch(
        r"(cfn-lint|botocore) [\d.]+: has no file 'data/\S+' in the form that this library reads\. "
        r"Upgrade this library, or install an earlier (cfn-lint|botocore), as in requirements/dev\.txt\.",
        str(refused.value),
    )


def test_a_missing_file_is_another_form() -> None:
    with pytest.raises(StacksError, match=r"has no file 'data/nowhere\.json' in the form"):
        package_data.read("botocore", "nowhere.json", bool)


@pytest.mark.parametrize(("value", "is_texts"), [({"a": "b"}, True), (["a"], True), ({}, False), ({"a": 1}, False)])
def test_texts_are_distinguished_from_other_values(value: object, *, is_texts: bool) -> None:
    assert package_data.is_texts(value) == is_texts


def test_nothing_else_knows_where_packages_keep_their_data(root: Path) -> None:
    known = {"package_data.py", "packaging/check.py", "packaging/database_helper.py"}  # the last runs in Lambda
    for file in (root / "stacks").rglob("*.py"):
        name, text = str(file.relative_to(root / "stacks")), file.read_text(encoding="utf-8")
        assert name in known or "importlib.util import find_spec" not in text, name


def test_the_adapter_returns_what_the_file_has() -> None:
    result = package_data.read("cfnlint", "AdditionalSpecs/StatefulResources.json", bool)
    file = package_data.folder("cfnlint") / "AdditionalSpecs/StatefulResources.json"
    assert result == json.loads(file.read_bytes())


def test_installed_packages_are_reported_with_their_versions() -> None:
    assert {name.partition("-")[0] for name in installed()} >= {"troposphere", "awacs"}
