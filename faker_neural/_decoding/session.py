"""A graph run by onnxruntime, and the types of its arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from faker_neural._interrupts import let_interrupts_through
from faker_neural._model_file.ending import begin_run, end_run
from faker_neural._model_file.file import MOST_MEMORY
from faker_neural._shown import one_line

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
Rows = NDArray[np.intp]
Prompts = tuple[tuple[int, ...], ...]


class Prompt(NamedTuple):
    """A prompt that is given for some texts, instead of the card's prompts.

    Args:
        ids: the ids that the graph is fed before the first token; empty for the card's prompts.
        begin: the character that the first token begins with; "" for any.
        given: for a row, the indices of the columns among `ids`.
        whole_rows: whether a mask lets every other column of a row be drawn once.
    """

    ids: tuple[int, ...] = ()
    begin: str = ""
    given: tuple[int, ...] = ()
    whole_rows: bool = False


NO_PROMPT = Prompt()

ROWS = 256
"""Batch size. A larger one is no faster. The digest of a file depends on it; no string does."""

_MOST_LOGITS = 2**17  # the work on the logits of a larger batch does not fit into the cache


class GraphError(Exception):
    """A graph cannot be run, or returns values that no string can be drawn from."""


def run(
    session: InferenceSession,
    outputs: Mapping[str, tuple[int, ...]],
    feeds: Mapping[str, NDArray[Any]],
) -> list[NDArray[Any]]:
    """Run a graph.

    Args:
        session: the graph's session.
        outputs: the name of each output to compute, and the shape of one row of it.
        feeds: the graph's inputs by name; the first of them has one row for each text.

    Returns:
        The outputs in the given order, each [rows, *shape].

    Raises:
        GraphError: the graph cannot be run, or an output has another shape.
    """
    begin_run()
    try:
        results: list[NDArray[Any]] = session.run(list(outputs), feeds)
    except Exception as error:  # onnxruntime's errors share no narrower base
        raise failed(error) from None
    finally:
        end_run()
    rows = len(next(iter(feeds.values())))
    for (name, shape), result in zip(outputs.items(), results, strict=True):
        if result.shape != (rows, *shape):
            found, wanted = list(result.shape), [rows, *shape]
            raise GraphError(f"the graph gives {name!r} of shape {found}, not {wanted}")
    return results


@contextmanager
def finite_logits() -> Iterator[None]:
    """Convert the error of logits that are not finite to a GraphError; they may be far apart."""
    try:
        with np.errstate(over="ignore"):
            yield
    except FloatingPointError as error:
        raise GraphError(f"the graph gives logits of which {error}") from None


def failed(error: Exception) -> GraphError:
    """Convert an error of onnxruntime to a GraphError.

    Raises:
        Exception: `error` itself, if it comes from a signal handler and not from onnxruntime.
    """
    let_interrupts_through(error)
    reason = one_line(str(error))
    if "bfc_arena" in reason:  # the allocator that limits memory
        reason = f"it takes more than {MOST_MEMORY >> 20:,} MB of memory"
    return GraphError(f"the graph cannot be run ({reason})")


def rows_at_once(numbers: int) -> int:
    """Return the batch size for rows of `numbers` logits: ROWS, or fewer if the rows are large."""
    return min(ROWS, max(1, _MOST_LOGITS // numbers))


def digest(drawing: str, arrays: Iterable[NDArray[Any]]) -> str:
    """Return the SHA-256, in hexadecimal, of a card's drawing fields and of a graph's outputs.

    Args:
        drawing: the result of `Card.drawing`.
        arrays: the outputs of the graph, float32 or integers.
    """
    hashed = sha256(drawing.encode())
    for array in arrays:
        kind = "<f4" if array.dtype == np.float32 else "<i8"
        hashed.update((array + array.dtype.type(0)).astype(kind).tobytes())  # -0 becomes 0
    return hashed.hexdigest()


def digest_windows(tokens: int, window: int, padding: int | None) -> Iterable[Ids]:
    """Yield batches of windows to test a graph with, int64 [up to ROWS, window].

    Each token has one window that begins with it. With a padding id, the first half of every second
    window is padding.

    Args:
        tokens: the number of tokens.
        window: the number of tokens in a window.
        padding: the id of padding; None for no padding.
    """
    places = np.arange(window)
    for first in range(0, tokens, ROWS):
        token = np.arange(first, min(first + ROWS, tokens))[:, None]
        windows = (token * (2 * places + 1) + places) % tokens
        if padding is not None:
            windows[1::2, : window // 2] = padding
        yield windows
