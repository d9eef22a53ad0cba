"""What publishing says of a site: its addresses, files that other hosts read, files that nobody could reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import load
from stacks.deploy.plan import DeployStack, make_plan
from stacks.errors import DeployError
from stacks.loading import validated
from stacks.progress import FileInert, SiteSeen
from stacks.publishing.notes import notes
from stacks.publishing.target import files_of, refuse_unrouted
from stacks.release.built import built_parameters, keep_parameters
from stacks.release.publication import publication
from stacks.rendering import render
from stacks.ui import lines
from stacks.wiring import USER_POOL, USER_POOL_CLIENT

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.progress import Progress
    from stacks.publishing.step import Publish

PAGE = "<!doctype html><h1>Hello</h1>"
API = {"functions": {"f": {"handler": "src/f.py:f", "routes": ["GET /api/x"], "public": True}}}


def step_of(folder: Path, names: tuple[str, ...], **described: Any) -> Publish:
    for name in names:
        (folder / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "dist" / name).write_text(PAGE + name)
    frontend = {"site": "dist", **described.pop("frontend", {})}
    app = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend, **described})
    step = publication(app.stages["s"], folder)
    assert step
    return step


def noted(step: Publish) -> list[SiteSeen | FileInert]:
    return list(notes(step, [file.key for file in files_of(step)]))


def shown(*facts: Progress) -> list[str]:
    return [line.text.strip() for fact in facts for line in lines(fact)]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            ("index.html", "a.js"),
            "site /: a single-page application, index.html answers every path that is not a file (2 files)",
        ),
        (("index.html", "404.html", "about/index.html"), "site /: 3 pages with addresses like /about/"),
        (("index.html", "404.html", "about.html", "b.html"), "site /: 4 pages with addresses like /about"),
    ],
)
def test_the_addresses_of_a_site_are_shown(tmp_path: Path, names: tuple[str, ...], text: str) -> None:
    assert shown(*noted(step_of(tmp_path, names))) == [text]


INERT = ("_redirects", "_headers", "netlify.toml", "vercel.json", ".htaccess", "staticwebapp.config.json", "CNAME")


@pytest.mark.parametrize("name", INERT)
def test_files_of_other_hosts_are_reported(tmp_path: Path, name: str) -> None:
    (fact,) = (entry for entry in noted(step_of(tmp_path, ("index.html", name))) if isinstance(entry, FileInert))
    assert (fact.key, "has no effect here" in fact.what) == (name, True)


def test_such_a_name_further_down_is_a_file_as_any(tmp_path: Path) -> None:
    results = noted(step_of(tmp_path, ("index.html", "docs/_redirects", "docs/CNAME")))
    assert [result for result in results if isinstance(result, FileInert)] == []


def test_a_404_page_behind_an_api_is_reported(tmp_path: Path) -> None:
    (fact,) = (
        entry
        for entry in noted(step_of(tmp_path, ("index.html", "404.html"), backend=API))
        if isinstance(entry, FileInert)
    )
    assert (fact.key, "the API behind it" in fact.what) == ("404.html", True)


def error_pages(**described: Any) -> list[dict[str, Any]]:
    app = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, **described})
    (template,) = (stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend")
    config = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    responses: list[dict[str, Any]] = config.get("CustomErrorResponses", [])
    return responses


def test_missing_pages_are_the_404_page_where_no_api_has_errors_of_its_own() -> None:
    page = {"ErrorCode": 404, "ResponseCode": 404, "ResponsePagePath": "/404.html"}
    assert error_pages(frontend={"site": "dist"}) == [page]
    assert error_pages(frontend={"site": "dist"}, backend=API) == []
    assert error_pages(frontend={"static": "s"}) == []
    below = {"site": {"folder": "dist", "path": "/docs"}}
    assert error_pages(frontend=below) == [{**page, "ResponsePagePath": "/docs/404.html"}]
    own = {"site": "dist", "errors": {404: "/none.html"}}
    assert error_pages(frontend=own) == [{**page, "ResponsePagePath": "/none.html"}]


def test_a_file_where_the_api_answers_is_refused(tmp_path: Path) -> None:
    step = step_of(tmp_path, ("index.html", "api/openapi.json"), backend=API)
    with pytest.raises(DeployError, match=r"its address /api/openapi.json is answered by the API \(/api/\*\)"):
        files_of(step)


def test_a_file_that_the_deployed_router_does_not_know_is_refused(tmp_path: Path) -> None:
    step = step_of(tmp_path, ("index.html", "x.foo", "y.glb"))
    assert step.routing
    refuse_unrouted(step, files_of(step), {"SiteRoutes": step.routing.text})
    with pytest.raises(DeployError, match=r"the deployed router answers its address with /index\.html") as caught:
        refuse_unrouted(step, files_of(step), {})
    assert [problem.where for problem in caught.value.problems] == ["x.foo"]


def test_the_parameter_of_the_folder_is_a_value_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKS_CACHE_DIR", str(tmp_path / "cache"))
    step = step_of(tmp_path, ("index.html", "x.foo"))
    (tmp_path / "app.yaml").write_text("name: n\nstages: {s: {region: us-east-1}}\nfrontend: {site: dist}\n")

    app = load(tmp_path / "app.yaml")
    stage = app.stages["s"]
    rendered = render(app, stage)
    (frontend,) = (stack for stack in rendered if stack.stack == "frontend")
    assert step.routing
    assert frontend.template["Parameters"]["SiteRoutes"]["Default"] == "{}"
    assert frontend.parameters == {}, "rendering reads no folder"
    plan = make_plan(rendered, publish=publication(stage, tmp_path))
    (deployed,) = (step for step in plan.steps if isinstance(step, DeployStack) and step.stack == "frontend")
    assert deployed.parameters == {"SiteRoutes": step.routing.text}
    routes = {"SiteRoutes": step.routing.text}
    assert built_parameters(tmp_path, stage) == {"frontend": routes}
    keep_parameters(tmp_path, stage, {"frontend": {"Code": "c.zip"}, "backend": {"Code": "b.zip"}})
    packaged = {"frontend": {"Code": "c.zip", **routes}, "backend": {"Code": "b.zip"}}
    assert built_parameters(tmp_path, stage) == packaged


def test_a_site_reads_where_it_is_and_which_users_it_has(tmp_path: Path) -> None:
    here = (("stage", "s"), ("region", "us-east-1"), ("api", "/api"))
    (file,) = step_of(tmp_path, ("index.html",)).generated
    assert (file.key, file.values) == ("config.json", here)
    (file,) = step_of(tmp_path, ("index.html",), data={"users": {}}).generated
    assert file.values == (
        *here,
        ("userPoolId", USER_POOL),
        ("userPoolClientId", USER_POOL_CLIENT),
        ("cognitoEndpoint", "https://cognito-idp.us-east-1.amazonaws.com/"),
    )


def test_a_folder_that_is_not_built_gives_the_parameter_no_value(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("name: n\nstages: {s: {region: us-east-1}}\nfrontend: {site: dist}\n")
    stage = load(tmp_path / "app.yaml").stages["s"]
    assert built_parameters(tmp_path, stage) == {}
