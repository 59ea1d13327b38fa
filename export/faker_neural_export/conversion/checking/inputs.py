"""The texts, the windows or the noise on which a graph is compared with its Keras model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card
from faker_neural._decoding.mask import mask_by_card
from faker_neural_export.exact.calibration import Feeds, RowFeeds, StepFeeds, WindowFeeds
from faker_neural_export.vocabulary.likelihood import log_probabilities

from .predictions import Inputs

__all__ = ["choose_inputs", "greedy_text"]

_PREDICTIONS, _LONGEST, _WINDOWS, _ROWS, _GREEDY = 1024, 48, 512, 64, 24

Ids = Sequence[int]


def choose_inputs(feeds: Feeds, greedy: Ids) -> Inputs:
    """Return some of the texts, windows or rows that measure a graph, and the greedy text.

    Args:
        feeds: the inputs that measure the cost of exact arithmetic.
        greedy: the ids of the graph's greedy text, as `greedy_text` returns them.
    """
    match feeds:
        case StepFeeds():
            texts = [line[:-1][:_LONGEST] for line in feeds.ids() if len(line) > 1]
            return _texts([greedy[-_LONGEST:], *texts])
        case WindowFeeds():
            windows = _windows(feeds.card, greedy)
            return Inputs(np.concatenate([windows, _some(feeds.windows()[0], _WINDOWS)]))
        case RowFeeds():
            return Inputs(_some(feeds.rows, _ROWS))
    raise TypeError(type(feeds).__name__)


def greedy_text(session: onnxruntime.InferenceSession, card: Card) -> Ids:
    """Return the ids of the likeliest text of a graph, from its start or its first opening.

    Args:
        session: a session of a float graph of the `step` or the `window` contract. Any other
            graph has no greedy text.
        card: the model's card.
    """
    if card.contract not in ("step", "window"):
        return []
    assert card.start is not None
    ids = list(card.openings[0] if card.openings else [card.start])
    states = {state.name: np.zeros((1, state.size), np.float32) for state in card.states}
    waiting, most = ids[:], len(ids) + _GREEDY
    never = mask_by_card(card, begins=False)
    while len(ids) < most:
        if card.contract == "window":
            logits = session.run(None, {"tokens": _windows(card, ids)[-1:]})[0]
        else:
            for token in waiting:
                found = session.run(None, {"token": np.array([token]), **states})
                logits, states = found[0], dict(zip(states, found[1:], strict=True))
        odds = log_probabilities(logits[0], card.classes)
        if never is not None:
            odds[never[0]] = -np.inf
        waiting = [int(odds.argmax())]
        ids += waiting
    return ids


def _windows(card: Card, ids: Ids) -> NDArray[np.int64]:
    """Return the window that ends at each of the last ids of a text, [up to 24, window]."""
    fill = [card.fill] * card.window
    ends = range(max(1, len(ids) - _GREEDY + 1), len(ids) + 1)
    return np.array([[*fill, *ids[:end]][-card.window :] for end in ends], dtype=np.int64)


def _texts(texts: Sequence[Ids]) -> Inputs:
    """Return the first texts that make enough predictions, filled up behind their ends."""
    ends = np.cumsum([len(text) for text in texts])
    texts = texts[: int(np.searchsorted(ends, _PREDICTIONS)) + 1]
    ids = np.zeros((len(texts), max(map(len, texts))), dtype=np.int64)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = text
    return Inputs(ids, np.array([len(text) for text in texts]))


def _some(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """Return at most this many rows, from all parts of an array."""
    return rows[:: -(-len(rows) // most)]
