"""Places inside plain data, as people write them."""

from __future__ import annotations

import re

KeyPath = tuple[str | int, ...]
"""A place in a description or a template: ``("stages", "dev", "backend", "functions", "web", "routes", 0)``."""


DEEPEST = 150
"""Steps to a value that are read: nothing in AWS takes as many, and recursion has room for them."""


def dotted(path: KeyPath) -> str:
    """A path as a person writes it: ``backend.functions.web.routes[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "description"


def parted(text: str) -> KeyPath:
    """The path that was written as ``dotted`` does, for keys without dots and brackets.

    >>> parted("backend.functions.web.routes[0]")
    ('backend', 'functions', 'web', 'routes', 0)
    """
    return tuple(int(index) if index else key for index, key in re.findall(r"\[(\d+)\]|([^.\[\]]+)", text))
