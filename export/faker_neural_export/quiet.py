"""Silence for TensorFlow's notes, which its libraries write to the standard error by themselves."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet"]


_lock = threading.Lock()
_depth, _kept = 0, -1  # blocks that are open in all threads; the standard error meanwhile, -1: none


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what is written to the standard error of the process, in all threads.

    TensorFlow's libraries write there before their log can be turned down, and always if Keras was
    imported first. Errors are raised as they are.
    """
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(step: int) -> None:
    """Count the open blocks: the first redirects the standard error, and the last restores it."""
    global _depth, _kept
    with _lock:
        _depth += step
        if _depth == step == 1:
            _kept = _redirected()
        elif not _depth and _kept >= 0:
            _flush()
            os.dup2(_kept, 2)
            os.close(_kept)


def _redirected() -> int:
    """Redirect the standard error to nowhere; return a copy of it, or -1 if there is none."""
    _flush()
    try:
        kept = os.dup(2)
    except OSError:  # the process has no standard error
        return -1
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return kept


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
