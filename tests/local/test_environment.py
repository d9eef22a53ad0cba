"""The emulator's own virtual environment."""

from __future__ import annotations

import hashlib
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import uv

from stacks.errors import LocalError
from stacks.local import environment

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_kept_in_the_users_cache(tmp_path: Path) -> None:
    assert environment.directory({"HOME": str(tmp_path)}).parent == tmp_path / ".cache" / "serverless-stacks"


def test_the_cache_can_be_elsewhere(tmp_path: Path) -> None:
    path = environment.directory({"HOME": "/nowhere", "XDG_CACHE_HOME": str(tmp_path)})
    assert path.parent == tmp_path / "serverless-stacks"


def test_its_name_shows_what_is_in_it(tmp_path: Path) -> None:
    assert environment.directory({"HOME": str(tmp_path)}).name.startswith("ministack-1.5.33-py3")


def test_its_name_changes_with_the_lock_file() -> None:
    digest = hashlib.sha256(environment.LOCK.read_bytes()).hexdigest()[:8]
    assert environment.directory({"HOME": "/home/me"}).name.endswith(f"-{digest}")


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    return tmp_path


def test_without_network_it_says_what_is_needed(offline: Path) -> None:
    assert offline.exists()
    with pytest.raises(LocalError, match=r"packages cannot be installed.*Connect to the network once"):
        environment.python(lambda _text: None)


@pytest.mark.usefixtures("offline")
def test_half_of_it_is_never_left_behind(offline: Path) -> None:
    with pytest.raises(LocalError):
        environment.python(lambda _text: None)
    assert list((offline / "serverless-stacks").iterdir()) == []


@pytest.mark.emulator
def test_it_is_created_once() -> None:
    first = environment.python(lambda _text: None)
    messages: list[str] = []
    assert (environment.python(messages.append), messages) == (first, [])


@pytest.mark.emulator
def test_two_that_make_it_at_once_get_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", uv_cache())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ThreadPoolExecutor(2) as both:
        paths = list(both.map(environment.python, [lambda _text: None] * 2))
    directory = environment.directory({"XDG_CACHE_HOME": str(tmp_path)})
    assert (paths, list(directory.parent.iterdir())) == ([directory / "bin" / "python"] * 2, [directory])


def uv_cache() -> str:
    """Uv's own cache, wherever it is: nothing is fetched twice."""
    return subprocess.run([uv.find_uv_bin(), "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
