"""The shell commands that carry what was built over an approval: an archive of the folder, pinned by its digest. Pure.

The job before the approval packs, and passes the digest on by another way than the archive. The job after it unpacks
the archive with this digest, and does not build again. Both need a POSIX shell, GNU tar and sha256sum, which the images
have that we name for CodeBuild, GitHub, GitLab and Bitbucket.
"""

from __future__ import annotations

ARCHIVE = ".build/release.tar"
DIGEST = "RELEASE_SHA256"
"""The variable with the SHA-256 of the archive, in hexadecimal."""
_LEFT_OUT = (".git", ".venv", "node_modules", ARCHIVE)
"""What the later job has by itself, or needs for building only."""


def pack(inside: str = "") -> list[str]:
    """Pack the working folder, and leave the digest in the variable. The jobs work ``inside`` of it (``shop/``).

    The archive is written to another folder and then moved, so that it does not contain itself.
    """
    places = dict.fromkeys(("", inside))
    without = " ".join(f"--exclude=./{place}{name}" for place in places for name in _LEFT_OUT)
    return [
        'packed="$(mktemp)"',
        f'mkdir -p .build && tar {without} -cf "$packed" . && mv "$packed" {ARCHIVE}',
        f'export {DIGEST}="$(sha256sum {ARCHIVE} | cut -d " " -f 1)"',
    ]


def unpack() -> list[str]:
    """Unpack the archive, if it has the digest in the variable; end the job if it has another."""
    return [f'echo "${DIGEST}  {ARCHIVE}" | sha256sum --check', f"tar -xf {ARCHIVE}"]
