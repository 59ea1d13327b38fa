"""From a Keras model to a checked model file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import onnx

from faker_neural import (
    Card,
    ConversionError,
    Detector,
    Golden,
    MissingFileError,
    OptionError,
    TextModel,
    TrainingLines,
)
from faker_neural_export.data.columns import Column, read_column
from faker_neural_export.exact.arithmetic import Samples, make_exact, trial
from faker_neural_export.exact.sampling_head import add_sampling_head
from faker_neural_export.keras_file.load import read_keras
from faker_neural_export.vocabulary.tokens import Encoder, check_tokens, read_tokens

from .check import check, check_drawing
from .contracts import CONTRACTS, Network, choose
from .onnx_file import to_onnx, write
from .passages import read_passages
from .step import Stack
from .window import Latent, Score, Window

__all__ = ["check_output", "convert", "convert_detector"]

MAX_TOKENS = 200
_OPENING = 100
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
    config: str | os.PathLike[str] | None = None,
    contract: str | None = None,
    window: int = 0,
    name: str | None = None,
    start: str | None = None,
    end: str | None = None,
    max_tokens: int = MAX_TOKENS,
    openings: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    data: Facts | None = None,
    training: Facts | None = None,
    evaluation: Facts | None = None,
    lines: str | os.PathLike[str] | Column | Samples | None = None,
    column: str | None = None,
    text: str | os.PathLike[str] | None = None,
    labels: Sequence[str] = (),
    classes: Sequence[int] = (),
    pieces: int = 0,
    known: Sequence[str] = (),
) -> TextModel:
    """Convert a Keras model that writes text, and check the file against it before it is named.

    Args:
        model: a file of Keras 1, 2 or 3, or a Sequential or Functional Keras 3 model. It predicts
            the token that follows some tokens, fed as ids, one-hot or divided by their number, or
            makes a text of noise.
        tokens: what the ids stand for: a list, a mapping of token to id, or a JSON file of either.
        output: the .onnx file to write.
        config: the JSON of `model.to_json()`, where `model` is a file of weights alone.
        contract: "step", which runs a model of recurrent and pointwise layers a token at a time;
            "window", which feeds it the last tokens each time from an empty state, as tutorials
            do; "latent" for a model from noise to a text. If not given, "latent" or "step" where
            the model is one, else "window".
        window: how many tokens a window has, where the model's input does not say.
        name: what the strings are; the output's name if not given.
        start: the token a text begins after; a line break, else a space, if not given.
        end: the token that ends a text; a line break if not given and there is one. "" for none,
            but for the token "" where `start` is that too, or where a text is made of noise.
        max_tokens: the largest number of tokens in a text, 1 to 10,000.
        openings: texts of which a string's key picks one, to be fed before the string begins.
        options: the defaults of `Options` that this model wants, for the card.
        data: the training data's name, licence and source, for the card.
        training: the recipe, for the card.
        evaluation: figures on held-out lines, for the card.
        lines: a file of real texts, as `train` reads it, or one that was read, or samples. Nine
            tenths show the range that each value of the network takes, on the held-out tenth the
            cost of exact arithmetic is measured. Texts that the model draws itself if not given.
        column: the column of `lines`; may be left out where there is only one.
        text: in the place of `lines` and `openings`, the running text that the model learned:
            strings go on from places in it and do not end at a line break.
        labels: what a text may be asked to be; the model's Embedding has an id for each behind
            those of the tokens.
        classes: how many tokens each class has, where the model's output is a factored softmax: its
            last layer gives the logits of the tokens within their class, then those of the classes.
        pieces: of a word model, how many tokens, at the end, are pieces that spell rarer words.
        known: lines that the model learned from, for the option `verbatim`, which they make
            "rejected" unless `options` say otherwise.

    Returns:
        The model of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ColumnError: there are no texts in `lines`.
        ConversionError: the model cannot be converted, the card has a field that is not allowed,
            a product of it could reach 2**24 grid units, or the check failed; `output` is as
            before.
        OptionError: `start` or `end` is no token, `max_tokens`, `window` or `contract` is out of
            range, or `output` is no .onnx path.
    """
    if contract not in (None, *CONTRACTS):
        raise OptionError("contract", contract, f"must be one of {', '.join(CONTRACTS)}")
    output = check_output(output)
    _check_range("max_tokens", max_tokens, 1)
    _check_range("window", window, 0)
    path, keras_model = _keras_model(model, config, output)
    names = _tokens(path, tokens)
    network, because = choose(
        path, keras_model, len(names), contract, window, len(labels), len(classes)
    )
    samples = _samples(lines, column)
    if text is not None:
        if lines is not None or openings:
            raise OptionError("text", os.fspath(text), "takes the place of lines and openings")
        openings, samples = read_passages(text, names, _opening_size(keras_model, window))
        end = "" if end is None else end
    if end == "" and start != "" and not isinstance(network, Latent):
        end_id = None
    else:
        end_id = _end(names, end)
    card = _card(
        path,
        network,
        Card(
            name=name or output.stem,
            contract=network.contract,
            tokens=names,
            start=_token_id(names, "start", start, default=("\n", " ", *filter(None, names))),
            end=end_id,
            max_tokens=max_tokens,
            openings=_openings(path, names, openings),
            classes=tuple(classes),
            pieces=pieces,
            labels=tuple(labels),
            training_lines=TrainingLines.of(known),
            options=({"verbatim": "rejected"} if known else {}) | dict(options or {}),
            data=data or {},
            training=training or {},
            evaluation=evaluation or {},
            check={"window_because": because} if because else {},
        ),
    )
    _publish(network, card, output, samples)
    return TextModel(output)


def convert_detector(
    model: keras.Model,
    tokens: Sequence[str],
    output: str | os.PathLike[str],
    samples: Samples,
    *,
    name: str | None = None,
    data: Facts | None = None,
    training: Facts | None = None,
    evaluation: Facts | None = None,
) -> Detector:
    """Convert a Keras classifier of texts, and check the file before it is named.

    Args:
        model: from token ids int [batch, length] to the probability [batch, 1] that a text was
            generated.
        tokens: characters, after "" for the padding behind a text and "\ufffd" for every
            character that is none of the others.
        output: the .onnx file to write.
        samples: real and generated texts.
        name: what the texts are; the output's name if not given.
        data: the training data's name, licence and source, for the card.
        training: the recipe, for the card.
        evaluation: figures on held-out lines, for the card.

    Returns:
        The detector of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: the output's folder does not exist.
        ConversionError: the model cannot be converted, or the check failed; `output` is as before.
        OptionError: `output` is no .onnx path.
    """
    output = path = check_output(output)
    network = Score(path, model, len(tokens))
    card = Card(
        name=name or output.stem,
        contract=network.contract,
        tokens=check_tokens(path, tokens),
        start=None,
        end=None,
        max_tokens=network.window,
        data=data or {},
        training=training or {},
        evaluation=evaluation or {},
    )
    _publish(network, _card(path, network, card), output, samples)
    return Detector(output)


def _card(path: Path, network: Network, card: Card) -> Card:
    """Add what the network decides, and refuse what could not be read again."""
    padding = card.tokens.index("") if "" in card.tokens else None
    if padding in (card.start, card.end):
        padding = None
    match network:
        case Stack():
            card = replace(card, states=tuple(network.states), padding=padding)
        case Window():
            card = replace(card, window=network.window, padding=padding)
        case Latent():
            card = replace(card, start=None, noise=network.noise, max_tokens=network.length)
        case Score():
            card = replace(card, window=network.window, padding=padding)
    try:
        Card.from_json(card.to_json())
    except ValueError as error:
        raise ConversionError(path, str(error)) from None
    return card


def _samples(
    lines: str | os.PathLike[str] | Column | Samples | None, column: str | None
) -> Samples | None:
    if lines is None and column is not None:
        raise OptionError("column", column, "needs the lines that it is a column of")
    if lines is None or isinstance(lines, Samples):
        return lines
    if not isinstance(lines, Column):
        lines = read_column(lines, column)
    return Samples(*lines.split(), "held-out lines")


def _opening_size(model: keras.Model, window: int) -> int:
    """Return how many tokens a model read at a time when it learned, as far as it says."""
    return int(model.inputs[0].shape[1] or window or _OPENING)


def _openings(
    path: Path, tokens: Sequence[str], openings: Sequence[str]
) -> tuple[tuple[int, ...], ...]:
    encoder = Encoder(tokens)
    try:
        return tuple(tuple(encoder(opening)) for opening in openings if opening)
    except ValueError as error:
        raise ConversionError(path, f"cannot begin with an opening: {error}") from None


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


def _publish(network: Network, card: Card, output: Path, samples: Samples | None) -> None:
    """Write beside the target, check, rename."""
    graph = to_onnx(network)
    draft = output.with_name(f".{output.name}.part")
    opened: type[Detector | TextModel] = Detector if isinstance(network, Score) else TextModel
    try:
        found = check(network, graph, card)
        card = replace(card, check={**asdict(found), **card.check})
        write(_that_draws(network.path, graph, card), card, draft)
        used = trial(network.path, draft, card, samples)
        graph, card = make_exact(network.path, graph, card, used)
        graph, plain = _that_draws(network.path, graph, card), graph
        if card.exact and card.contract == "step":
            check_drawing(network.path, plain, graph, card)
        write(graph, card, draft)
        model = opened(draft)
        strings = golden(model) if isinstance(model, TextModel) else ()
        card = replace(card, golden=strings, digest=model.digest() if card.exact else "")
        write(graph, card, draft)
        opened(draft).verify()
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)


def _that_draws(
    path: str | os.PathLike[str], graph: onnx.ModelProto, card: Card
) -> onnx.ModelProto:
    if card.contract != "step":
        return graph
    try:
        return add_sampling_head(graph, card)
    except ValueError as error:
        raise ConversionError(path, f"cannot have classes: {error}") from None


def golden(model: TextModel) -> tuple[Golden, ...]:
    return tuple(Golden(key, options, model.texts([key], **options)[0]) for key, options in _GOLDEN)


def _keras_model(
    model: str | os.PathLike[str] | keras.Model,
    config: str | os.PathLike[str] | None,
    output: Path,
) -> tuple[Path, keras.Model]:
    """Return the model, and the file that errors about it name."""
    if isinstance(model, keras.Model):
        return output, model
    return Path(model), read_keras(model, config)


def _check_range(name: str, value: int, least: int) -> None:
    if value not in range(least, Card.most_tokens + 1):
        rule = f"must be a whole number, {least} to {Card.most_tokens}"
        raise OptionError(name, value, rule)


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
