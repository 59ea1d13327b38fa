"""From a Keras model to a checked model file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras

from faker_neural import Card, ConversionError, Golden, MissingFileError, OptionError, TextModel

from ._arithmetic import Samples, make_exact
from ._check import check
from ._columns import Column, read_column
from ._keras_file import read_keras
from ._onnx import to_onnx, write
from ._stack import Stack
from ._tokens import check_tokens, read_tokens

__all__ = ["check_output", "convert"]

MAX_TOKENS = 200
_OWN_TEXTS = 300
Facts = Mapping[str, str | int | float | bool]
_GOLDEN: Sequence[tuple[int, Mapping[str, Any]]] = [
    *((key, {}) for key in range(6)),
    *((key, {"temperature": 0.5}) for key in range(6, 8)),
]


def convert(
    model: str | os.PathLike[str] | keras.Model,
    tokens: str | os.PathLike[str] | Sequence[str] | Mapping[str, int],
    output: str | os.PathLike[str],
    *,
    name: str | None = None,
    start: str | None = None,
    end: str | None = None,
    max_tokens: int = MAX_TOKENS,
    data: Facts | None = None,
    training: Facts | None = None,
    evaluation: Facts | None = None,
    lines: str | os.PathLike[str] | Column | None = None,
    column: str | None = None,
) -> TextModel:
    """Convert a Keras model that predicts the next token, and check the file before it is named.

    Args:
        model: a .keras file, or a Sequential or Functional Keras 3 model: a stack of Embedding,
            LSTM, GRU, SimpleRNN, Dense, Dropout, TimeDistributed(Dense), Activation,
            LayerNormalization and BatchNormalization, fed token ids, one-hot tokens or ids
            divided by their number.
        tokens: what the ids stand for: a list, a mapping of token to id, or a JSON file of either.
        output: the .onnx file to write.
        name: what the strings are; the output's name if not given.
        start: the token a text begins after; a line break, else a space, if not given.
        end: the token that ends a text; a line break if not given and there is one.
        max_tokens: the largest number of tokens in a text, 1 to 10,000.
        data: the training data's name, licence and source, for the card.
        training: the recipe, for the card.
        evaluation: figures on held-out lines, for the card.
        lines: a file of real texts, as `train` reads it, or one that was read. Nine tenths show
            the range that each value of the network takes, on the held-out tenth the cost of
            exact arithmetic is measured. Texts that the model draws itself if not given.
        column: the column of `lines`; may be left out where there is only one.

    Returns:
        The model of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ColumnError: there are no texts in `lines`.
        ConversionError: the model cannot be converted, the card has a field that is not allowed,
            a product of it could reach 2**24 grid units, or the check failed; `output` is as
            before.
        OptionError: `start` or `end` is no token, `max_tokens` is out of range, or `output` is no
            .onnx path.
    """
    output = check_output(output)
    if max_tokens not in range(1, Card.most_tokens + 1):
        rule = f"must be a whole number, 1 to {Card.most_tokens}"
        raise OptionError("max_tokens", max_tokens, rule)
    path, keras_model = _keras_model(model)
    names = _tokens(path, tokens)
    stack = Stack(path, keras_model, len(names))
    card = Card(
        name=name or output.stem,
        contract="step",
        tokens=names,
        start=_token_id(names, "start", start, default=("\n", " ", *filter(None, names))),
        end=_end(names, end),
        max_tokens=max_tokens,
        states=tuple(stack.states),
        data=data or {},
        training=training or {},
        evaluation=evaluation or {},
    )
    try:
        Card.from_json(card.to_json())
    except ValueError as error:
        raise ConversionError(path, str(error)) from None
    if lines is None and column is not None:
        raise OptionError("column", column, "needs the lines that it is a column of")
    if lines is not None and not isinstance(lines, Column):
        lines = read_column(lines, column)
    samples = None if lines is None else Samples(*lines.split(), "held-out lines")
    return _publish(stack, card, output, samples)


def check_output(output: str | os.PathLike[str]) -> Path:
    """Refuse an output that could not be written, before any work is done for it."""
    path = Path(output)
    if path.suffix != ".onnx":
        raise OptionError("output", os.fspath(output), "must end in .onnx")
    if not path.parent.is_dir():
        raise MissingFileError(path.parent, "there is no such folder to write to")
    if path.is_dir():
        raise OptionError("output", os.fspath(output), "is a folder")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise OptionError("output", os.fspath(output), "is in a folder that cannot be written to")
    return path


def _publish(stack: Stack, card: Card, output: Path, samples: Samples | None) -> TextModel:
    """Write beside the target, check, rename."""
    graph = to_onnx(stack)
    draft = output.with_name(f".{output.name}.part")
    try:
        write(graph, card, draft)
        found = check(stack.path, stack, draft, card.start)
        card = replace(card, check=asdict(found))
        if samples is None:
            own = TextModel(draft).generate(_OWN_TEXTS)
            samples = Samples(own, own, "texts of its own")
        graph, card = make_exact(stack.path, graph, card, samples)
        write(graph, card, draft)
        model = TextModel(draft)
        card = replace(card, golden=_golden(model), digest=model.digest() if card.exact else "")
        write(graph, card, draft)
        TextModel(draft).verify()
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    return TextModel(output)


def _golden(model: TextModel) -> tuple[Golden, ...]:
    return tuple(Golden(key, options, model.texts([key], **options)[0]) for key, options in _GOLDEN)


def _keras_model(model: str | os.PathLike[str] | keras.Model) -> tuple[Path, keras.Model]:
    if isinstance(model, keras.Model):
        return Path(model.name), model
    return Path(model), read_keras(model)


def _tokens(
    path: Path, tokens: str | os.PathLike[str] | Sequence[str] | Mapping[str, int]
) -> tuple[str, ...]:
    if isinstance(tokens, str | os.PathLike):
        return read_tokens(tokens)
    return check_tokens(path, tokens)


def _end(tokens: Sequence[str], end: str | None) -> int | None:
    if end is None and "\n" not in tokens:
        return None
    return _token_id(tokens, "end", end, default=("\n",))


def _token_id(
    tokens: Sequence[str], name: str, wanted: str | None, default: tuple[str, ...]
) -> int:
    if wanted is None:
        wanted = next(token for token in default if token in tokens)
    if wanted not in tokens:
        raise OptionError(name, wanted, "must be one of the model's tokens")
    return tokens.index(wanted)
