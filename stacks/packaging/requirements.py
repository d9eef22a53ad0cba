"""A requirements file, project file or lock → what there is to install, with a digest of all local files it leads to.

uv reads the file itself; here only those lines are understood that lead to other local files, so that a change
in one of them is noticed, and those that cannot give the same zip on two machines, so that they are refused.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stacks.errors import PackagingError
from stacks.files import bytes_of, repository_of, text_of
from stacks.json_types import at, items, mapping
from stacks.packaging.local_sources import digest_of, local_of, sources_of, with_implied
from stacks.packaging.locks import PROJECT, is_lock, locked_files, locked_folders, toml_of, workspace_lock
from stacks.packaging.uv_errors import normal, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.json_types import JsonObject

SERVERLESS_WSGI = (
    "serverless-wsgi==3.1.0 --hash=sha256:c2584067e1c2b0e909f83b923d3ab3f19cc645133d53bf203ca249fd77e6baec"
)
"""Added to the requirements of a WSGI application that does not ask for it itself."""

_COMMENT = re.compile(r"(^|\s)#.*")
OPTION = re.compile(r"(-[A-Za-z]|--[a-z-]+)[\s=]*(.*)")
_NAMES_WSGI = re.compile(r"serverless[-_.]+wsgi\b", re.IGNORECASE)
_LOCKS_WSGI = re.compile(r"^name = \"serverless-wsgi\"", re.MULTILINE)
_OLD = re.compile(
    r"(?:flask|werkzeug)(?:\[[^\]]*\])?\s*\(?\s*(?:[^;#]*,)?\s*"
    r"(?:(?:===?|~=|<=?)\s*[01](?!\d)|<\s*2(?:\.0)*\s*(?:$|[;,)]))",
    re.IGNORECASE,
)
_LOCKS_OLD = re.compile(r"^name = \"(werkzeug)\"\nversion = \"([01]\.[^\"]*)\"", re.MULTILINE)
"""Before 2.0, which serverless-wsgi needs: https://github.com/logandk/serverless-wsgi (setup.py, install_requires)."""
LOCAL = re.compile(r"(?:[\w.\[\],-]+\s*@\s*)?(?:file:(?://)?)?([^\s;\[#]+)")
_ELSEWHERE = {
    "-f": "takes packages from",
    "--find-links": "takes packages from",
    "-i": "takes packages from the index",
    "--index-url": "takes packages from the index",
    "--extra-index-url": "takes packages from a second index, where anyone may have published under the same names:",
    "--trusted-host": "takes packages without checking who sends them, from",
}
"""What an option of a requirements file means for where packages come from."""
_VARIABLE = re.compile(r"[$][{](?!PROJECT_ROOT[}])(\w+)[}]")
"""uv puts variables of its environment in place of these: https://pip.pypa.io/en/stable/reference/requirements-file-format/"""
_MOST_FILES = 100
_DISTRIBUTIONS = ("*.whl", "*.tar.gz", "*.zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What to install: a ``file`` for uv, ``extra`` requirements next to it, and the ``digest`` of all of it.

    ``where`` names them in errors. ``hashed`` says that the file pins hashes, so that nothing without one is taken;
    ``constraints`` say which versions are taken of what is needed anyway. ``from_source`` are the packages, as indexes
    compare their names, that may be built on this machine; ``notices`` are sentences about options that let packages
    come from elsewhere. ``read`` are the local files that decide what is installed, ``local`` the folders that are
    built into wheels (``local_sources``). A lock is
    exported for the ``project`` in that folder, which may be a member of a workspace. ``overrides`` is a
    file with what is taken in place of requirements of these names. ``adapter`` is a requirement that
    the file names under a condition: it is added when nothing installed it.
    """

    where: str
    file: Path | None
    extra: tuple[str, ...]
    digest: str
    hashed: bool = False
    constraints: tuple[str, ...] = ()
    from_source: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    read: tuple[Path, ...] = ()
    local: tuple[Path, ...] = ()
    project: Path | None = None
    overrides: Path | None = None
    adapter: str | None = None


def read_requirements(file: Path | None, *, root: Path, where: str, wsgi: bool) -> Requirements | None:
    """Read ``file`` of the project in ``root`` and the files it includes; None when there is nothing to install.

    Raises ``PackagingError`` when a file is missing or not text, when one is outside of the project and its repository,
    and when variables of this machine would become part of an address.
    """
    reading = _Reading(where=where, top=repository_of(root))
    project = file.parent if file else None
    if file is not None and file.name == PROJECT and (shared := workspace_lock(file.parent)):
        reading.hash_files(file)
        file = shared
    if file is not None and is_lock(file):
        reading.lock(file)
    elif file is not None and file.name == PROJECT:
        reading.project(file)
        file = file if reading.asks else None  # one with settings of tools only, which uv would build
    elif file is not None:
        reading.read(file, shown=where)
    if file is not None:
        for settings in (file.with_name(PROJECT), file.with_name("uv.toml")):
            reading.settings(settings)
    if wsgi and reading.old and not reading.names_wsgi:
        what = f"{reading.old} asks for Werkzeug 1 or older, and serverless-wsgi works with Werkzeug 2 and newer"
        raise PackagingError(where, what, "Ask for 'flask>=2.3' (and drop pins of werkzeug, jinja2 and markupsafe)")
    adapter = SERVERLESS_WSGI.partition("=")[0] if reading.limits_wsgi else SERVERLESS_WSGI
    extra = (adapter,) if wsgi and not reading.names_wsgi else ()
    if not extra and not reading.asks:
        return None
    local = with_implied(reading.local, where)
    for folder in local:
        reading.refuse_outside(folder, str(folder))
        reading.digest.update(digest_of(folder, where).encode())
    reading.digest.update("\n".join((*extra, str(wsgi))).encode())
    digest = reading.digest.hexdigest()
    return Requirements(
        where=where,
        file=file,
        extra=extra,
        digest=digest,
        hashed=reading.hashed,
        from_source=frozenset(reading.from_source),
        notices=tuple(reading.notices),
        read=tuple(reading.files),
        local=local,
        project=project,
        adapter=adapter if wsgi and not extra else None,
    )


class _Reading:
    def __init__(self, *, where: str, top: Path) -> None:
        self.where, self.top = where, top
        self.base: Path | None = None
        self.seen: set[Path] = set()
        self.digest = hashlib.sha256()
        self.asks = self.names_wsgi = self.limits_wsgi = self.hashed = False
        self.limiting = False
        self.files: dict[Path, None] = {}
        self.local: dict[Path, None] = {}
        self.old = ""
        self.from_source: set[str] = set()
        self.notices: dict[str, None] = {}

    def read(self, file: Path, *, shown: str) -> None:
        if (path := file.resolve()) in self.seen:
            return
        self.seen.add(path)
        if len(self.seen) > _MOST_FILES:
            raise PackagingError(self.where, f"includes more than {_MOST_FILES} files", "Write them as one")
        self.base = self.base or file.parent
        self.refuse_outside(file, shown)
        text = self.text(file, shown)
        self.digest.update(hashlib.sha256(text.encode()).digest())
        for line in lines_of(text):
            self.line(line, file)

    def lock(self, file: Path) -> None:
        """A lock is taken as a whole; what it leads to is judged once it is exported."""
        self.hash_files(*(path for path in locked_files(file) if path.is_file()))
        self.asks = True
        text = self.text(file, self.where)
        self.refuse_variables(text)
        for line in _lines_of_project(toml_of(file.with_name(PROJECT))):
            self.refuse_variables(line)
        self.local |= dict.fromkeys(locked_folders(file, text))
        self.names_wsgi = bool(_LOCKS_WSGI.search(text))
        self.old = "=".join(match.groups()) if (match := _LOCKS_OLD.search(text)) else ""

    def project(self, file: Path) -> None:
        """The dependencies of the standard ``[project]`` table."""
        text = self.text(file, self.where)
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PackagingError(self.where, f"is not TOML: {error}", "Correct it") from None
        for line in _lines_of_project(table):
            self.refuse_variables(line)
        self.digest.update(hashlib.sha256(text.encode()).digest())
        self.base = file.parent
        self.local |= dict.fromkeys(sources_of(file, self.where).values())
        for line in _dependencies(table):
            self.line(line, file)

    def settings(self, file: Path) -> None:
        """Note what the settings of uv next to the requirements say; it follows them."""
        result = _settings(file)
        self.from_source |= _built(result)
        self.notices |= dict.fromkeys(f"{file.name} {meant}" for meant in _elsewhere(result))

    def text(self, file: Path, shown: str) -> str:
        self.files[file] = None
        try:
            return text_of(file, encoding="utf-8-sig")
        except FileNotFoundError:
            raise PackagingError(shown, "the requirements file does not exist", "Create it, or correct it") from None
        except (UnicodeDecodeError, IsADirectoryError):
            raise PackagingError(shown, "the requirements file is not text", "Save it as UTF-8") from None

    def refuse_outside(self, path: Path, shown: str) -> None:
        """A repository could name what is this user's own, or a link to it."""
        if not path.resolve().is_relative_to(self.top):
            fix = "Copy it into the project"
            raise PackagingError(shown, f"leads out of the project, which is in {self.top}", fix)

    def refuse_variables(self, text: str) -> None:
        """Values of this machine would go to whatever host the address has."""
        if variable := _VARIABLE.search(text):
            what = f"would send the variable {variable[1]} of this machine to the host of an address"
            fix = "Write the value, or name the index by the variables UV_DEFAULT_INDEX and UV_INDEX"
            raise PackagingError(self.where, what, fix)

    def line(self, line: str, file: Path) -> None:
        self.refuse_variables(line)
        option = OPTION.match(line)
        if self.limiting and (option is None or option[1] not in {"-r", "--requirement", "-c", "--constraint"}):
            self.limits_wsgi |= bool(_NAMES_WSGI.match(line))
            self.note_old(line)
            return
        if self.base and (local := local_of(line, self.base)):
            self.asks = True
            self.local[local.folder] = None
        elif option is None:
            self.asks = True
            self.names_wsgi |= bool(_NAMES_WSGI.match(line))
            self.note_old(line)
            self.hashed |= " --hash" in line
            self.files_of(line)
        else:
            self.option(option[1], option[2], line, file)

    def option(self, name: str, value: str, line: str, file: Path) -> None:
        match name:
            case "-e" | "--editable":
                what = f"{line!r} installs a link to a folder that does not exist, or to a checkout"
                raise PackagingError(self.where, what, "Correct the path, or write NAME @ git+https://… without -e")
            case "-r" | "--requirement" | "-c" | "--constraint" if "://" not in value:
                before, self.limiting = self.limiting, self.limiting or name in {"-c", "--constraint"}
                self.read(file.parent / value, shown=f"{self.where}: {value}")
                self.limiting = before
            case "-f" | "--find-links" | "--extra-index-url" | "-i" | "--index-url" | "--trusted-host":
                self.notices[f"{file.name} {_ELSEWHERE[name]} {without_credentials(value)}"] = None
                if name in {"-f", "--find-links"} and (file.parent / value).is_dir():
                    self.hash_files(*_distributions(file.parent / value))
            case "--no-binary":
                names = re.split(r"[,\s]+", value)
                self.from_source |= {normal(name) for name in names if name not in {":all:", ":none:", ""}}

    def note_old(self, line: str) -> None:
        """Note the first requirement or constraint that only an old Flask or Werkzeug meets."""
        self.old = self.old or (line.partition(" --hash")[0].strip() if _OLD.match(line) else "")

    def files_of(self, line: str) -> None:
        """Note the wheel or archive that a line names."""
        match = LOCAL.match(line)
        if self.base is None or match is None or not re.search(r"[/\\]|\.whl$|\.gz$|\.zip$", match[1]):
            return
        path = self.base / match[1]
        if path.is_file():
            self.hash_files(path)

    def hash_files(self, *files: Path) -> None:
        for file in files:
            self.files[file] = None
            self.digest.update(file.name.encode() + hashlib.sha256(bytes_of(file)).digest())


def _settings(file: Path) -> JsonObject:
    """The settings of uv: ``[tool.uv]`` of pyproject.toml, or uv.toml.

    https://docs.astral.sh/uv/reference/settings/
    """
    table = toml_of(file)
    return mapping(at(table, "tool", "uv")) if file.name == PROJECT else table


def _built(settings: JsonObject) -> set[str]:
    """The packages that uv's settings let be built."""
    named = settings.get("no-binary-package", [])
    return {normal(str(name)) for name in named} if isinstance(named, list) else set()


def _elsewhere(settings: JsonObject) -> Iterator[str]:
    """What uv's settings mean for where packages come from; ``pip`` has the same once more, for ``uv pip``."""
    for table in (settings, mapping(settings.get("pip"))):
        for name, described in table.items():
            meant = _ELSEWHERE.get(f"--{'trusted-host' if name == 'allow-insecure-host' else name}")
            for place in items(described):
                if name == "index" and isinstance(place, dict) and "url" in place:
                    yield f"{_ELSEWHERE['-i']} {without_credentials(str(place['url']))}"
                elif meant:
                    yield f"{meant} {without_credentials(str(place))}"


def _lines_of_project(table: JsonObject) -> Iterator[str]:
    """Every requirement that a pyproject.toml has, extras and groups, which a lock is resolved from, included."""
    extras, groups = mapping(at(table, "project", "optional-dependencies")), mapping(table.get("dependency-groups"))
    yield from _dependencies(table)
    for lines in (*extras.values(), *groups.values()):
        yield from (line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ()


def _dependencies(table: JsonObject) -> list[str]:
    lines = at(table, "project", "dependencies")
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []


def lines_of(text: str) -> Iterator[str]:
    """The lines of a requirements file that mean something, joined where they are continued."""
    for line in text.replace("\\\n", " ").splitlines():
        meant = _COMMENT.sub("", line).strip()
        if meant:
            yield meant


def _distributions(folder: Path) -> list[Path]:
    return sorted(path for pattern in _DISTRIBUTIONS for path in folder.glob(pattern))
