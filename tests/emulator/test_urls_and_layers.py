"""Functions that find their packages in a layer, and answer at addresses of their own."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.running import STAGE, copied, local_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running import Running

pytestmark = pytest.mark.emulator

FUNCTIONS = """  shared_requirements: lambda_src/shared.txt
  functions:
    shop: {wsgi: lambda_src/shop/app.py:app, public: true, url: none}
    closed: {wsgi: lambda_src/shop/app.py:app, url: true}
"""
SHOP = """
import flask

app = flask.Flask(__name__)
app.secret_key = "not one"


@app.route("/where/<name>", methods=["GET", "POST"])
def where(name):
    flask.session["name"] = name
    answer = flask.jsonify(
        at=flask.__file__, name=name, asked=flask.request.args.getlist("q"), body=flask.request.get_data(as_text=True),
        link=flask.url_for("where", name=name), length=len(flask.request.get_data()),
    )
    answer.set_cookie("second", "2")
    return answer
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The example, its requirements shared, with a shop that has a URL and no route."""
    project = copied(tmp_path_factory.mktemp("urls"))
    source = project.folder / "lambda_src"
    (source / "shop").mkdir()
    (source / "shop/app.py").write_text(SHOP, encoding="utf-8")
    (source / "shared.txt").write_bytes((source / "web/requirements.txt").read_bytes())
    file = project.folder / "app.yaml"
    text = file.read_text(encoding="utf-8")
    assert "  functions:\n    web:\n      wsgi" in text
    file.write_text(text.replace("  functions:\n    web:\n      wsgi", f"{FUNCTIONS}    web:\n      wsgi", 1))
    with local_run(project) as running:
        yield running


def _address(site: Running, name: str) -> str:
    """The function's own address on this machine, as ``local`` told it."""
    match = re.search(rf"^{name}FunctionUrl is (http://127\.0\.0\.1:\S+)/ here$", site.output, re.MULTILINE)
    assert match
    return match[1]


def test_an_application_finds_its_framework_in_the_layer(site: Running) -> None:
    with urlopen(f"{_address(site, 'Shop')}/where/a%20b?q=1&q=2", timeout=30) as response:
        load = json.loads(response.read())
        cookies = SimpleCookie("; ".join(response.headers.get_all("Set-Cookie")))
    assert "/python/flask/" in load["at"]
    assert (load["name"], load["asked"], load["link"]) == ("a b", ["1", "2"], "/where/a%20b")
    assert sorted(cookies.keys() - {"Path", "HttpOnly"}) == ["second", "session"]


def test_a_binary_body_reaches_an_application_at_its_url(site: Running) -> None:
    request = Request(f"{_address(site, 'Shop')}/where/x", data=bytes(range(256)), method="POST")
    request.add_header("Content-Type", "application/octet-stream")
    with urlopen(request, timeout=30) as response:
        assert json.loads(response.read())["length"] == 256


def test_a_url_for_signed_requests_refuses_others(site: Running) -> None:
    with pytest.raises(HTTPError) as caught, urlopen(f"{_address(site, 'Closed')}/where/x", timeout=30):
        pass
    with caught.value as refused:
        assert refused.code == 403


def test_the_site_runs_on_the_layer_too(site: Running) -> None:
    assert "What is on your mind?" in site.visitor().ask("/").text
    configuration = site.client("lambda").get_function_configuration(FunctionName=f"notes-{STAGE}-web")
    assert [layer["Arn"].rpartition(":layer:")[2].partition(":")[0] for layer in configuration["Layers"]] == [
        "notes-dev-shared-layer"
    ]
