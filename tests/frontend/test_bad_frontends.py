"""Mistakes in the section ``frontend``: each is told once, at its place, with its remedy."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import validated

ZONE = "Z0123456789"
HOLE = "an HTTP API can be called around the web ACL"


def app(frontend: dict[str, Any], **backend: Any) -> dict[str, Any]:
    described = {"static": "static", **frontend}
    return {"name": "n", "stages": {"s": {"region": "eu-west-1"}}, "frontend": described, "backend": backend}


def problems(description: dict[str, Any]) -> list[str]:
    with pytest.raises(DescriptionError) as caught:
        validated(description)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("frontend", "told"),
    [
        ({"domain": {"name": "n.example.com"}}, "has neither 'zone' nor 'certificate'"),
        ({"domain": {"name": "https://n.example.com", "zone": ZONE}}, "is no host name"),
        ({"domain": {"name": "N.example.com", "zone": ZONE}}, "is no host name"),
        ({"domain": {"name": "n.example.com", "zone": "example.com"}}, "is no hosted zone id"),
        ({"domain": {"name": "www.example.com", "zone": ZONE, "www": True}}, "starts with www. already"),
        (
            {
                "domain": {
                    "name": "n.example.com",
                    "certificate": "arn:aws:acm:eu-west-1:111111111111:certificate/1-2",
                }
            },
            "is no certificate of ACM in us-east-1",
        ),
        ({"csp": {"sources": {"script-src": ["self"]}}}, "is no source of a Content-Security-Policy"),
        ({"csp": {"sources": {"script-src": ["https://a.example.com; x"]}}}, "is no source"),
        ({"csp": {"sources": {"scripts": ["'self'"]}}}, "is not allowed"),
        ({"waf": {"block": ["203.0.113.0"]}}, "is no network"),
        ({"waf": {"block_countries": ["Germany"]}}, "is no country"),
        ({"waf": {"count": ["comon"]}}, "'count' names 'comon', which is no rule here"),
        ({"waf": {"existing": "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/1"}}, "is no web ACL for"),
        ({"waf": {"body_limit": 70_000}}, "70000 exceeds the 65536 bytes"),
        ({"countries": {"only": ["DE"], "none_of": ["AT"]}}, "needs one of 'only' and 'none_of'"),
        ({"countries": {}}, "needs one of 'only' and 'none_of'"),
        ({"paths": {"/static/*": "media.example.com"}}, "/static/* has a behaviour already"),
        ({"paths": {"/x/*": "api"}}, "leads to the API, and CloudFront has none behind it"),
        ({"paths": {"x": "media.example.com"}}, "is no path pattern"),
        ({"paths": {"/x/*": "https://media.example.com"}}, "is neither 'api' nor a host name"),
        ({"paths": {f"/{n}/*": "m.example.com" for n in range(24)}}, "would have 26 behaviours, 25 are allowed"),
        ({"site": {"folder": "dist", "path": "/static"}}, "/static is taken by static files"),
        ({"site": {"folder": "dist", "path": "/api"}}, "/api is taken by the API"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(frontend: dict[str, Any], told: str) -> None:
    (problem,) = problems(app(frontend))
    assert told in problem
    assert problem.startswith("frontend.")
    assert problem.count(". ") >= 1


def test_a_route_that_the_site_hides_is_told() -> None:
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


def test_a_domain_of_two_stages_is_told_once() -> None:
    description = app({"domain": {"name": "n.example.com", "zone": ZONE}})
    description["stages"]["t"] = {"region": "eu-west-1"}
    (problem,) = problems(description)
    assert "n.example.com is the domain of stage s already" in problem
