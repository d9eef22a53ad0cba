"""Clusters of a template on this machine: PostgreSQL where there is a server, a file of SQLite where not."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stacks.local.emulator import newest_postgres
from stacks.local.front.databases import Databases, LocalDatabase, clusters, with_databases

if TYPE_CHECKING:
    from pathlib import Path

HERE = LocalDatabase("postgresql+psycopg://admin:word@127.0.0.1:1/postgres", "a PostgreSQL 15 server on this machine")
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Main": {"Type": "AWS::DSQL::Cluster", "DeletionPolicy": "Retain", "Properties": {}},
        "Value": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::GetAtt": ["Main", "Endpoint"]}}},
        "Text": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::Sub": "x ${Main.ResourceArn}"}}},
    },
    "Outputs": {"Id": {"Value": {"Ref": "Main"}}},
}


def test_a_cluster_becomes_the_database_and_says_so() -> None:
    template, notices = with_databases(TEMPLATE, {"Main": HERE}, "eu-west-1", "0" * 12)
    identifier = template["Outputs"]["Id"]["Value"]
    assert clusters(TEMPLATE) == ("Main",)
    assert clusters(template) == ()
    assert template["Resources"]["Value"]["Properties"]["Value"] == HERE.url
    arn = f"x arn:aws:dsql:eu-west-1:{'0' * 12}:cluster/{identifier}"
    assert (template["Resources"]["Text"]["Properties"]["Value"], len(identifier)) == (arn, 26)
    assert [(notice["kind"], notice["logical_id"], notice["detail"]) for notice in notices] == [
        ("substituted", "Main", HERE.what)
    ]


def test_a_template_without_clusters_stays_as_it_is() -> None:
    assert with_databases(TEMPLATE, {}, "eu-west-1", "0" * 12) == (TEMPLATE, [])


def test_without_a_server_a_file_of_sqlite_replaces_it_with_a_notice(tmp_path: Path) -> None:
    database = Databases(folder=tmp_path / "d").of("notes-dev-data", "Main")
    assert database.url == f"sqlite:///{tmp_path}/d/notes-dev-data-Main.sqlite"
    assert "SQLite stands in for it: this machine has no PostgreSQL server" in database.what


def test_a_server_that_does_not_start_is_reported_with_its_reason(tmp_path: Path) -> None:
    broken = tmp_path / "postgres"
    (tmp_path / "initdb").write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
    (tmp_path / "initdb").chmod(0o755)
    tmp_path.chmod(0o755)
    database = Databases(folder=tmp_path / "d", postgres=str(broken)).of("a", "Main")
    assert database.url.startswith("sqlite:///")
    assert "PostgreSQL did not start: " in database.what


def test_a_server_is_shared_by_who_asks_again_and_ends_with_the_local_aws(tmp_path: Path) -> None:
    databases = Databases(folder=tmp_path / "d", postgres=newest_postgres())
    try:
        first = databases.of("a", "Main")
        assert databases.of("a", "Main") is first
        assert "word" not in repr(first)
        where = urlsplit(first.url)
        if where.scheme == "sqlite":
            assert shutil.which("postgres") is None
            return
        assert (where.username, where.hostname, where.path, len(where.password or "") > 20) == (
            *("admin", "127.0.0.1", "/postgres"),
            True,
        )
        socket.create_connection(("127.0.0.1", where.port or 0)).close()
    finally:
        databases.close()
    with socket.socket() as entry:
        assert entry.connect_ex(("127.0.0.1", where.port or 0)) != 0
