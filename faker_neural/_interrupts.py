"""Tells what a signal handler raised from what the interrupted code raised."""

from __future__ import annotations

from itertools import pairwise
from traceback import walk_tb
from types import FrameType

__all__ = ["let_interrupts_through"]


def let_interrupts_through(error: Exception) -> None:
    """Raise an exception again if a signal handler raised it, such as a test's timeout.

    Call it first where any exception of other code becomes an error of this project. Python calls a
    handler with the frame that it interrupts; so its frame is the only one in a traceback that
    holds the frame before it.

    Args:
        error: the caught exception.

    Raises:
        Exception: `error` itself.
    """
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if any(_holds(handler, before) for before, handler in pairwise(frames)):
        raise error


def _holds(frame: FrameType, other: FrameType) -> bool:
    values = list(frame.f_locals.values())
    inner = [one for value in values if isinstance(value, tuple) for one in value]
    return any(value is other for value in values + inner)
