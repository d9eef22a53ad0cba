"""A distribution in front of an API alone: which options ask for it, what it is made of, what does not agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stacks import render
from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.release.publication import publication

WEB = {"functions": {"web": {"wsgi": "src/app.py:app", "public": True}}}
PASSWORD = {"user": "team", "password": "0123456789abcdef"}
ASKING: tuple[dict[str, Any], ...] = (
    {"basic_auth": PASSWORD},
    {"countries": {"only": ["DE"]}},
    {"waf": True},
    {"waf": {"rate_limit": 100}},
    {"paths": {"/media/*": "media.example.com"}},
    {"maintenance": True},
    {"domain": {"name": "n.example.com", "zone": "Z0123456789"}},
    {"cdn": True, "waf": False},
)


def rendered(frontend: dict[str, Any], backend: dict[str, Any] | None = None) -> dict[str, Any]:
    described = {"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend}
    app = validated({**described, "backend": WEB if backend is None else backend})
    return {stack.stack: stack.template for stack in render(app, app.stages["s"])}


@pytest.mark.parametrize("frontend", ASKING)
def test_an_option_that_only_a_distribution_keeps_makes_one(frontend: dict[str, Any]) -> None:
    resources = rendered(frontend)["frontend"]["Resources"]
    config = resources["Distribution"]["Properties"]["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "api"
    assert "bucket" not in {origin["Id"] for origin in config["Origins"]}
    assert not [name for name, body in resources.items() if body["Type"].startswith("AWS::S3::")]


@pytest.mark.parametrize("frontend", [{}, {"waf": False}, {"access_log": False}, {"cdn": False}])
def test_what_switches_something_off_makes_none(frontend: dict[str, Any]) -> None:
    assert "frontend" not in rendered(frontend)


@pytest.mark.parametrize("frontend", [entry for entry in ASKING if "waf" not in entry])
def test_the_api_is_closed_to_all_but_the_distribution(frontend: dict[str, Any]) -> None:
    assert "ApiGate" in rendered(frontend)["frontend"]["Resources"]


def test_a_password_reaches_every_request() -> None:
    resources = rendered({"basic_auth": PASSWORD})["frontend"]["Resources"]
    config = resources["Distribution"]["Properties"]["DistributionConfig"]
    (association,) = config["DefaultCacheBehavior"]["FunctionAssociations"]
    assert "www-authenticate" in resources[association["FunctionARN"]["Fn::GetAtt"][0]]["Properties"]["FunctionCode"]


def test_a_web_acl_of_a_stage_makes_its_distribution_alone() -> None:
    stages = {"dev": {"region": "us-east-1"}, "prod": {"region": "us-east-1", "frontend": {"waf": {"rate_limit": 100}}}}
    app = validated({"name": "n", "stages": stages, "backend": WEB})
    stacks = {name: [stack.stack for stack in render(app, stage)] for name, stage in app.stages.items()}
    assert {name: "frontend" in results for name, results in stacks.items()} == {"dev": False, "prod": True}


def test_there_is_nothing_to_publish() -> None:

    app = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": {"waf": True}, "backend": WEB})
    assert publication(app.stages["s"], Path()) is None


@pytest.mark.parametrize("frontend", [{"waf": True}, {"basic_auth": PASSWORD}, {"cdn": True}])
def test_a_distribution_of_nothing_is_refused(frontend: dict[str, Any]) -> None:
    with pytest.raises(DescriptionError, match=r"^frontend: there are no files and no API to serve"):
        rendered(frontend, {})


@pytest.mark.parametrize(
    "frontend",
    [{"csp": {"report_only": True}}, {"price_class": "all"}, {"errors": {404: "/x"}}, {"access_log": "legacy"}],
)
def test_an_option_that_nothing_reads_is_refused(frontend: dict[str, Any]) -> None:
    with pytest.raises(DescriptionError, match=r"has no effect: the stage has no distribution"):
        rendered(frontend)
