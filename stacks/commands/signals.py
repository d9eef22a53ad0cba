"""Signals that end a process: the deploy lock is released, and the state is reported, once."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_ENDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What Ctrl-C, CI systems and closed terminals send; Windows has no SIGHUP."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into ``KeyboardInterrupt``, once: further ones do not cut the clean-up short.

    A signal that is ignored, as SIGHUP under ``nohup``, stays ignored. Only for the main thread.
    """
    before = {element: signal.getsignal(element) for element in _ENDS}
    taken = [element for element, handler in before.items() if handler is not signal.SIG_IGN]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for element in taken:
            signal.signal(element, signal.SIG_IGN)
        raise KeyboardInterrupt

    try:
        for entry in taken:
            signal.signal(entry, interrupt)
        yield
    finally:
        for item in taken:
            signal.signal(item, before[item] or signal.SIG_DFL)
