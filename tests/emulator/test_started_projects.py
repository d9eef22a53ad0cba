"""``init``, then ``local``, then an answered request, without an edit: templates, and applications of usual shapes."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from stacks.cli import main
from tests.starting.shapes import SHAPES, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.emulator
COMMAND = [sys.executable, "-m", "stacks.cli"]


@contextlib.contextmanager
def local(folder: Path) -> Iterator[str]:
    """The address that ``stacks local`` prints for people."""
    try:
        done = subprocess.run([*COMMAND, "local", "--detach"], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        address = re.search(r"^(?:Site|API) +(http\S+)", done.stdout, re.MULTILINE)
        assert address
        yield address[1]
    finally:
        subprocess.run([*COMMAND, "local", "stop"], cwd=folder, capture_output=True, check=True)


def answer(address: str, path: str) -> str:
    with urllib.request.urlopen(f"{address}{path}", timeout=30) as response:
        body: bytes = response.read()
    return body.decode()


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("flask", "api/hello/Ada", '"Hello, Ada!"'),
        ("fastapi", "api/hello/Ada", "Hello, Ada!"),
        ("spa", "api/hello", "Hello from a function"),
        ("functions", "api/hello?name=Ada", "Hello, Ada!"),
        ("all", "", "<h1>Notes</h1>"),
    ],
)
def test_a_template_answers(template: str, path: str, expected: str, tmp_path: Path) -> None:
    assert main(["init", str(tmp_path), "--template", template, "--name", "started"]) == 0
    with local(tmp_path) as address:
        assert expected in answer(address, path)


@pytest.mark.parametrize(
    ("shape", "path", "expected"),
    [
        ("flask-factory", "", "A blog"),
        ("flask-root", "", "Flasky"),
        ("fastapi", "items/", "Plumbus"),
        ("django", "", "You're at the polls index."),
        ("vite-api", "api/time", '"time":'),
        ("functions", "api/create-order", '{"id": 1}'),
    ],
)
def test_an_application_of_the_usual_shapes_answers(shape: str, path: str, expected: str, tmp_path: Path) -> None:
    written(SHAPES[shape], tmp_path)
    assert main(["init", str(tmp_path), "--name", "started"]) == 0
    with local(tmp_path) as address:
        assert expected in answer(address, path)
