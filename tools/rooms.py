"""``python -m tools.rooms``: draw the rooms of the package and their imports into ARCHITECTURE.md, as Mermaid.

An arrow goes from a room to one it imports. What follows from other arrows is left out (transitive reduction), and so
are ``errors``, ``files`` and ``values``, which nearly every room imports. Imports that only type checkers need count.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
START, END = "<!-- rooms: python -m tools.rooms -->\n", "<!-- end of rooms -->\n"
_EVERYWHERE = {"errors", "files", "values", "__init__"}
Graph = dict[str, set[str]]


def imports(root: Path = ROOT) -> Graph:
    """Room → the rooms it imports."""
    package = root / "stacks"
    graph: Graph = {}
    for file in sorted(package.rglob("*.py")):
        room = file.relative_to(package).parts[0].removesuffix(".py")
        results = graph.setdefault(room, set())
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "stacks":
                inside = (node.module or "").split(".")[1:2]
                results |= set(inside) if inside else {alias.name for alias in node.names}
    return {
        room: {match for match in matches if match in graph and match != room} - _EVERYWHERE
        for room, matches in graph.items()
        if room not in _EVERYWHERE
    }


def reduced(graph: Mapping[str, set[str]]) -> Graph:
    """The graph without the arrows that follow from others."""
    below: Graph = {}

    def reachable(room: str) -> set[str]:
        if room not in below:
            below[room] = set()  # ends a circle; a test of the house forbids them
            below[room] = {*graph[room], *(far for near in sorted(graph[room]) for far in reachable(near))}
        return below[room]

    return {
        room: {
            result
            for result in sorted(results)
            if not any(result in reachable(other) for other in sorted(results - {result}))
        }
        for room, results in graph.items()
    }


def picture(root: Path = ROOT) -> str:
    """The Mermaid flowchart."""
    arrows = [
        f"    {room} --> {result}"
        for room, results in sorted(reduced(imports(root)).items())
        for result in sorted(results)
    ]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, "```", ""])


def drawn(page: str, root: Path = ROOT) -> str:
    """The page with the picture of today between its two marks."""
    before, _, rest = page.partition(START)
    return f"{before}{START}{picture(root)}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
