"""From a float graph to an exact one, if that costs next to nothing on real lines."""

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
    Inputs,
    Reader,
    Steps,
    Windows,
    bits_per_character,
    divergence,
    observe,
    sampling_divergence,
)

__all__ = ["MOST_COST", "CalibrationSet", "Samples", "encoded", "make_exact", "trial"]

MOST_COST = 0.005
"""Bits a character, or of a detector's probability, that exact arithmetic may cost."""

_CALIBRATION_LINES, _FEWEST = 400, 5
_UNITS = {"latent": "bits a token", "score": "of the probability"}
_NOISE, _OWN_TEXTS = 1000, 300


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts that a graph is calibrated with and measured on.

    Args:
        lines: to calibrate with.
        held_out: to measure on.
        kind: what `held_out` is, for the card.
        labels: of each of `lines`, and of each of `held_out`; "" for none.
    """

    lines: Sequence[str]
    held_out: Sequence[str]
    kind: str
    labels: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """What a graph is calibrated with and measured on, as it is fed.

    Args:
        calibrating: shows the range of each value.
        measuring: shows the cost.
        measured_on: what `measuring` is, for the card.
    """

    calibrating: Reader
    measuring: Reader
    measured_on: str


def make_exact(
    path: str | os.PathLike[str], model: onnx.ModelProto, card: Card, trial: CalibrationSet
) -> tuple[onnx.ModelProto, Card]:
    """Return the exact graph, or the float one where there is none; the card says which and why.

    Args:
        path: what the model is called in errors.
        model: a float graph.
        card: of the model.
        trial: what the graph is calibrated with and measured on.

    Raises:
        ConversionError: a product breaks the bound of 2**24.
    """
    observed = observe(model, trial.calibrating)
    measured: dict[str, str | float] = {"measured_on": trial.measured_on}
    writes = card.start is not None
    before = bits_per_character(model, card, trial.measuring) if writes else 0.0
    if writes:
        measured["float_bits_per_character"] = before
        measured["sampling_divergence"] = sampling_divergence(model, card, trial.measuring)
    unit, reason = _UNITS.get(card.contract, "bits a character"), ""
    for precisions in ((INT8, INT8_CLIPPED), (INT24_IN_FLOAT32,)):
        try:
            found = [_exact(path, model, card, observed, precision) for precision in precisions]
        except InexactError as error:
            reason = str(error)
            break
        costs = [_cost(made.model, model, card, trial, before) for made in found]
        cost, made = min(zip(costs, found, strict=True), key=lambda pair: pair[0])
        if cost <= MOST_COST:
            exact = {"exact_bits_per_character": before + cost} if writes else {}
            measured |= {**exact, "cost": cost, "cost_unit": unit}
            return made.model, _exact_card(card, made, measured)
        reason = f"it would cost {cost:.3f} {unit}, more than {MOST_COST}"
    return model, replace(card, exact=False, arithmetic=measured | {"float_because": reason})


def _cost(
    made: onnx.ModelProto, model: onnx.ModelProto, card: Card, trial: CalibrationSet, before: float
) -> float:
    """Measure what exact arithmetic costs, in bits a character or in nats an output."""
    if card.start is None:
        return divergence(model, made, trial.measuring)
    return bits_per_character(made, card, trial.measuring) - before


def trial(
    path: str | os.PathLike[str], draft: Path, card: Card, samples: Samples | None
) -> CalibrationSet:
    """Choose what a graph is calibrated with and measured on.

    Args:
        path: what the model is called in errors.
        draft: the file of the float graph.
        card: of the model.
        samples: real texts; where there are none, the model draws some.

    Raises:
        ConversionError: the model has not the tokens for any of the texts.
    """
    if card.contract == "latent":
        noise = np.random.default_rng(0).standard_normal((2, _NOISE, card.noise), np.float32)
        calibrating, measuring = (Inputs("noise", side) for side in noise)
        return CalibrationSet(calibrating, measuring, f"{_NOISE:,} texts' noise")
    if samples is None:
        own = TextModel(draft).generate(_OWN_TEXTS)
        samples = Samples(own, own, "texts of its own")
    if card.contract == "score":
        encode = Detector(draft).encode
        calibrating, measuring = (
            Inputs("tokens", encode(side)) for side in (samples.lines, samples.held_out)
        )
        return CalibrationSet(calibrating, measuring, f"{len(samples.held_out):,} {samples.kind}")
    return _of_texts(path, card, samples)


def _of_texts(path: str | os.PathLike[str], card: Card, samples: Samples) -> CalibrationSet:
    encoder = Vocabulary(card.tokens, pieces=card.pieces).encoder()
    lines, held_out = (
        encoded(encoder, card, *side)
        for side in zip((samples.lines, samples.held_out), samples.labels, strict=True)
    )
    kind = samples.kind
    if min(len(lines), len(held_out)) < _FEWEST:
        lines, held_out, kind = [*lines, *held_out], [*lines, *held_out], "lines"
    if not lines:
        first = (*samples.lines, *samples.held_out)[0]
        raise ConversionError(
            path, f"has not the tokens for any of the lines; the first is {first!r}"
        )
    feeds = Windows if card.contract == "window" else Steps
    calibrating = feeds(card, lines[:_CALIBRATION_LINES])
    of = "up to 4,000 windows of " if feeds is Windows else ""
    return CalibrationSet(calibrating, feeds(card, held_out), f"{of}{len(held_out):,} {kind}")


def _exact(
    path: str | os.PathLike[str],
    model: onnx.ModelProto,
    card: Card,
    observed: CalibrationRanges,
    precision: Precision,
) -> Exact:
    """Make the graph exact; an InexactError says why it cannot be, to a person."""
    states = {state.name: state.successor for state in card.states}
    try:
        return to_exact(model, observed, precision, tokens=card.ids, states=states)
    except InexactError as error:
        raise InexactError(f"there is no exact form here for {error}") from None
    except BoundError as error:
        raise ConversionError(path, str(error)) from None
    except Exception as error:  # onnx raises what it likes; the float graph is whole
        reason = str(error).strip().partition("\n")[0]
        raise InexactError(f"the exact graph cannot be written ({reason})") from None


def _exact_card(card: Card, made: Exact, measured: Mapping[str, Any]) -> Card:
    evaluation: dict[str, Any] = dict(card.evaluation)
    if "bits_per_character" in evaluation:
        evaluation["bits_per_character"] += measured["cost"]
    arithmetic = {**measured, "products": made.precision.name}
    return replace(
        card, exact=True, arithmetic=arithmetic, bounds=made.bounds, evaluation=evaluation
    )


def encoded(
    encoder: Callable[[str], list[int]],
    card: Card,
    texts: Sequence[str],
    labels: Sequence[str] = (),
) -> list[EncodedLine]:
    """Encode the texts that the model has tokens for, each after what it begins with."""
    found = []
    for text, label in itertools.zip_longest(texts, labels):
        try:
            ids = encoder(text)[: card.max_tokens]
        except ValueError:
            continue
        if ids:
            found.append(EncodedLine(ids, card.label_id(label) if label else card.start))
    return found
