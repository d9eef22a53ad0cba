"""Flask's tutorial application behind a REST and an HTTP API on the local AWS, without a change to its code.

An extension joins it, with a static folder of its own below the published one, as Flask-Bootstrap has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.flaskr import tutorial
from tests.running import ROOT, Project, local_run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Answer, Visitor

pytestmark = pytest.mark.emulator
EXTENDED = """
from flask import Blueprint
from flaskr import create_app
app = create_app({settings})
app.register_blueprint(Blueprint("ext", __name__, static_folder="parts", static_url_path="/static/ext"))
"""
WITH_TABLES = """
import sys
from flaskr import create_app, db
with create_app({"DATABASE": sys.argv[1]}).app_context():
    db.init_db()
"""


def project(folder: Path, kind: str) -> Project:
    """The tutorial with a description at its root, beside the package, and the tables that its ``init-db`` makes."""
    code, database = tutorial(folder), str(folder / "flaskr.sqlite")
    subprocess.run(
        [sys.executable, "-c", WITH_TABLES, database], env={**os.environ, "PYTHONPATH": str(code)}, check=True
    )
    settings = {"DATABASE": database, "SECRET_KEY": "dev"}
    (code / "web.py").write_text(EXTENDED.format(settings=settings))
    (code / "parts").mkdir()
    (code / "parts/ext.js").write_text("extended()")
    description = {
        "name": "flaskr",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {
            "api": {"type": kind},
            "functions": {"web": {"wsgi": "web.py:app", "only": ["web.py", "flaskr", "parts"], "public": True}},
        },
        "frontend": {"static": "flaskr/static", **({"waf": False} if kind == "http" else {})},
    }
    (code / "app.yaml").write_text(json.dumps(description))
    (code / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    return Project(folder=code)


def send(visitor: Visitor, path: str, **form: str) -> Answer:
    return visitor.ask(path, "POST", urlencode(form).encode(), Content_Type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_the_tutorial_registers_logs_in_and_publishes_from_the_registry(tmp_path: Path, kind: str) -> None:
    with local_run(project(tmp_path, kind)) as running:
        ada = running.visitor()
        assert ada.ask("/create").headers["Location"] == "/auth/login"
        assert send(ada, "/auth/register", username="ä", password="p").headers["Location"] == "/auth/login"
        assert "Incorrect password." in send(ada, "/auth/login", username="ä", password="x").text
        assert send(ada, "/auth/login", username="ä", password="p").headers["Location"] == "/"
        assert send(ada, "/create", title="First", body="grün").status == 302
        page = running.visitor().ask("/").text
        assert "<h1>First</h1>" in page
        assert "grün" in page
        assert ada.ask("/static/style.css").headers["Content-Type"].startswith("text/css")
        extension, missing = ada.ask("/static/ext/ext.js"), ada.ask("/static/none.js")
        assert (extension.text, extension.headers["X-Content-Type-Options"]) == ("extended()", "nosniff")
        assert (missing.status, "The requested URL was not found" in missing.text) == (404, True)
