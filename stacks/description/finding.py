"""What the rules of descriptions say: a place, what is wrong there, and the fix."""

from __future__ import annotations

Path = tuple[str | int, ...]
"""A place in a description: ``("stages", "dev", "backend", "functions", "web", "routes", 0)``."""
Finding = tuple[Path, str, str] | tuple[Path, str, str, str]
"""Where, what, fix, as the parts of a ``Problem``; and, where AWS refuses it, the id of the rule that says so."""


def dotted(path: Path) -> str:
    """A path as a person writes it: ``backend.functions.web.routes[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "description"
