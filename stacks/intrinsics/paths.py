"""Places inside plain data, as people write them."""

from __future__ import annotations

KeyPath = tuple[str | int, ...]
"""A place in a description or a template: ``("stages", "dev", "backend", "functions", "web", "routes", 0)``."""


def dotted(path: KeyPath) -> str:
    """A path as a person writes it: ``backend.functions.web.routes[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "description"
