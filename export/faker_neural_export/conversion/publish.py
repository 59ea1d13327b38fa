"""From a network to a checked model file under its name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import onnx

from faker_neural import (
    Card,
    ConversionError,
    Detector,
    ExhaustedError,
    Golden,
    ModelFileError,
    TextModel,
)
from faker_neural._drafts import draft
from faker_neural._model_file.known_files import add_known
from faker_neural_export.exact.arithmetic import (
    CalibrationSet,
    make_calibration_set,
    make_exact,
)
from faker_neural_export.exact.calibration import StepFeeds
from faker_neural_export.exact.sampling_head import add_sampling_head
from faker_neural_export.settings.conversion import Samples

from .checking.check import check
from .checking.drawing import check_drawing
from .checking.step_cost import bits_lost, own_texts
from .contracts import Network
from .onnx_file import to_onnx, write
from .window import ScoreNetwork, WindowNetwork

__all__ = ["publish"]

_GOLDEN: Sequence[tuple[int, Mapping[str, Any]]] = [
    *((key, {}) for key in range(6)),
    *((key, {"temperature": 0.5}) for key in range(6, 8)),
]


def publish(
    network: Network,
    card: Card,
    output: Path,
    samples: Samples | None,
    whole: WindowNetwork | None = None,
    *,
    learned_here: bool = False,
) -> None:
    """Write beside the target, check, rename.

    Args:
        network: the Keras model, prepared for a contract.
        card: the model's card, without what is measured here.
        output: the .onnx file to write.
        samples: real texts; None for the model's own texts.
        whole: the window that the model learned to read, if `network` is a `step` all the same.
            The card then says what that costs.
        learned_here: whether the model was learned here, and not by its owner.

    Raises:
        ConversionError: the model cannot be converted, or the check failed; `output` is as before.
    """
    graph = to_onnx(network)
    opened: type[Detector | TextModel] = (
        Detector if isinstance(network, ScoreNetwork) else TextModel
    )
    try:
        with draft(output) as beside:
            _write(_that_draws(network.path, graph, card), card, beside)
            used = make_calibration_set(network.path, beside, card, samples)
            found = check(network, graph, card, used.measuring)
            card = replace(card, check={**asdict(found), **card.check})
            if whole is not None:
                lost = _lost(whole, graph, card, used, samples)
                card = replace(card, check={**card.check, **lost})
            graph, card = make_exact(network.path, graph, card, used, learned_here=learned_here)
            graph, plain = _that_draws(network.path, graph, card), graph
            if card.exact and card.contract == "step":
                check_drawing(network.path, plain, graph, card)
            _write(graph, card, beside)
            model = opened(beside)
            strings = _golden(model) if isinstance(model, TextModel) else ()
            card = replace(card, golden=strings, digest=model.digest() if card.exact else "")
            _write(graph, card, beside)
            opened(beside).verify()
            add_known(beside)
    except (ExhaustedError, ModelFileError) as error:  # of the draft, which nobody will find
        raise ConversionError(network.path, error.problem) from None


def _write(graph: onnx.ModelProto, card: Card, path: Path) -> None:
    """Write a draft, which this process may open: its graph was made here."""
    write(graph, card, path)
    add_known(path, remember=False)


def _lost(
    whole: WindowNetwork,
    graph: onnx.ModelProto,
    card: Card,
    used: CalibrationSet,
    samples: Samples | None,
) -> dict[str, str | float]:
    """Measure what it costs to run a window a token at a time, and say on which texts."""
    assert isinstance(used.measuring, StepFeeds)
    if samples is None:
        lost, texts = bits_lost(whole, graph, own_texts(whole, card)), "texts of its own"
    else:
        lost, texts = bits_lost(whole, graph, used.measuring), used.measured_on
    return {"bits_a_token_lost": lost, "lost_on": texts}


def _that_draws(
    path: str | os.PathLike[str], graph: onnx.ModelProto, card: Card
) -> onnx.ModelProto:
    if card.contract != "step":
        return graph
    try:
        return add_sampling_head(graph, card)
    except ValueError as error:
        raise ConversionError(path, f"cannot have classes: {error}") from None


def _golden(model: TextModel) -> tuple[Golden, ...]:
    return tuple(Golden(key, options, model.draw_golden(key, options)) for key, options in _GOLDEN)
