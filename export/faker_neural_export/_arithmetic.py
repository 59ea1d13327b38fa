"""From a float graph to an exact one, if that costs next to nothing on real lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import onnx

from faker_neural import Card, ConversionError

from ._calibration import bits_per_character, observe
from ._exact import BYTES, FLOATS, BoundError, InexactError, to_exact
from ._tokens import Encoder

__all__ = ["MOST_COST", "Samples", "make_exact"]

MOST_COST = 0.005
"""Bits a character that exact arithmetic may cost."""

_CALIBRATION_LINES = 400


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
    held_out = _encoded(path, card, samples.held_out)
    lines = samples.lines[:_CALIBRATION_LINES] or samples.held_out
    observed = observe(model, card, _encoded(path, card, lines))
    before = bits_per_character(model, card, held_out)
    measured: dict[str, str | float] = {
        "float_bits_per_character": before,
        "measured_on": f"{len(held_out):,} {samples.kind}",
    }
    evaluation = dict(card.evaluation)
    states = {state.name: state.successor for state in card.states}
    for precision in (BYTES, FLOATS):
        try:
            made = to_exact(model, observed, precision, tokens=len(card.tokens), states=states)
        except InexactError as error:
            reason = f"there is no exact form here for {error}"
            break
        except BoundError as error:
            raise ConversionError(path, str(error)) from None
        after = bits_per_character(made.model, card, held_out)
        if after - before <= MOST_COST:
            if "bits_per_character" in evaluation:
                evaluation["bits_per_character"] = after
            arithmetic = measured | {
                "exact_bits_per_character": after,
                "cost": after - before,
                "products": precision.name,
            }
            return made.model, replace(
                card, exact=True, arithmetic=arithmetic, bounds=made.bounds, evaluation=evaluation
            )
        reason = f"would cost {after - before:.3f} bits a character, more than {MOST_COST}"
    return model, replace(card, exact=False, arithmetic=measured | {"float_because": reason})


def _encoded(
    path: str | os.PathLike[str], card: Card, texts: Sequence[str]
) -> Sequence[Sequence[int]]:
    """Encode the texts that the model has tokens for."""
    encoder, found = Encoder(card.tokens), []
    for text in texts:
        try:
            ids = encoder(text)
        except ValueError:
            continue
        if ids:
            found.append(ids[: card.max_tokens])
    if not found:
        raise ConversionError(path, f"has tokens for none of the {len(texts)} lines given")
    return found
