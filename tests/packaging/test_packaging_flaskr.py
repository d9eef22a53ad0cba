"""Flask's tutorial application behind the front doors, without a change."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from stacks.app import Function
from stacks.packaging import Bundle, host_target, package
from stacks.packaging.check import PackagedHandler, check
from tests.flaskr import tutorial
from tests.packaging.requests_as_events import Response, Sent, function_url, http_v2, received, rest_v1

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks.packaging import Artifact

SERVE = """
import json, sys
sys.path.insert(0, "task")
if sys.argv[1:]:
    from flaskr import create_app, db
    with create_app({"DATABASE": sys.argv[1]}).app_context():
        db.init_db()
import stacks_web
for line in sys.stdin:
    print(json.dumps(stacks_web.handler(json.loads(line), None)), flush=True)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose folder ``tutorial`` is the one of Flask's source package."""
    root = tmp_path_factory.mktemp("flaskr")
    tutorial(root)
    return root


@pytest.fixture(scope="module")
def function(project: Path) -> Function:
    """The function as a description has it: the factory with a database in /tmp, which Lambda can write."""
    arguments = {"DATABASE": str(project / "flaskr.sqlite"), "SECRET_KEY": "dev"}
    return Function(wsgi=f"tutorial/flaskr/__init__.py:create_app({arguments})", public=True)


@pytest.fixture(scope="module")
def artifact(project: Path, function: Function) -> Artifact:
    """Its zip for this machine, with Flask as its pyproject.toml asks."""
    file = f"{function.folder}/pyproject.toml"
    bundle = Bundle(name="flaskr", source=function.folder, requirements=file, application="wsgi")
    return package([bundle], root=project, out=project / ".build", target=host_target(), say=print)[0]


class Browser:
    """Speaks HTTP to the handler in a process of its own, and keeps cookies."""

    def __init__(self, process: subprocess.Popen[str], door: Callable[[Sent], dict[str, Any]]) -> None:
        self.process, self.door, self.cookies = process, door, dict[str, str]()

    def ask(self, path: str, **form: str) -> Response:
        cookie = (("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())),)
        kind = (("Content-Type", "application/x-www-form-urlencoded"),) if form else ()
        body = urlencode(form).encode() if form else None
        event = self.door(Sent(path=path, method="POST" if form else "GET", headers=cookie + kind, body=body))
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(event) + "\n")
        self.process.stdin.flush()
        response = received(json.loads(self.process.stdout.readline()))
        self.cookies |= dict(cookie.partition(";")[0].split("=", 1) for cookie in response.cookies)
        return response


@pytest.fixture(params=[rest_v1, http_v2, function_url])
def browser(request: pytest.FixtureRequest, project: Path, function: Function, artifact: Artifact) -> Any:
    """A browser in front of the unpacked zip; only the zip can be imported."""
    with zipfile.ZipFile(artifact.path) as zipped:
        zipped.extractall(project / "task")
    command = [sys.executable, "-S", "-s", "-P", "-c", SERVE, str(project / "flaskr.sqlite")]
    environment = {"WSGI_APP": ":".join(function.entry)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=project, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield Browser(process, request.param)
        assert process.stdin is not None
        process.stdin.close()


def test_the_tutorial_registers_logs_in_and_publishes_from_the_registry(browser: Browser) -> None:
    prefix = "" if browser.door is function_url else "/dev"
    assert b"Posts" in browser.ask("/").body
    assert browser.ask("/create").headers["location"] == f"{prefix}/auth/login"
    assert browser.ask("/auth/register", username="ä", password="p").headers["location"] == f"{prefix}/auth/login"
    assert b"Incorrect password." in browser.ask("/auth/login", username="ä", password="x").body
    assert browser.ask("/auth/login", username="ä", password="p").headers["location"] == f"{prefix}/"
    assert browser.ask("/create", title="First", body="grün").status == 302
    page = browser.ask("/").body.decode()
    assert re.findall(r"<h1>(\w+)</h1>|(grün)", page)[-2:] == [("First", ""), ("", "grün")]
    assert f'href="{prefix}/static/style.css"' in page
    assert browser.ask("/static/style.css").headers["content-type"] == "text/css; charset=utf-8"


def test_the_tutorial_can_be_imported_where_nothing_can_be_written_from_the_registry(
    function: Function, artifact: Artifact
) -> None:
    environment = {"WSGI_APP": ":".join(function.entry)}
    handler = PackagedHandler(name="flaskr", handler="stacks_web.handler", environment=environment, key=artifact.key)
    assert check([handler], [artifact]).words == ()
