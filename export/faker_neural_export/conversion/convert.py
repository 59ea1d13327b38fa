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
from faker_neural._drafts import draft
from faker_neural._encoding import Encoder
from faker_neural._model_file.card_reader import read_card
from faker_neural_export.data.columns import read_column
from faker_neural_export.exact.arithmetic import make_calibration_set, make_exact
from faker_neural_export.exact.sampling_head import add_sampling_head
from faker_neural_export.keras_file.load import read_keras
from faker_neural_export.settings.conversion import (
    Calibration,
    CardFacts,
    Generation,
    Learned,
    Samples,
)
from faker_neural_export.vocabulary.tokens import parse_tokens, read_tokens

from .check import check, check_drawing
from .contracts import Network, choose
from .onnx_file import to_onnx, write
from .passages import read_passages
from .step import StepNetwork
from .window import LatentNetwork, ScoreNetwork, WindowNetwork

__all__ = ["check_output", "convert", "convert_detector"]

_OPENING = 100  # tokens
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
    generation: Generation | None = None,
    calibration: Calibration | None = None,
    facts: CardFacts | None = None,
    learned: Learned | None = None,
) -> TextModel:
    r"""Convert a Keras model that generates text, and check the file against the model.

    The file gets its name only after the check.

    Example:
        >>> import keras
        >>> from faker_neural_export import Generation, convert
        >>> network = keras.Sequential(
        ...     [
        ...         keras.Input((None,), dtype="int32"),
        ...         keras.layers.Embedding(4, 8),
        ...         keras.layers.LSTM(16, return_sequences=True),
        ...         keras.layers.Dense(4, activation="softmax"),
        ...     ]
        ... )
        >>> tokens = ["\n", "a", "b", "c"]
        >>> model = convert(network, tokens, "abc.onnx", generation=Generation(max_tokens=50))
        >>> len(model.generate(3))
        3

    Args:
        model: a file of Keras 1, 2 or 3, or a Sequential or Functional Keras 3 model. It predicts
            the next token from earlier tokens, fed as ids, one-hot or divided by their number; or
            it makes a text from noise.
        tokens: the tokens in the order of their ids, a mapping of token to id, or a JSON file of
            either.
        output: the .onnx file to write.
        config: the JSON of `model.to_json()`, if `model` is a file that holds only weights.
        generation: how the model generates a text.
        calibration: texts that show which values the network takes.
        facts: what the card says beside the network.
        learned: what the training knows; only for models with labels, classes or training lines.

    Returns:
        The model of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ColumnError: there are no texts in `calibration.lines`.
        ConversionError: the model cannot be converted, the card has a field that is not allowed,
            a product of it could reach 2**24 grid units, or the check failed; `output` is as
            before.
        OptionError: `start` or `end` is no token, `calibration.text` is given together with
            openings, or `output` is no .onnx path.
    """
    generation, calibration = generation or Generation(), calibration or Calibration()
    facts, learned = facts or CardFacts(), learned or Learned()
    output = check_output(output)
    path, keras_model = _keras_model(model, config, output)
    names = _tokens(path, tokens)
    network, because = choose(
        path,
        keras_model,
        len(names),
        generation.contract,
        generation.window,
        len(learned.labels),
        len(learned.classes),
    )
    if calibration.text is None:
        samples = _samples(calibration)
    else:
        if generation.openings:
            rule = "takes the place of lines and openings"
            raise OptionError("text", os.fspath(calibration.text), rule)
        size = _opening_size(keras_model, generation.window)
        openings, samples = read_passages(calibration.text, names, size)
        end = "" if generation.end is None else generation.end
        generation = replace(generation, openings=openings, end=end)
    card = _text_card(path, network, names, generation, learned)
    card = replace(
        card,
        name=facts.name or output.stem,
        options=dict(card.options) | dict(facts.options),
        data=facts.data,
        training=facts.training,
        evaluation=facts.evaluation,
        check={"window_because": because} if because else {},
    )
    _publish(network, _completed(path, network, card), output, samples)
    return TextModel(output)


def convert_detector(
    model: keras.Model,
    tokens: Sequence[str],
    output: str | os.PathLike[str],
    samples: Samples,
    facts: CardFacts,
) -> Detector:
    """Convert a Keras classifier of texts, and check the file against the model.

    The file gets its name only after the check.

    Args:
        model: from token ids int [batch, length] to the probability [batch, 1] that a text was
            generated.
        tokens: characters, after "" for the padding behind a text and "\ufffd" for every
            character that is not among the others.
        output: the .onnx file to write.
        samples: real and generated texts.
        facts: what the card says beside the network.

    Returns:
        The detector of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: the output's folder does not exist.
        ConversionError: the model cannot be converted, or the check failed; `output` is as before.
        OptionError: `output` is no .onnx path.
    """
    output = path = check_output(output)
    network = ScoreNetwork(path, model, len(tokens))
    card = Card(
        name=facts.name or output.stem,
        contract=network.contract,
        tokens=parse_tokens(path, tokens),
        start=None,
        end=None,
        max_tokens=network.window,
        data=facts.data,
        training=facts.training,
        evaluation=facts.evaluation,
    )
    _publish(network, _completed(path, network, card), output, samples)
    return Detector(output)


def _text_card(
    path: Path, network: Network, tokens: tuple[str, ...], generation: Generation, learned: Learned
) -> Card:
    """Return the card of a model that generates text, without facts and the network's part."""
    endless = (
        generation.end == "" and generation.start != "" and not isinstance(network, LatentNetwork)
    )
    default = ("\n", " ", *filter(None, tokens))
    return Card(
        name="",
        contract=network.contract,
        tokens=tokens,
        start=_token_id(tokens, "start", generation.start, default=default),
        end=None if endless else _end(tokens, generation.end),
        max_tokens=generation.max_tokens,
        openings=_openings(path, tokens, generation.openings),
        classes=tuple(learned.classes),
        pieces=learned.pieces,
        labels=tuple(learned.labels),
        columns=tuple(learned.columns),
        training_lines=TrainingLines.of(learned.lines),
        options={"verbatim": "rejected"} if learned.lines else {},
    )


def _completed(path: Path, network: Network, card: Card) -> Card:
    """Return the card with what the network decides, and check that it can be read again."""
    padding = card.tokens.index("") if "" in card.tokens else None
    if padding in (card.start, card.end):
        padding = None
    match network:
        case StepNetwork():
            card = replace(card, states=tuple(network.states), padding=padding)
        case WindowNetwork():
            card = replace(card, window=network.window, padding=padding)
        case LatentNetwork():
            card = replace(card, start=None, noise=network.noise, max_tokens=network.length)
        case ScoreNetwork():
            card = replace(card, window=network.window, padding=padding)
    try:
        read_card(card.to_json())
    except ValueError as error:
        raise ConversionError(path, str(error)) from None
    return card


def _samples(calibration: Calibration) -> Samples | None:
    lines = calibration.lines
    if lines is None or isinstance(lines, Samples):
        return lines
    return Samples(*read_column(lines, calibration.column).split(), "held-out lines")


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
    opened: type[Detector | TextModel] = (
        Detector if isinstance(network, ScoreNetwork) else TextModel
    )
    with draft(output) as beside:
        found = check(network, graph, card)
        card = replace(card, check={**asdict(found), **card.check})
        write(_that_draws(network.path, graph, card), card, beside)
        used = make_calibration_set(network.path, beside, card, samples)
        graph, card = make_exact(network.path, graph, card, used)
        graph, plain = _that_draws(network.path, graph, card), graph
        if card.exact and card.contract == "step":
            check_drawing(network.path, plain, graph, card)
        write(graph, card, beside)
        model = opened(beside)
        strings = golden(model) if isinstance(model, TextModel) else ()
        card = replace(card, golden=strings, digest=model.digest() if card.exact else "")
        write(graph, card, beside)
        opened(beside).verify()


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
    return tuple(Golden(key, options, model.draw_golden(key, options)) for key, options in _GOLDEN)


def _keras_model(
    model: str | os.PathLike[str] | keras.Model,
    config: str | os.PathLike[str] | None,
    output: Path,
) -> tuple[Path, keras.Model]:
    """Return the model, and the file that errors about it name."""
    if isinstance(model, keras.Model):
        return output, model
    return Path(model), read_keras(model, config)


def _tokens(
    path: Path, tokens: str | os.PathLike[str] | Sequence[str] | Mapping[str, int]
) -> tuple[str, ...]:
    if isinstance(tokens, str | os.PathLike):
        return read_tokens(tokens)
    return parse_tokens(path, tokens)


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
