"""The project as a person meets it: a copy in a folder of its own, its own command line, and its site over HTTP.

Nothing here reaches into the library but to find the local AWS that the command started. A visitor keeps cookies as
a browser does that trusts this machine: Secure ones, too.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import pytest

from stacks.local.emulator import Emulator, running, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PARTS = ("app.yaml", "build.py", "lambda_src", "site")
STAGE, REGION = "dev", "eu-west-1"
HASHED = "print.0a1b2c3d.css"  # a static file as build tools name them


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A copy of the example that commands may write into."""

    folder: Path

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ``python build.py …`` to its end, whatever that is."""
        return subprocess.run(
            command(*words),
            cwd=self.folder,
            env=_environment(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *words: str) -> str:
        """What ``python build.py …`` prints; the test fails when the command does."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def started(self, *words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """``python build.py …`` while it runs; ended with the block."""
        with subprocess.Popen(
            command(*words),
            cwd=self.folder,
            env=_environment({"PYTHONUNBUFFERED": "1", **variables}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def home(self) -> Path:
        """Where the local AWS keeps its state."""
        return self.folder / ".local"


def command(*words: str) -> list[str]:
    """The command line of ``python build.py``."""
    return [sys.executable, "build.py", *words]


def _environment(variables: dict[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, "PYTHONPATH": str(ROOT), **variables}


def copied(folder: Path) -> Project:
    """The example, copied into ``folder`` without what was made in it."""
    folder.mkdir(exist_ok=True)
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return Project(folder=folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the site answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at the site: their cookies, and no redirect followed."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            answer = Answer(status=response.status, headers=response.headers, body=response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: cookie.value for name, cookie in SimpleCookie(line).items()})
        return answer

    def note(self, text: str) -> Answer:
        """Write a note into the form of the first page and send it."""
        token = re.search(r'name="csrf" value="([^"]+)"', self.ask("/").text)
        assert token
        form = urlencode({"csrf": token[1], "text": text}).encode()
        return self.ask("/notes", "POST", form, Content_Type="application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The example, running on a local AWS."""

    project: Project
    emulator: Emulator
    output: str = ""
    """What ``local`` printed when it started."""

    def visitor(self) -> Visitor:
        """Somebody who was never here."""
        return Visitor(port=self.emulator.edge)

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client of the account's root."""
        key, secret = self.emulator.credentials
        session: Any = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
        return session.client(service, endpoint_url=self.emulator.endpoint_url)

    def command(self, verb: str, *words: str) -> str:
        """What ``python build.py VERB`` prints when told to talk to this AWS."""
        return self.project.build(verb, *self.target, *words)

    @property
    def target(self) -> tuple[str, ...]:
        """The options that name this stage on this AWS."""
        return ("--stage", STAGE, "--endpoint-url", self.emulator.endpoint_url)

    def outputs(self) -> dict[str, dict[str, str]]:
        """The outputs of its stacks, as the command tells them."""
        loads: dict[str, dict[str, str]] = json.loads(self.command("outputs", "--json"))
        return loads


@contextlib.contextmanager
def local_run(project: Project, *words: str) -> Iterator[Running]:
    """``python build.py local --detach``, and ``local stop`` at the end of the block."""
    try:
        output = project.build("local", "--detach", *words)
        emulator = running(project.home)
        assert emulator
        yield Running(project=project, emulator=emulator, output=output)
    finally:
        try:
            project.build("local", "stop")
        finally:
            stop(project.home)  # whatever the command did


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example on a local AWS, one for all tests that only use it."""
    project = copied(tmp_path_factory.mktemp("example"))
    (project.folder / "lambda_src/web/static" / HASHED).write_text("nav { display: none }\n")
    with local_run(project) as result:
        yield result


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the example for one test."""
    return copied(tmp_path / "project")
