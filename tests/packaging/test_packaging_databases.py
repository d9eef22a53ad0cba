"""The helper that functions find as ``stacks_database``: URLs, and a signed token for each connection."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from stacks.packaging import database_helper as helper
from stacks.packaging.bundle import Bundle
from stacks.packaging.package import package

HOST = f"{'a' * 26}.dsql.eu-west-1.on.aws"


def names_in(path: Path) -> set[str]:
    """What a zip holds."""
    with zipfile.ZipFile(path) as zip_file:
        return set(zip_file.namelist())


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function's credentials; signing asks no service."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    helper._client.cache_clear()


def signed(host: str, user: str) -> dict[str, Any]:
    """What a driver is called with after the token is in its place."""
    parameters = {"host": host, "user": user, "password": None}
    helper._signed(None, None, [], parameters)
    return parameters


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(("user", "action"), [("admin", "DbConnectAdmin"), ("app", "DbConnect")])
def test_each_connection_gets_a_token_for_its_role_and_host(user: str, action: str) -> None:
    address, _, query = signed(HOST, user)["password"].partition("?")
    asked = parse_qs(query)
    assert (address, asked["Action"], asked["X-Amz-Expires"]) == (f"{HOST}/", [action], ["900"])
    assert "/eu-west-1/dsql/aws4_request" in asked["X-Amz-Credential"][0]


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("host", ["127.0.0.1", "db.example.com", f"{HOST}.example.com", "x.dsql.eu-west-1.on.aws.evil"])
def test_a_token_goes_to_no_other_host(host: str) -> None:
    assert signed(host, "admin")["password"] is None


def test_the_url_of_a_local_database_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIG_ONE_DATABASE", "sqlite:///x.sqlite")
    assert helper.database_url("big-one") == "sqlite:///x.sqlite"


def test_a_database_that_is_not_listed_is_named_with_what_to_do() -> None:
    with pytest.raises(KeyError, match="This function is not given 'other': list it under its 'databases'"):
        helper.database_url("other")


def test_a_missing_package_is_named_with_what_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIN_DATABASE", HOST)
    with pytest.raises(ModuleNotFoundError, match="Add aurora-dsql-sqlalchemy to the requirements"):
        helper.database_url("main")


def test_certificates_are_those_that_botocore_trusts() -> None:
    assert helper._authorities().endswith("botocore/cacert.pem")
    assert Path(helper._authorities()).exists()


@pytest.mark.parametrize("databases", [True, False])
def test_the_helper_is_in_the_zip_of_who_lists_databases(tmp_path: Path, *, databases: bool) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("def b(event, context): ...\n")
    bundle = Bundle(name="src", source="src", databases=databases)
    (artifact,) = package([bundle], root=tmp_path, out=tmp_path / "out", say=lambda _: None)
    assert ("stacks_database.py" in names_in(artifact.path)) is databases
