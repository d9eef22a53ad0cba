"""``local --watch`` while somebody edits the example, and ``logs`` of what then ran; nothing waits but for a change."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from stacks.local.emulator import running
from tests.running import STAGE, Running, Visitor

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.running import Project

pytestmark = pytest.mark.emulator
SECONDS = 60


@pytest.fixture
def watching(project: Project) -> Iterator[tuple[subprocess.Popen[str], Running]]:
    """``python build.py local --watch``, ready."""
    with project.started("local", "--watch") as process:
        output_until(process, "Ctrl-C stops it.")
        emulator = running(project.home)
        assert emulator
        yield process, Running(project=project, emulator=emulator)
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def output_until(process: subprocess.Popen[str], text: str) -> str:
    """What the process said, to the line with ``text``."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    pytest.fail(f"{text!r} was never said:\n{''.join(lines)}{process.stderr.read() if process.stderr else ''}")


def until(true: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def edit(project: Project, file: str, old: str, new: str) -> None:
    """Save a file with another text, as an editor does."""
    path = project.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_saved_files_are_served_and_mistakes_are_reported(watching: tuple[subprocess.Popen[str], Running]) -> None:
    process, result = watching
    project, visitor = result.project, Visitor(port=result.emulator.edge)

    edit(project, "lambda_src/web/templates/notes.html", "What is on your mind?", "What have you seen?")
    until(lambda: "What have you seen?" in visitor.ask("/").text)
    output = output_until(process, " in ")
    assert re.search(r"^\d\d:\d\d:\d\d  lambda_src/web/templates/notes.html: backend in \d", output, re.MULTILINE)

    edit(project, "site/index.html", "</body>", "<!-- saved --></body>")
    until(lambda: "<!-- saved -->" in visitor.ask("/app/").text)
    assert "site/index.html: 1 file in " in output_until(process, " in ")

    good = (project.folder / "lambda_src/web/app.py").read_text(encoding="utf-8")
    edit(project, "lambda_src/web/app.py", good, f"{good}\ndef (\n")
    assert re.search(
        r"lambda_src/web/app\.py:\d+: is not valid Python: invalid syntax\. ", output_until(process, "valid Python")
    )
    edit(project, "site/index.html", "<!-- saved -->", "<!-- again -->")
    output_until(process, "valid Python")
    assert visitor.ask("/").status == 200
    edit(project, "lambda_src/web/app.py", f"{good}\ndef (\n", good)
    until(lambda: "<!-- again -->" in visitor.ask("/app/").text)

    edit(project, "app.yaml", "backend:\n  secrets:", "backend:\n  secret:")
    assert "Did you mean 'secrets'?" in output_until(process, "secret")
    edit(project, "app.yaml", "backend:\n  secret:", "log_retention_days: 7\n\nbackend:\n  secrets:")
    groups = result.client("logs")
    until(
        lambda: (
            {"retentionInDays": 7}.items()
            <= groups.describe_log_groups(logGroupNamePrefix="/aws/lambda/notes-dev-web")["logGroups"][0].items()
        )
    )


def test_ctrl_c_ends_watching_and_the_local_aws(watching: tuple[subprocess.Popen[str], Running]) -> None:
    process, result = watching
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    assert running(result.project.home) is None


def test_watching_needs_the_terminal(project: Project) -> None:
    done = project.run("local", "--watch", "--detach")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--watch: needs this terminal, and --detach gives it back. Leave one of them out.\n"


def test_what_a_function_prints_and_how_it_ended_is_reported(site: Running) -> None:
    site.visitor().ask("/")
    output = site.command("logs", "web")
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  web  -      START [0-9a-f]{8}$", output, re.MULTILINE)
    assert re.search(r"  web  -      REPORT [0-9a-f]{8} [\d.]+ ms, [\d.]+ MB used", output)
    assert "list-notes" not in output


def test_lines_are_followed_until_ctrl_c_which_is_no_failure(site: Running) -> None:
    with site.project.started("logs", "web", "--follow", "--since", "1s", *site.target) as process:
        site.visitor().ask("/")
        output_until(process, "REPORT")
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=SECONDS)
    assert (process.returncode, error) == (0, "")


def test_before_the_first_deployment_there_is_no_log_group(own_account: Running) -> None:
    done = own_account.project.run("logs", "web", *own_account.target)
    assert done.returncode == 1
    assert done.stderr == (
        "web: there is no log group yet (/aws/lambda/notes-dev-web in eu-west-1). "
        "Deploy the backend stack, which makes it, or name the stage you mean.\n"
    )
    assert STAGE in done.stderr
