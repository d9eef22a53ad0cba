"""A publish that is killed after any of its operations: every page finds what it names, and a second run finishes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from stacks.publishing.publish import publish
from stacks.publishing.releases import KEPT, numbers
from stacks.publishing.rollback import rollback
from stacks.publishing.sites import generated_file
from stacks.testing import MemoryCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Site = dict[str, bytes]

WRITES = ("put", "restore", "remove", "invalidate")


class Killed(BaseException):
    """What ends the process."""


class Mortal(MemoryCloud):
    """Dies at the write after the first ``lives``."""

    def __init__(self) -> None:
        super().__init__()
        self.buckets["b"] = {}
        self.lives = 1_000_000
        self.died: list[str] = []
        """What it was doing, each time."""

    def __getattribute__(self, name: str) -> Any:
        result = super().__getattribute__(name)
        if name not in WRITES:
            return result

        def counted(*words: Any) -> Any:
            self.lives -= 1
            if self.lives < 0:
                self.died.append(f"{name} {words[1]}")
                raise Killed
            return result(*words)

        return counted


def release(number: int) -> Site:
    """A site in which everything is named by something: pages, a script with a chunk, one unhashed name of each."""
    return {
        "app/index.html": f"main-aB3dE6g{number}.js style.css page{number}.html".encode(),
        f"app/page{number}.html": f"main-aB3dE6g{number}.js style.css".encode(),
        f"app/main-aB3dE6g{number}.js": f"chunk-aB3dE6g{number}.js".encode(),
        f"app/chunk-aB3dE6g{number}.js": b"",
        "app/loader.js": f"chunk-aB3dE6g{number}.js".encode(),
        "app/style.css": f"font-aB3dE6g{number}.woff2".encode(),
        f"app/font-aB3dE6g{number}.woff2": b"",
    }


def put(cloud: MemoryCloud, site: Site) -> None:
    publish([generated_file(*pair) for pair in site.items()], cloud, lambda _: None, bucket="b", distribution="D")


def dangling(cloud: MemoryCloud) -> list[str]:
    """What is missing of all that is reached from the application's page."""
    objects, missing = cloud.buckets["b"], []
    seen, todo = {"app/index.html"}, ["app/index.html"]
    while todo:
        key = todo.pop()
        if key not in objects:
            missing.append(key)
            continue
        results = {f"app/{name}" for name in re.findall(r"[\w-]+\.\w+", objects[key].body.decode())}
        todo += results - seen
        seen |= results
    return missing


def served(cloud: MemoryCloud, keys: Iterable[str]) -> Site:
    return {key: cloud.buckets["b"][key].body for key in keys}


def grown() -> Mortal:
    """As many releases as are kept, so that the next one prunes."""
    cloud = Mortal()
    for number in range(KEPT):
        put(cloud, release(number))
    return cloud


def roll_back(cloud: Mortal) -> None:
    rollback(3, cloud, lambda _: None, bucket="b", distribution="D")


PRUNED = {f"app/{name}-aB3dE6g0.{kind}" for name, kind in (("main", "js"), ("chunk", "js"), ("font", "woff2"))}
STEPS: dict[str, tuple[Callable[[Mortal], None], Site]] = {
    "publish": (lambda cloud: put(cloud, release(8)), release(8)),
    "rollback": (roll_back, release(2)),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_run_that_is_killed_anywhere_leaves_a_whole_site_and_the_next_one_finishes(name: str) -> None:
    run, wanted = STEPS[name]
    died: list[str] = []
    for lives in range(100):
        cloud = grown()
        cloud.lives = lives
        try:
            run(cloud)
        except Killed:
            assert dangling(cloud) == [], lives
        else:
            break
        cloud.lives = 1_000_000
        run(cloud)
        assert served(cloud, wanted) == wanted, lives
        assert dangling(cloud) == [], lives
        assert len(numbers(cloud.objects("b"))) == KEPT, lives
        assert not cloud.buckets["b"].keys() & PRUNED, lives
        died += cloud.died
    assert {item.partition(" ")[0] for item in died} >= {"put", "remove", "invalidate"}
    assert died[-3:-1] == ["put .stacks/releases/00000006.json", f"remove {sorted(PRUNED)}"]
    assert died[-1] == "remove ['.stacks/releases/00000001.json']"


def test_a_run_that_was_killed_before_the_cdn_forgot_invalidates_the_next_time() -> None:
    cloud = Mortal()
    put(cloud, release(1))
    cloud.lives = 7  # five new and changed assets, then both pages
    with pytest.raises(Killed):
        put(cloud, release(2))
    cloud.lives = 1_000_000
    put(cloud, release(2))
    assert "/app/" in cloud.invalidations[-1][1]
    assert numbers(cloud.objects("b")) == (1, 2)
