"""The commands by which a build installs packages: uv, verified by its hashes, and then those of the project's lock.

They look for the lock in the checkout that is built, so a template does not change when the project gets another lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stacks.files import text_or_empty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UV = "0.13.9"
HASHES = (
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",  # Linux, x86-64
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",  # Linux, ARM
    "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",  # musl, x86-64
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",  # musl, ARM
    "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",  # macOS, x86-64
    "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",  # macOS, ARM
)
"""SHA-256 of uv's wheels for the machines that builds run on, as in this library's own lock."""
LOCKS = ("uv.lock", "pylock.toml")
HASHED = ("requirements-dev.txt", "requirements/dev.txt", "requirements.txt")
"""Requirements files that are taken for a lock when they pin hashes; the first counts."""
ENTER = ". .venv/bin/activate"

_UV = "uv==" + UV + "".join(f" --hash=sha256:{digest}" for digest in HASHES)
# The project's own code is built with what the lock installed, or its build tool would come from no lock.
_OWN = (
    "{ ! grep -qs '^.build-system.' pyproject.toml || "
    "uv pip install --quiet --no-deps --no-build-isolation --editable .; }"
)
_UNLOCKED = f"No lock with hashes ({', '.join((*LOCKS, *HASHED))}): this build installs what the index has today."
_FROM_LOCK = (
    "if [ -f uv.lock ]; then uv sync --quiet --locked --inexact --all-extras --all-groups; "
    f"elif [ -f pylock.toml ]; then uv pip install --quiet --requirement pylock.toml && {_OWN}; "
    f"elif LOCK=$(grep -ls -e '--hash=sha256:' {' '.join(HASHED)} | head -n 1) && [ -n \"$LOCK\" ]; then "
    f'uv pip install --quiet --require-hashes --requirement "$LOCK" && {_OWN}; '
    f"else echo '{_UNLOCKED}' >&2 && uv pip install --quiet --editable '.[dev]'; fi"
)


def lock_in(folder: Path) -> str | None:
    """The name of the file that a build of the project in a folder installs from, as the commands choose it."""
    hashed = (name for name in HASHED if "--hash=sha256:" in text_or_empty(folder / name))
    return next((name for name in LOCKS if (folder / name).is_file()), None) or next(hashed, None)


def installing(commands: Sequence[str]) -> tuple[str, ...]:
    """A new virtual environment with uv, and the project's ``commands``; without any, the packages of its lock.

    uv installs in seconds what takes pip minutes; a build that starts with each push pays for it every time.
    https://docs.astral.sh/uv/concepts/projects/sync/, https://pip.pypa.io/en/stable/topics/secure-installs/
    """
    return (
        "python -m venv .venv",
        ENTER,
        f"echo '{_UV}' > .venv/uv.txt",
        "python -m pip install --quiet --require-hashes --only-binary :all: --requirement .venv/uv.txt",
        *(commands or (_FROM_LOCK,)),
    )
