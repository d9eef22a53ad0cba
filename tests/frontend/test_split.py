"""``serve: split``: pages from the API's own address, static files from the CDN's."""

from __future__ import annotations

from typing import Any

import pytest

from stacks import render
from stacks.errors import DescriptionError
from stacks.linting import lint
from stacks.loading import validated

FUNCTIONS = {"web": {"wsgi": "src/f.py:f", "public": True}}


def described(region: str = "eu-west-1", functions: Any = None, **frontend: Any) -> dict[str, Any]:
    return {
        "name": "notes",
        "stages": {"s": {"region": region}},
        "backend": {"functions": FUNCTIONS if functions is None else functions},
        "frontend": {"static": "static", "serve": "split", **frontend},
    }


def rendered(description: dict[str, Any]) -> tuple[Any, ...]:
    app = validated(description)
    return render(app, app.stages["s"])


def test_one_deployment_is_enough_the_backend_comes_after_the_cdn() -> None:
    stacks = {entry.stack: entry.template for entry in rendered(described())}
    assert list(stacks) == ["base", "frontend-edge", "frontend", "backend", "frontend-logs-edge"]
    web = stacks["backend"]["Resources"]["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert web["CDN_DOMAIN"] == {"Ref": "FrontendDistributionDomainName"}
    assert "STRIP_STAGE_PATH" not in web


def test_with_a_domain_the_cdn_is_known_beforehand() -> None:
    domain = {"name": "cdn.example.com", "zone": "Z0123456789"}
    (backend,) = [entry.template for entry in rendered(described(domain=domain)) if entry.stack == "backend"]
    web = backend["Resources"]["WebFunction"]["Properties"]["Environment"]["Variables"]
    assert web["CDN_DOMAIN"] == "cdn.example.com"


def test_the_cdn_knows_static_files_only_and_lets_other_origins_load_them() -> None:
    frontend = next(entry.template for entry in rendered(described()) if entry.stack == "frontend")
    config = frontend["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    assert [origin["Id"] for origin in config["Origins"]] == ["bucket"]
    headers = frontend["Resources"]["ResponseHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    assert headers["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert headers["CorsConfig"]["AccessControlAllowCredentials"] is False


def test_the_web_acls_rules_are_at_the_api_as_well() -> None:
    stacks = {entry.stack: entry.template["Resources"] for entry in rendered(described())}
    assert stacks["backend"]["WebAcl"]["Properties"]["Scope"] == "REGIONAL"
    assert stacks["backend"]["WebAclAssociation"]["Properties"]["WebACLArn"] == {"Fn::GetAtt": ["WebAcl", "Arn"]}
    rules = [stacks[name]["WebAcl"]["Properties"]["Rules"] for name in ("backend", "frontend-edge")]
    assert rules[0] == rules[1]
    assert "ApiGate" not in stacks["frontend"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_it_passes_cfn_lint(region: str) -> None:
    limit = {"body_limit": 30_000, "allow": ["203.0.113.0/24"]}
    assert [str(finding) for finding in lint(rendered(described(region, waf=limit))) if finding.fails] == []


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (described(site={"folder": "dist", "path": "/app"}), "a single-page application and its API need one origin"),
        (described(static=None), "there are no static files for the CDN"),
        (described(functions={}), "no web application makes pages"),
    ],
)
def test_what_cannot_be_split_is_reported(description: dict[str, Any], message: str) -> None:
    with pytest.raises(DescriptionError, match=message):
        validated(description)
