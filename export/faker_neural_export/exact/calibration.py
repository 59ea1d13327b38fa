"""Real input through a graph: its values' ranges, and what another arithmetic costs."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from faker_neural import Card
from faker_neural._decoding.choice.factored import new_sampler
from faker_neural_export.vocabulary.likelihood import log_probabilities

from . import CalibrationRanges

__all__ = [
    "EncodedLine",
    "Inputs",
    "Reader",
    "Steps",
    "Windows",
    "bits_per_character",
    "divergence",
    "observe",
    "sampling_divergence",
]

Arrays = dict[str, NDArray[Any]]
Ids = Sequence[int]
_ROWS = 64  # every value of the graph is kept for as many
_MOST_WINDOWS = 4000


class Reader(Protocol):
    """What a graph is fed, run by run."""

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run, and return all that went in and out of each run, by name."""


def observe(model: onnx.ModelProto, feeds: Reader) -> CalibrationRanges:
    """Run a graph and return what its values turned out to be."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    outputs = {value.name for value in model.graph.output}
    names = [name for node in model.graph.node for name in node.output if name]
    watched.graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in outputs
    )
    largest: dict[str, float] = defaultdict(float)
    shapes: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    kinds = {}
    for found in feeds.run(_session(watched)):
        for name, array in found.items():
            shapes[name].add(array.shape)
            kinds[name] = onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
            if array.dtype == np.float32 and array.size:
                largest[name] = max(largest[name], float(np.abs(array).max()))
    return CalibrationRanges(
        largest, {name: _fixed(found) for name, found in shapes.items()}, kinds
    )


def _fixed(shapes: set[tuple[int, ...]]) -> tuple[int | None, ...]:
    """Return the sizes that are equal in all shapes, None for the others."""
    return tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes, strict=True))


def bits_per_character(model: onnx.ModelProto, card: Card, feeds: Reader) -> float:
    """Measure the cross-entropy of these texts, the end of one counted as a character."""
    nats, characters = 0.0, 0
    for found in feeds.run(_session(model)):
        scores, target = log_probabilities(found["logits"], card.classes), found["target"]
        nats -= float(scores[np.arange(len(target)), target].sum())
        characters += sum(1 if i == card.end else len(card.tokens[i]) for i in target.tolist())
    return nats / math.log(2) / characters


def sampling_divergence(model: onnx.ModelProto, card: Card, feeds: Reader) -> float:
    """Measure what rounding probabilities to whole-number weights changes.

    Returns:
        The mean Kullback-Leibler divergence of what is drawn from what the logits say, in nats.
    """
    sampler, total, count = new_sampler(len(card.tokens), card.classes), 0.0, 0
    for found in feeds.run(_session(model)):
        weights = sampler.weights(found["logits"], 1.0).astype(np.float64)
        drawn = weights / weights.sum(axis=1, keepdims=True)
        possible = drawn > 0
        told = log_probabilities(found["logits"], card.classes)
        difference = np.where(possible, np.log(np.where(possible, drawn, 1)) - told, 0)
        total, count = total + float((drawn * difference).sum()), count + len(drawn)
    return total / count


def divergence(model: onnx.ModelProto, other: onnx.ModelProto, feeds: Reader) -> float:
    """Measure how far one graph's output is from another's.

    Returns:
        Of logits, the mean Kullback-Leibler divergence in bits a token; of scores, the mean
        difference.
    """
    total, count = 0.0, 0
    for found, others in zip(feeds.run(_session(model)), feeds.run(_session(other)), strict=True):
        if "score" in found:
            differences = np.abs(found["score"] - others["score"])
        else:
            p, q = (log_probabilities(side["logits"]) for side in (found, others))
            differences = (np.exp(p) * (p - q)).sum(axis=-1) / math.log(2)
        total, count = total + float(differences.sum()), count + differences.size
    return total / count


@dataclass(frozen=True, slots=True)
class EncodedLine:
    """A text: its token ids without start and end, and what it begins after."""

    ids: Ids
    start: int | None


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts for a graph.

    Args:
        card: of the graph.
        lines: the texts.
    """

    card: Card
    lines: Sequence[EncodedLine]


class Steps(_Texts):
    """Texts for a graph of the `step` contract, fed a token a step."""

    __slots__ = ()

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run, and return all that went in and out; "target" is the token that follows."""
        card, names = self.card, [output.name for output in session.get_outputs()]
        ids = sorted(_whole(card, self.lines), key=len, reverse=True)
        states = {s.name: np.zeros((len(ids), s.size), dtype=np.float32) for s in card.states}
        for at in range(max(map(len, ids), default=1) - 1):
            running = sum(len(line) > at + 1 for line in ids)  # of those not yet ended
            token = np.array([line[at] for line in ids[:running]], dtype=np.int64)
            target = np.array([line[at + 1] for line in ids[:running]], dtype=np.int64)
            feeds = {"token": token} | {name: state[:running] for name, state in states.items()}
            found = dict(zip(names, session.run(names, feeds), strict=True))
            states = {state.name: found[state.successor] for state in card.states}
            yield feeds | found | {"target": target}


class Windows(_Texts):
    """Texts for a graph of the `window` contract, fed up to 4,000 windows of them."""

    __slots__ = ()

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run, and return all that went in and out; "target" is the token that follows."""
        windows, targets = self._windows()
        batches = np.array_split(targets, _ends(len(targets)))
        for found, target in zip(Inputs("tokens", windows).run(session), batches, strict=True):
            yield found | {"target": target}

    def _windows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return windows [up to 4,000, window] and the token that follows each."""
        card = self.card
        fill = [card.start if card.padding is None else card.padding] * card.window
        lines = _whole(card, self.lines)
        places = [(row, at) for row, line in enumerate(lines) for at in range(1, len(line))]
        some = places[:: math.ceil(len(places) / _MOST_WINDOWS)]
        windows = [[*fill, *lines[row][:at]][-card.window :] for row, at in some]
        return np.array(windows), np.array([lines[row][at] for row, at in some])


@dataclass(frozen=True, slots=True)
class Inputs:
    """Rows for a graph of one input.

    Args:
        name: of the input.
        rows: what it is fed, [rows, ...].
    """

    name: str
    rows: NDArray[Any]

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run, and return all that went in and out."""
        names = [output.name for output in session.get_outputs()]
        for rows in np.array_split(self.rows, _ends(len(self.rows))):
            feeds = {self.name: rows}
            yield feeds | dict(zip(names, session.run(names, feeds), strict=True))


def _ends(rows: int) -> range:
    """Return where batches end: a first one of one row shows which sizes are the batch's."""
    return range(1, rows, _ROWS)


def _whole(card: Card, lines: Sequence[EncodedLine]) -> Sequence[Ids]:
    """Add the start and the end of each text; running text goes on from an opening."""
    if card.openings:
        before = itertools.cycle(opening[-1] for opening in card.openings)
        return [[token, *line.ids] for token, line in zip(before, lines, strict=False)]
    end = [] if card.end is None else [card.end]
    return [[*([] if line.start is None else [line.start]), *line.ids, *end] for line in lines]


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
