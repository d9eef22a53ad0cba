"""The life of the local AWS: started, found, stopped, kept, and gone with anyone who started it."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stacks.errors import LocalError
from stacks.local import environment
from stacks.local.emulator import Emulator, local_aws, notices, running, start, stop
from tests.signed import signed

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.local.conftest import Account

pytestmark = pytest.mark.emulator
ACCOUNT = "222222222222"


def started(folder: Path, gateway: int | None = None, edge: int | None = None) -> Emulator:
    return start(region="eu-west-1", account=ACCOUNT, home=folder, say=lambda _text: None, gateway=gateway, edge=edge)


def up(folder: Path, *, keep: bool = False) -> AbstractContextManager[Emulator]:
    return local_aws(region="eu-west-1", account=ACCOUNT, home=folder, keep=keep)


def buckets(emulator: Emulator) -> str:
    with signed(emulator, "GET", "/") as answer:
        return str(answer.read())


def make_bucket(emulator: Emulator, name: str) -> None:
    signed(emulator, "PUT", f"/{name}").close()


def closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_running_one_is_found_by_its_folder(tmp_path: Path) -> None:
    with up(tmp_path) as emulator:
        assert running(tmp_path) == emulator


def test_a_stopped_one_is_not_found(tmp_path: Path) -> None:
    with up(tmp_path):
        pass
    assert running(tmp_path) is None


def test_a_folder_that_never_had_one_has_none(tmp_path: Path) -> None:
    assert (running(tmp_path / "new"), stop(tmp_path / "new"), notices(tmp_path / "new")) == (None, False, ())


def test_a_stopped_one_leaves_no_ports_and_no_temporary_files(tmp_path: Path) -> None:
    with up(tmp_path) as emulator:
        pass
    assert (closed(emulator.gateway), closed(emulator.edge), (tmp_path / "tmp").exists()) == (True, True, False)


def test_a_second_one_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with up(tmp_path), pytest.raises(LocalError, match=r"it runs already in .*`local stop`"):
        started(tmp_path)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=rf"port {port}: cannot be used .*another --port"):
            started(tmp_path, gateway=port)


def test_a_refused_start_leaves_nothing_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(LocalError):
        started(tmp_path, edge=other.getsockname()[1])
    assert running(tmp_path) is None


def test_without_node_it_says_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match=r"node is not on the PATH.*Install Node\.js"):
        started(tmp_path)


def test_one_that_dies_at_start_shows_its_last_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    python = environment.directory(os.environ) / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho first; echo last words; exit 1\n", encoding="utf-8")
    python.chmod(0o700)
    with pytest.raises(LocalError, match=r"it did not start; its last lines:\n  first\n  last words"):
        started(tmp_path / "home")


def test_one_port_cannot_be_both(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(LocalError, match=rf"port {port}: cannot be used .*another --edge-port"):
        started(tmp_path, gateway=port, edge=port)


def test_without_keeping_every_start_is_from_nothing(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        make_bucket(first, "raw-once")
    with up(tmp_path) as second:
        assert "raw-once" not in buckets(second)


def test_what_is_kept_is_available_again(tmp_path: Path) -> None:
    with up(tmp_path, keep=True) as first:
        make_bucket(first, "raw-kept")
    with up(tmp_path, keep=True) as second:
        assert "raw-kept" in buckets(second)


def test_a_kept_one_keeps_its_ports(tmp_path: Path) -> None:
    with up(tmp_path, keep=True) as first:
        pass
    with up(tmp_path, keep=True) as second:
        assert (second.gateway, second.edge) == (first.gateway, first.edge)


def test_a_crashed_one_does_not_count_as_running(tmp_path: Path) -> None:
    emulator = started(tmp_path)
    os.kill(emulator.pid, signal.SIGKILL)
    os.waitpid(emulator.pid, 0)
    assert (running(tmp_path), stop(tmp_path)) == (None, False)


SCRIPT = """
import sys
from pathlib import Path
from stacks.local import environment
from stacks.local.emulator import start
start(region="eu-west-1", account="222222222222", home=Path(sys.argv[1]), say=print, detached=sys.argv[2] == "yes")
"""


def start_elsewhere(folder: Path, detached: str) -> None:
    """Start one from a process that ends at once."""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", SCRIPT, str(folder), detached], cwd=root, check=True, capture_output=True)


def test_a_detached_one_outlives_its_parent_and_can_be_stopped(tmp_path: Path) -> None:
    start_elsewhere(tmp_path, "yes")
    assert (stop(tmp_path), running(tmp_path)) == (True, None)


def test_one_whose_parent_is_gone_ends_by_itself(tmp_path: Path) -> None:
    start_elsewhere(tmp_path, "no")
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits until the emulator has let go of its folder
    assert running(tmp_path) is None


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_nothing_listens_beyond_loopback(account: Account) -> None:
    process = Path(f"/proc/{account.emulator.pid}")
    sockets = {str(link.readlink()) for link in (process / "fd").iterdir()}
    rows = [
        line.split() for table in ("tcp", "tcp6") for line in (process / "net" / table).read_text().splitlines()[1:]
    ]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    expected = [f"0100007F:{port:04X}" for port in (account.emulator.gateway, account.emulator.edge)]
    assert sorted(listening) == sorted(expected)
