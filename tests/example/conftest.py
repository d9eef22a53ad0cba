"""The example's modules as Lambda sees them: each starts with its own folder on the path and nothing else of ours."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LAMBDA_SRC = Path(__file__).parents[2] / "lambda_src"


class Load(Protocol):
    def __call__(self, path: str) -> ModuleType:
        """Import ``lambda_src/<path>``; for the time of one test."""


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    def importing(path: str) -> ModuleType:
        file = LAMBDA_SRC / path
        monkeypatch.syspath_prepend(file.parent)
        return importlib.import_module(file.stem)

    for name in ("STAGE", "NOTES_TABLE", "SESSION_KEY_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)
    yield importing
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(LAMBDA_SRC):
            del sys.modules[name]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that our backend stack gives a function, and credentials that open nothing."""
    for name, value in {
        "STAGE": "dev",
        "NOTES_TABLE": "notes-dev-notes",
        "SESSION_KEY_SECRET_ID": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:session-key",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
