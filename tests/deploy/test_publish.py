"""Static files: what is published, how it is served, and what a second run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.deploy.cloud import Headers, Stored
from stacks.deploy.publish import (
    MANIFEST,
    Known,
    manifest_body,
    paths_to_forget,
    plan_publish,
    publish,
    read_manifest,
)
from stacks.deploy.sites import LocalFile, SiteFiles, generated_file, read_folder
from stacks.deploy.web import A_DAY, FOREVER, REVALIDATE, cache_control, content_type
from stacks.errors import DeployError
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.deploy.progress import Progress


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("index-BxY7z_9Q.js", FOREVER),
        ("main.3f9a1c07.css", FOREVER),
        ("chunk.0123456789abcdef.mjs", FOREVER),
        ("menu-dropdown.js", A_DAY),
        ("icon-ArrowLeft.svg", A_DAY),
        ("style.css", A_DAY),
        ("jquery-3.7.1.min.js", A_DAY),
        ("index.html", REVALIDATE),
        ("index-BxY7z9aQ.html", REVALIDATE),
        ("config.json", REVALIDATE),
        ("manifest.json", REVALIDATE),
        ("app.webmanifest", REVALIDATE),
        ("sw.js", REVALIDATE),
        ("service-worker.js", REVALIDATE),
        ("sw-3f9a1c07b.js", REVALIDATE),
    ],
)
def test_only_a_name_with_a_hash_is_kept_for_ever(name: str, header: str) -> None:
    assert cache_control(f"static/{name}", single_page=False) == header


def test_in_a_single_page_application_unhashed_scripts_change_with_their_page() -> None:
    assert cache_control("app/main.js", single_page=True) == REVALIDATE
    assert cache_control("app/main-BxY7z_9Q.js", single_page=True) == FOREVER


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


def files(folder: Path, *, fallback: bool = True) -> tuple[LocalFile, ...]:
    return read_folder(SiteFiles(prefix="app/", folder=folder, fallback=fallback))


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


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="empty"):
        files(tmp_path, fallback=False)


def test_a_single_page_application_without_index_is_told(folder: Path) -> None:
    (folder / "index.html").unlink()
    with pytest.raises(DeployError, match=r"needs an index.html"):
        files(folder)


def test_other_headers_are_another_digest(folder: Path) -> None:
    one, two = files(folder)[1], files(folder, fallback=False)[1]
    assert (one.key, one.digest != two.digest) == (two.key, True)


def test_assets_are_put_before_pages_and_the_manifest_last(folder: Path) -> None:
    class Recording(MemoryCloud):
        def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
            order.append(key)
            return super().put(bucket, key, body, headers)

    order: list[str] = []
    cloud = Recording()
    cloud.buckets["b"] = {}
    publish(files(folder), cloud, lambda _: None, bucket="b", distribution=None)
    assert order[-2:] == ["app/index.html", MANIFEST]


def test_only_replaced_objects_are_forgotten_by_the_cdn(
    memory: MemoryCloud, folder: Path, seen: list[Progress]
) -> None:
    memory.buckets["b"] = {}
    publish(files(folder), memory, seen.append, bucket="b", distribution="D")
    assert memory.invalidations == []
    (folder / "index.html").write_text("changed")
    (folder / "new.css").write_text("new")
    publish(files(folder), memory, seen.append, bucket="b", distribution="D")
    assert memory.invalidations == [("D", ("/app/", "/app/index.html"))]


def test_files_that_are_no_longer_ours_are_counted_and_kept(memory: MemoryCloud, folder: Path) -> None:
    memory.buckets["b"] = {}
    publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    (folder / "css" / "a.css").unlink()
    plan = publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    assert plan.stale == ("app/css/a.css",)
    assert memory.has("b", "app/css/a.css")


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"a": 1}', b'{"a": {}}', b"\xff", b"null"])
def test_a_broken_manifest_puts_every_file(memory: MemoryCloud, folder: Path, body: bytes) -> None:
    memory.buckets["b"] = {}
    publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    memory.put("b", MANIFEST, body, Headers())
    plan = publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    assert len(plan.assets) + len(plan.pages) == 3


def test_an_object_that_someone_else_wrote_is_put_again(memory: MemoryCloud, folder: Path) -> None:
    memory.buckets["b"] = {}
    publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    memory.put("b", "app/css/a.css", b"other", Headers())
    plan = publish(files(folder), memory, lambda _: None, bucket="b", distribution=None)
    assert [file.key for file in plan.assets] == ["app/css/a.css"]


def test_a_file_that_cannot_be_put_ends_the_run_without_a_manifest(folder: Path) -> None:
    class Refusing(MemoryCloud):
        def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
            if key == "app/css/a.css":
                raise DeployError(key, "denied", "Ask")
            return super().put(bucket, key, body, headers)

    cloud = Refusing()
    cloud.buckets["b"] = {}
    with pytest.raises(DeployError, match="denied"):
        publish(files(folder), cloud, lambda _: None, bucket="b", distribution=None)
    assert MANIFEST not in cloud.buckets["b"]
    assert "app/index.html" not in cloud.buckets["b"]


def test_many_paths_become_one_wildcard_for_each_prefix() -> None:
    keys = [f"app/{number}.js" for number in range(20)] + ["static/a.css", "robots.txt"]
    assert paths_to_forget(keys) == ("/app/*", "/robots.txt", "/static/*")


def test_paths_are_quoted_as_browsers_ask_for_them() -> None:
    assert paths_to_forget(["static/é x.css"]) == ("/static/%C3%A9%20x.css",)


names = st.text("ab/.-é", min_size=1, max_size=8)
contents = st.dictionaries(names.map("app/{}.html".format) | names.map("static/{}.css".format), st.binary(max_size=4))


def stored(memory: MemoryCloud) -> tuple[Stored, ...]:
    return memory.objects("b")


@given(before=contents, after=contents)
def test_publishing_the_same_again_puts_nothing_and_what_is_served_is_what_was_given(
    before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    memory = MemoryCloud()
    memory.buckets["b"] = {}
    for content in (before, after):
        local = [generated_file(key, body) for key, body in content.items()]
        publish(local, memory, lambda _: None, bucket="b", distribution="D")
        again = plan_publish(local, stored(memory), read_manifest(memory.get("b", MANIFEST)))
        assert (again.assets, again.pages, again.forget) == ((), (), ())
        assert {key: memory.get("b", key) for key in content} == content


@given(st.dictionaries(st.text(), st.builds(Known, digest=st.text(), etag=st.text())))
def test_a_manifest_that_was_written_is_read_back(manifest: dict[str, Known]) -> None:
    assert read_manifest(manifest_body(manifest)) == manifest
