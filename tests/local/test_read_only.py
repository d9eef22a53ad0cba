"""The code of a local function cannot be changed by it, as on Lambda; a process of its own for each try."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks.local import runtime

if TYPE_CHECKING:
    from subprocess import CompletedProcess

RUNTIME = str(Path(runtime.__file__).parent)


def run(code: Path, text: str) -> CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": RUNTIME, "LAMBDA_TASK_ROOT": str(code)}
    command = [sys.executable, "-c", text]
    return subprocess.run(command, cwd=code, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A function's folder, beside one that may be written."""
    (tmp_path / "code/data").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "code/module.py").write_text("x = 1\n")
    return tmp_path / "code"


@pytest.mark.parametrize(
    "text",
    [
        "open('new.txt', 'w')",
        "open('module.py', 'a')",
        "open('module.py', 'r+')",
        "open('../code/new', 'wb')",
        "open(b'new', 'w')",
        "import pathlib; pathlib.Path('data/new').write_text('x')",
        "import os; os.mkdir('instance')",
        "import os; os.makedirs('data/deep/er')",
        "import os; os.remove('module.py')",
        "import os; os.rename('module.py', '../tmp/gone')",
        "import os; os.rename('../tmp', 'here')",
        "import os; os.rmdir('data')",
        "import os; os.symlink('/tmp', 'link')",
        "import os; os.open('new', os.O_CREAT | os.O_WRONLY)",
        "import shutil; shutil.copy('module.py', 'copy.py')",
        "import sqlite3; sqlite3.connect('new.sqlite')",
        "import logging; logging.basicConfig(filename='app.log')",
    ],
)
def test_nothing_next_to_the_code_can_be_written(code: Path, text: str) -> None:
    done = run(code, text)
    assert done.returncode == 1
    assert "[Errno 30] Read-only file system" in done.stderr
    assert sorted(path.name for path in code.iterdir()) == ["data", "module.py"]


@pytest.mark.parametrize(
    "text",
    [
        "open('module.py').read()",
        "import module",
        "open('../tmp/x', 'w')",
        "import os; os.mkdir('../tmp/y'); os.listdir()",
    ],
)
def test_reading_it_and_writing_elsewhere_goes_on(code: Path, text: str) -> None:
    assert run(code, text).returncode == 0


WORKER = """
import importlib, traceback
def run():
    handler_name = "go"
    module = importlib.import_module("app")
    try:
        print(getattr(module, handler_name)({}, None))
    except Exception:
        traceback.print_exc()
run()
"""


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("import nowhere", ['app.py", line 1', "Unable to import module 'app': No module named 'nowhere'"]),
        ("x = {}['a']\ndef go(event, context): ...", ["Unable to import module 'app': KeyError: 'a'"]),
        ("raise SystemExit(3)", ["Unable to import module 'app': SystemExit: 3"]),
        ("def go(:", ["SyntaxError"]),
        ("x = 1", ["Handler 'go' missing on module 'app'"]),
    ],
)
def test_an_import_that_fails_is_raised_when_the_first_event_comes(code: Path, text: str, messages: list[str]) -> None:
    (code / "app.py").write_text(text)
    done = run(code, WORKER)
    assert (done.returncode, [item for item in messages if item not in done.stderr]) == (0, [])
    assert "importlib" not in done.stderr


def test_a_handler_that_imports_is_called(code: Path) -> None:
    (code / "app.py").write_text("import importlib\nimportlib.import_module('module')\ndef go(*_): return 'gone'\n")
    assert run(code, WORKER).stdout == "gone\n"
