"""Mistakes in the section ``frontend``: each is told once, at its place, with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import load, validated

if TYPE_CHECKING:
    from pathlib import Path

ZONE = "Z0123456789"
PASSWORD = "correct horse battery staple"
HOLE = "an HTTP API can be called around the web ACL"


def app(frontend: dict[str, Any], **backend: Any) -> dict[str, Any]:
    described = {"static": "static", **frontend}
    return {"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "frontend": described, "backend": backend}


def problems(description: dict[str, Any]) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        validated(description)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("frontend", "message"),
    [
        ({"domain": {"name": "n.example.com"}}, "has neither 'zone' nor 'certificate'"),
        ({"domain": {"name": "https://n.example.com", "zone": ZONE}}, "is not a host name"),
        ({"domain": {"name": "N.example.com", "zone": ZONE}}, "is not a host name"),
        ({"domain": {"name": "n.example.com", "zone": "example.com"}}, "is not a hosted zone id"),
        ({"domain": {"name": "www.example.com", "zone": ZONE, "www": True}}, "starts with www. already"),
        (
            {
                "domain": {
                    "name": "n.example.com",
                    "certificate": "arn:aws:acm:eu-west-1:111111111111:certificate/1-2",
                }
            },
            "is not a certificate of ACM in us-east-1",
        ),
        ({"csp": {"sources": {"script-src": ["self"]}}}, "is not a source of a Content-Security-Policy"),
        ({"csp": {"sources": {"script-src": ["https://a.example.com; x"]}}}, "is not a source"),
        ({"csp": {"sources": {"scripts": ["'self'"]}}}, "is not allowed"),
        ({"waf": {"block": ["203.0.113.0"]}}, "is not a network"),
        ({"csp": {"sources": {"img-src": ["'none'", "data:"]}}}, "img-src has 'none' together with data:"),
        ({"access_log": None}, "nothing is not allowed. Use 'v2', 'legacy' or false"),
        ({"access_log": True}, "true is not allowed. Use 'v2', 'legacy' or false"),
        ({"waf": {"block": ["203.0.113.300/24"]}}, "'203.0.113.300/24' is not a network"),
        ({"waf": {"allow": ["1::2::3/64"]}}, "'1::2::3/64' is not a network"),
        ({"waf": {"block": ["203.0.113.5/24"]}}, "Write 203.0.113.0/24, or one address with /32"),
        ({"waf": {"block_countries": ["Germany"]}}, "is not a country"),
        ({"waf": {"block_countries": ["UK"]}}, "'UK' is not a country. Write GB"),
        ({"countries": {"only": ["de"]}}, "'de' is not a country. Write DE"),
        ({"countries": {"none_of": ["ZZ"]}}, "'ZZ' is not a country. Write its two letters of ISO 3166"),
        ({"waf": {"count": ["comon"]}}, "'count' names 'comon', which is not a rule here"),
        ({"waf": {"existing": "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/1"}}, "is not a web ACL for"),
        ({"waf": {"body_limit": 70_000}}, "70000 exceeds the 65536 bytes"),
        ({"countries": {"only": ["DE"], "none_of": ["AT"]}}, "needs one of 'only' and 'none_of'"),
        ({"countries": {}}, "needs one of 'only' and 'none_of'"),
        ({"paths": {"/static/*": "media.example.com"}}, "/static/* has a behaviour already"),
        ({"paths": {"/x/*": "api"}}, "leads to the API, and CloudFront has none behind it"),
        ({"paths": {"x": "media.example.com"}}, "is not a path pattern"),
        ({"paths": {"/x/*": "https://media.example.com"}}, "is neither 'api' nor a host name"),
        ({"errors": {404: "/errors/404.html"}}, "/errors/404.html is not in the bucket"),
        ({"errors": {402: "/static/404.html"}}, "'402' is not an error that CloudFront has pages for"),
        ({"basic_auth": {"user": "a:b", "password": PASSWORD}}, "'a:b' is not a user name for basic auth"),
        ({"basic_auth": {"user": "team", "password": "hunter2"}}, "the password is too short"),
        ({"basic_auth": {"user": "team", "password": f"{PASSWORD}ä"}}, "browsers encode differently"),
        ({"site": {"folder": "dist", "path": "/static"}}, "/static is taken by static files"),
        ({"site": {"folder": "dist", "path": "/static/app"}}, "/static/app is taken by static files"),
        ({"site": {"folder": "dist", "path": "/api"}}, "/api is taken by the API"),
    ],
)
def test_a_mistake_is_reported_with_its_remedy(frontend: dict[str, Any], message: str) -> None:
    (problem,) = problems(app(frontend))
    assert message in problem
    assert problem.startswith("frontend.")
    assert problem.count(". ") >= 1


@pytest.mark.parametrize("name", ["sthree", "sthree-shop", "amzn-s3-demo"])
def test_a_name_that_s3_keeps_for_itself_is_reported(name: str) -> None:
    (problem,) = problems({**app({}), "name": name})
    what = f"{name!r} begins the names of buckets, and S3 refuses such"
    assert problem == f"name: {what}. Choose another name. [BUCKET-NAME]"


def test_a_route_that_the_site_hides_is_reported() -> None:
    functions = {"f": {"handler": "src/f.py:f", "routes": ["GET /notes", "GET /api/notes"], "public": True}}
    (problem,) = problems(app({"site": "dist"}, functions=functions))
    assert "/notes is not under /api, and the site at / answers it" in problem


def test_a_described_path_shows_the_route_again() -> None:
    functions = {"f": {"handler": "src/f.py:f", "routes": ["GET /auth/me"], "public": True}}
    described = validated(app({"site": "dist", "paths": {"/auth/*": "api"}}, functions=functions))
    assert described.stages["s"].frontend.paths == {"/auth/*": "api"}


WEB = {"f": {"wsgi": "src/f.py:f", "public": True}}


def test_an_http_api_behind_a_web_acl_is_a_hole_that_is_refused() -> None:
    (problem,) = problems(app({}, functions=WEB, api={"type": "http"}))
    assert HOLE in problem


@pytest.mark.parametrize("waf", [False, {"direct_api": True}])
def test_the_hole_can_be_accepted_in_so_many_words(waf: Any) -> None:
    described = validated(app({"waf": waf}, functions=WEB, api={"type": "http"}))
    assert described.stages["s"].backend.api.type == "http"


def test_a_domain_of_two_stages_is_reported_once() -> None:
    description = app({"domain": {"name": "n.example.com", "zone": ZONE}})
    description["stages"]["t"] = {"region": "eu-west-1"}
    (problem,) = problems(description)
    assert "n.example.com is the site's domain of stage 's' already" in problem


def test_error_pages_never_replace_those_of_an_api() -> None:
    (problem,) = problems(app({"errors": {404: "/static/404.html"}}, functions=WEB))
    assert "the API's own errors would become these pages" in problem


@pytest.mark.parametrize(
    ("frontend", "api", "message"),
    [
        ({"waf": False}, "rest", "the API's own address is open to everyone, without the password"),
        ({"waf": {"direct_api": True}}, "http", "the API's own address is open to everyone, without the password"),
        ({"serve": "split"}, "rest", "pages come from the API itself, which does not ask for the password"),
    ],
)
def test_a_password_that_the_api_can_be_called_around_is_refused(frontend: Any, api: str, message: str) -> None:
    basic_auth = {"user": "team", "password": PASSWORD}
    (problem,) = problems(app({**frontend, "basic_auth": basic_auth}, functions=WEB, api={"type": api}))
    assert message in problem


def test_an_option_that_says_nothing_switches_nothing_off(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    described = "name: n\nstages: {s: {region: eu-west-1}}\nfrontend:\n  static: static\n  waf:\n"
    (tmp_path / "app.yaml").write_text(described)
    with pytest.raises(DescriptionError) as caught:
        load(tmp_path / "app.yaml")
    assert str(caught.value) == "app.yaml:5: frontend.waf: is empty. Give it a value, or leave it out."


LOCKED = """name: n
stages: {{s: {{region: eu-west-1, frontend: {{basic_auth: {{user: team, password: {password}}}}}}}}}
frontend: {{static: static, errors: {{404: /static/404.html}}}}
"""


def file_problems(folder: Path, password: str) -> list[str]:
    (folder / "static").mkdir()
    (folder / "app.yaml").write_text(LOCKED.format(password=password))
    with pytest.raises(DescriptionError) as caught:
        load(folder / "app.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_password_in_the_description_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (problem,) = file_problems(tmp_path, PASSWORD)
    assert "the description contains a password" in problem
    assert PASSWORD not in problem


@pytest.mark.parametrize("secret", ["", "hunter2"])
def test_a_bad_password_of_the_environment_is_not_repeated(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", secret)
    (problem,) = file_problems(tmp_path, '"${env:SITE_PASSWORD}"')
    assert "the password is too short" in problem
    assert "hunter2" not in problem


def test_an_error_page_that_is_no_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_PASSWORD", PASSWORD)
    (problem,) = file_problems(tmp_path, '"${env:SITE_PASSWORD}"')
    assert "there is no file 404.html in static" in problem


def test_the_basic_web_acl_has_a_rate_limit_and_bad_addresses_and_other_levels_are_unknown() -> None:
    waf = validated(app({"waf": "basic"})).stages["s"].frontend.waf
    assert waf is not None
    assert (waf.groups, waf.rate_limit) == (("reputation",), 2000)
    assert "'bsic' is not a level of the web ACL. Write basic" in problems(app({"waf": "bsic"}))[0]
