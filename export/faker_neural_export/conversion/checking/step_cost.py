"""What it costs to run a model of padded windows one token at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card
from faker_neural._decoding.mask import mask_by_card
from faker_neural_export.conversion.window import WindowNetwork
from faker_neural_export.exact.calibration import EncodedLine, StepFeeds, WindowFeeds
from faker_neural_export.vocabulary.likelihood import log_probabilities

from .predictions import Inputs, of_keras

__all__ = ["bits_lost", "own_texts"]

_TEXTS, _LONGEST, _TOKENS = 64, 64, 3000


def own_texts(whole: WindowNetwork, card: Card) -> StepFeeds:
    """Draw texts from a Keras model of windows, as its owner feeds it.

    Args:
        whole: the Keras model.
        card: the card of the same model as a `step`.
    """
    random, texts = np.random.default_rng(0), np.full((_TEXTS, 1), card.start)
    windowed, never = replace(card, window=whole.window), mask_by_card(card, begins=False)
    for _ in range(min(card.max_tokens, _LONGEST)):
        odds = of_keras(whole, Inputs(_padded(texts, windowed)), ())
        if never is not None:
            odds[:, never[0]] = 0
        ends = odds.cumsum(axis=1)
        drawn = (random.random((_TEXTS, 1)) * ends[:, -1:] >= ends).sum(axis=1)
        texts = np.concatenate([texts, drawn[:, None]], axis=1)
    lines = []
    for row in texts[:, 1:].tolist():
        ids = row[: row.index(card.end)] if card.end in row else row
        lines.append(EncodedLine(ids, card.start))
    return StepFeeds(card, lines)


def bits_lost(whole: WindowNetwork, graph: onnx.ModelProto, texts: StepFeeds) -> float:
    """Measure how many bits a token more texts need if a token is read at a time.

    Args:
        whole: the Keras model, which reads windows.
        graph: the graph of the `step` contract.
        texts: the texts, and the card of the graph.

    Returns:
        The difference of the cross-entropies, in bits a token.
    """
    card, lengths = texts.card, np.cumsum([len(line.ids) + 1 for line in texts.lines])
    lines = texts.lines[: int(np.searchsorted(lengths, _TOKENS)) + 1]
    windows, targets = WindowFeeds(replace(card, window=whole.window), lines).windows()
    odds = of_keras(whole, Inputs(windows), ())
    by_window = -np.log(odds[np.arange(len(targets)), targets])
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    by_step = []
    for found in StepFeeds(card, lines).run(session):
        told = log_probabilities(found["logits"])
        by_step.append(-told[np.arange(len(told)), found["target"]])
    return float(np.concatenate(by_step).mean() - by_window.mean()) / math.log(2)


def _padded(texts: NDArray[np.int64], card: Card) -> NDArray[np.int64]:
    """Return the last tokens of each text as the window of a card."""
    fill = np.full((len(texts), card.window), card.fill)
    return np.concatenate([fill, texts], axis=1)[:, -card.window :]
