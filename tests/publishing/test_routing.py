"""The router of sites: the program that CloudFront runs, its twin in Python, and what folders tell it."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.loading import validated
from stacks.parts.frontend.edge_program import code, described_forms
from stacks.parts.frontend.patterns import behaviors_of
from stacks.publishing.reach import Reach, lost
from stacks.publishing.routing import RoutedPath, Router, Routing, parsed
from stacks.publishing.survey import SurveyedSite, survey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stacks.app import Stage

SHELL = '<!doctype html><title>App</title><body><div id="root"></div><script type="module" src="{}"></script>'
PAGE = "<!doctype html><title>Page</title><body><h1>Hello</h1></body>"
ROOM = 3_000


def stage(path: str = "/", **site: Any) -> Stage:
    described = {"site": {"folder": "dist", "path": path, **site}, "waf": False}
    return validated({"name": "n", "stages": {"s": {"region": "eu-west-1", "frontend": described}}}).stages["s"]


def by_node(where: Stage, routing: Routing, paths: Sequence[str]) -> list[RoutedPath]:
    """What the program answers to each path, redirects by their path."""
    headers = {"host": {"value": "d1.cloudfront.net"}}
    events = [
        {"request": {"method": "GET", "uri": quote(path), "headers": headers, "querystring": {}}} for path in paths
    ]
    script = f"""{code("site", where, routing.text)}
    const made = {json.dumps(events)}.map(handler).map((one) => one.statusCode
      ? [one.headers.location.value.slice('https://d1.cloudfront.net'.length), true] : [one.uri, false]);
    console.log(JSON.stringify(made.map(([path, moved]) => [decodeURIComponent(path), moved])));"""
    done = subprocess.run([shutil.which("node") or "node", "-e", script], check=True, capture_output=True, text=True)
    return [RoutedPath(path=path, is_redirect=moved) for path, moved in json.loads(done.stdout)]


def folder(files: Mapping[str, str], prefix: str = "/", form: str | None = None) -> SurveyedSite:
    return SurveyedSite(prefix=prefix, names=tuple(sorted(files)), read=files.__getitem__, form=form)


def known(files: Mapping[str, str], where: Stage | None = None) -> Router:
    where = where or stage()
    forms = described_forms(where)
    (site,) = where.frontend.site
    return Router(sites=forms, routing=survey([folder(files, site.prefix, site.form)], described=forms, room=ROOM))


SEGMENTS = st.text(st.sampled_from("ab.-é %+0~@"), min_size=1, max_size=4) | st.sampled_from(
    ["index.html", "about.html", "404.html", "x.glb", "assets", "static", ".well-known", "LICENSE", "jane.doe", "docs"]
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(lambda path: "." not in path.split("/"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(PATHS, min_size=1, max_size=12, unique=True),
    invented=st.lists(PATHS, min_size=20, max_size=20),
    path=st.sampled_from(["/", "/app"]),
    shell=st.booleans(),
)
def test_the_program_and_its_twin_agree_and_no_file_is_lost(
    names: list[str], invented: list[str], path: str, *, shell: bool
) -> None:
    files = {**dict.fromkeys(names, PAGE), "index.html": SHELL.format("/assets/a.js") if shell else PAGE}
    where = stage(path)
    router = known(files, where)
    assert parsed(router.routing.text) == router.routing
    (site,) = where.frontend.site
    keys = [f"{site.prefix}{name}" for name in sorted(files)]
    asked = [path, *keys, *(f"{key}/" for key in keys), *(f"{site.prefix}{item}" for item in invented)]
    assert dict(zip(asked, by_node(where, router.routing, asked), strict=True)) == {
        item: router.answer(item) for item in asked
    }
    assert {key: router.leads_to(key) for key in keys} == {key: key for key in keys}


HUGO = {
    **dict.fromkeys(("index.html", "404.html", "about/index.html", "de/index.html", "de/about/index.html"), PAGE),
    "404.html": "not here",
    "index.xml": "",
    "css/main.min.abc.css": "",
}
NEXT = {
    **dict.fromkeys(("index.html", "about.html", "blog.html", "blog/first.html", "docs/index.html"), PAGE),
    "404.html": "not here",
    "about.txt": "",
}
JEKYLL = {
    "index.html": '<a href="/2024/01/02/hello.html">Hello</a>',
    "404.html": "not here",
    "about/index.html": PAGE,
    "2024/01/02/hello.html": PAGE,
    "2024/01/03/again.html": PAGE,
}
VITE = {"index.html": SHELL.format("/assets/index-DiwrgTda.js"), "assets/index-DiwrgTda.js": "", "vite.svg": ""}


@pytest.mark.parametrize(
    ("files", "path", "answer"),
    [
        (HUGO, "/", "/index.html"),
        (HUGO, "/about/", "/about/index.html"),
        (HUGO, "/about", "→ /about/"),
        (HUGO, "/about/index.html", "→ /about/"),
        (HUGO, "/index.html", "/index.html"),  # what CloudFront may make of /, by its default root object
        (HUGO, "/de", "→ /de/"),
        (HUGO, "/de/about/", "/de/about/index.html"),
        (HUGO, "/404.html", "/404.html"),
        (HUGO, "/none/", "/none/index.html"),
        (HUGO, "/img/none.glb", "/img/none.glb"),
        (HUGO, "//evil.example/x", "//evil.example/x"),
        (NEXT, "/about", "/about.html"),
        (NEXT, "/about/", "→ /about"),
        (NEXT, "/about.html", "→ /about"),
        (NEXT, "/blog", "/blog.html"),
        (NEXT, "/blog/first", "/blog/first.html"),
        (NEXT, "/docs", "→ /docs/"),
        (NEXT, "/docs/", "/docs/index.html"),
        (NEXT, "/docs/index.html", "→ /docs/"),
        (NEXT, "/404.html", "/404.html"),
        (NEXT, "/none", "/none.html"),
        (JEKYLL, "/2024/01/02/hello.html", "/2024/01/02/hello.html"),
        (JEKYLL, "/2024/01/02/hello", "→ /2024/01/02/hello.html"),
        (JEKYLL, "/2024/01/02/hello/", "→ /2024/01/02/hello.html"),
        (JEKYLL, "/about", "→ /about/"),
        (JEKYLL, "/about/", "/about/index.html"),
        (VITE, "/notes/7", "/index.html"),
        (VITE, "/user/jane.doe", "/index.html"),
        (VITE, "/assets/none", "/assets/none"),
        (VITE, "/img/none.glb", "/img/none.glb"),
    ],
)
def test_addresses_are_those_of_the_folder(files: dict[str, str], path: str, answer: str) -> None:
    routed_path = known(files).answer(path)
    assert f"{'→ ' if routed_path.is_redirect else ''}{routed_path.path}" == answer


UNUSUAL = ("LICENSE", "img/x.foo", "data/points.h3index", "docs/README", "CNAME", "maps/1/2/3.QMesh", "a.b/c d", "ä/ö")


@pytest.mark.parametrize("name", UNUSUAL)
def test_files_with_unusual_names_are_reached_in_an_application(name: str) -> None:
    router = known({**VITE, name: ""})
    assert router.leads_to(f"/{name}") == f"/{name}"
    assert router.leads_to("/notes/7") == "/index.html"


def test_the_ending_of_a_published_file_counts_for_missing_ones() -> None:
    router = known({**VITE, "img/x.foo": ""})
    assert router.leads_to("/img/none.foo") == "/img/none.foo"


def test_a_build_with_other_hashes_does_not_change_the_parameter() -> None:
    before = known({**VITE, "data/0123456789abcdef": "", "x.foo": "", "assets/a-AAAAAAA1.js": ""})
    after = known({**VITE, "data/fedcba9876543210": "", "y.foo": "", "assets/a-BBBBBBB2.js": ""})
    assert before.routing.text == after.routing.text


def test_many_names_without_an_ending_become_their_folder() -> None:
    tiles = {f"tiles/{number}": "" for number in range(2_000)}
    router = known({**VITE, **tiles})
    assert router.routing.files == ("/tiles/",)


def test_what_finds_no_room_is_reported_as_lost() -> None:
    files = {**VITE, **{f"name-without-an-ending-{number}": "" for number in range(400)}}
    where = stage()
    router = known(files)
    reach = Reach(behaviors=behaviors_of(where), sites=described_forms(where))
    missing = list(lost(files, reach, router.routing))
    assert len(missing) == 400
    assert {entry.answers for entry in missing} == {"/index.html"}


def test_many_pages_in_two_forms_keep_the_addresses_that_their_generator_links() -> None:
    posts = {f"posts/post-{number}.html": PAGE for number in range(900)}
    tags = {f"tags/some-longer-tag-{number}/index.html": PAGE for number in range(800)}
    router = known({**JEKYLL, **posts, **tags})
    assert len(router.routing.text) <= ROOM
    for path, result in {
        "/tags/some-longer-tag-7/": "/tags/some-longer-tag-7/index.html",
        "/posts/post-7.html": "/posts/post-7.html",
        "/posts/post-7": "/posts/post-7.html",
        "/about/": "/about/index.html",
    }.items():
        assert (path, router.leads_to(path)) == (path, result)
    paths = [*(f"/{name}" for name in [*posts, *tags][::40]), "/tags/some-longer-tag-7/", "/posts/post-7"]
    assert by_node(stage(), router.routing, paths) == [router.answer(path) for path in paths]


def test_more_applications_than_fit_leave_the_sites_own() -> None:
    many = {
        f"demo-{number}/{name}": text.replace("admin", f"demo-{number}")
        for number in range(300)
        for name, text in (("index.html", ADMIN["admin/index.html"]), ("assets/index-1a2b3c4d.js", ""))
    }
    router = known({**VITE, **many})
    assert len(router.routing.text) <= ROOM
    assert router.leads_to("/demo-7/index.html") == "/demo-7/index.html"


ADMIN = {
    "admin/index.html": SHELL.format("/admin/assets/index-1a2b3c4d.js"),
    "admin/assets/index-1a2b3c4d.js": "",
}


@pytest.mark.parametrize("root", [VITE, HUGO])
def test_an_application_in_a_sub_folder_answers_its_own_routes(root: dict[str, str]) -> None:
    router = known({**root, **ADMIN})
    assert router.leads_to("/admin") == "/admin/index.html"
    assert router.answer("/admin") == RoutedPath(path="/admin/", is_redirect=True)
    assert router.leads_to("/admin/users/7") == "/admin/index.html"
    assert router.leads_to("/notes/7") == ("/index.html" if root is VITE else "/notes/7/index.html")


def test_pages_in_a_sub_folder_of_an_application_are_pages() -> None:
    router = known({**VITE, "docs/index.html": PAGE, "docs/start/index.html": PAGE})
    assert router.leads_to("/docs/start") == "/docs/start/index.html"
    assert router.leads_to("/docs/none/") == "/docs/none/index.html"
    assert router.leads_to("/notes/7") == "/index.html"


def test_pages_that_share_the_scripts_of_the_first_one_are_no_applications() -> None:
    shell = SHELL.format("/assets/shared-1a2b3c4d.js")
    router = known({"index.html": shell, "nested/index.html": shell, "assets/shared-1a2b3c4d.js": ""})
    assert router.leads_to("/nested") == "/nested/index.html"
    assert router.leads_to("/none/") == "/none/index.html"


def test_a_fallback_page_answers_what_was_not_rendered() -> None:
    files = {"index.html": PAGE, "about.html": PAGE, "200.html": SHELL.format("/_app/start.js")}
    router = known(files)
    assert [router.leads_to(path) for path in ("/", "/about", "/user/7")] == ["/index.html", "/about.html", "/200.html"]


def test_a_copy_of_the_first_page_for_other_hosts_makes_no_site_of_pages() -> None:
    assert known({**VITE, "404.html": VITE["index.html"]}).leads_to("/notes/7") == "/index.html"


def test_a_404_page_makes_one() -> None:
    assert known({"index.html": PAGE, "404.html": "not here"}).leads_to("/notes/") == "/notes/index.html"


@pytest.mark.parametrize(
    ("pages", "path", "answer"),
    [("app", "/about/", "/index.html"), ("names", "/about", "/about.html"), ("files", "/none", "/none.html")],
)
def test_the_description_has_the_last_word(pages: str, path: str, answer: str) -> None:
    files = {"index.html": PAGE, "404.html": "not here", "about.html": PAGE}
    assert known(files, stage(pages=pages)).leads_to(path) == answer


def test_a_file_below_the_path_of_the_api_is_lost() -> None:
    frontend = {"site": "dist", "paths": {"/media/*": "media.example.com"}}
    functions = {"f": {"handler": "src/f.py:f", "routes": ["GET /api/x"], "public": True}}
    app = validated(
        {
            "name": "n",
            "stages": {"s": {"region": "eu-west-1"}},
            "frontend": frontend,
            "backend": {"functions": functions},
        }
    )
    where = app.stages["s"]
    reach = Reach(behaviors=behaviors_of(where), sites=described_forms(where))
    results = lost(["api/openapi.json", "media/cat.jpg", "index.html"], reach, Routing())
    assert [(result.key, result.answers) for result in results] == [
        ("api/openapi.json", "the API (/api/*)"),
        ("media/cat.jpg", "media.example.com (/media/*)"),
    ]
