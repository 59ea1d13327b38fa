"""Compare a graph that samples tokens with the graph without sampling."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnx
import onnxruntime

from faker_neural import Card, ConversionError
from faker_neural._decoding.mask import mask_by_card
from faker_neural._decoding.sampling.factored import new_sampler

__all__ = ["check_drawing"]

_DRAWN = 256  # rows


def check_drawing(
    path: str | os.PathLike[str], plain: onnx.ModelProto, drawing: onnx.ModelProto, card: Card
) -> None:
    """Compare a graph that samples tokens with the graph without sampling and the NumPy sampler.

    Args:
        path: the model's name in errors.
        plain: a graph of the `step` contract, with logits and states as outputs.
        drawing: the same graph with the inputs `draw` and `temperature` and the output `next`.
        card: the model's card.

    Raises:
        ConversionError: a logit or a state differs, or a token is not the choice of the NumPy
            sampler.
    """
    random, sampler = np.random.default_rng(0), new_sampler(len(card.tokens), card.classes)
    before, after = (
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for model in (plain, drawing)
    )
    names = ["logits", *(state.successor for state in card.states)]
    token = random.integers(0, card.ids, _DRAWN)
    states = [np.zeros((_DRAWN, state.size), dtype=np.float32) for state in card.states]
    mask = mask_by_card(card, begins=False)
    for temperature in (1.0, 0.5, 2.0, 0.0):
        draws = random.random((_DRAWN, 2)) if temperature else np.zeros((_DRAWN, 2))
        feeds: dict[str, Any] = {"token": token}
        feeds |= zip((state.name for state in card.states), states, strict=True)
        drawn = {"draw": draws, "temperature": np.array(temperature, dtype=np.float32)}
        wanted = before.run(names, feeds)
        *found, token = after.run([*names, "next"], feeds | drawn)
        states = found[1:]
        if not all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True)):
            raise ConversionError(path, "the graph that draws gives other numbers than before")
        with np.errstate(over="ignore"):
            chosen = sampler(wanted[0], draws, temperature, mask)
        if not np.array_equal(token, chosen):
            raise ConversionError(path, "the graph does not draw what its logits say")
