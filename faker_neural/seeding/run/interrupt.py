"""Defers Ctrl-C (SIGINT) for a block of code."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

__all__ = ["deferred_sigint"]


@contextmanager
def deferred_sigint() -> Iterator[None]:
    """Defer SIGINT until the block ends.

    Processes started inside the block have SIGINT blocked from their start. Outside the main
    thread, and on systems without signal masks, nothing is deferred.
    """
    if current_thread() is not main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[FrameType | None] = []
    # New processes inherit the mask. Here another thread may still receive the signal, and Python
    # then calls the handler in this thread.
    hearing = signal.signal(signal.SIGINT, lambda number, frame: came.append(frame))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, hearing)
    if came and callable(hearing):
        hearing(signal.SIGINT, came[0])
