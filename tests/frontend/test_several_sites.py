"""Several sites behind one distribution: how they are written, where they answer, what does not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks import load, render
from stacks.errors import DescriptionError
from stacks.loading import validated
from stacks.parts.frontend.edge_program import described_forms
from stacks.parts.frontend.patterns import behaviors_of, matches
from stacks.publishing.routes import routing_of
from stacks.publishing.routing import Router
from stacks.publishing.target import files_of
from stacks.release.publication import publication

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.app import Stage


def stage(site: Any, **described: Any) -> Stage:
    data = {"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": {"site": site}, **described}
    return validated(data).stages["s"]


FORMS: tuple[Any, ...] = (
    ["a", {"folder": "b", "path": "/admin"}],
    {"/": "a", "/admin": "b"},
    {"/": {"folder": "a"}, "/admin": {"folder": "b"}},
)


@pytest.mark.parametrize("site", FORMS)
def test_a_list_and_a_mapping_say_the_same(site: Any) -> None:
    assert [(entry.path, entry.folder) for entry in stage(site).frontend.site] == [("/", "a"), ("/admin", "b")]


@pytest.mark.parametrize("site", ["a", {"folder": "a"}, ["a"], {"/": "a"}])
def test_one_site_may_be_written_in_every_form(site: Any) -> None:
    assert [(entry.path, entry.folder) for entry in stage(site).frontend.site] == [("/", "a")]


def test_a_stage_can_leave_a_site_out() -> None:
    frontend = {"site": {"/": "a", "/admin": "b"}}
    stages = {"s": {"region": "us-east-1", "frontend": {"site": {"/admin": None}}}}
    sites = validated({"name": "n", "stages": stages, "frontend": frontend}).stages["s"].frontend.site
    assert [site.path for site in sites] == ["/"]


def test_deeper_paths_are_tried_first() -> None:
    sites = {"/": "a", "/docs": "b", "/docs/v2": "c", "/admin": "d"}
    patterns = [behavior.pattern for behavior in behaviors_of(stage(sites))]
    assert patterns == ["/docs/v2", "/docs/v2/*", "/admin", "/admin/*", "/docs", "/docs/*", "*"]
    assert next(pattern for pattern in patterns if matches(pattern, "/docs/v2/x")) == "/docs/v2/*"


def test_each_site_has_its_own_rules(tmp_path: Path) -> None:
    shell = '<!doctype html><div id="app"></div><script src="/admin/a.js"></script>'
    for name, text in {
        "www/index.html": "<h1>Home</h1>",
        "www/404.html": "not here",
        "www/about/index.html": "<h1>About</h1>",
        "admin/index.html": shell,
        "admin/a.js": "",
        "admin/LICENSE": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(text)
    where = stage({"/": "www", "/admin": "admin"})
    routing = routing_of(where, tmp_path)
    assert routing
    router = Router(sites=described_forms(where), routing=routing)
    paths = ("/about", "/none/", "/admin", "/admin/users/7", "/admin/LICENSE")
    assert [router.leads_to(path) for path in paths] == [
        "/about/index.html",
        "/none/index.html",
        "/admin/index.html",
        "/admin/index.html",
        "/admin/LICENSE",
    ]
    step = publication(where, tmp_path)
    assert step
    assert [file.key for file in step.generated] == ["config.json", "admin/config.json"]
    assert {"index.html", "admin/index.html"} <= {file.key for file in files_of(step)}


def test_two_sites_at_one_path_are_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text("name: n\nstages: {s: {region: us-east-1}}\nfrontend:\n  site:\n  - a\n  - {folder: b, path: /}\n")
    with pytest.raises(DescriptionError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.line, problem.where, problem.what) == (6, "frontend.site[1].path", "another site has the path /")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("{foldr: a}", ["app.yaml:3: frontend.site.folder", "app.yaml:3: frontend.site.foldr"]),
        ("../a", ["app.yaml:3: frontend.site.folder"]),
        ("{/: a, /admin: {folder: b, pagez: app}}", ["app.yaml:3: frontend.site./admin.pagez"]),
        ("{/: a, admin: b}", ["app.yaml:3: frontend.site.path"]),
        ("{admin: b}", ["app.yaml:3: frontend.site.path"]),
        ("{page: app}", ["app.yaml:3: frontend.site.folder", "app.yaml:3: frontend.site.page"]),
        ("[a, {folder: b, path: x}]", ["app.yaml:3: frontend.site[1].path"]),
    ],
)
def test_mistakes_are_reported_as_they_were_written(tmp_path: Path, text: str, places: list[str]) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(f"name: n\nstages: {{s: {{region: us-east-1}}}}\nfrontend: {{site: {text}}}\n")
    with pytest.raises(DescriptionError) as caught:
        load(file)
    assert [str(problem).rpartition(": ")[0] for problem in caught.value.problems] == places


def test_static_files_and_the_api_keep_their_paths() -> None:
    frontend = {"site": ["a", {"folder": "b", "path": "/static"}], "static": "s"}
    described = {"name": "n", "stages": {"s": {"region": "us-east-1"}}, "frontend": frontend}
    with pytest.raises(DescriptionError, match=r"frontend\.site\[1\]\.path: /static is taken by static files"):
        validated(described)


def test_the_api_answers_what_no_site_does() -> None:
    functions = {"f": {"handler": "src/f.py:f", "routes": ["GET /x"], "public": True}}
    where = stage({"/docs": "a", "/admin": "b"}, backend={"functions": functions})
    assert [(behavior.pattern, behavior.origin) for behavior in behaviors_of(where)][-1] == ("*", "api")
    app = validated(
        {
            "name": "n",
            "stages": {"s": {"region": "us-east-1"}},
            "frontend": {"site": {"/": "a", "/admin": "b"}},
            "backend": {"functions": {"f": {**functions["f"], "routes": ["GET /api/x"]}}},
        }
    )
    (template,) = (stack.template for stack in render(app, app.stages["s"]) if stack.stack == "frontend")
    config = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    assert [behavior["PathPattern"] for behavior in config["CacheBehaviors"]] == ["/admin", "/admin/*", "/api/*"]
