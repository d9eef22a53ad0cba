"""Databases of a template on this machine: a PostgreSQL server for each cluster, or SQLite where there is none.

A server starts with the first template that has its cluster, and ends with this process. Its role is ``admin`` and its
database ``postgres``, as Aurora DSQL's are; it listens on loopback and asks for a random password.
"""

from __future__ import annotations

import copy
import ctypes
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacks.intrinsics.references import Reference, substitute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.intrinsics.functions import GetStackOutput
    from stacks.json_types import JsonDict, TemplateData

CLUSTER = "AWS::DSQL::Cluster"
_READY_SECONDS, _STOP_SECONDS = 30.0, 5.0
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)


@dataclass(frozen=True, slots=True)
class LocalDatabase:
    """A database on this machine: its URL for SQLAlchemy, with its password, and what it is."""

    url: str = field(repr=False)
    what: str


def clusters(template: TemplateData) -> tuple[str, ...]:
    """The logical ids of a template's clusters."""
    resources = template["Resources"].items()
    return tuple(name for name, body in resources if isinstance(body, dict) and body.get("Type") == CLUSTER)


def with_databases(
    template: JsonDict, databases: Mapping[str, LocalDatabase], region: str, account: str
) -> tuple[JsonDict, list[dict[str, str]]]:
    """The template with these databases in the place of its clusters, and a notice for each."""
    if not databases:
        return template, []
    result = copy.deepcopy(template)
    for name in databases:
        result["Resources"][name] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}

    def local(reference: Reference | GetStackOutput) -> Any:
        if not isinstance(reference, Reference) or reference.name not in databases:
            return None
        arn = f"arn:aws:dsql:{region}:{account}:cluster/{_identifier(reference.name)}"
        values = {"": _identifier(reference.name), "Endpoint": databases[reference.name].url, "ResourceArn": arn}
        return values.get(reference.attribute, "")

    for section in ("Resources", "Outputs"):
        if section in result:
            result[section] = substitute(result[section], local)
    return result, [
        {"kind": "substituted", "logical_id": name, "type": CLUSTER, "detail": local_database.what}
        for name, local_database in databases.items()
    ]


def _identifier(name: str) -> str:
    """An id such as Aurora DSQL gives clusters: 26 letters and digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:26]


@dataclass(slots=True, kw_only=True)
class Databases:
    """The databases of this local AWS. ``postgres`` is the server's program, or empty where the machine has none."""

    folder: Path
    postgres: str = ""
    _running: dict[str, LocalDatabase] = field(default_factory=dict)
    _servers: list[tuple[subprocess.Popen[bytes], Path | None]] = field(default_factory=list)

    def of(self, stack: str, cluster: str) -> LocalDatabase:
        """The database of a cluster, started when it is asked for first."""
        name = f"{stack}-{cluster}"
        if name not in self._running:
            self._running[name] = self._start(name)
        return self._running[name]

    def _start(self, name: str) -> LocalDatabase:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.postgres:
            return self._substitute(name, "this machine has no PostgreSQL server")
        try:
            return self._serve(name)
        except (OSError, subprocess.SubprocessError) as error:
            lines = str(getattr(error, "stderr", "") or error).strip().splitlines()
            return self._substitute(name, f"PostgreSQL did not start: {lines[-1] if lines else type(error).__name__}")

    def _substitute(self, name: str, why: str) -> LocalDatabase:
        file = self.folder / f"{name}.sqlite"
        return LocalDatabase(f"sqlite:///{file}", f"a file of SQLite stands in for it: {why}")

    def _serve(self, name: str) -> LocalDatabase:
        """Run a server as this user; root's runs as another user, whom PostgreSQL lets start one, and is not kept."""
        other = _other_user() if os.getuid() == 0 else None
        home = self.folder / name if other is None else Path(tempfile.mkdtemp(prefix="stacks-postgres-", dir="/tmp"))
        home.mkdir(mode=0o700, exist_ok=True)
        if other is not None:
            os.chown(home, other.pw_uid, other.pw_gid)
        data, password_file = home / "data", self.folder / f"{name}.password"
        user: dict[str, Any] = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []} if other else {}
        if not data.exists():
            self._make(data, password_file, user)
        port = _free_port()
        options = ["-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", "", "-c", "logging_collector=off"]
        quiet: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        command = [self.postgres, *options]
        server = subprocess.Popen(command, cwd=home, preexec_fn=_end_with_parent, **quiet, **user)  # noqa: PLW1509
        self._servers.append((server, home if other else None))
        _wait(server, data / "postmaster.pid")
        version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
        url = f"postgresql+psycopg://admin:{password_file.read_text(encoding='ascii')}@127.0.0.1:{port}/postgres"
        return LocalDatabase(url, f"a PostgreSQL {version} server on this machine")

    def _make(self, data: Path, password_file: Path, user: dict[str, Any]) -> None:
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        copy = data.with_name("password")
        copy.touch(mode=0o600)
        copy.write_bytes(password_file.read_bytes())
        if user:
            os.chown(copy, user["user"], user["group"])
        program = str(Path(self.postgres).resolve().with_name("initdb"))
        how = ["--username=admin", "--auth=scram-sha-256", f"--pwfile={copy}", "--encoding=UTF8", "--no-sync"]
        command = [program, "-D", str(data), "--locale=C", *how]
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=data.parent, **user)
        copy.unlink()

    def close(self) -> None:
        """End the servers in order; those of root's other user leave nothing behind."""
        for server, _ in self._servers:
            server.send_signal(signal.SIGINT)  # a fast shutdown: it waits for nobody
        for server, folder in self._servers:
            try:
                server.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> pwd.struct_passwd:
    names = {row.pw_name: row for row in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _end_with_parent() -> None:
    """Stop the server in order when this process ends, however it does; Linux has this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGINT)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as result:
        return int(result.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], file: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if file.read_text(encoding="utf-8").split()[-1:] == ["ready"]:
                return
        except OSError:
            pass
        time.sleep(0.02)
    server.kill()
    raise OSError("the server is not ready")
