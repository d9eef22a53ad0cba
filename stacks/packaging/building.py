"""What installing and building packages gets to see of this machine: not its variables, and builds not its home.

The code of a package that is built runs as the user who packages; uv offers no sandbox. So it is handed nothing but
what programs need to start and to reach the index, whose addresses go to uv as arguments: they may hold passwords.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PASSED = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "UV_OFFLINE", "UV_NO_INDEX", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT", "UV_PYTHON_INSTALL_DIR",
)  # fmt: skip
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_INDEXES = {
    "UV_DEFAULT_INDEX": "--default-index",
    "UV_INDEX_URL": "--default-index",
    "UV_INDEX": "--index",
    "UV_EXTRA_INDEX_URL": "--index",
    "UV_FIND_LINKS": "--find-links",
}
"""https://docs.astral.sh/uv/reference/environment/"""


_COMPILERS = dict.fromkeys(("CC", "CXX", "FC", "CARGO", "RUSTC"), "false")
"""No compiler: what one makes is for this machine, so a build that needs one fails at once, and one that can do without
makes plain Python."""


def building(variables: Mapping[str, str], home: str, *, compiles: bool = False) -> dict[str, str]:
    """The whole environment of uv and of the builds it starts; ``home`` is an empty folder.

    ``compiles`` lets builds call compilers, for code that runs on this machine.
    """
    passed = {name: variables[name] for name in _PASSED if name in variables}
    passed |= proxies(variables)
    passed |= {} if compiles else _COMPILERS
    return {**passed, "HOME": home, "TMPDIR": home, "UV_CACHE_DIR": f"{home}/cache"}


def proxies(variables: Mapping[str, str]) -> dict[str, str]:
    """The proxies that the environment names, without those whose address holds a password."""
    names = (spelled for name in _PROXIES for spelled in (name, name.lower()))
    return {name: variables[name] for name in names if "@" not in variables.get(name, "@")}


def installing(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of uv where it builds nothing: the user's home and what reaches indexes, no other credentials.

    uv fills addresses with variables of its environment, and the metadata of a package may hold such an address. A
    keyring's program may need any variable.
    """
    if variables.get("UV_KEYRING_PROVIDER", "disabled") != "disabled":
        return dict(variables)
    reached = {spelled for name in _PROXIES for spelled in (name, name.lower())}
    passed = {*_PASSED, *reached, "HOME", "NETRC", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}
    kept = (name for name in variables if name in passed or name.startswith("UV_"))
    return {name: variables[name] for name in kept if not name.startswith("UV_PUBLISH_")}


def indexes(variables: Mapping[str, str]) -> Iterator[str]:
    """The indexes that the environment names, as uv's options."""
    for name, option in _INDEXES.items():
        for address in variables.get(name, "").split():
            yield from (option, address)
