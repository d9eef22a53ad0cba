"""Flask-WTF's CSRF protection behind CloudFront: it compares the Referer with the host that the application sees."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from stacks.packaging import host_target
from tests.packaging.requests_as_events import Sent, received, rest_v1

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project  # type: ignore[import-not-found]

APP = """
from flask import Flask
from flask_wtf.csrf import CSRFProtect, generate_csrf

app = Flask(__name__)
app.secret_key = "k"
CSRFProtect(app)
app.add_url_rule("/form", view_func=generate_csrf, methods=["GET"])
app.add_url_rule("/form", endpoint="kept", view_func=lambda: "kept", methods=["POST"])
"""
SERVE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import stacks_web
for line in sys.stdin:
    print(json.dumps(stacks_web.handler(json.loads(line), None)), flush=True)
"""


def _posted(task: Path, hosts: str, referer: str) -> tuple[int, bytes]:
    """Fetch the form's token, then send it back from a page at ``referer``."""
    environment = {"WSGI_APP": "app:app", "STRIP_STAGE_PATH": "true", "SITE_HOSTS": hosts}
    command, pipe = [sys.executable, "-S", "-s", "-P", "-c", SERVE, str(task)], subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        viewer = ("X-Viewer-Host", "www.example.com")
        process.stdin.write(json.dumps(rest_v1(Sent(path="/form", headers=(viewer,)))) + "\n")
        process.stdin.flush()
        form = received(json.loads(process.stdout.readline()))
        headers = (
            viewer,
            ("Referer", referer),
            ("Cookie", form.cookies[0].partition(";")[0]),
            ("X-CSRFToken", form.body.decode()),
        )
        event = rest_v1(Sent(path="/form", method="POST", headers=headers, body=b""))
        process.stdin.write(json.dumps(event) + "\n")
        process.stdin.flush()
        answer = received(json.loads(process.stdout.readline()))
        process.stdin.close()
    return answer.status, answer.body


@pytest.mark.parametrize(
    ("hosts", "referer", "status"),
    [
        ("www.example.com", "https://www.example.com/form", 200),
        ("*", "https://www.example.com/form", 200),
        ("*", "https://evil.example.com/form", 400),
        ("", "https://www.example.com/form", 200),
        ("", "https://www.example.com.evil.example.com/form", 400),
        ("", "https://evil.example.com/form", 400),
    ],
)
def test_a_form_is_taken_from_the_viewers_host_and_from_no_other_from_the_registry(
    project: Project, hosts: str, referer: str, status: int
) -> None:
    project.write("src/app.py", APP)
    project.write("src/requirements.txt", "flask==3.1.3\nflask-wtf\n")
    with zipfile.ZipFile(project.package(target=host_target(), application="wsgi").path) as zipped:
        zipped.extractall(project.root / "task")
    assert _posted(project.root / "task", hosts, referer)[0] == status
