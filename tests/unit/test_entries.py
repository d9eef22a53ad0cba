"""What a function's file says about how it is called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from stacks.description.entries import django_settings, installed_apps, interface_of
from stacks.errors import DescriptionError
from stacks.loading import load

if TYPE_CHECKING:
    from pathlib import Path

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FLASK = "import flask\napp: flask.Flask = flask.Flask(__name__)\n"


@pytest.mark.parametrize(
    ("text", "called", "expected"),
    [
        (FASTAPI, "app", ("asgi", "FastAPI")),
        (FLASK, "app", ("wsgi", "Flask")),
        ("from quart import Quart as Q\nx = Q(__name__)", "x", ("asgi", "Quart")),
        ("from starlette.applications import Starlette\napp = Starlette()", "app", ("asgi", "Starlette")),
        ("import falcon.asgi\napp = falcon.asgi.App()", "app", ("asgi", "App")),
        ("import falcon\napp = falcon.App()", "app", ("wsgi", "App")),
        (
            "from django.core.asgi import get_asgi_application as get\napplication = get()",
            "application",
            ("asgi", "get_asgi_application"),
        ),
        (
            "from flask import Flask\ndef create_app():\n    app = Flask('x')\n    return app",
            "create_app()",
            ("wsgi", "Flask"),
        ),
        ("def make(x=1):\n    from fastapi import FastAPI\n    return FastAPI()", "make(x=2)", ("asgi", "FastAPI")),
        (f"{FASTAPI}from asgi_tools import wrap\napp = wrap(app)\n", "app", None),
        (f"{FASTAPI}if 1:\n    app = other()\n", "app", None),
        ("from mine import Flask\napp = Flask()", "app", None),
        ("from .fastapi import FastAPI\napp = FastAPI()", "app", None),
        (FASTAPI, "other", None),
        ("def create_app():\n    if x:\n        return Flask()\n", "create_app()", None),
        ("app = FastAPI(", "app", None),
        ("", "app", None),
    ],
)
def test_a_file_shows_the_interface_when_it_proves_it(text: str, called: str, expected: Any) -> None:
    assert interface_of(text, called) == expected


def _described(root: Path, function: dict[str, Any], **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    functions = {"web": {"public": True, **function}}
    description = {"name": "app", "stages": {"dev": {"region": "eu-west-1"}}, "backend": {"functions": functions}}
    (root / "app.yaml").write_text(json.dumps(description, indent=2))
    return root / "app.yaml"


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("wsgi", FASTAPI, r"src/main\.py:app is an ASGI application \(FastAPI\)\. Write 'asgi:' instead of 'wsgi:'"),
        ("asgi", FLASK, r"src/main\.py:app is a WSGI application \(Flask\)\. Write 'wsgi:' instead of 'asgi:'"),
        ("handler", FLASK, r"is a WSGI application \(Flask\)\. Write 'wsgi:' instead of 'handler:'"),
    ],
)
def test_the_wrong_key_is_reported_while_loading_with_its_line(
    tmp_path: Path, key: str, text: str, message: str
) -> None:
    with pytest.raises(DescriptionError, match=rf"app\.yaml:\d+: .*{message}"):
        load(_described(tmp_path, {key: "src/main.py:app"}, src__main_py=text))


@pytest.mark.parametrize(("key", "text"), [("asgi", FASTAPI), ("wsgi", FLASK), ("wsgi", "from made import app\n")])
def test_the_right_key_loads(tmp_path: Path, key: str, text: str) -> None:
    load(_described(tmp_path, {key: "src/main.py:app"}, src__main_py=text))


DJANGO = """
import os
from django.core.asgi import get_asgi_application
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'mysite.settings')
application = get_asgi_application()
"""
SETTINGS = "INSTALLED_APPS = ['polls.apps.PollsConfig', 'django.contrib.admin', 'rest_framework']\n"


def test_a_django_project_is_packaged_from_the_folder_around_its_settings(tmp_path: Path) -> None:
    files = {"site__mysite__asgi_py": DJANGO, "site__mysite__settings_py": SETTINGS}
    file = _described(tmp_path, {"asgi": "site/mysite/asgi.py:application"}, **files)
    with pytest.raises(DescriptionError, match=r"mysite\.settings is not in site/mysite.*Add 'source: site'"):
        load(file)
    load(_described(tmp_path, {"asgi": "site/mysite/asgi.py:application", "source": "site"}))


def test_a_django_project_at_the_root_names_all_its_applications(tmp_path: Path) -> None:
    files = {"mysite__asgi_py": DJANGO, "mysite__settings_py": SETTINGS, "polls__apps_py": ""}
    function = {"asgi": "mysite/asgi.py:application", "source": "."}
    with pytest.raises(DescriptionError, match=r"INSTALLED_APPS.*polls.*Add 'only: \[mysite, polls\]'"):
        load(_described(tmp_path, function, **files))
    load(_described(tmp_path, {**function, "only": ["mysite", "polls"]}))


def test_settings_are_read_as_django_writes_them() -> None:
    assert django_settings(DJANGO) == "mysite.settings"
    assert django_settings("os.environ['DJANGO_SETTINGS_MODULE']") is None
    assert installed_apps(SETTINGS) == ("polls", "rest_framework")
    assert installed_apps("INSTALLED_APPS = base()") == installed_apps("x = (") == ()
