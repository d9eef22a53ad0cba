"""Names of other frameworks → names that app.yaml takes, each once."""

from __future__ import annotations

import re

_LONGEST = 30


def slug(text: str, longest: int = _LONGEST) -> str:
    """A text as a name of the description: lower-case words with hyphens between, starting with a letter."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text)
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", spaced)
    words = re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")
    cleaned = re.sub(r"^[^a-z]+", "", words)
    cut = cleaned[:longest].strip("-")
    if len(cleaned) > longest and cleaned[longest] != "-":
        shorter = cut.rpartition("-")[0]
        return shorter if len(shorter) > 2 else cut  # noqa: PLR2004 - shorter says nothing
    return cut


def unique(text: str, taken: set[str], default: str = "part", longest: int = _LONGEST) -> str:
    """The slug of a text, with a number where another thing has it already; it is taken then."""
    best = slug(text, longest) or default
    name, number = best, 2
    while name in taken:
        ending = f"-{number}"
        name, number = f"{best[: longest - len(ending)].rstrip('-')}{ending}", number + 1
    taken.add(name)
    return name
