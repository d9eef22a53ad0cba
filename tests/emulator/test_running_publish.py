"""``publish`` on a running site: what it says it will do, what visitors then get, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.running import Running

pytestmark = pytest.mark.emulator


def test_a_changed_page_is_published_listed_and_put_back(site: Running) -> None:
    page, script = site.project.folder / "site/index.html", site.project.folder / "site/extra-aB3dE6gH.js"
    before = page.read_bytes()
    assert site.command("publish", "--dry-run") == "nothing to do\n"
    page.write_bytes(before + b"<!-- two -->\n")
    script.write_text("// two")
    try:
        assert site.command("publish", "--dry-run").splitlines() == [
            "put app/extra-aB3dE6gH.js (text/javascript; charset=utf-8; public, max-age=31536000, immutable)",
            "put app/index.html (text/html; charset=utf-8; no-cache)",
            "invalidate /app/",
            "invalidate /app/index.html",
            "write release 2",
        ]
        assert site.visitor().ask("/app/").body == before
        assert "release 2" in site.command("publish")
        assert site.visitor().ask("/app/").body.endswith(b"<!-- two -->\n")
        assert "release 3, release 1 again" in site.command("publish", "--rollback")
        assert site.visitor().ask("/app/").body == before
        assert site.visitor().ask("/app/extra-aB3dE6gH.js").status == 200
        listed = site.command("publish", "--list").splitlines()
        assert [row.split()[0] for row in listed[2:]] == ["1", "2", "3"]
        assert "is served, release 1 again" in listed[-1]
    finally:
        page.write_bytes(before)
        script.unlink()


NAMES = {
    "module.mjs": "text/javascript; charset=utf-8",
    "program.wasm": "application/wasm",
    "photo.avif": "image/avif",
    "app.webmanifest": "application/manifest+json; charset=utf-8",
    "letters.woff2": "font/woff2",
    "module.mjs.map": "application/json; charset=utf-8",
    "LICENCE": "application/octet-stream",
    ".well-known/security.txt": "text/plain; charset=utf-8",
    "you & me.txt": "text/plain; charset=utf-8",
    "icon@2x.png": "image/png",
    "größe-日本.txt": "text/plain; charset=utf-8",
    "50%+(1),'2';!.txt": "text/plain; charset=utf-8",
}


def test_files_of_every_type_and_name_come_back_through_the_cdn_as_they_are(site: Running) -> None:
    folder = site.project.folder / "lambda_src/web/static/kinds"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    site.command("publish")
    answers = {name: site.visitor().ask(f"/static/kinds/{quote(name)}") for name in NAMES}
    assert {name: answer.headers["Content-Type"] for name, answer in answers.items()} == NAMES
    assert {name: answer.body.decode() for name, answer in answers.items()} == {name: name for name in NAMES}


def test_the_application_gets_the_same_from_publish_as_from_local(site: Running) -> None:
    before = site.visitor().ask("/app/config.json").body
    site.command("publish")
    assert site.visitor().ask("/app/config.json").body == before


@pytest.mark.parametrize("key", [".stacks/releases/00000001.json", "app/.stacks/releases/00000001.json"])
def test_records_of_releases_are_not_served(site: Running, key: str) -> None:
    assert site.visitor().ask(f"/{key}").status in {403, 404}


def test_a_missing_asset_is_no_page(site: Running) -> None:
    assert site.visitor().ask("/app/assets/x-1a2B3c4D.js").status in {403, 404}


def test_a_missing_release_is_reported(site: Running) -> None:
    done = site.project.run("publish", *site.target, "--rollback", "77")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "release 77: is not kept. Choose one of these: 1" in done.stderr
