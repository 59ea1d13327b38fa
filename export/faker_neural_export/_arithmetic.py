"""From a float graph to an exact one, if that costs next to nothing on real lines."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import onnx

from faker_neural import Card, ConversionError

from ._calibration import bits_per_character, observe
from ._exact import BYTES, FLOATS, BoundError, Exact, InexactError, Precision, to_exact
from ._tokens import Encoder

__all__ = ["MOST_COST", "Samples", "make_exact"]

MOST_COST = 0.005
"""Bits a character that exact arithmetic may cost."""

_CALIBRATION_LINES, _FEWEST = 400, 5


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts that a graph is calibrated with and measured on.

    Args:
        lines: to calibrate with.
        held_out: to measure on.
        kind: what `held_out` is, for the card.
    """

    lines: Sequence[str]
    held_out: Sequence[str]
    kind: str


def make_exact(
    path: str | os.PathLike[str], model: onnx.ModelProto, card: Card, samples: Samples
) -> tuple[onnx.ModelProto, Card]:
    """Give the exact graph, or the float one where there is none; the card says which and why.

    Args:
        path: what the model is called in errors.
        model: a float graph of the `step` contract.
        card: of the model.
        samples: real texts.

    Raises:
        ConversionError: a product breaks the bound of 2**24.
    """
    encoder = Encoder(card.tokens)
    lines, held_out = (_encoded(encoder, card, side) for side in (samples.lines, samples.held_out))
    kind = samples.kind
    if min(len(lines), len(held_out)) < _FEWEST:
        lines, held_out, kind = [*lines, *held_out], [*lines, *held_out], "lines"
    if not lines:
        first = (*samples.lines, *samples.held_out)[0]
        raise ConversionError(
            path, f"has not the tokens for any of the lines; the first is {first!r}"
        )
    observed = observe(model, card, lines[:_CALIBRATION_LINES])
    before = bits_per_character(model, card, held_out)
    measured: dict[str, str | float] = {
        "float_bits_per_character": before,
        "measured_on": f"{len(held_out):,} {kind}",
    }
    reason = ""
    for precision in (BYTES, FLOATS):
        try:
            made = _exact(path, model, card, observed, precision)
        except InexactError as error:
            reason = str(error)
            break
        cost = bits_per_character(made.model, card, held_out) - before
        if cost <= MOST_COST:
            found = measured | {"exact_bits_per_character": before + cost, "cost": cost}
            return made.model, _exact_card(card, made, found)
        reason = f"it would cost {cost:.3f} bits a character, more than {MOST_COST}"
    return model, replace(card, exact=False, arithmetic=measured | {"float_because": reason})


def _exact(
    path: str | os.PathLike[str],
    model: onnx.ModelProto,
    card: Card,
    observed: Mapping[str, float],
    precision: Precision,
) -> Exact:
    """Make the graph exact; an InexactError says why it cannot be, to a person."""
    states = {state.name: state.successor for state in card.states}
    try:
        return to_exact(model, observed, precision, tokens=len(card.tokens), states=states)
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


def _encoded(encoder: Encoder, card: Card, texts: Sequence[str]) -> list[list[int]]:
    """Encode the texts that the model has tokens for."""
    found = []
    for text in texts:
        try:
            found.append(encoder(text)[: card.max_tokens])
        except ValueError:
            continue
    return [ids for ids in found if ids]
