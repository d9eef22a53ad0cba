"""What every test gets: no AWS account within reach, the example application, hypothesis profiles."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from stacks import load
from stacks.testing import MemoryCloud
from stacks.ui import AUTOMATED

if TYPE_CHECKING:
    from stacks.app import App
    from stacks.progress import Progress

pytest_plugins = ["tests.running"]
CACHE = "STACKS_CACHE_DIR"
ROOT = Path(__file__).parents[1]

settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure() -> None:
    """What is kept between runs is kept in one folder of this session, which xdist's workers inherit.

    So is byte code: tests start hundreds of processes, and each would compile the whole library.
    """
    os.environ.setdefault(CACHE, tempfile.mkdtemp(prefix="stacks-tests-"))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored under nohup, and by the processes that tests start
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a background job of a shell script
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage seldom: modules and tests stay to the end, and looking for garbage in them takes a tenth."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder, once."""
    if not hasattr(config, "workerinput") and "/stacks-tests-" in os.environ[CACHE]:
        shutil.rmtree(os.environ[CACHE], ignore_errors=True)


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's credentials, profile or region reach a test, and none knows whether a CI service runs it."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name in AUTOMATED]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def example() -> App:
    """The example application, as ``app.yaml`` describes it."""
    return load(ROOT / "app.yaml")


@pytest.fixture
def memory() -> MemoryCloud:
    """An empty account in memory."""
    return MemoryCloud()


@pytest.fixture
def seen() -> list[Progress]:
    """What deploying told: hand its ``append`` over as ``watch``."""
    return []
