"""What goes wrong on a laptop, met through the real command: one message, an exit code, nothing half done."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
import uv

from stacks.local import environment
from stacks.local.emulator import running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Project

pytestmark = pytest.mark.emulator


def assert_one_message(done: subprocess.CompletedProcess[str], *parts: str, code: int = 1) -> None:
    """One line that says where, what and how to correct it."""
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert [part for part in parts if part not in done.stderr] == []


def uv_cache() -> str:
    """Where uv keeps what it has fetched."""
    return subprocess.run([uv.find_uv_bin(), "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()


def closed(port: int) -> bool:
    """Whether nothing listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("option", ["--port", "--edge-port"])
def test_a_taken_port_is_named_and_nothing_is_left_running(project: Project, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = project.run("local", "--detach", option, port)
    assert_one_message(done, f"port {port}: cannot be used (Address already in use)", f"give another {option}")
    assert running(project.home) is None


def test_a_number_that_is_no_port_is_named(project: Project) -> None:
    done = project.run("local", "--detach", "--edge-port", "70000")
    assert_one_message(done, "port 70000: is not a port", "--edge-port")


def test_without_node_it_says_how_to_get_it(project: Project, tmp_path: Path) -> None:
    done = project.run("local", "--detach", PATH=str(tmp_path))
    assert_one_message(done, "node is not on the PATH", "Install Node.js")
    assert running(project.home) is None


def test_without_network_new_requirements_are_not_half_packaged(project: Project, tmp_path: Path) -> None:
    with (project.folder / "lambda_src/web/requirements.txt").open("a") as requirements:
        requirements.write("idna==3.7\n")
    offline = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "empty")}
    done = project.run("package", **offline)
    assert_one_message(done, "lambda_src/web/requirements.txt: ", "Check the network")
    results = [path.relative_to(project.folder).as_posix() for path in project.folder.rglob("*web*.zip")]
    assert (results, (project.folder / "templates_out").exists()) == ([], False)


def test_without_network_what_was_packaged_before_still_runs(project: Project, tmp_path: Path) -> None:
    project.build("package", "--stage", "dev")
    done = project.run("package", "--stage", "dev", UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "empty"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("out", ["taken", "taken/deeper"])
def test_a_file_in_the_place_of_the_output_folder_is_named(project: Project, out: str) -> None:
    (project.folder / "taken").write_text("mine")
    assert_one_message(project.run("render", "--out", out), f"{out}/dev")
    assert (project.folder / "taken").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_without_the_right_to_write_is_named(project: Project) -> None:
    (project.folder / "closed").mkdir(mode=0o500)
    assert_one_message(project.run("render", "--out", "closed"), "closed/dev", "Permission denied")


@pytest.mark.parametrize(("name", "words"), [(".local", ("local", "--detach")), (".build", ("package",))])
def test_a_file_in_the_place_of_our_own_folder_is_named(project: Project, name: str, words: tuple[str, ...]) -> None:
    (project.folder / name).write_text("mine")
    done = project.run(*words)
    assert "Traceback" not in done.stderr
    assert (done.returncode, name in done.stderr) == (1, True)
    assert (project.folder / name).read_text() == "mine"


def test_a_cache_that_cannot_be_written_is_named(project: Project) -> None:
    (project.folder / "taken").write_text("mine")
    caches = {"XDG_CACHE_HOME": str(project.folder / "taken"), "UV_CACHE_DIR": uv_cache()}
    done = project.run("local", "--detach", **caches)
    assert_one_message(done, "cannot be written", "Set XDG_CACHE_HOME")


def test_an_endpoint_where_nobody_listens_is_named(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
    done = project.run("deploy", "data", "--stage", "dev", "--endpoint-url", url, "--yes")
    assert_one_message(done, "nothing answers", url, "Start it, as with `python build.py local`")


def test_without_credentials_it_says_how_to_get_them(project: Project) -> None:
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    done = project.run("deploy", "data", "--stage", "dev", "--yes", **nobody)
    assert_one_message(done, "credentials: ", "AWS_PROFILE")


def test_without_its_source_folder_a_function_is_named(project: Project) -> None:
    shutil.rmtree(project.folder / "lambda_src/api")
    done = project.run("local", "--detach")
    assert "Traceback" not in done.stderr
    assert "lambda_src/api" in done.stderr
    assert (done.returncode in {1, 2}, running(project.home)) == (True, None)


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    """Read what a command prints until ``text`` comes."""
    assert process.stdout
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return
    pytest.fail(f"{text!r} never came:\n{''.join(seen)}{process.stderr.read() if process.stderr else ''}")


def test_ctrl_c_stops_the_local_aws_and_leaves_nothing_running(project: Project) -> None:
    with project.started("local") as process:
        wait_for(process, "Ctrl-C stops it.")
        emulator = running(project.home)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors, output.strip()) == (0, "", "Stopped.")
    assert emulator
    assert (running(project.home), closed(emulator.gateway), closed(emulator.edge)) == (None, True, True)
    assert project.build("local", "stop") == "The local AWS was not running.\n"


@pytest.mark.parametrize("words", [("local",), ("local", "--detach")])
def test_ctrl_c_while_deploying_locally_stops_the_local_aws_too(project: Project, words: tuple[str, ...]) -> None:
    with project.started(*words) as process:
        wait_for(process, "data: notes-dev-data")
        emulator = running(project.home)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "Interrupted.\n")
    assert emulator
    assert (running(project.home), closed(emulator.gateway)) == (None, True)


def test_ctrl_c_while_a_detached_one_starts_leaves_nothing_running(project: Project, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "UV_CACHE_DIR": uv_cache()}
    python = environment.directory(cache) / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho here\nexec sleep 600\n")
    python.chmod(0o700)
    with project.started("local", "--detach", **cache) as process:
        log = project.home / "log"
        while process.poll() is None and not (log.exists() and log.read_text()):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "Interrupted.\n")
    with (project.home / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises when anything still holds it


def test_a_local_aws_that_is_asked_to_end_ends_the_command(project: Project) -> None:
    with project.started("local") as process:
        wait_for(process, "Ctrl-C stops it.")
        emulator = running(project.home)
        assert emulator
        os.kill(emulator.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the local AWS: ended by itself" in errors


def test_an_application_that_cannot_be_imported_is_reported_with_its_log_and_goes_on_running(project: Project) -> None:
    web = project.folder / "lambda_src/web/app.py"
    web.write_text("raise RuntimeError('the reason of it all')\ndef app(environ, start): ...\n")
    done = project.run("local", "--detach")
    try:
        assert done.returncode == 1
        assert "/: answers 5" in done.stderr
        assert "See 'python build.py logs --stage dev --local'" in done.stderr
        logged = done.stderr.partition("\n\n")[2]
        for line in (
            '/code/app.py", line 1, in <module>',
            "Unable to import module 'stacks_web': RuntimeError: the reason",
        ):
            assert line in logged
        assert "stacks_web.handler cannot be imported: RuntimeError: the reason of it all (app.py:1)" in logged
        assert running(project.home)
    finally:
        project.build("local", "stop")
