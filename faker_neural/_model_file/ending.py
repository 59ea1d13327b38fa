"""Keeps daemon threads out of onnxruntime while the process ends.

Python ends a daemon thread when it wants the interpreter back. A thread that comes back from
onnxruntime then aborts the whole process (C++ destructors may not be left that way). `np.unique`
of one argument aborts in the same way, so the code that draws does without it.
"""

from __future__ import annotations

import atexit
import os
import time
from threading import Lock, current_thread, get_ident, main_thread

__all__ = ["begin_run", "end_run"]

_WAIT = 10  # seconds for a run that has begun
_running: set[int] = set()
_ending = False


def begin_run() -> None:
    """Announce that this thread opens or runs a graph; while the process ends, wait for ever."""
    _running.add(get_ident())
    if _ending and current_thread() is not main_thread():  # which may draw as it ends
        _running.discard(get_ident())
        never = Lock()
        never.acquire()
        never.acquire()


def end_run() -> None:
    """Announce that this thread has opened or run the graph."""
    _running.discard(get_ident())


def _wait_for_runs() -> None:
    global _ending
    _ending = True
    until = time.monotonic() + _WAIT
    while _running - {get_ident()} and time.monotonic() < until:
        time.sleep(0.001)


atexit.register(_wait_for_runs)
if hasattr(os, "register_at_fork"):  # not on Windows; other threads are not forked
    os.register_at_fork(after_in_child=_running.clear)
