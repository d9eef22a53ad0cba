"""What of a folder is published, under which names, and how it is served."""

from __future__ import annotations

import base64
import hashlib
import os
import unicodedata
from typing import TYPE_CHECKING

import pytest

from stacks.errors import DeployError
from stacks.publishing.sites import LARGEST, SiteFiles, SiteObject, read_folder
from stacks.publishing.web import FOREVER, REVALIDATE, cache_control, content_type, is_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("index-BxY7z_9Q.js", FOREVER),
        ("main.3f9a1c07.css", FOREVER),
        ("chunk.0123456789abcdef.mjs", FOREVER),
        ("main-3f9a1c07d2e4b1aa.js", FOREVER),
        ("main-AB12CD34.js", FOREVER),
        ("index-BniyfnxG.js", FOREVER),
        ("index-Azr_07_q.css", FOREVER),
        ("b-CwOV-L-9.js", FOREVER),
        ("main-FFWXZ2KD.js", FOREVER),
        ("styles-5INURTSO.css", FOREVER),
        ("_next/static/chunks/0cz1d0mv5g_q7.js", FOREVER),
        ("_app/immutable/chunks/start.js", FOREVER),
        ("_nuxt/entry.Dpx7vL.css", FOREVER),
        ("_nuxt/builds/latest.json", REVALIDATE),
        ("_app/version.json", REVALIDATE),
        ("icon-UserCard.svg", REVALIDATE),
        ("photo-Summer24.jpg", REVALIDATE),
        ("trip-IMG_2024.jpg", REVALIDATE),
        ("trip-DSC_0001.jpg", REVALIDATE),
        ("logo-App-Icon.svg", REVALIDATE),
        ("tab-DarkMode.png", REVALIDATE),
        ("menu-dropdown.js", REVALIDATE),
        ("icon-ArrowLeft.svg", REVALIDATE),
        ("style.css", REVALIDATE),
        ("jquery-3.7.1.min.js", REVALIDATE),
        ("report-20240101.pdf", REVALIDATE),
        ("backup.20240101.zip", REVALIDATE),
        ("photo-summer24.jpg", REVALIDATE),
        ("photo-holiday2024.jpg", REVALIDATE),
        ("index.html", REVALIDATE),
        ("index-BxY7z9aQ.html", REVALIDATE),
        ("config.json", REVALIDATE),
        ("manifest.json", REVALIDATE),
        ("app.webmanifest", REVALIDATE),
        ("sw.js", REVALIDATE),
        ("service-worker.js", REVALIDATE),
        ("sw-3f9a1c07b.js", REVALIDATE),
        ("ngsw.json", REVALIDATE),
        ("ngsw-worker.js", REVALIDATE),
    ],
)
def test_only_a_name_with_a_hash_is_kept_for_ever(name: str, header: str) -> None:
    assert cache_control(f"static/{name}") == header


def test_hashes_as_vite_writes_them_are_recognized() -> None:
    """Eight characters of base64url of a SHA-256, as Rollup takes them."""
    digests = (hashlib.sha256(str(number).encode()).digest() for number in range(2_000))
    names = [f"chunk-{base64.urlsafe_b64encode(digest).decode()[:8]}.js" for digest in digests]
    assert sum(cache_control(name) == FOREVER for name in names) > 0.95 * len(names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.CSS", "text/css; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.js.map", "application/json; charset=utf-8"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.webmanifest", "application/manifest+json; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.avif", "image/avif"),
        ("a.woff2", "font/woff2"),
        ("a.zip", "application/zip"),
        ("a.unheard-of", "application/octet-stream"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_the_content_type_comes_from_the_name(name: str, expected: str) -> None:
    assert content_type(f"static/{name}") == expected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a page, an asset, and what must never be published."""
    site = tmp_path / "site"
    for name in ("index.html", "css/a.css", ".env", ".git/config", ".well-known/security.txt", "css/.DS_Store"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    return site


def files(folder: Path, *, fallback: bool = True) -> tuple[SiteObject, ...]:
    return read_folder(SiteFiles(prefix="app/", folder=folder, fallback=fallback))


def keys(folder: Path) -> list[str]:
    return [file.key for file in files(folder)]


def test_hidden_files_are_not_published_but_well_known_is(folder: Path) -> None:
    keys = [file.key for file in files(folder)]
    assert keys == ["app/.well-known/security.txt", "app/css/a.css", "app/index.html"]


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (folder / "a.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(DeployError, match="outside the folder"):
        files(folder)


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(DeployError, match="is a link"):
        files(folder)


def test_a_link_inside_the_folder_is_published(folder: Path) -> None:
    (folder / "b.css").symlink_to(folder / "css" / "a.css")
    assert "app/b.css" in [file.key for file in files(folder)]


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    message = rf"^{tmp_path}: the folder to publish is empty\. Build the site into it first\.$"
    for fallback in (True, False):
        with pytest.raises(DeployError, match=message):
            files(tmp_path, fallback=fallback)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_what_is_no_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(DeployError, match=r"/pipe: is a named pipe, and only files are published\. Remove it\.$"):
        files(folder)


def test_a_single_page_application_without_index_is_reported(folder: Path) -> None:
    (folder / "index.html").unlink()
    with pytest.raises(DeployError, match=r"needs an index.html"):
        files(folder)


def test_a_link_to_a_hidden_file_is_refused(folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder / ".env")
    with pytest.raises(DeployError, match=r"hidden \.env"):
        files(folder)


def test_a_link_to_nothing_is_refused(folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder / "none")
    with pytest.raises(DeployError, match="leads to nothing"):
        files(folder)


@pytest.mark.parametrize("build", ["browser", "notes/browser"])
def test_an_angular_output_is_found_in_its_browser_folder(tmp_path: Path, build: str) -> None:
    (tmp_path / build).mkdir(parents=True)
    (tmp_path / build / "index.html").write_text("")
    (tmp_path / "3rdpartylicenses.txt").write_text("")
    assert keys(tmp_path) == ["app/index.html"]


def test_a_folder_without_index_says_where_one_is(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("")
    with pytest.raises(DeployError, match=rf"Name {tmp_path}/out instead"):
        files(tmp_path)


@pytest.mark.parametrize(
    "name", ["a&b.css", "a b.css", "a@2x.png", "ü.txt", "日本.html", "100%.txt", "a#b?.js", "a+b.js"]
)
def test_names_are_published_as_they_are(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    assert f"app/{name}" in keys(folder)


def test_a_name_in_decomposed_unicode_is_published_as_browsers_ask_for_it(folder: Path) -> None:
    (folder / unicodedata.normalize("NFD", "é.txt")).write_text("")
    assert "app/é.txt" in keys(folder)


@pytest.mark.parametrize("name", ["a\nb.css", "a\\b.css", "a\x7f.css", b"\xff.css"])
def test_every_name_that_no_address_leads_to_is_reported(folder: Path, name: str | bytes) -> None:
    with open(bytes(folder) + b"/" + (name if isinstance(name, bytes) else name.encode()), "w"):  # noqa: PTH123 - bytes
        pass
    (folder / "\t").write_text("")
    with pytest.raises(DeployError, match="no address leads") as caught:
        files(folder)
    assert len(caught.value.problems) == 2


def test_a_path_longer_than_s3_takes_is_reported(folder: Path) -> None:
    deep = folder.joinpath(*["d" * 200] * 5, "e.txt")
    deep.parent.mkdir(parents=True)
    deep.write_text("")
    deep.rename(deep.with_name("e" * 30 + ".txt"))
    with pytest.raises(DeployError, match=r"1,0\d\d bytes of path, S3 allows 1,024"):
        files(folder)


def test_a_file_of_6_gb_is_reported(folder: Path) -> None:
    with (folder / "film.mp4").open("wb") as film:
        film.truncate(6 * 1024**3)
    with pytest.raises(DeployError, match=f"S3 takes {LARGEST:,} at once"):
        files(folder)


@pytest.mark.parametrize(
    ("name", "page"), [("a/index.html", True), ("sw.js", True), ("ngsw.json", True), ("a.js", False)]
)
def test_pages_and_service_workers_name_other_files(name: str, *, page: bool) -> None:
    assert is_page(name) is page


def test_an_applications_static_files_are_published_under_a_name_that_says_their_content_too(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/style.css").write_text("body {}")
    (tmp_path / "app-1a2b3c4d.js").write_text("1")
    (tmp_path / "page.html").write_text("<p>")
    result = {file.key: file.headers.cache_control for file in files(tmp_path, fallback=False)}
    digest = hashlib.sha256(b"body {}").hexdigest()[:16]
    prefix = "app/"
    assert result == {
        f"{prefix}app-1a2b3c4d.js": FOREVER,
        f"{prefix}css/style.css": REVALIDATE,
        f"{prefix}css/style.{digest}.css": FOREVER,
        f"{prefix}page.html": REVALIDATE,
    }
