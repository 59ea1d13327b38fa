"""Make a float graph exact, if that costs next to nothing on real lines."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from faker_neural import Card, ConversionError, Detector, TextModel
from faker_neural._interrupts import let_interrupts_through
from faker_neural_export.settings.conversion import Samples
from faker_neural_export.vocabulary.vocabulary import Vocabulary

from . import (
    INT8,
    INT8_CLIPPED,
    INT24_IN_FLOAT32,
    BoundError,
    CalibrationRanges,
    Exact,
    InexactError,
    Precision,
    to_exact,
)
from .calibration import (
    EncodedLine,
    Feeds,
    RowFeeds,
    StepFeeds,
    WindowFeeds,
    bits_per_character,
    divergence,
    observe,
    sampling_divergence,
)

__all__ = ["MAX_COST", "CalibrationSet", "encode_texts", "make_calibration_set", "make_exact"]

MAX_COST = 0.005
"""The largest allowed cost of exact arithmetic.

For a model that was learned here, in bits per character of real lines. For any other text model,
as the divergence from its owner's distribution in bits per token. For `score`, as the mean absolute
difference of the probability.
"""

_CALIBRATION_LINES, _FEWEST = 400, 5
_LEARNED, _KEPT, _SCORE = "bits a character", "bits a token of divergence", "of the probability"
_NOISE, _OWN_TEXTS = 1000, 300


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """The inputs for the calibration and the measurement of a graph.

    Args:
        calibrating: the inputs that show the range of each value.
        measuring: the inputs that show the cost of exact arithmetic.
        measured_on: a description of `measuring` for the card.
    """

    calibrating: Feeds
    measuring: Feeds
    measured_on: str


def make_exact(
    path: str | os.PathLike[str],
    model: onnx.ModelProto,
    card: Card,
    calibration_set: CalibrationSet,
    *,
    learned_here: bool = False,
) -> tuple[onnx.ModelProto, Card]:
    """Make a graph exact, or return it unchanged if that is not possible or costs too much.

    8-bit integers are tried first, in two precisions of which the cheaper is kept, then 24-bit
    floats. The first result that costs `MAX_COST` or less is used.

    Args:
        path: the model's name in errors.
        model: a float graph.
        card: the model's card.
        calibration_set: the inputs to calibrate with and to measure on.
        learned_here: whether only its texts matter, and not how near the graph stays to `model`.

    Returns:
        The graph, and the card with `exact` and `arithmetic`: the measured cost, or the reason
        for float arithmetic. The card of an exact graph also has `bounds`.

    Raises:
        ConversionError: a product could reach the bound of 2**24.
    """
    observed = observe(model, calibration_set.calibrating)
    measured: dict[str, str | float] = {"measured_on": calibration_set.measured_on}
    generates_text = card.start is not None
    measuring = calibration_set.measuring
    before = bits_per_character(model, card, measuring) if generates_text else 0.0
    if generates_text:
        measured["float_bits_per_character"] = before
        measured["sampling_divergence"] = sampling_divergence(model, card, measuring)
    unit, reason = _unit(card, learned_here), ""
    for precisions in ((INT8, INT8_CLIPPED), (INT24_IN_FLOAT32,)):
        try:
            found = [_exact(path, model, card, observed, precision) for precision in precisions]
        except InexactError as error:
            reason = str(error)
            break
        costs = [
            bits_per_character(made.model, card, measuring) - before
            if unit == _LEARNED
            else divergence(model, made.model, measuring)
            for made in found
        ]
        cost, made = min(zip(costs, found, strict=True), key=lambda pair: pair[0])
        if cost <= MAX_COST:
            if generates_text:
                bits = bits_per_character(made.model, card, measuring)
                measured["exact_bits_per_character"] = bits
            measured |= {"cost": cost, "cost_unit": unit}
            return made.model, _exact_card(card, made, measured)
        reason = f"it would cost {cost:.3f} {unit}, more than {MAX_COST}"
    return model, replace(card, exact=False, arithmetic=measured | {"float_because": reason})


def _unit(card: Card, learned_here: bool) -> str:
    """Return the unit of `MAX_COST` for a model."""
    if card.contract == "score":
        return _SCORE
    return _LEARNED if learned_here and card.start is not None else _KEPT


def make_calibration_set(
    path: str | os.PathLike[str], draft: Path, card: Card, samples: Samples | None
) -> CalibrationSet:
    """Return the inputs to calibrate a graph with and to measure it on.

    A `latent` model gets noise, any other model texts.

    Args:
        path: the model's name in errors.
        draft: the file of the float graph.
        card: the model's card.
        samples: real texts; if None, the model generates 300 texts. A `score` model needs them.

    Raises:
        ConversionError: the model does not have the tokens for any of the texts.
    """
    if card.contract == "latent":
        noise = np.random.default_rng(0).standard_normal((2, _NOISE, card.noise), np.float32)
        calibrating, measuring = (RowFeeds("noise", side) for side in noise)
        return CalibrationSet(calibrating, measuring, f"{_NOISE:,} texts' noise")
    if samples is None:
        own = TextModel(draft).generate(_OWN_TEXTS)
        samples = Samples(own, own, "texts of its own")
    if card.contract == "score":
        encode = Detector(draft).encode
        calibrating, measuring = (
            RowFeeds("tokens", encode(side)) for side in (samples.lines, samples.held_out)
        )
        return CalibrationSet(calibrating, measuring, f"{len(samples.held_out):,} {samples.kind}")
    return _of_texts(path, card, samples)


def _of_texts(path: str | os.PathLike[str], card: Card, samples: Samples) -> CalibrationSet:
    encoder = Vocabulary(card.tokens, pieces=card.pieces).encoder()
    lines, held_out = (
        encode_texts(encoder, card, *side)
        for side in zip((samples.lines, samples.held_out), samples.labels, strict=True)
    )
    kind = samples.kind
    if samples.lines is not samples.held_out and min(len(lines), len(held_out)) < _FEWEST:
        lines = held_out = [*lines, *held_out]
        kind = "lines, too few to hold any out"
    if not lines:
        first = (*samples.lines, *samples.held_out)[0]
        raise ConversionError(
            path, f"has not the tokens for any of the lines; the first is {first!r}"
        )
    feeds = WindowFeeds if card.contract == "window" else StepFeeds
    calibrating = feeds(card, lines[:_CALIBRATION_LINES])
    of = "up to 4,000 windows of " if feeds is WindowFeeds else ""
    return CalibrationSet(calibrating, feeds(card, held_out), f"{of}{len(held_out):,} {kind}")


def _exact(
    path: str | os.PathLike[str],
    model: onnx.ModelProto,
    card: Card,
    observed: CalibrationRanges,
    precision: Precision,
) -> Exact:
    """Make the graph exact; raise InexactError with a reason that the card can show."""
    states = {state.name: state.successor for state in card.states}
    try:
        return to_exact(model, observed, precision, tokens=card.ids, states=states)
    except InexactError as error:
        raise InexactError(f"there is no exact form here for {error}") from None
    except BoundError as error:
        raise ConversionError(path, str(error)) from None
    except Exception as error:  # onnx may raise anything; the float graph still works
        let_interrupts_through(error)
        reason = str(error).strip().partition("\n")[0]
        raise InexactError(f"the exact graph cannot be written ({reason})") from None


def _exact_card(card: Card, made: Exact, measured: Mapping[str, Any]) -> Card:
    evaluation: dict[str, Any] = dict(card.evaluation)
    if "bits_per_character" in evaluation:
        change = measured["exact_bits_per_character"] - measured["float_bits_per_character"]
        evaluation["bits_per_character"] += change
    arithmetic = {**measured, "products": made.precision.name}
    return replace(
        card, exact=True, arithmetic=arithmetic, bounds=made.bounds, evaluation=evaluation
    )


def encode_texts(
    encoder: Callable[[str], list[int]],
    card: Card,
    texts: Sequence[str],
    labels: Sequence[str] = (),
) -> list[EncodedLine]:
    """Encode the texts that the model has tokens for; leave out the others and empty texts.

    The first word of a text gets the white space that all words of the card begin with, if they do.

    Args:
        encoder: a function from text to token ids; it raises ValueError for a missing token.
        card: the model's card. Longer texts are cut to its `max_tokens`.
        texts: the texts to encode.
        labels: the label of each text, "" for none; may be empty. A text begins after the id of
            its label, or without a label after the card's `start`.
    """
    found, before = [], card.word_separator
    for text, label in itertools.zip_longest(texts, labels):
        ids = _encoded(encoder, before + text) if before and text else []
        if ids := (ids or _encoded(encoder, text))[: card.max_tokens]:
            found.append(EncodedLine(ids, card.label_id(label) if label else card.start))
    return found


def _encoded(encoder: Callable[[str], list[int]], text: str) -> list[int]:
    try:
        return encoder(text)
    except ValueError:
        return []
