"""The example behind an HTTP API: one line of the description, no change to its code. And its given secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.emulator.accounts import UserPool, sign_in
from tests.running import REGION, ROOT, STAGE, Project, Running, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator
VALUE = "sk_live_canary_51"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example with ``type: http`` and a given secret, running."""
    project = copied(tmp_path_factory.mktemp("http"))
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8").replace("backend:\n  secrets:\n", f"backend:\n{ADDED}", 1)
    text = text.replace("\nfrontend:\n", "\nfrontend:\n  waf: false\n")  # an HTTP API can be called around it
    assert ADDED in text
    file.write_text(text, encoding="utf-8")
    with local_run(project) as running:
        yield running


ADDED = "  api: {type: http}\n  secrets:\n    stripe-key: given\n"


def token(site: Running) -> str:
    outputs = site.outputs()["data"]
    endpoint = f"{site.emulator.site_url}/_local/cognito/"
    pool = UserPool(endpoint=endpoint, pool=outputs["UserPoolId"], client=outputs["UserPoolClientId"])
    return sign_in(pool, "ada@example.com")


def secrets(project: Project, site: Running, *words: str, typed: str = "") -> str:
    """What ``python build.py secrets …`` prints, its errors too."""
    options = ("--stage", STAGE, "--endpoint-url", site.emulator.endpoint_url)
    done = subprocess.run(
        [sys.executable, "build.py", "secrets", *words, *options],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert VALUE not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_is_an_http_api_that_answers(http: Running) -> None:
    (api,) = http.client("apigatewayv2", REGION).get_apis()["Items"]
    assert api["ProtocolType"] == "HTTP"
    assert http.outputs()["backend"]["ApiId"] == api["ApiId"]


def test_the_flask_application_keeps_its_session(http: Running) -> None:
    visitor = http.visitor()
    answer = visitor.note("over HTTP API")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    page = visitor.ask("/").text
    assert "over HTTP API" in page
    assert "Note added." in page
    assert "over HTTP API" not in http.visitor().ask("/").text


def test_the_api_functions_know_who_asks(http: Running) -> None:
    assert http.visitor().ask("/api/notes").status == 401
    ada = token(http)
    body = json.dumps({"text": "kept by the API"}).encode()
    assert http.visitor().ask("/api/notes", "POST", body, Authorization=ada).status == 201
    listed = http.visitor().ask("/api/notes", Authorization=ada).json()
    assert [note["text"] for note in listed["notes"]] == ["kept by the API"]


def test_a_given_secret_is_set_listed_changed_removed_and_brought_back(http: Running) -> None:
    project, manager = http.project, http.client("secretsmanager", REGION)
    assert "not set" in secrets(project, http, "list")
    assert "is set" in secrets(project, http, "set", "stripe-key", typed=f"{VALUE}\n")
    assert manager.get_secret_value(SecretId="notes-dev/stripe-key")["SecretString"] == VALUE
    result = manager.describe_secret(SecretId="notes-dev/stripe-key")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in result}["stage"] == "dev"
    assert "is set" in secrets(project, http, "set", "stripe-key", typed="another")
    assert "removed" in secrets(project, http, "rm", "stripe-key", "--yes")
    assert "has no value in dev" in secrets(project, http, "rm", "stripe-key", "--yes")
    assert "not set" in secrets(project, http, "list")
    assert "is set" in secrets(project, http, "set", "stripe-key", typed=VALUE)
    assert manager.get_secret_value(SecretId="notes-dev/stripe-key")["SecretString"] == VALUE
