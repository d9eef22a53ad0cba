"""Applications of ASGI frameworks and Django behind the CDN of the local AWS, and a command in a deployed one."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import uv

from tests.running import ROOT, Project, local_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.emulator

FASTAPI = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/")
def read_root():
    return {"Hello": "World"}

@app.get("/items/{item_id}")
def read_item(item_id: int, q: str | None = None):
    return {"item_id": item_id, "q": q}
"""
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def homepage(request):
    return JSONResponse({"hello": "world", "url": str(request.url_for("home"))})

app = Starlette(debug=True, routes=[Route("/", homepage, name="home")])
"""
QUART = """
from quart import Quart, request, redirect
app = Quart(__name__)

@app.post("/echo")
async def echo():
    form = await request.form
    return {"form": form.to_dict(), "path": request.path}

@app.get("/")
async def home():
    return redirect("/somewhere")
"""


def _project(folder: Path, kind: str, **function: Any) -> Project:
    functions = {"web": {"public": True, **function}}
    description = {
        "name": "ways",
        "stages": {"dev": {"region": "eu-west-1"}},
        "backend": {"api": {"type": kind}, "functions": functions},
        "frontend": {"static": "static", **({"waf": False} if kind == "http" else {})},
    }
    (folder / "static").mkdir(exist_ok=True)
    (folder / "static/a.css").write_text("a{}")
    (folder / "app.yaml").write_text(json.dumps(description))
    (folder / "build.py").write_bytes((ROOT / "build.py").read_bytes())
    return Project(folder=folder)


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_fastapi_answers_with_its_docs_from_the_registry(tmp_path: Path, kind: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text(FASTAPI)
    (tmp_path / "src/requirements.txt").write_text("fastapi\n")
    with local_run(_project(tmp_path, kind, asgi="src/main.py:app")) as running:
        visitor = running.visitor()
        assert visitor.ask("/").json() == {"Hello": "World"}
        assert visitor.ask("/items/5?q=some%20query").json() == {"item_id": 5, "q": "some query"}
        assert visitor.ask("/items/x").status == 422
        (address,) = re.findall(r"url: '([^']+)'", visitor.ask("/docs").text)
        assert address == "/openapi.json"
        assert visitor.ask(address).json()["paths"].keys() == {"/", "/items/{item_id}"}


@pytest.mark.parametrize(("framework", "text"), [("starlette", STARLETTE), ("quart", QUART)])
def test_starlette_and_quart_answer_from_the_registry(tmp_path: Path, framework: str, text: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text(text)
    (tmp_path / "src/requirements.txt").write_text(f"{framework}\n")
    with local_run(_project(tmp_path, "rest", asgi="src/main.py:app")) as running:
        visitor = running.visitor()
        if framework == "starlette":
            message = visitor.ask("/").json()
            assert (message["hello"], message["url"].rpartition("/")[2]) == ("world", "")
        else:
            assert visitor.ask("/").headers["Location"] == "/somewhere"
            form = visitor.ask("/echo", "POST", b"a=%C3%A4", Content_Type="application/x-www-form-urlencoded")
            assert form.json() == {"form": {"a": "ä"}, "path": "/echo"}


FLASK = """
import os
import click
from flask import Flask
app = Flask(__name__)

@app.cli.command("greet")
@click.argument("name")
def greet(name):
    print(f"hello {name}")
    raise SystemExit(3 if name == "nobody" else 0)
"""


def test_a_command_runs_in_the_deployed_application_and_nowhere_else_from_the_registry(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.py").write_text(FLASK)
    (tmp_path / "src/requirements.txt").write_text("flask\n")
    (tmp_path / "event.json").write_text('{"stacks_command": {"words": ["flask", "greet", "x"]}}')
    project = _project(tmp_path, "http", wsgi="src/main.py:app", commands=True, after_deploy=["flask greet deployed"])
    with local_run(project) as running:
        assert "hello deployed" in running.output
        at = ("--endpoint-url", running.emulator.endpoint_url)
        assert "hello ada\n" in project.build("run", "web", *at, "--", "flask", "greet", "ada")
        done = project.run("run", "web", *at, "--", "flask", "greet", "nobody")
        assert (done.returncode, "hello nobody" in done.stdout) == (3, True)
        refused = project.run("invoke", "web", "--local", "--event", "event.json")
        assert (refused.returncode, "through the function's alias 'commands' only" in refused.stdout) == (1, True)


def test_an_unchanged_django_project_migrates_and_signs_in_from_the_registry(tmp_path: Path) -> None:
    start = [
        uv.find_uv_bin(),
        "tool",
        "run",
        "--quiet",
        "--from",
        "django<5.3",
        "django-admin",
        "startproject",
        "mysite",
    ]
    subprocess.run([*start, str(tmp_path)], check=True)
    settings = tmp_path / "mysite/settings.py"
    settings.write_text(settings.read_text().replace("BASE_DIR / 'db.sqlite3'", repr(str(tmp_path / "db.sqlite3"))))
    (tmp_path / "requirements.txt").write_text("django<5.3\n")
    function = {
        "asgi": "mysite/asgi.py:application",  # the tutorial's test has WSGI behind a REST API
        "source": ".",
        "only": ["mysite", "manage.py"],
        "commands": True,
        "timeout": 60,
        "after_deploy": ["python manage.py migrate"],
        "environment": {"DJANGO_SUPERUSER_PASSWORD": {"value": "pw", "secret": False}},
    }
    project = _project(tmp_path, "rest", **function)
    with local_run(project) as running:
        assert "Applying auth.0001_initial... OK" in running.output
        at = ("--endpoint-url", running.emulator.endpoint_url)
        words = ("createsuperuser", "--noinput", "--username", "ada", "--email", "a@example.com")
        assert "Superuser created" in project.build("run", "web", *at, "--", "python", "manage.py", *words)
        ada = running.visitor()
        page = ada.ask("/admin/login/?next=/admin/")
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        fields = {"csrfmiddlewaretoken": token, "username": "ada", "password": "pw", "next": "/admin/"}
        origin = {"Content_Type": "application/x-www-form-urlencoded", "Origin": running.emulator.site_url}
        answer = ada.ask("/admin/login/", "POST", urlencode(fields).encode(), **origin)
        assert (answer.status, answer.headers["Location"]) == (302, "/admin/")
        assert "Site administration" in ada.ask("/admin/").text
