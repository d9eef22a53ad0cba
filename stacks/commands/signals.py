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
    before = {one: signal.getsignal(one) for one in _ENDS}
    taken = [one for one, handler in before.items() if handler is not signal.SIG_IGN]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for one in taken:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    try:
        for one in taken:
            signal.signal(one, interrupt)
        yield
    finally:
        for one in taken:
            signal.signal(one, before[one] or signal.SIG_DFL)
