"""Folders of site generators and builders, published to the local CDN: each file is reached, other URLs are 404.

Routes of applications are their page instead, and ``routes`` agrees for all. ``site_folders.json`` has the names that
MkDocs, Pelican, Sphinx, Astro (both forms), Eleventy, Next.js (export), SvelteKit and Vite (React, Vue, Svelte) wrote
for small projects, and the pages that are shells.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks import load, render
from stacks.edge_routes import routed
from stacks.publishing.target import files_of
from stacks.release.publication import publication
from tests.running import ROOT, Project, Running, local_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stacks.edge_routes import Routed

pytestmark = pytest.mark.emulator
FOLDERS: dict[str, dict[str, str]] = json.loads((ROOT / "tests/publishing/site_folders.json").read_text())
AT_ROOT = "mkdocs"
APPS = ("vite-react", "vite-vue", "vite-svelte", "sveltekit")
PREFIXES = {name: "/" if name == AT_ROOT else f"/{name}/" for name in FOLDERS}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """All folders as sites of one distribution."""
    folder = tmp_path_factory.mktemp("sites")
    for name, files in FOLDERS.items():
        for file, text in files.items():
            (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / file).write_text(text or f"{name} {file}")
    sites = {prefix.rstrip("/") or "/": name for name, prefix in PREFIXES.items()}
    frontend = {"site": sites, "waf": False, "access_log": False}
    described = {"name": "sites", "stages": {"dev": {"region": "eu-west-1"}}, "frontend": frontend}
    (folder / "app.yaml").write_text(json.dumps(described))
    shutil.copy2(ROOT / "build.py", folder)
    return Project(folder=folder)


@pytest.fixture(scope="module")
def sites(project: Project) -> Iterator[Running]:
    with local_run(project) as running:
        yield running


@pytest.fixture(scope="module")
def route(project: Project) -> Iterator[Callable[[str], Routed]]:
    """``routes`` of a URL, with one node for all."""
    app = load(project.folder / "app.yaml")
    (frontend,) = (stack for stack in render(app, app.stages["dev"]) if stack.stack == "frontend")
    step = publication(app.stages["dev"], project.folder)
    assert step
    objects = {file.key: file.headers.cache_control for file in files_of(step)}
    objects |= dict.fromkeys((file.key for file in step.generated), "no-cache")
    script = """require('readline').createInterface({input: process.stdin}).on('line', (line) => {
      const [code, event] = JSON.parse(line);
      console.log(JSON.stringify(new Function(code + '; return handler')()(event)));
    });"""
    pipe = subprocess.PIPE
    with subprocess.Popen([shutil.which("node") or "node", "-e", script], stdin=pipe, stdout=pipe, text=True) as node:
        questions, answers = node.stdin, node.stdout
        assert questions
        assert answers

        def run(code: str, event: Mapping[str, Any]) -> Any:
            questions.write(json.dumps([code, event]) + "\n")
            questions.flush()
            return json.loads(answers.readline())

        with contextlib.closing(questions):
            yield lambda url: routed(url, frontend.template, run, objects, step.parameters)


def answer(sites: Running, path: str) -> tuple[int, str]:
    """Status, and body or Location."""
    response = sites.visitor().ask(path)
    return response.status, urlsplit(
        response.headers["Location"]
    ).path if response.status == 301 else response.body.decode()


def followed(sites: Running, path: str) -> tuple[int, str]:
    for _ in range(4):
        status, text = answer(sites, path)
        if status != 301:
            break
        path = text
    return status, text


def agrees(route: Callable[[str], Routed], sites: Running, path: str) -> None:
    status_words, (status, text) = route(path).status.split(), answer(sites, path)
    assert (int(status_words[0]), path) == (status, path)
    if status == 301:
        assert (urlsplit(status_words[1]).path, path) == (text, path)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_is_reached_at_its_address_and_routes_says_so(
    name: str, sites: Running, route: Callable[[str], Routed]
) -> None:
    for file, text in FOLDERS[name].items():
        path = PREFIXES[name] + quote(file)
        assert (path, followed(sites, path)) == (path, (200, text or f"{name} {file}"))
        agrees(route, sites, path)


SEGMENTS = st.sampled_from(
    [
        "about",
        "blog",
        "index.html",
        "none.html",
        "x.glb",
        "assets",
        "static",
        "user",
        "jane.doe",
        "a b",
        "é",
        "v1.2",
        "LICENSE",
    ]
)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_url_that_is_invented_is_404_or_the_applications_page(
    name: str, sites: Running, route: Callable[[str], Routed]
) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(parts=st.lists(SEGMENTS, min_size=1, max_size=3), closed=st.sampled_from(["", "/"]))
    def holds(parts: list[str], closed: str) -> None:
        file = "/".join(parts) + closed
        path = PREFIXES[name] + quote(file)
        agrees(route, sites, path)
        status, text = followed(sites, path)
        bare = file.rstrip("/")
        known = {bare, f"{bare}.html", f"{bare}/index.html"} & FOLDERS[name].keys()
        shell = FOLDERS[name].get("200.html") or FOLDERS[name]["index.html"]
        is_page = name in APPS and status == 200 and text == (shell or f"{name} index.html")
        assert (path, status == 404 or is_page or bool(known)) == (path, True)

    holds()


def test_a_missing_page_is_the_404_page_of_the_site_at_the_root(sites: Running) -> None:
    assert answer(sites, "/none/") == (404, FOLDERS[AT_ROOT]["404.html"])


def test_a_missing_asset_of_an_application_is_not_its_page(sites: Running) -> None:
    for path in ("/vite-react/img/none.glb", "/vite-react/assets/none-AAAAAAAA.js", "/vite-vue/none.qmesh"):
        assert answer(sites, path)[0] == 404


def test_the_output_says_how_each_site_is_addressed(sites: Running) -> None:
    for line in (
        "site /: 4 pages with addresses like /about/",
        "site /next/: 5 pages with addresses like /next/about",
        "site /sphinx/: 5 pages with addresses like /sphinx/about.html",
        "site /vite-react/: a single-page application, index.html answers every path that is not a file",
        "astro/_redirects: is a file for Netlify and Cloudflare Pages, and has no effect here",
    ):
        assert line in sites.output
