"""Questions to the person at the terminal; ``--yes`` answers them beforehand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from stacks import reporting
from stacks.errors import UsageError
from stacks.printable import printable
from stacks.ui import is_automated

if TYPE_CHECKING:
    from argparse import Namespace


def agreed(arguments: Namespace, question: str) -> bool:
    """Ask for a "y", unless ``--yes`` is given. Raises ``UsageError`` without a terminal."""
    return bool(arguments.yes) or _answer(arguments, f"{question} [y/N] ").lower() in {"y", "yes"}


def typed(arguments: Namespace, question: str, expected: str) -> bool:
    """The same for a whole word, where a "y" is typed too easily."""
    return bool(arguments.yes) or _answer(arguments, f"{question} ") == expected


def _answer(arguments: Namespace, question: str) -> str:
    if not sys.stdin.isatty() or is_automated(os.environ) or reporting.is_wanted():
        asked = printable(question).strip().removesuffix("[y/N]").rstrip(" ?:")
        what = f"asks for confirmation, which needs an interactive terminal: {asked}"
        raise UsageError(arguments.command, what, "Add --yes to agree")
    return input(printable(question)).strip()
