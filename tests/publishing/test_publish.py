"""Publishing: what is put, in what order, what a second run does, and what earlier releases become."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.cloud import Headers
from stacks.errors import DeployError
from stacks.progress import FilesCompared, FilesRemoved, Released
from stacks.publishing.foresee import foresee_files
from stacks.publishing.publish import PublishPlan, current_release, paths_to_forget, plan_publish, publish
from stacks.publishing.releases import KEPT, Release, Served, body_of, key_of, numbers, parsed
from stacks.publishing.rollback import rollback
from stacks.publishing.sites import SiteFiles, generated_file
from stacks.publishing.step import Publish
from stacks.testing import MemoryCloud
from stacks.wiring import Output

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.progress import Progress

SITE = {
    "app/index.html": b"one",
    "app/main-aB3dE6gH.js": b"js one",
    "app/style.css": b"css",
    "app/about.html": b"about",
}


@pytest.fixture
def memory() -> MemoryCloud:
    cloud = MemoryCloud()
    cloud.buckets["b"] = {}
    return cloud


def put(cloud: MemoryCloud, site: dict[str, bytes], seen: list[Progress] | None = None) -> PublishPlan:
    watch = (lambda _: None) if seen is None else seen.append
    return publish([generated_file(*pair) for pair in site.items()], cloud, watch, bucket="b", distribution="D")


def back(cloud: MemoryCloud, number: int | None = None, seen: list[Progress] | None = None) -> PublishPlan:
    watch = (lambda _: None) if seen is None else seen.append
    return rollback(number, cloud, watch, bucket="b", distribution="D")


def served(cloud: MemoryCloud) -> dict[str, bytes]:
    return {
        key: stored_object.body for key, stored_object in cloud.buckets["b"].items() if not key.startswith(".stacks/")
    }


def keys(files: object) -> list[str]:
    assert isinstance(files, tuple)
    return [file.key for file in files]


class Recording(MemoryCloud):
    """Notes the order of what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []
        self.buckets["b"] = {}

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        self.order.append(key)
        return super().put(bucket, key, body, headers)


class Racing(MemoryCloud):
    """Another publication writes the record of a release just before ours does."""

    other = b"{}"

    def put_new(self, bucket: str, key: str, body: bytes | Path) -> str | None:
        self.put(bucket, key, self.other, Headers())
        return super().put_new(bucket, key, body)


def test_the_record_of_a_release_is_never_written_over() -> None:
    cloud = Racing()
    cloud.buckets["b"] = {}
    with pytest.raises(DeployError, match="another publication to this bucket wrote the same release meanwhile"):
        put(cloud, SITE)
    assert cloud.buckets["b"][key_of(1)].body == b"{}"


def test_a_record_whose_answer_was_lost_is_our_own(memory: MemoryCloud) -> None:
    put(memory, SITE)
    cloud = Racing()
    cloud.buckets["b"], cloud.other = {}, memory.buckets["b"][key_of(1)].body
    assert put(cloud, SITE).number == 1


def test_assets_come_before_pages_new_ones_before_changed_ones_and_the_release_last() -> None:
    cloud = Recording()
    put(cloud, SITE)
    cloud.order.clear()
    put(
        cloud,
        {**SITE, "app/index.html": b"two", "app/style.css": b"2", "app/new-aB3dE6gX.js": b"2", "app/b.html": b"2"},
    )
    assert cloud.order == ["app/new-aB3dE6gX.js", "app/style.css", "app/b.html", "app/index.html", key_of(2)]


class Meeting(MemoryCloud):
    """A put that ends only when another one is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.buckets["b"] = {}
        self.both = threading.Barrier(2, timeout=10)

    def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
        if not key.startswith(".stacks/"):
            self.both.wait()
        return super().put(bucket, key, body, headers)


def test_files_of_a_kind_are_put_at_the_same_time() -> None:
    cloud = Meeting()
    put(cloud, SITE)
    assert served(cloud) == SITE


def test_a_second_run_with_nothing_changed_puts_nothing() -> None:
    cloud = Recording()
    put(cloud, SITE)
    cloud.order.clear()
    assert put(cloud, SITE).is_empty
    assert (cloud.order, cloud.invalidations) == ([], [])


def test_the_cdn_forgets_changed_pages_only(memory: MemoryCloud) -> None:
    put(memory, SITE)
    assert memory.invalidations == []
    put(memory, {**SITE, "app/index.html": b"two", "app/style.css": b"two", "app/new-aB3dE6gX.js": b"two"})
    assert memory.invalidations == [("D", ("/app/", "/app/index.html"))]


def test_the_cdn_forgets_an_asset_that_it_should_keep_for_ever(memory: MemoryCloud) -> None:
    put(memory, SITE)
    put(memory, {**SITE, "app/main-aB3dE6gH.js": b"other bytes, same name"})
    assert memory.invalidations == [("D", ("/app/main-aB3dE6gH.js",))]


def test_other_headers_are_put_again(memory: MemoryCloud) -> None:
    put(memory, SITE)
    old = current_release(memory, "b", memory.objects("b"))
    css = Served(digest=old.files["app/style.css"].digest, etag=old.files["app/style.css"].etag, headers=Headers())
    plan = plan_publish(
        [generated_file(*pair) for pair in SITE.items()],
        memory.objects("b"),
        Release(number=1, files={**old.files, "app/style.css": css}),
    )
    assert keys(plan.puts) == ["app/style.css"]


def test_an_object_that_someone_else_wrote_is_put_again(memory: MemoryCloud) -> None:
    put(memory, SITE)
    memory.put("b", "app/style.css", b"other", Headers())
    assert keys(put(memory, SITE).puts) == ["app/style.css"]


def test_a_page_that_is_no_more_is_gone_at_once_and_an_asset_stays(memory: MemoryCloud, seen: list[Progress]) -> None:
    put(memory, SITE)
    put(memory, {"app/index.html": b"two"}, seen)
    assert set(served(memory)) == {"app/index.html", "app/main-aB3dE6gH.js", "app/style.css"}
    assert FilesRemoved(keys=("app/about.html",)) in seen
    assert "/app/about.html" in memory.invalidations[-1][1]


def test_files_of_nobody_are_counted_and_kept(memory: MemoryCloud, seen: list[Progress]) -> None:
    memory.put("b", "uploads/cat.jpg", b"", Headers())
    put(memory, SITE, seen)
    for number in range(KEPT + 2):
        put(memory, {"app/index.html": str(number).encode()})
    assert memory.has("b", "uploads/cat.jpg")
    assert [event.stale for event in seen if isinstance(event, FilesCompared)] == [1]


def test_assets_of_the_last_releases_stay_and_older_ones_go(memory: MemoryCloud) -> None:
    for number in range(KEPT + 2):
        put(memory, {"app/index.html": str(number).encode(), f"app/main-aB3dE6g{number}.js": b"js"})
    kept = [f"app/main-aB3dE6g{number}.js" for number in range(2, KEPT + 2)]
    assert sorted(served(memory)) == ["app/index.html", *kept]
    assert numbers(memory.objects("b")) == tuple(range(3, KEPT + 3))


def test_the_forecast_names_the_files_that_publishing_adds_changes_and_removes(
    memory: MemoryCloud, tmp_path: Path
) -> None:
    for number in range(KEPT):
        put(memory, {"app/index.html": str(number).encode(), f"app/main-aB3dE6g{number}.js": b"js"})
    for name in ("index.html", "about.html"):
        (tmp_path / name).write_text("new")
    folders = (SiteFiles(prefix="app/", folder=tmp_path, fallback=True),)
    step = Publish(stack="f", bucket=Output("f", "Bucket"), distribution=None, folders=folders)
    assert [(change.name, change.action) for change in foresee_files(step, {"f": {"Bucket": "b"}}, {}, memory)] == [
        ("app/about.html", "add"),
        ("app/index.html", "change"),
        ("app/main-aB3dE6g0.js", "remove"),
    ]
    assert [(change.name, change.action) for change in foresee_files(step, {}, {}, memory)] == [
        ("app/about.html", "add"),
        ("app/index.html", "add"),
    ]


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"a": 1}', b'{"files": {"a": {}}}', b"\xff", b"null"])
def test_a_broken_release_puts_every_file(memory: MemoryCloud, body: bytes) -> None:
    put(memory, SITE)
    memory.put("b", key_of(1), body, Headers())
    assert len(put(memory, SITE).puts) == len(SITE)


def test_a_file_that_cannot_be_put_ends_the_run_without_a_page_or_a_release() -> None:
    class Refusing(Recording):
        def put(self, bucket: str, key: str, body: bytes | Path, headers: Headers) -> str:
            if key == "app/style.css":
                raise DeployError(key, "denied", "Ask")
            return super().put(bucket, key, body, headers)

    cloud = Refusing()
    with pytest.raises(DeployError, match="denied"):
        put(cloud, SITE)
    assert not {"app/index.html", key_of(1)} & cloud.buckets["b"].keys()


def test_an_earlier_release_is_served_again(memory: MemoryCloud, seen: list[Progress]) -> None:
    put(memory, SITE)
    put(memory, {"app/index.html": b"two", "app/style.css": b"two"})
    back(memory, None, seen)
    assert served(memory) == SITE
    assert memory.invalidations[-1] == ("D", ("/app/", "/app/index.html"))
    assert seen[-1] == Released(number=3, of=1)


def test_putting_back_can_be_put_back(memory: MemoryCloud) -> None:
    two = {**SITE, "app/index.html": b"two"}
    put(memory, SITE)
    put(memory, two)
    back(memory)
    assert back(memory).number == 4
    assert served(memory) == two


def test_what_was_pruned_comes_back_from_its_version(memory: MemoryCloud) -> None:
    put(memory, SITE)
    put(memory, {"app/index.html": b"two"})
    memory.remove("b", ["app/main-aB3dE6gH.js"])
    back(memory, 1)
    assert served(memory) == SITE


def test_a_release_that_is_served_already_needs_nothing(memory: MemoryCloud) -> None:
    put(memory, SITE)
    assert back(memory, 1).is_empty


def test_a_release_whose_files_s3_no_longer_has_is_refused_before_anything_is_touched(memory: MemoryCloud) -> None:
    put(memory, SITE)
    put(memory, {"app/index.html": b"two"})
    before = served(memory)
    memory._history["b"].clear()
    with pytest.raises(DeployError, match=r"S3 no longer has its app/about\.html") as caught:
        back(memory, 1)
    assert ([problem.where for problem in caught.value.problems], served(memory)) == (["release 1"] * 4, before)


@pytest.mark.parametrize(("number", "message"), [(7, "Choose one of these: 1"), (None, "Publish a second one first")])
def test_a_missing_release_is_reported(memory: MemoryCloud, number: int | None, message: str) -> None:
    put(memory, SITE)
    with pytest.raises(DeployError, match=message):
        back(memory, number)


def test_many_paths_become_one_wildcard_for_each_prefix() -> None:
    names = [f"app/{number}.js" for number in range(20)] + ["static/a.css", "robots.txt"]
    assert paths_to_forget(names) == ("/app/*", "/robots.txt", "/static/*")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a&b@2x.html", "/a&b@2x.html"),
        ("a b.html", "/a%20b.html"),
        ("é.html", "/%C3%A9.html"),
        ("a~b*c#d?.html", "/a%7Eb%2Ac%23d%3F.html"),
    ],
)
def test_only_unsafe_characters_of_a_path_are_encoded_for_the_cdn(key: str, path: str) -> None:
    assert paths_to_forget([key]) == (path,)


names = st.text("ab/.-é", min_size=1, max_size=8)
contents = st.dictionaries(
    names.map("app/{}.html".format) | names.map("static/{}.css".format), st.binary(max_size=4), min_size=1
)


@given(st.lists(contents, max_size=3))
def test_what_is_served_is_what_was_published_and_every_release_comes_back(sites: list[dict[str, bytes]]) -> None:
    memory = MemoryCloud()
    memory.buckets["b"] = {}
    released = {}
    for site in sites:
        put(memory, site)
        assert put(memory, site).is_empty
        assert {key: memory.get("b", key) for key in site} == site
        released[numbers(memory.objects("b"))[-1]] = site
    for number in list(released)[1:]:
        back(memory, number)
        assert {key: memory.get("b", key) for key in released[number]} == released[number]


headers = st.builds(Headers, content_type=st.text(), cache_control=st.text())
entries = st.builds(Served, digest=st.text(), etag=st.text(), headers=headers)


@given(st.dictionaries(st.text(), entries), st.none() | st.integers(1, 99))
def test_a_release_that_was_written_is_read_back(files: dict[str, Served], of: int | None) -> None:
    release = Release(number=7, files=files, of=of)
    assert parsed(7, body_of(release)) == release


def test_a_release_whose_record_is_damaged_is_not_put_back(memory: MemoryCloud) -> None:
    put(memory, SITE)
    put(memory, {**SITE, "app/index.html": b"two"})
    record = memory.buckets["b"][key_of(1)]
    memory.buckets["b"][key_of(1)] = replace(record, body=b"{")
    with pytest.raises(
        DeployError, match=r"^release 1: its record cannot be read\. Choose another of 'publish --list'"
    ):
        back(memory, 1)
    assert served(memory)["app/index.html"] == b"two"
