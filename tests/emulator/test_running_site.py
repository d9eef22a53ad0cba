"""The example's pages and files, as a browser gets them from the local CDN."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.running import HASHED, ROOT, local_run

if TYPE_CHECKING:
    from tests.running import Project, Running

pytestmark = pytest.mark.emulator
NOTE = "Milk & <b>bread</b>, für später"
SHOWN = "Milk &amp; &lt;b&gt;bread&lt;/b&gt;, für später"


def test_the_first_page_is_flasks(site: Running) -> None:
    answer = site.visitor().ask("/")
    assert (answer.status, "What is on your mind?" in answer.text) == (200, True)


def test_the_first_page_came_through_the_cdn(site: Running) -> None:
    assert "(CloudFront)" in str(site.visitor().ask("/").headers["Via"])


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/app/", "/api/notes", "/nowhere"])
def test_every_kind_of_answer_has_the_security_headers(site: Running, path: str) -> None:
    headers = site.visitor().ask(path).headers
    assert {name: headers[name] for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_pages_are_kept_by_no_cache(site: Running) -> None:
    assert site.visitor().ask("/").headers["Cache-Control"] == "no-store"


def test_the_page_links_to_a_stylesheet_that_is_kept_for_a_year(site: Running) -> None:
    (link,) = re.findall(r'rel="stylesheet" href="(/static/style[.][0-9a-f]{16}[.]css)"', site.visitor().ask("/").text)
    answer = site.visitor().ask(link)
    assert answer.body == (ROOT / "lambda_src/web/static/style.css").read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Amz-Version-Id"]  # only S3 says this


def test_the_plain_stylesheet_comes_from_the_bucket_and_is_asked_about_each_time(site: Running) -> None:
    answer = site.visitor().ask("/static/style.css")
    assert answer.body == (ROOT / "lambda_src/web/static/style.css").read_bytes()
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Amz-Version-Id"]  # only S3 says this
    again = site.visitor().ask("/static/style.css", If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_a_file_whose_name_carries_a_hash_is_kept_for_a_year(site: Running) -> None:
    answer = site.visitor().ask(f"/static/{HASHED}")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


@pytest.mark.parametrize("path", ["/app/none.js", "/app/assets/x%20&-1a2B3c4D.js"])
def test_a_missing_file_is_not_found_and_no_page(site: Running, path: str) -> None:
    answer = site.visitor().ask(path)
    assert (answer.status, "NoSuchKey" in answer.text) == (404, True)


@pytest.mark.parametrize("path", ["/nowhere", "/static/none.css"])
def test_an_unknown_page_and_a_static_file_that_is_not_published_are_flasks_own(site: Running, path: str) -> None:
    answer = site.visitor().ask(path)
    assert (answer.status, "There is no such page" in answer.text) == (404, True)


@pytest.mark.parametrize("path", ["/app/", "/app/notes", "/app/a/deep/link"])
def test_routes_of_the_single_page_application_are_its_page(site: Running, path: str) -> None:
    answer = site.visitor().ask(path)
    assert (answer.status, answer.body) == (200, (ROOT / "site/index.html").read_bytes())


def test_the_single_page_application_gets_the_addresses(site: Running) -> None:
    answer, data = site.visitor().ask("/app/config.json"), site.outputs()["data"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.json() == {
        "stage": "dev",
        "region": "eu-west-1",
        "api": "/api",
        "userPoolId": data["UserPoolId"],
        "userPoolClientId": data["UserPoolClientId"],
        "cognitoEndpoint": "/_local/cognito/",
    }


def test_a_posted_note_appears_on_the_page(site: Running) -> None:
    visitor = site.visitor()
    answer = visitor.note(NOTE)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert SHOWN in visitor.ask("/").text


def test_a_note_is_nobody_elses(site: Running) -> None:
    site.visitor().note(NOTE)
    assert SHOWN not in site.visitor().ask("/").text


def test_a_form_from_a_foreign_page_is_refused(site: Running) -> None:
    answer = site.visitor().ask("/notes", "POST", b"text=x", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 400


def test_a_note_still_exists_after_the_function_restarted(site: Running) -> None:
    visitor, functions = site.visitor(), site.client("lambda")
    visitor.note(NOTE)
    variables = functions.get_function_configuration(FunctionName="notes-dev-web")["Environment"]["Variables"]
    changed = {"Variables": {**variables, "STAGE": "restarted"}}
    functions.update_function_configuration(FunctionName="notes-dev-web", Environment=changed)
    try:
        assert visitor.ask("/healthz").json()["stage"] == "restarted"
        assert SHOWN in visitor.ask("/").text
    finally:
        functions.update_function_configuration(FunctionName="notes-dev-web", Environment={"Variables": variables})


def test_a_kept_local_aws_goes_on_where_it_was(project: Project) -> None:
    with local_run(project, "--keep") as first:
        visitor = first.visitor()
        visitor.note(NOTE)
    with local_run(project, "--keep") as second:
        assert SHOWN in visitor.ask("/").text
        assert second.visitor().port == first.visitor().port


def test_outputs_as_a_table_and_as_json_show_the_same(site: Running) -> None:
    result, output = site.outputs(), site.command("outputs")
    assert list(result) == ["base", "data", "frontend-edge", "backend", "frontend", "frontend-logs-edge"]
    assert [value for values in result.values() for value in values.values() if value not in output] == []


def test_the_command_says_where_the_site_is(site: Running) -> None:
    status = site.project.build("local", "status")
    assert f"{site.emulator.site_url}/" in status
    assert site.emulator.endpoint_url in status


def test_a_second_start_in_the_same_folder_is_refused(site: Running) -> None:
    done = site.project.run("local")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "runs already" in done.stderr
    assert json.loads((site.project.home / "emulator.json").read_text())["pid"] == site.emulator.pid
