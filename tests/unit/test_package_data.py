"""Data that other packages carry is read in one place, which says which release keeps it in another form."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stacks import package_data, registry
from stacks.cli import main
from stacks.errors import StacksError
from stacks.forecast.stateful import stateful_types
from stacks.package_data import installed
from stacks.roles import authorization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = {"cfnlint": "cfn-lint", "botocore": "botocore"}
INDEX, STATEFUL = "schemas/providers/us-east-1.json", "AdditionalSpecs/StatefulResources.json"
POLICIES, PARTITIONS = "AdditionalSpecs/Policies.json", "partitions.json"


def _data(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def _schema_of(type_name: str) -> str:
    return f"schemas/resources/{json.loads((_data('cfnlint') / INDEX).read_bytes())[type_name]}.json"


BUCKET, SAMPLE = _schema_of("AWS::S3::Bucket"), _schema_of("AWS::SNS::Topic")

READ = {"cfnlint": (INDEX, BUCKET, SAMPLE, STATEFUL, POLICIES), "botocore": (PARTITIONS,)}


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, object], None]]:
    """Puts a copy of a package in place of it, in which one file has another content, or none."""

    def release(package: str, path: str, content: object) -> None:
        real, copy = _data(package), tmp_path / package / "data"
        for name in READ[package]:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            if name != path:
                (copy / name).symlink_to(real / name)
        (tmp_path / package / "__init__.py").touch()
        if content is not None:
            (copy / path).write_text(content if isinstance(content, str) else json.dumps(content))
        monkeypatch.syspath_prepend(str(tmp_path))
        for module in [module for module in sys.modules if module.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, module)
        package_data.forget()
        stateful_types.cache_clear()

    yield release
    package_data.forget()
    stateful_types.cache_clear()


def _renamed(key: str, at: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    def change(load: Any) -> Any:
        holder = load
        for part in at:
            holder = holder[part]
        holder[f"{key}V2"] = holder.pop(key)
        return load

    return change


def _set(key: str, value: object) -> Callable[[Any], Any]:
    return lambda load: {**load, key: value}


def _instead(content: object) -> Callable[[Any], Any]:
    return lambda _: content


FILES = (*(("cfnlint", path) for path in (INDEX, BUCKET, STATEFUL, POLICIES)), ("botocore", PARTITIONS))
CONTENTS: tuple[object, ...] = (None, "not JSON", [])
ASKED: dict[str, Callable[[], object]] = {
    INDEX: registry.types,
    BUCKET: lambda: registry.schema("AWS::S3::Bucket"),
    SAMPLE: lambda: registry.create_only("AWS::S3::Bucket"),
    STATEFUL: stateful_types,
    POLICIES: lambda: authorization.exists("sns:Publish"),
    PARTITIONS: package_data.regions,
}
CHANGES: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("cfnlint", INDEX, lambda load: {"version": 2, "types": load}),
    ("cfnlint", INDEX, lambda load: {name: {"file": file} for name, file in load.items()}),
    ("cfnlint", BUCKET, _renamed("typeName")),
    ("cfnlint", BUCKET, _renamed("properties")),
    ("cfnlint", BUCKET, _set("properties", [{"name": "BucketName"}])),
    ("cfnlint", BUCKET, _renamed("primaryIdentifier")),
    ("cfnlint", BUCKET, _set("createOnlyProperties", {"/properties/BucketName": True})),
    ("cfnlint", BUCKET, _set("createOnlyProperties", ["BucketName"])),
    ("cfnlint", BUCKET, _set("handlers", {"create": ["s3:CreateBucket"]})),
    ("cfnlint", BUCKET, _set("handlers", {"create": {"permissions": [{"action": "s3:CreateBucket"}]}})),
    ("cfnlint", BUCKET, _set("tagging", True)),
    *(
        ("cfnlint", SAMPLE, _renamed(key))
        for key in ("createOnlyProperties", "readOnlyProperties", "handlers", "tagging")
    ),
    ("cfnlint", SAMPLE, _renamed("permissions", ("handlers", "create"))),
    ("cfnlint", SAMPLE, _renamed("taggable", ("tagging",))),
    ("cfnlint", STATEFUL, _renamed("ResourceTypes")),
    ("cfnlint", STATEFUL, lambda load: {"ResourceTypes": [{"Type": name} for name in load["ResourceTypes"]]}),
    ("cfnlint", POLICIES, lambda load: {"Services": load}),
    ("cfnlint", POLICIES, _renamed("Actions", ("sns",))),
    ("cfnlint", POLICIES, _renamed("Resources", ("sns", "Actions", "publish"))),
    ("cfnlint", POLICIES, _renamed("ARNFormats", ("sns", "Resources", "topic"))),
    ("botocore", PARTITIONS, lambda load: load["partitions"]),
    ("botocore", PARTITIONS, lambda load: {"partitions": [{"id": entry["id"]} for entry in load["partitions"]]}),
    *((package, path, _instead(content)) for package, path in FILES for content in CONTENTS),
)


@pytest.mark.parametrize(
    ("package", "path", "change"), CHANGES, ids=[f"{path}-{number}" for number, (_, path, _) in enumerate(CHANGES)]
)
def test_a_file_in_another_form_is_named_with_its_release(
    package: str, path: str, change: Callable[[Any], Any], released: Callable[[str, str, object], None]
) -> None:
    released(package, path, change(json.loads((_data(package) / path).read_bytes())))
    name = PROJECT[package]
    expected = (
        f"{name} {version(name)}: has no file 'data/{path}' in the form that this library reads. "
        f"Upgrade this library, or install an earlier {name}, as in requirements/dev.txt."
    )
    with pytest.raises(StacksError) as refused:
        ASKED[path]()
    assert str(refused.value) == expected


def test_the_command_line_ends_with_that_message(
    released: Callable[[str, str, object], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "app.yaml").write_text("name: shop\nstages: {dev: {region: eu-west-1}}\n")
    monkeypatch.chdir(tmp_path)
    released("botocore", PARTITIONS, {"regions": []})
    assert main(["render"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(r"botocore [\d.]+: has no file 'data/partitions\.json' in the form", line)


def test_a_package_that_is_not_installed_is_named(
    released: Callable[[str, str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    released("botocore", PARTITIONS, None)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(StacksError, match=r"botocore: is not installed; .*'pip install botocore'"):
        package_data.regions()


def test_every_schema_has_the_form() -> None:
    assert [name for name in registry.types() if registry.schema(name) is None] == []
    package_data.forget()  # they would stay in memory


def test_the_adapter_returns_what_the_files_have() -> None:
    stateful = json.loads((_data("cfnlint") / STATEFUL).read_bytes())
    assert package_data.listed_stateful_types() == stateful["ResourceTypes"].keys()
    assert package_data.resource_schema("AWS::S3::Bucket") == json.loads((_data("cfnlint") / BUCKET).read_bytes())
    assert package_data.resource_schema("AWS::Nowhere::Thing") is None
    assert package_data.schema_files("eu-isoe-west-9") == json.loads((_data("cfnlint") / INDEX).read_bytes())


def test_nothing_else_knows_where_packages_keep_their_data_and_in_which_form(root: Path) -> None:
    private = re.compile(
        r"importlib\.util import find_spec|importlib\.resources import files"
        r"|AdditionalSpecs|schemas/(?:providers|resources)|partitions\.json"
        r"|(?:import|from) +(?:cfnlint|botocore)\.(?:data|schema|loaders|regions)|package_data import .*\b_"
    )
    known = {
        "package_data.py": "the adapter",
        "packaging/check.py": "where boto3 is, for what a function imports",
        "packaging/database_helper.py": "runs in Lambda",
        "starting/files.py": "this library's own files",
    }
    files = (root / "stacks").rglob("*.py")
    texts = {str(file.relative_to(root / "stacks")): file.read_text(encoding="utf-8") for file in files}
    assert {name for name, text in texts.items() if private.search(text)} == known.keys()


def test_installed_packages_are_reported_with_their_versions() -> None:
    assert {name.partition("-")[0] for name in installed()} >= {"troposphere", "awacs"}
