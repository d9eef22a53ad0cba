"""Text from elsewhere → text that a terminal shows and does not obey.

AWS's messages, names and logs hold what strangers chose: an escape sequence can hide lines, retitle the window or type
into it, and direction marks can show other words than there are (CVE-2021-42574).
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False  # typing takes as long to import as Python to start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TextIO

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 and C1 control characters but tab and newline, separators and marks of direction, halves of characters."""


def printable(text: str) -> str:
    r"""The text with each character that a terminal obeys as Python writes it (``\x1b``); ``\r\n`` is a newline."""
    return _OBEYED.sub(lambda match: repr(match[0])[1:-1], text.replace("\r\n", "\n"))


_PLAIN = str.maketrans(
    {"─": "-", "│": "|", "├": "|", "└": "|", "→": "->", "…": "...", "·": "-", "≤": "<=", "✓": "ok", "✗": "x"}
)
"""What stands for our own signs where an encoding lacks them."""


class Steady:
    """A stream that fails no work: a reader may leave, as ``head`` does, and an encoding may lack characters.

    What nobody reads is dropped; ``ends``: raise ``BrokenPipeError``, once, for what would go on for ever. What cannot
    be encoded, as by ``LC_ALL=C``, is written in other signs. The rest is the stream's own.
    """

    def __init__(self, stream: TextIO, *, ends: bool = False) -> None:
        self._stream, self._ends = stream, ends

    def write(self, text: str) -> int:
        """Write the text, or drop it."""
        try:
            return self._stream.write(text)
        except UnicodeEncodeError as error:
            plain = text.translate(_PLAIN).encode(error.encoding, "replace").decode(error.encoding)
            return self._stream.write(plain)
        except BrokenPipeError:
            self._drop()
        return len(text)

    def flush(self) -> None:
        """Write what is buffered, or drop it."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        """Lead the file descriptor nowhere: Python writes what it buffered at its own end, too."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
        if self._ends:
            raise BrokenPipeError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def printable_line(text: str) -> str:
    """The same in one line: newlines, tabs and other spaces that are no plain ones are escaped, too."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


class Printable:
    """A stream that shows nothing but printable text, or what ``shown`` makes of a text.

    All but writing is the stream's own. Who draws on the terminal itself (``ui.Screen``) writes to ``raw``, with texts
    that are ``printable``.
    """

    def __init__(self, stream: TextIO, shown: Callable[[str], str] = printable) -> None:
        self.raw, self._shown = stream, shown

    def write(self, text: str) -> int:
        """Write the form that may be shown."""
        return self.raw.write(self._shown(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of the lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)
