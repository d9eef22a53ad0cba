"""A project's files → the front end in it: which tool builds it, where the built files are. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from stacks.starting.tree import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.starting.tree import FolderTree

_OUTPUTS = (
    ("next", "Next.js", "out"),
    ("nuxt", "Nuxt", ".output/public"),
    ("@angular/core", "Angular", "dist"),
    ("react-scripts", "Create React App", "build"),
    ("@sveltejs/kit", "SvelteKit", "build"),
    ("gatsby", "Gatsby", "public"),
    ("astro", "Astro", "dist"),
    ("@vue/cli-service", "Vue", "dist"),
    ("vite", "Vite", "dist"),
    ("parcel", "Parcel", "dist"),
)
"""A dependency of package.json, the tool that it is, and the folder that the tool builds into, by its documentation.
The first that matches counts: SvelteKit, Astro and Nuxt use Vite, too."""
_SERVED = ("site", "public", "dist", "build", "out", "www", "web", "frontend", ".")
_OUT_DIR = re.compile(r"""\b(?:outDir|distDir)\s*:\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """A single-page application or another site of built files."""

    tool: str
    """``Vite``, ``Angular``; ``static files`` when no tool builds it."""
    folder: str
    """The folder of built files, which ``frontend.site`` names."""
    home: str = "."
    """The folder of package.json."""
    built: bool = True
    """Whether the built files exist."""
    missing: str = ""
    """What its configuration lacks to become files."""

    @property
    def build(self) -> str:
        """The command that builds it; empty when nothing has to be built."""
        if self.tool == "static files":
            return ""
        words = "npm install && npm run build"
        return words if self.home == "." else f"(cd {self.home} && {words})"

    def __str__(self) -> str:
        if not self.build:
            return f"site of static files in {self.folder}"
        return f"{self.tool} front end" + ("" if self.home == "." else f" in {self.home}")


def front_ends(tree: FolderTree) -> tuple[FrontEnd, ...]:
    """The front ends of a project; plain folders with an index.html count only where no tool builds one."""
    built = tuple(_built_by_tools(tree))
    return built or tuple(_plain(tree))[:1]


def _built_by_tools(tree: FolderTree) -> Iterator[FrontEnd]:
    for path in tree.files:
        if PurePosixPath(path).name != "package.json":
            continue
        home = str(PurePosixPath(path).parent)
        used = _dependencies(tree.text(path))
        for dependency, tool, folder in _OUTPUTS:
            if dependency in used:
                where = joined(home, _configured(tree, home, tool) or folder)
                if tool == "Vite" and not _has_page(tree, home, where):
                    break
                yield FrontEnd(
                    tool=tool,
                    folder=where,
                    home=home,
                    built=any(PurePosixPath(file).name == "index.html" for file in tree.under(where)),
                    missing=_missing(tree, home, tool),
                )
                break


def _has_page(tree: FolderTree, home: str, output: str) -> bool:
    """Whether Vite builds a site: without an index.html, it builds scripts and styles for pages of the application.

    https://vite.dev/guide/#index-html-and-project-root and https://vite.dev/guide/backend-integration
    """
    pages = (joined(folder, "index.html") for folder in (home, joined(home, "src"), output))
    has_root = any(re.search(r"\broot\s*:", text) for text in _configurations(tree, home))
    return has_root or any(page in tree.files for page in pages)


def _dependencies(text: str) -> set[str]:
    try:
        load: Any = json.loads(text)
    except ValueError:
        return set()
    kinds = ("dependencies", "devDependencies") if isinstance(load, dict) else ()
    return {name for kind in kinds if isinstance(load.get(kind), dict) for name in load[kind]}


def _configured(tree: FolderTree, home: str, tool: str) -> str | None:
    """The output folder that the tool's configuration names inside the project, when it is a literal."""
    if tool == "Angular":
        named = _angular_output(tree.text(joined(home, "angular.json")))
    else:
        match = next((_OUT_DIR.search(text) for text in _configurations(tree, home) if _OUT_DIR.search(text)), None)
        named = match[1] if match else None
    return named.removeprefix("./").rstrip("/") if named and not named.startswith(("/", "..")) else None


def _configurations(tree: FolderTree, home: str) -> Iterator[str]:
    for path in tree.files:
        if str(PurePosixPath(path).parent) == home and ".config." in path:
            yield tree.text(path)


def _angular_output(text: str) -> str | None:
    """``projects.*.architect.build.options.outputPath``, a text or ``{base: …}``."""
    try:
        projects = json.loads(text)["projects"].values()
        options = next(project["architect"]["build"]["options"] for project in projects if "architect" in project)
        named = options.get("outputPath")
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    if isinstance(named, dict):
        named = named.get("base")
    return named if isinstance(named, str) else None


def _missing(tree: FolderTree, home: str, tool: str) -> str:
    """Next.js writes files only with ``output: 'export'``: https://nextjs.org/docs/app/guides/static-exports."""
    exported = any(re.search(r"output\s*:\s*[\"']export[\"']", text) for text in _configurations(tree, home))
    lacks = tool == "Next.js" and not exported
    return "next.config has no output: 'export', so no static files are built" if lacks else ""


def _plain(tree: FolderTree) -> Iterator[FrontEnd]:
    for folder in _SERVED:
        if joined(folder, "index.html") in tree.files and folder != ".":
            yield FrontEnd(tool="static files", folder=folder)
