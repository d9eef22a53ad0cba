"""Buckets that pages upload to and download from by presigned URLs."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.rendering import render

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"


def described(cors: Any, region: str = "eu-west-1", **frontend: Any) -> dict[str, Any]:
    """A stage with a bucket and a site."""
    return {
        "name": "notes",
        "stages": {"dev": {"region": region}},
        "data": {"buckets": {"uploads": {"cors": cors}}},
        "frontend": {"static": "static", **frontend},
    }


def resources(description: dict[str, Any]) -> dict[str, Any]:
    """The resources of all stacks."""
    app = validated(description)
    rendered = render(app, app.stages["dev"])
    return {name: body for stack in rendered for name, body in stack.template["Resources"].items()}


def site(cors: Any, region: str = "eu-west-1") -> dict[str, Any]:
    """The resources of a stage whose site has a domain."""
    return resources(described(cors, region, domain={"name": "notes.example.com", "certificate": CERTIFICATE}))


def policy(result: dict[str, Any]) -> str:
    """The Content-Security-Policy."""
    config = result["ResponseHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    text = config["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    return str(text["Fn::Sub"] if isinstance(text, dict) else text)


def test_pages_of_the_site_and_of_named_origins_may_use_presigned_urls() -> None:
    (rule,) = site(["site", "http://localhost:5173"])["UploadsBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://notes.example.com", "http://localhost:5173"]
    assert rule["AllowedMethods"] == ["GET", "HEAD", "POST", "PUT"]


def test_a_bucket_without_cors_has_none() -> None:
    assert "CorsConfiguration" not in site([])["UploadsBucket"]["Properties"]


@pytest.mark.parametrize(
    ("region", "host"),
    [("eu-west-1", "s3.eu-west-1.${AWS::URLSuffix}"), ("us-east-1", "s3.amazonaws.com")],
)
def test_the_sites_policy_lets_its_pages_reach_the_bucket(region: str, host: str) -> None:
    origin = f"https://notes-dev-uploads-${{AWS::AccountId}}-{region}-an.{host}"
    text = policy(site("site", region))
    assert f"connect-src 'self' {origin};" in text
    assert f"form-action 'self' {origin};" in text


def test_the_sites_policy_knows_no_bucket_that_is_for_other_origins() -> None:
    assert "s3" not in policy(site("https://app.example.com"))


@pytest.mark.parametrize(
    ("cors", "problem"),
    [
        ("site", "data.buckets.uploads.cors: 'site' has no domain here"),
        ("*", "data.buckets.uploads.cors"),
        ("https://a.example/path", "data.buckets.uploads.cors"),
        (["https://a.example", "https://a.example"], "names 'https://a.example' twice"),
    ],
)
def test_mistakes_with_cors_are_reported_where_they_are(cors: Any, problem: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        validated(described(cors))
    assert any(problem in str(entry) for entry in caught.value.problems), caught.value
