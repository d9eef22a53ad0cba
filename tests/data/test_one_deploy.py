"""Addresses that the pool and the site tell each other are right after one deploy, and after one only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stacks.deploy.execute import deploy
from stacks.deploy.plan import make_plan
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from tests.data.conftest import Rendering

DATA = {
    "users": {
        "domain": "notes-sign-in",
        "clients": {"app": {"kind": "browser", "callbacks": ["/app/back", "http://localhost:8000/"], "logouts": ["/"]}},
    }
}
REGION = "eu-west-1"


def callbacks(cloud: MemoryCloud, listed: str = "CallbackURLs") -> tuple[str, list[str]]:
    state: Any = cloud.stack("notes-dev-frontend", REGION)
    client = cloud.properties("notes-dev-frontend", REGION, "AppClient")
    return state.outputs["SiteUrl"], client[listed]


def test_callbacks_follow_the_sites_address_in_one_deploy(rendering: Rendering) -> None:
    rendered = list(rendering(DATA, frontend={"site": {"folder": "site"}, "waf": False}).values())
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, lambda _: None)
    site, results = callbacks(cloud)
    assert site.startswith("https://")
    assert results == [f"{site}/app/back", "http://localhost:8000/"]
    assert callbacks(cloud, "LogoutURLs") == (site, [f"{site}/"])


def test_a_second_deploy_has_nothing_to_do(rendering: Rendering) -> None:
    rendered = list(rendering(DATA, frontend={"site": {"folder": "site"}, "waf": False}).values())
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, lambda _: None)
    before = callbacks(cloud)
    deploy(make_plan(rendered), cloud, lambda _: None)
    assert callbacks(cloud) == before


def test_pages_may_ask_and_lead_to_the_sign_in_pages(rendering: Rendering) -> None:
    policy = csp(rendering, DATA)
    pages = "https://notes-sign-in.auth.eu-west-1.amazoncognito.com"
    assert policy["connect-src"] == ["'self'", "https://cognito-idp.eu-west-1.amazonaws.com", pages]
    assert policy["form-action"] == ["'self'", pages]


def test_sign_in_pages_at_a_domain_of_ones_own_are_allowed_there(rendering: Rendering) -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    policy = csp(rendering, {"users": {"domain": {"name": "auth.example.com", "certificate": certificate}}})
    assert policy["connect-src"][-1] == "https://auth.example.com"
    assert policy["form-action"] == ["'self'", "https://auth.example.com"]


def test_without_sign_in_pages_forms_lead_to_the_site_alone(rendering: Rendering) -> None:
    policy = csp(rendering, {"users": True})
    assert policy["connect-src"] == ["'self'", "https://cognito-idp.eu-west-1.amazonaws.com"]
    assert policy["form-action"] == ["'self'"]


def test_credentials_let_pages_ask_aws_itself(rendering: Rendering) -> None:
    data = {"tables": {"notes": {"partition_key": "owner"}}, "users": {"credentials": {"tables": {"notes": "read"}}}}
    assert csp(rendering, data)["connect-src"] == [
        "'self'",
        "https://cognito-idp.eu-west-1.amazonaws.com",
        "https://cognito-identity.eu-west-1.amazonaws.com",
        "https://dynamodb.eu-west-1.amazonaws.com",
    ]


def csp(rendering: Rendering, data: dict[str, Any]) -> dict[str, list[str]]:
    """The Content-Security-Policy of the site: directive → sources."""
    resource = rendering(data, frontend={"site": {"folder": "site"}, "waf": False})["frontend"].template["Resources"]
    (headers,) = (entry for entry in resource.values() if entry["Type"] == "AWS::CloudFront::ResponseHeadersPolicy")
    security = headers["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    text = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    return {directive.split()[0]: directive.split()[1:] for directive in text.split("; ")}
