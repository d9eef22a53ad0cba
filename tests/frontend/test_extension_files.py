"""Files that the bucket lacks: the application answers for the static folders of its extensions."""

from __future__ import annotations

from typing import Any

import pytest

from stacks import render
from stacks.checks.run import check
from stacks.commands.checking import unreached
from stacks.edge_routes import routed
from stacks.loading import validated
from stacks.parts.frontend.behaviors import BUCKET_THEN_API
from stacks.parts.frontend.patterns import behaviors_of

WEB: dict[str, Any] = {"wsgi": "src/app.py:app", "public": True}
STATIC = {"static": "src/static"}
AT_ROOT = {"site": "site", "static": "src/static"}
CHECKED = {"auth": "iam", "wsgi": "src/app.py:app"}


def stage_with(frontend: dict[str, Any], web: dict[str, Any], **backend: Any) -> Any:
    described = {"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend}
    app = validated({**described, "backend": {**backend, "functions": {"web": web}}})
    return app, app.stages["s"]


def config(frontend: dict[str, Any], web: dict[str, Any] = WEB, **backend: Any) -> dict[str, Any]:
    app, stage = stage_with(frontend, web, **backend)
    (template,) = (stack.template for stack in render(app, stage) if stack.stack == "frontend")
    configs: dict[str, Any] = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    return configs


def targets(frontend: dict[str, Any], web: dict[str, Any] = WEB, **backend: Any) -> dict[str, str]:
    result = config(frontend, web, **backend)
    behaviors = [
        ("default", result["DefaultCacheBehavior"]),
        *((behavior["PathPattern"], behavior) for behavior in result["CacheBehaviors"]),
    ]
    return {pattern: behavior["TargetOriginId"] for pattern, behavior in behaviors}


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_files_below_static_that_are_not_published_come_from_the_application(kind: str) -> None:
    frontend = {**STATIC, "waf": {"direct_api": True}}
    assert targets(frontend, api={"type": kind}) == {"default": "api", "/static/*": BUCKET_THEN_API}


def test_a_site_at_the_root_shares_it_with_the_applications_extensions() -> None:
    assert targets(AT_ROOT) == {"default": BUCKET_THEN_API, "/static/*": BUCKET_THEN_API, "/api/*": "api"}


@pytest.mark.parametrize(
    ("web", "static"),
    [
        ({**WEB, "routes": ["ANY /api/{proxy+}"]}, "bucket"),
        ({**WEB, "routes": ["POST /{proxy+}", "GET /"]}, "bucket"),
        (CHECKED, "bucket"),
        ({"handler": "src/app.py:go", "public": True, "routes": ["ANY /{proxy+}"]}, "bucket"),
        ({**WEB, "routes": ["GET /static/{proxy+}", "GET /"]}, BUCKET_THEN_API),
        ({**WEB, "routes": ["GET /{proxy+}"]}, BUCKET_THEN_API),
    ],
)
def test_only_an_open_web_application_that_takes_the_paths_is_asked(web: dict[str, Any], static: str) -> None:
    assert targets(STATIC, web)["/static/*"] == static


def test_pages_from_the_apis_own_address_leave_the_cdn_the_bucket_alone() -> None:
    result = config({**STATIC, "serve": "split"})
    assert "OriginGroups" not in result


def test_the_group_asks_the_bucket_first_and_the_api_for_what_is_missing() -> None:
    (group,) = config(STATIC)["OriginGroups"]["Items"]
    assert [item["OriginId"] for item in group["Members"]["Items"]] == ["bucket", "api"]
    assert group["FailoverCriteria"] == {"StatusCodes": {"Items": [404], "Quantity": 1}}


def test_files_are_still_compared_with_what_the_bucket_answers() -> None:
    _, stage = stage_with(AT_ROOT, WEB)
    assert {behavior.pattern: behavior.origin for behavior in behaviors_of(stage)} == {
        "/static/*": "bucket",
        "/api/*": "api",
        "*": "bucket",
    }


@pytest.mark.parametrize(("url", "origin"), [("/static/own.css", "bucket"), ("/static/ext/x.css", "api")])
def test_routes_shows_who_answers(url: str, origin: str) -> None:
    app, stage = stage_with(STATIC, WEB)
    (template,) = (stack.template for stack in render(app, stage) if stack.stack == "frontend")
    result = routed(url, template, lambda _, event: event["request"], {"static/own.css": "no-cache"})
    assert (result.origin, result.status) == (origin, "200" if origin == "bucket" else "the API's")


def test_a_group_that_hands_on_cookies_and_keeps_the_answers_is_found() -> None:
    app, stage = stage_with(STATIC, WEB)
    stacks = render(app, stage)
    (frontend,) = (stack for stack in stacks if stack.stack == "frontend")
    (behavior,) = frontend.template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["CacheBehaviors"]
    assert "CDN-CACHE" not in {finding.rule for finding in check(stacks)}
    behavior["OriginRequestPolicyId"] = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    assert "CDN-CACHE" in {finding.rule for finding in check(stacks)}


@pytest.mark.parametrize(
    ("frontend", "web", "folder", "additions"),
    [
        (STATIC, WEB, "/static/ext/", ()),
        (STATIC, WEB, "/swaggerui/", ()),
        (AT_ROOT, WEB, "/swaggerui/", ()),
        ({}, WEB, "/admin/static/", ()),
        ({"serve": "split", **STATIC}, WEB, "/static/ext/", ()),
        ({}, {**WEB, "routes": ["ANY /api/{proxy+}"]}, "/api/docs/static/", ()),
        ({}, {**WEB, "routes": ["ANY /api/{proxy+}"]}, "/swaggerui/", ("'GET /swaggerui/{proxy+}' to its routes",)),
        (
            {"site": "site"},
            {**WEB, "routes": ["ANY /api/{proxy+}"]},
            "/swaggerui/",
            ("'GET /swaggerui/{proxy+}' to its routes and '/swaggerui/*: api' to frontend.paths",),
        ),
        (
            {"site": {"folder": "site", "path": "/admin"}},
            WEB,
            "/admin/static/",
            ("'/admin/static/*: api' to frontend.paths",),
        ),
    ],
)
def test_a_static_folder_that_no_url_leads_to_is_reported_with_the_lines(
    frontend: dict[str, Any], web: dict[str, Any], folder: str, additions: tuple[str, ...]
) -> None:
    _, stage = stage_with(frontend, web)
    expected = tuple(
        f"n-s-web: no URL leads to the files that an extension serves below {folder}. Add {item}." for item in additions
    )
    assert tuple(unreached(stage, {"n-s-web": [folder]})) == expected
