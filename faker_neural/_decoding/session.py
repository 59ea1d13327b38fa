"""A graph run by onnxruntime, and the types of its arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from faker_neural._errors import one_line
from faker_neural._model_file.file import MOST_MEMORY

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Rows = NDArray[np.intp]
Prompts = tuple[tuple[int, ...], ...]

ROWS = 256
"""Batch size. A larger one is no faster. The digest of a file depends on it, no string does."""

_MOST_LOGITS = 2**22


class GraphError(Exception):
    """A graph cannot be run, or gives what no string can be drawn from."""


def run(
    session: InferenceSession,
    outputs: Mapping[str, tuple[int, ...]],
    feeds: Mapping[str, NDArray[Any]],
) -> list[NDArray[Any]]:
    """Run a graph.

    Args:
        session: of the graph.
        outputs: what is asked for, and the shape of each row of it.
        feeds: the graph's inputs, a row for each text.

    Raises:
        GraphError: it cannot be run, or gives another shape.
    """
    try:
        results: list[NDArray[Any]] = session.run(list(outputs), feeds)
    except Exception as error:  # onnxruntime's own classes share no narrower base
        raise failed(error) from None
    rows = len(next(iter(feeds.values())))
    for (name, shape), result in zip(outputs.items(), results, strict=True):
        if result.shape != (rows, *shape):
            found, wanted = list(result.shape), [rows, *shape]
            raise GraphError(f"the graph gives {name!r} of shape {found}, not {wanted}")
    return results


def failed(error: Exception) -> GraphError:
    """Return what to raise in the place of an error of onnxruntime."""
    reason = one_line(str(error))
    if "bfc_arena" in reason:  # where onnxruntime looks how much memory is left
        reason = f"it takes more than {MOST_MEMORY >> 20:,} MB of memory"
    return GraphError(f"the graph cannot be run ({reason})")


def rows_at_once(numbers: int) -> int:
    """Return how many rows of so many logits are drawn together: ROWS, unless they are huge."""
    return min(ROWS, max(1, _MOST_LOGITS // numbers))


def digest(drawing: str, arrays: Iterable[NDArray[Any]]) -> str:
    """Hash what the card says of drawing and what a graph gave, in hexadecimal."""
    hashed = sha256(drawing.encode())
    for array in arrays:
        kind = "<f4" if array.dtype == np.float32 else "<i8"
        hashed.update((array + array.dtype.type(0)).astype(kind).tobytes())  # -0 is 0
    return hashed.hexdigest()


def probes(tokens: int, window: int, padding: int | None) -> Iterable[Ids]:
    """Return windows of token ids, one that begins with each token, [up to ROWS, window] a time.

    Every second one is padded in its first half.
    """
    places = np.arange(window)
    for first in range(0, tokens, ROWS):
        token = np.arange(first, min(first + ROWS, tokens))[:, None]
        windows = (token * (2 * places + 1) + places) % tokens
        if padding is not None:
            windows[1::2, : window // 2] = padding
        yield windows
