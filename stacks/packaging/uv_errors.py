"""What uv wrote when it failed → one error that names the package and the way out.

uv's sentences are kept where they say it best; before 0.13 they are wrapped into lines. Its decoration, progress and
build logs are not kept, nor its hints, which speak of options that our users never typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stacks.errors import PackagingError

if TYPE_CHECKING:
    from stacks.packaging.bundle import PythonTarget

_NETWORK = re.compile(r"network was disabled|error sending request|Request failed after|unable to access 'http")
_CREDENTIALS = re.compile(r"://[^\s'`]+@")
_PLACE = re.compile(r"https?://(?:[^/\s@]*@)?([^/\s'`?]+)")
_WANTED = re.compile(r"/simple/([\w.-]+)/|you\s+require\s+([\w.\[\]-]+)|build `([\w.-]+)")
_OTHER_WHEELS = re.compile(r"([\w.-]+)\S*\s+ha(?:s|ve)\s+no\s+wheels\s+with\s+a\s+matching")
_NATIVE = re.compile(r"built wheel `([\w.]+)-\S+` is not compatible")
_BUILD = re.compile(r"Failed to (?:download and )?build `?([^`\s]+)")
_COMPILER = re.compile(r"command '?(?:/usr)?(?:/bin/)?false'? failed|'false'|[`\"]false[`\"]|\bfalse: ")
_NOISE = re.compile(r"\s*(?:hint:|Using |Resolved |Prepared |Building |Built |Updating |Downloading |warning:)")
_DECORATION = re.compile(
    r"[\u00d7\u2500-\u25b6]+|^\s*(?:error|cause|Caused by):\s*|No solution found when resolving dependencies:?"
)
_LONGEST, _LONGEST_LOG = 500, 160

_OTHER_VERSION = (
    "Ask for a newer version, which may have one, or for another package; or give the function a runtime and an"
    " architecture that it has wheels for, as 'runtime: python3.12' and 'architecture: x86_64'"
)
_INSTEAD = {
    "mysqlclient": "Ask for pymysql, which is plain Python",
    "psycopg-c": "Ask for psycopg-binary, the same with wheels",
    "psycopg2": "Ask for psycopg2-binary, the same with wheels",
    "pycrypto": "Ask for pycryptodome, which took its place and has wheels",
    "uwsgi": "Leave it out: on Lambda no server runs",
}
"""The fix for packages that many ask for and none installs without a compiler."""


def instead(package: str) -> str:
    """The way out for a package, with or without its version, that has no wheel and would have to be compiled."""
    return _INSTEAD.get(normal(package.partition("==")[0]), _OTHER_VERSION)


def refuse_known_native(package: str, where: str, target: PythonTarget) -> None:
    """Raise ``PackagingError`` for a package without a wheel whose building ends in native code: minutes sooner."""
    if normal(package) in _INSTEAD:
        what = f"{package} has no wheel for {target}, and building it makes native code for this machine"
        raise PackagingError(where, what, instead(package))


def normal(name: str) -> str:
    """A package's name as indexes compare it: ``Flask_Login`` is ``flask-login``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def uv_refusal(errors: str, where: str, target: PythonTarget) -> PackagingError:
    """The error for what uv wrote to its standard error, when it installed what ``where`` asks for."""
    errors = without_credentials(errors)
    if _NETWORK.search(errors):
        return PackagingError(where, _unreachable(errors), "Check the network, the proxy and the index's address")
    if match := _OTHER_WHEELS.search(errors):
        return PackagingError(where, f"{match[1]} has no wheel for {target}, only for others", instead(match[1]))
    if match := _NATIVE.search(errors):
        what = f"{match[1]} has no wheel for {target}, and building it makes native code for this machine"
        return PackagingError(where, what, instead(match[1]))
    if (match := _BUILD.search(errors)) and _COMPILER.search(errors):
        what = f"{match[1]} has no wheel for {target}, and building it needs a compiler, which makes native code"
        return PackagingError(where, what, instead(match[1]))
    if match := _BUILD.search(errors):
        what = f"{match[1]} has no wheel for {target}, and building it from source failed: {last_line(errors)}"
        return PackagingError(where, what, instead(match[1]))
    return PackagingError(where, _reason(errors), "Correct the requirement, or the index it is looked for in")


def without_credentials(text: str) -> str:
    """What uv wrote, without names and passwords in addresses: of one that it cannot read it hides none."""
    return _CREDENTIALS.sub("://****@", text)


def _unreachable(errors: str) -> str:
    place, wanted = _PLACE.search(errors), _WANTED.search(errors)
    name = next(filter(None, wanted.groups()), "packages") if wanted else "packages"
    return f"{name} cannot be fetched: {place[1] if place else 'the package index'} is out of reach"


def _reason(errors: str) -> str:
    lines = (line for line in errors.partition("\nhint:")[0].splitlines() if not _NOISE.match(line))
    text = " ".join(" ".join(_DECORATION.sub("", line) for line in lines).split())
    return text.rstrip(".")[:_LONGEST] or "uv failed without a word"


def last_line(errors: str) -> str:
    """The last line of what uv wrote, which says why a build failed."""
    log = [line.strip() for line in errors.partition("\nhint:")[0].splitlines() if line.strip()]
    return log[-1].rstrip(".")[:_LONGEST_LOG] if log else "no reason was given"
