"""Starts, finds and stops the local AWS: one process per project, its state in one folder (``.local/``).

The folder's lock, which the process holds as long as it lives, says whether it runs: a crash, a reboot or a reused
process number cannot leave a wrong answer behind. The process gets a small environment of its own, since Lambda
functions inherit all of it; it listens on loopback only, and ends when the process that started it is gone, unless it
was started detached.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stacks.errors import LocalError
from stacks.files import text_of, write_private
from stacks.local import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Say = Callable[[str], None]

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
LOG_LINES = 15
WHERE = "the local AWS"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# The front and what it needs of this package, without the packages that are installed next to it.
LAUNCH = """
import importlib.util, runpy, sys
home = sys.argv[1]
spec = importlib.util.spec_from_file_location("stacks", home + "/__init__.py", submodule_search_locations=[home])
sys.modules["stacks"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["stacks"])
runpy.run_module("stacks.local.front", run_name="__main__")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """A running local AWS: ``gateway`` is the port of its AWS endpoint, ``edge`` the port of the site."""

    gateway: int
    edge: int
    pid: int
    home: Path
    region: str
    account: str
    key: str
    secret: str = field(repr=False)
    """The access key and secret of this run: clients sign with them, everything else is refused."""

    @property
    def credentials(self) -> tuple[str, str]:
        """Access key and secret, as ``BotoClients`` takes them."""
        return self.key, self.secret

    @property
    def endpoint_url(self) -> str:
        """What AWS clients take as ``endpoint_url``."""
        return f"http://127.0.0.1:{self.gateway}"

    @property
    def site_url(self) -> str:
        """Where a browser finds the newest distribution."""
        return f"http://127.0.0.1:{self.edge}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One difference between a template as it was sent and as the local AWS deployed it.

    ``kind`` is ``left out`` or ``substituted``; ``type`` is a resource type, or ``Output``.
    """

    stack: str
    kind: str
    logical_id: str
    type: str
    detail: str


def start(  # noqa: PLR0913 - each is one decision of the user's
    *,
    region: str,
    account: str,
    home: Path,
    say: Say,
    keep: bool = False,
    detached: bool = False,
    gateway: int | None = None,
    edge: int | None = None,
) -> Emulator:
    """Start the local AWS and wait until it answers.

    ``keep`` brings back, and keeps at an orderly stop, what was deployed; the ports stay the same then, because
    distributions have them in their origins. Without it every start is from nothing. A ``detached`` one outlives
    the calling process.

    Raises:
        LocalError: It runs already, a port is taken, node is missing, or the process died (with its last lines).
    """
    node = _node()
    python = environment.python(say)
    _private(home)
    with _locked(home) as lock:
        before = _read(home / "kept" / "emulator.json") if keep else None
        ports = _ports(gateway or (before.gateway if before else None), edge or (before.edge if before else None))
        _clear(home, keep=keep)
        keys = _keys()
        variables = _variables(home, ports, region, account, node, keep=keep, detached=detached)
        pid = _spawn(python, variables | {"FRONT_KEY": keys[0], "FRONT_SECRET": keys[1]}, home / "log", lock)
    started = Emulator(
        gateway=ports[0],
        edge=ports[1],
        pid=pid,
        home=home,
        region=region,
        account=account,
        key=keys[0],
        secret=keys[1],
    )
    try:
        _wait(started)
    except BaseException:  # Ctrl-C too: a detached one would stay, and nobody could find it
        _end(started)
        raise
    for place in (home, home / "kept") if keep else (home,):
        _write(place / "emulator.json", started)
    return started


def stop(home: Path) -> bool:
    """Stop the local AWS of a folder in order and remove what it leaves behind; False when none was running."""
    emulator = running(home)
    if emulator:
        _end(emulator)
    if _is_own(home) and not _is_locked(home):
        (home / "emulator.json").unlink(missing_ok=True)
        shutil.rmtree(home / "tmp", ignore_errors=True)
    return emulator is not None


def running(home: Path) -> Emulator | None:
    """The local AWS that runs in a folder, or None."""
    return _read(home / "emulator.json") if _is_own(home) and _is_locked(home) else None


def _is_own(home: Path) -> bool:
    """Whether it is a folder of this user, and not a link that a repository brought."""
    return home.is_dir() and not home.is_symlink() and home.stat().st_uid == os.getuid()


def notices(home: Path) -> tuple[Notice, ...]:
    """Everything that the stacks of this local AWS have otherwise than their templates say."""
    path = home / "notices.jsonl"
    if not path.exists():
        return ()
    return tuple(Notice(**json.loads(line)) for line in text_of(path).splitlines())


@contextlib.contextmanager
def local_aws(*, region: str, account: str, home: Path, keep: bool = False) -> Iterator[Emulator]:
    """A local AWS for the time of a ``with`` block, on free ports."""
    emulator = start(region=region, account=account, home=home, say=lambda _: None, keep=keep)
    try:
        yield emulator
    finally:
        stop(home)


def _private(home: Path) -> None:
    """Make the folder of a run, for this user's eyes only: keys, logs and data are below it.

    Raises:
        LocalError: It is a link, or another user's: anyone who made it could read or replace what is written there.
    """
    if home.is_symlink():
        raise LocalError(str(home), "is a link, not a folder", "Remove it: the local AWS keeps its keys and data there")
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise LocalError(str(home), "belongs to another user", "Remove it, or work in a folder of your own")
    kept = home / "kept"
    for path in (*home.iterdir(), *(kept.rglob("*") if kept.is_dir() and not kept.is_symlink() else ())):
        if path.is_symlink():
            raise LocalError(str(path), "is a link", "Remove it: what the local AWS writes stays in its own folder")
    home.chmod(0o700)
    write_private(home / ".gitignore", b"*\n")


def _keys() -> tuple[str, str]:
    """A random access key and secret, in AWS's shapes but never taken for keys of an account."""
    return "LOCAL" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(15)), secrets.token_urlsafe(30)


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise LocalError(
            WHERE,
            "node is not on the PATH, and CloudFront Functions run on it",
            "Install Node.js 18 or newer (https://nodejs.org, or your system's package nodejs)",
        )
    return node


def newest_postgres() -> str:
    """The newest PostgreSQL server of the machine; empty without one. Debian has it on no PATH."""
    result = shutil.which("postgres")
    if result is None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: file.parts[-3].zfill(3))
        result = str(folders[-1]) if folders else ""
    return result


def _ports(gateway: int | None, edge: int | None) -> tuple[int, int]:
    """Both ports, the ones that were not asked for chosen by the system."""
    with _bound(gateway, "--port") as first, _bound(edge, "--edge-port") as second:
        return int(first.getsockname()[1]), int(second.getsockname()[1])


def _bound(port: int | None, option: str) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port or 0))
    except OSError as error:
        fix = f"Stop what listens there, or give another {option}"
        why = os.strerror(error.errno) if error.errno else str(error)
        raise LocalError(f"port {port}", f"cannot be used ({why})", fix) from error
    except OverflowError as error:
        raise LocalError(f"port {port}", "is not a port", f"Give {option} a number from 1 to 65535") from error


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[int]:
    """The folder's lock, as a file descriptor that the emulator inherits and so holds for as long as it lives."""
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if not _taken(lock, fcntl.LOCK_EX):
            raise LocalError(WHERE, f"it runs already in {home}", "Use that one, or end it first: `local stop`")
        yield lock
    finally:
        os.close(lock)


def _is_locked(home: Path) -> bool:
    try:
        lock = os.open(home / "lock", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # no such file, or nothing of ours
        return False
    try:
        return not _taken(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _taken(lock: int, how: int) -> bool:
    """Take a lock; False when another process holds it."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(home: Path, *, keep: bool) -> None:
    for name in ("emulator.json", "log"):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "tmp", ignore_errors=True)
    (home / "tmp").mkdir()
    if keep:
        (home / "kept").mkdir(exist_ok=True)
    else:
        (home / "notices.jsonl").unlink(missing_ok=True)


def _variables(  # noqa: PLR0913 - what start() decided
    home: Path, ports: tuple[int, int], region: str, account: str, node: str, *, keep: bool, detached: bool
) -> dict[str, str]:
    """The whole environment of the emulator, and thereby of the functions it runs."""
    home = home.resolve()
    tmp = str(home / "tmp")
    state = home / "kept" if keep else home / "tmp"
    kept = "1" if keep else "0"
    return {
        "PATH": os.pathsep.join([str(Path(node).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": tmp,
        "TMPDIR": tmp,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parent / "runtime"),  # for the functions: the emulator itself is isolated
        "GATEWAY_PORT": str(ports[0]),
        "FRONT_EDGE_PORT": str(ports[1]),
        "FRONT_DATABASES": str(state / "databases"),
        "FRONT_POSTGRES": newest_postgres(),
        "FRONT_NOTICES": str(home / "notices.jsonl"),
        "FRONT_PARENT": "" if detached else str(os.getpid()),
        "MINISTACK_REGION": region,
        "MINISTACK_ACCOUNT_ID": account,
        "AUTH": "true",  # off, codes and roles are not checked, and the emulator never sees https
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",  # on, it listens on every interface
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "STATE_DIR": str(state / "state"),
        "S3_DATA_DIR": str(state / "s3"),
        "PERSIST_STATE": kept,
        "S3_PERSIST": kept,
    }


def _spawn(python: Path, variables: dict[str, str], log: Path, lock: int) -> int:
    """Start the front in a session of its own, so that Ctrl-C reaches us alone; the number of its process."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        (os.POSIX_SPAWN_DUP2, lock, max(lock, 3) + 1),
    ]
    command = [str(python), "-I", "-c", LAUNCH, str(Path(__file__).parents[1])]
    return os.posix_spawn(python, command, variables, file_actions=actions, setsid=True)


def _wait(emulator: Emulator) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(emulator):
        if not _is_locked(emulator.home) or time.monotonic() > deadline:
            lines = text_of(emulator.home / "log", errors="replace").splitlines()[-LOG_LINES:]
            raise LocalError(
                WHERE,
                "it did not start; its last lines:\n" + "\n".join(f"  {line}" for line in lines),
                f"The whole log is {emulator.home / 'log'}",
            )
        time.sleep(0.02)


def _answers(emulator: Emulator) -> bool:
    try:
        urllib.request.urlopen(f"{emulator.endpoint_url}/_ministack/ready", timeout=5).close()  # noqa: S310
        socket.create_connection(("127.0.0.1", emulator.edge), timeout=5).close()
    except OSError:
        return False
    return True


def _end(emulator: Emulator) -> None:
    """End the process and its group: in order first, so that it saves what it keeps, then by force."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(emulator.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _is_locked(emulator.home) and time.monotonic() < deadline:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(emulator.pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(emulator.pid, 0)


def _read(path: Path) -> Emulator | None:
    try:
        load = json.loads(text_of(path))
        return Emulator(**{**load, "home": Path(load["home"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, emulator: Emulator) -> None:
    text = json.dumps({**asdict(emulator), "home": str(emulator.home)}, indent=2)
    write_private(path, f"{text}\n".encode())
