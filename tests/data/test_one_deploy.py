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


def callbacks(cloud: MemoryCloud) -> tuple[str, list[str]]:
    state: Any = cloud.stack("notes-dev-frontend", REGION)
    client = cloud.properties("notes-dev-frontend", REGION, "AppClient")
    return state.outputs["SiteUrl"], client["CallbackURLs"]


def test_callbacks_follow_the_sites_address_in_one_deploy(rendering: Rendering) -> None:
    rendered = list(rendering(DATA, frontend={"site": {"folder": "site"}, "waf": False}).values())
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, lambda _: None)
    site, found = callbacks(cloud)
    assert site.startswith("https://")
    assert found == [f"{site}/app/back", "http://localhost:8000/"]


def test_a_second_deploy_has_nothing_to_do(rendering: Rendering) -> None:
    rendered = list(rendering(DATA, frontend={"site": {"folder": "site"}, "waf": False}).values())
    cloud = MemoryCloud()
    deploy(make_plan(rendered), cloud, lambda _: None)
    before = callbacks(cloud)
    deploy(make_plan(rendered), cloud, lambda _: None)
    assert callbacks(cloud) == before
