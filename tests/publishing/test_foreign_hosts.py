"""What pages load from other hosts: what a policy stops, in published files and in the templates of applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stacks.loading import validated
from stacks.publishing.inline import blocked, blocked_in, blocked_in_scripts, blocked_in_styles
from stacks.publishing.policies import allows, origin_of, parsed
from stacks.publishing.templates import blocked_in_templates

if TYPE_CHECKING:
    from pathlib import Path

STRICT = {"default-src": ["'self'"], "form-action": ["'self'"]}
CDN = "https://cdn.example.com"


@pytest.mark.parametrize(
    ("page", "needed"),
    [
        (f'<script src="{CDN}/a.js"></script>', [("script-src", CDN)]),
        ('<script src="//cdn.example.com/a.js"></script>', [("script-src", CDN)]),
        (f'<link rel="stylesheet" href="{CDN}/a.css">', [("style-src", CDN)]),
        (f'<link rel="preload" as="font" href="{CDN}/a.woff2">', [("font-src", CDN)]),
        (f'<link rel="canonical" href="{CDN}/">', []),
        (
            f'<img src="{CDN}/a.png" srcset="https://b.example.com/b.png 2x">',
            [("img-src", CDN), ("img-src", "https://b.example.com")],
        ),
        (f'<iframe src="{CDN}/"></iframe>', [("frame-src", CDN)]),
        (f'<video src="{CDN}/a.mp4" poster="{CDN}/a.jpg"></video>', [("media-src", CDN), ("img-src", CDN)]),
        (f'<form action="{CDN}/send"></form>', [("form-action", CDN)]),
        (f'<a href="{CDN}/">elsewhere</a>', []),
        ('<script src="/a.js"></script><img src="a.png"><img src="data:image/png;base64,AA">', []),
        (
            '<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter">',
            [("style-src", "https://fonts.googleapis.com"), ("font-src", "https://fonts.gstatic.com")],
        ),
    ],
)
def test_a_page_needs_the_hosts_it_loads_from(page: str, needed: list[tuple[str, str]]) -> None:
    assert [(inline.directive, inline.source) for inline in blocked(page, STRICT)] == needed


def test_a_style_sheet_needs_its_imports_fonts_and_images() -> None:
    text = f"@import url({CDN}/b.css);\n@font-face {{ src: url('{CDN}/a.woff2') }}\n"
    text += "b { background: url(//i.example.com/x) }"
    assert [(inline.line, inline.directive, inline.source) for inline in blocked_in_styles(text, STRICT)] == [
        (1, "style-src", CDN),
        (2, "font-src", CDN),
        (3, "img-src", "https://i.example.com"),
    ]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("fetch('https://api.example.com/v1')", "https://api.example.com"),
        ("axios.get(`https://api.example.com/v1`)", "https://api.example.com"),
        ('new WebSocket("wss://ws.example.com/x")', "wss://ws.example.com"),
        ('x.open("GET", "https://api.example.com/")', "https://api.example.com"),
    ],
)
def test_a_script_needs_the_hosts_it_calls(text: str, source: str) -> None:
    assert [(inline.directive, inline.source) for inline in blocked_in_scripts(text, STRICT)] == [
        ("connect-src", source)
    ]


@pytest.mark.parametrize(
    "text", ['fetch("/api/x")', 'var see = "https://example.com/docs"', "fetch(`https://${host}/`)"]
)
def test_a_script_that_names_no_host_in_a_call_needs_none(text: str) -> None:
    assert list(blocked_in_scripts(text, STRICT)) == []


@pytest.mark.parametrize(
    ("source", "url", "allowed"),
    [
        ("https://a.example.com", "https://a.example.com/x", True),
        ("a.example.com", "https://a.example.com/x", True),
        ("http://a.example.com", "https://a.example.com/x", True),
        ("https://a.example.com", "https://b.example.com/x", False),
        ("*.example.com", "https://a.example.com/x", True),
        ("*.example.com", "https://example.com/x", False),
        ("https:", "https://a.example.com/x", True),
        ("data:", "https://a.example.com/x", False),
        ("*", "https://a.example.com/x", True),
        ("https://a.example.com/lib/", "https://a.example.com/lib/x.js", True),
        ("https://a.example.com/lib/", "https://a.example.com/x.js", False),
        ("'self'", "https://a.example.com/x", False),
    ],
)
def test_sources_allow_what_browsers_let_through(source: str, url: str, *, allowed: bool) -> None:
    assert allows([source], url) is allowed


@pytest.mark.parametrize(
    "url", ["/x", "x.js", "data:,", "mailto:a@b.c", "https://\ufdd0.example.com/", "https://[", "#a"]
)
def test_what_names_no_other_host_has_no_origin(url: str) -> None:
    assert origin_of(url) is None


def test_a_policy_is_read_from_its_header() -> None:
    assert parsed("default-src 'self'; IMG-SRC data: https:; ;img-src *") == {
        "default-src": ["'self'"],
        "img-src": ["data:", "https:"],
    }


def test_other_files_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    assert list(blocked_in("a.bin", file, STRICT)) == []


def app(folder: Path, code: str, template: str, **frontend: Any) -> list[str]:
    """What is said of the template of an application, as ``line directive source``."""
    (folder / "src/templates").mkdir(parents=True)
    (folder / "src/app.py").write_text(code)
    (folder / "src/templates/home.html").write_text(template)
    functions = {"web": {"wsgi": "src/app.py:app", "public": True}}
    described = {"frontend": {"static": "static", **frontend}, "backend": {"functions": functions}}
    stage = validated({"name": "n", "stages": {"s": {"region": "us-east-1"}}, **described}).stages["s"]
    results = blocked_in_templates(stage, folder)
    return [f"{result.key}:{result.inline.line} {result.inline.directive} {result.inline.source}" for result in results]


BOOTSTRAP = f"""<link rel="stylesheet" href="{{{{ url_for('static', filename='a.css') }}}}">
{{% if user %}}
<link rel="stylesheet" href="{CDN}/bootstrap.css">{{% endif %}}
<script src="https://{{{{ host }}}}/x.js"></script>
<script>var name = {{{{ name|tojson }}}};</script>
"""


def test_the_templates_of_an_application_are_read(tmp_path: Path) -> None:
    assert app(tmp_path, "app = Flask(__name__)", BOOTSTRAP) == [
        f"src/templates/home.html:3 style-src {CDN}",
        "src/templates/home.html:5 script-src ",  # what is filled in has no hash
    ]


def test_what_the_description_allows_is_not_reported(tmp_path: Path) -> None:
    csp = {"sources": {"style-src": [CDN], "script-src": ["'unsafe-inline'"]}}
    assert app(tmp_path, "app = Flask(__name__)", BOOTSTRAP, csp=csp) == []


@pytest.mark.parametrize(
    "code", ["Talisman(app)", "r.headers['Content-Security-Policy'] = x", "MIDDLEWARE = ['csp.middleware.X']"]
)
def test_an_application_with_a_policy_of_its_own_is_left_alone(tmp_path: Path, code: str) -> None:
    assert app(tmp_path, code, BOOTSTRAP) == []
