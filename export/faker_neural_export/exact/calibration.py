"""Real input for a graph: the ranges of its values, and the cost of another arithmetic."""

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
from faker_neural._decoding.sampling.factored import new_sampler
from faker_neural_export.vocabulary.likelihood import log_probabilities

from . import CalibrationRanges

__all__ = [
    "EncodedLine",
    "Feeds",
    "RowFeeds",
    "StepFeeds",
    "WindowFeeds",
    "bits_per_character",
    "divergence",
    "observe",
    "sampling_divergence",
]

Arrays = dict[str, NDArray[Any]]
Ids = Sequence[int]
_ROWS = 64  # of a batch; `observe` keeps all values of the graph for a batch
_MOST_WINDOWS = 4000


class Feeds(Protocol):
    """The inputs of a graph, run by run."""

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run a session on all inputs; yield the inputs and outputs of each run, by name.

        Args:
            session: a session of the graph.
        """


def observe(model: onnx.ModelProto, feeds: Feeds) -> CalibrationRanges:
    """Run a graph and return the ranges, shapes and types of all its values.

    Args:
        model: the graph.
        feeds: its inputs.
    """
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
    """Return the sizes that are equal in all shapes, with None for the other sizes."""
    return tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes, strict=True))


def bits_per_character(model: onnx.ModelProto, card: Card, feeds: Feeds) -> float:
    """Measure the cross-entropy of texts, in bits per character.

    The end of a text counts as one character.

    Args:
        model: a graph with the output `logits`.
        card: the model's card.
        feeds: the texts, with "target", as `StepFeeds` or `WindowFeeds` yield them.
    """
    nats, characters = 0.0, 0
    for found in feeds.run(_session(model)):
        scores, target = log_probabilities(found["logits"], card.classes), found["target"]
        nats -= float(scores[np.arange(len(target)), target].sum())
        characters += sum(1 if i == card.end else len(card.tokens[i]) for i in target.tolist())
    return nats / math.log(2) / characters


def sampling_divergence(model: onnx.ModelProto, card: Card, feeds: Feeds) -> float:
    """Measure the effect of rounding the probabilities of tokens to integer weights.

    Args:
        model: a graph with the output `logits`.
        card: the model's card.
        feeds: the texts.

    Returns:
        The mean Kullback-Leibler divergence D(sampled || logits) of the distributions of a token,
        at temperature 1, in nats.
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


def divergence(model: onnx.ModelProto, other: onnx.ModelProto, feeds: Feeds) -> float:
    """Measure the difference between the outputs of two graphs.

    Args:
        model: the reference graph, with the output `logits` or `score`.
        other: the graph to compare, with the same output.
        feeds: the inputs of both.

    Returns:
        For logits, the mean Kullback-Leibler divergence D(model || other) in bits per token; for
        scores, the mean absolute difference.
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
    """A text as token ids.

    Args:
        ids: its token ids, without start and end.
        start: the id that precedes the text; None if no id does.
    """

    ids: Ids
    start: int | None


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts for a graph.

    Args:
        card: the card of the graph's model.
        lines: the texts.
    """

    card: Card
    lines: Sequence[EncodedLine]

    def ids(self) -> Sequence[Ids]:
        """Return the token ids of each text with its start and its end.

        A passage of running text has the last id of an opening as its start, and no end.
        """
        if self.card.openings:
            before = itertools.cycle(opening[-1] for opening in self.card.openings)
            return [[token, *line.ids] for token, line in zip(before, self.lines, strict=False)]
        end = [] if self.card.end is None else [self.card.end]
        return [
            [*([] if line.start is None else [line.start]), *line.ids, *end] for line in self.lines
        ]


class StepFeeds(_Texts):
    """The texts for a graph of the `step` contract, one token in each step.

    Args:
        card: the card of the graph's model.
        lines: the texts.
    """

    __slots__ = ()

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run a session on all steps; yield the inputs and outputs of each step, by name.

        The texts are one batch. A text leaves the batch after its last token.

        Args:
            session: a session of the graph.

        Yields:
            Also "target", the next token of each row, int64 [batch].
        """
        card, names = self.card, [output.name for output in session.get_outputs()]
        ids = sorted(self.ids(), key=len, reverse=True)
        states = {s.name: np.zeros((len(ids), s.size), dtype=np.float32) for s in card.states}
        for at in range(max(map(len, ids), default=1) - 1):
            running = sum(len(line) > at + 1 for line in ids)  # texts with a next token
            token = np.array([line[at] for line in ids[:running]], dtype=np.int64)
            target = np.array([line[at + 1] for line in ids[:running]], dtype=np.int64)
            feeds = {"token": token} | {name: state[:running] for name, state in states.items()}
            found = dict(zip(names, session.run(names, feeds), strict=True))
            states = {state.name: found[state.successor] for state in card.states}
            yield feeds | found | {"target": target}


class WindowFeeds(_Texts):
    """The texts for a graph of the `window` contract, as up to 4,000 windows.

    Args:
        card: the card of the graph's model.
        lines: the texts.
    """

    __slots__ = ()

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run a session on every batch and yield its inputs and outputs, by name.

        Args:
            session: a session of the graph.

        Yields:
            Also "target", the next token of each row, int64 [batch].
        """
        windows, targets = self.windows()
        batches = np.array_split(targets, _batch_ends(len(targets)))
        for found, target in zip(RowFeeds("tokens", windows).run(session), batches, strict=True):
            yield found | {"target": target}

    def windows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return windows [up to 4,000, window] and the next token of each."""
        card = self.card
        fill = [card.fill] * card.window
        lines = self.ids()
        places = [(row, at) for row, line in enumerate(lines) for at in range(1, len(line))]
        some = places[:: math.ceil(len(places) / _MOST_WINDOWS)]
        windows = [[*fill, *lines[row][:at]][-card.window :] for row, at in some]
        return np.array(windows), np.array([lines[row][at] for row, at in some])


@dataclass(frozen=True, slots=True)
class RowFeeds:
    """The rows for a graph with one input.

    Args:
        name: the name of the input.
        rows: the values of the input, [rows, ...].
    """

    name: str
    rows: NDArray[Any]

    def run(self, session: onnxruntime.InferenceSession) -> Iterator[Arrays]:
        """Run a session on every batch and yield its inputs and outputs, by name.

        Args:
            session: a session of the graph.
        """
        names = [output.name for output in session.get_outputs()]
        for rows in np.array_split(self.rows, _batch_ends(len(self.rows))):
            feeds = {self.name: rows}
            yield feeds | dict(zip(names, session.run(names, feeds), strict=True))


def _batch_ends(rows: int) -> range:
    """Return the ends of batches; the first has one row, to show which sizes are the batch size."""
    return range(1, rows, _ROWS)


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
