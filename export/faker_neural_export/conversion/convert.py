"""From a Keras model to a checked model file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras

from faker_neural import (
    Card,
    ConversionError,
    Detector,
    MissingFileError,
    OptionError,
    TextModel,
    TrainingLines,
)
from faker_neural._model_file.card_reader import read_card
from faker_neural_export.keras_file.load import read_keras
from faker_neural_export.settings.conversion import (
    Calibration,
    CardFacts,
    Generation,
    Learned,
    Samples,
)
from faker_neural_export.vocabulary.imported.sizes import sizes_of

from .contracts import Network, choose
from .publish import publish
from .step import StepNetwork
from .texts.model_tokens import ModelTokens, TokenSource, list_tokens
from .texts.samples import read_texts
from .window import LatentNetwork, ScoreNetwork, WindowNetwork

__all__ = ["check_output", "convert", "convert_detector"]

_OPENING = 100  # tokens
ModelName = str | os.PathLike[str]
"""The name of a model in errors: its file, or of a model without one "the model 'sequential'"."""


def convert(
    model: str | os.PathLike[str] | keras.Model,
    tokens: TokenSource,
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

    Examples:
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
        tokens: the tokens in the order of their ids, a mapping of token to id, or a file: JSON of
            either or of Keras' Tokenizer, a .txt of one token per line, or a .npy.
        output: the .onnx file to write.
        config: the JSON of `model.to_json()`, if `model` is a file that holds only weights.
        generation: how the model generates a text.
        calibration: texts that show which values the network takes.
        facts: what the card says beside the network.
        learned: what the training knows; only for models with labels, classes or training lines.
            The tokens are then taken as they are.

    Returns:
        The model of the new file. Its arithmetic is exact, or `card.arithmetic` says why not.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ColumnError: there are no texts of the model's tokens in `calibration`.
        ConversionError: the tokens cannot be read, the model cannot be converted, the card has a
            field that is not allowed, a product of it could reach 2**24 grid units, or the check
            failed; `output` is as before.
        OptionError: `start` or `end` is no token, `calibration.text` is given together with
            openings, or `output` is no .onnx path.
    """
    generation, calibration = generation or Generation(), calibration or Calibration()
    facts = facts or CardFacts()
    learned_here, learned = learned is not None, learned or Learned()
    output = check_output(output)
    listed = list_tokens(tokens, learned_here=learned_here)
    path, keras_model = _keras_model(model, config)
    sizes = None if learned_here else sizes_of(keras_model)
    names = ModelTokens.of(path, listed, sizes, generation.separator)
    network, because, whole = choose(
        path,
        keras_model,
        len(names.strings),
        generation.contract,
        generation.window,
        len(learned.labels),
        len(learned.classes),
        id_0_is_free=names.strings[0] == "" != generation.start,
    )
    if calibration.text is not None and generation.openings:
        rule = "takes the place of lines and openings"
        raise OptionError("text", os.fspath(calibration.text), rule)
    texts = read_texts(calibration, names, _opening_size(keras_model, generation.window))
    if texts.openings:
        end = "" if generation.end is None else generation.end
        generation = replace(generation, openings=texts.openings, end=end)
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
    if notes := [*names.notes, *texts.notes]:
        card = replace(card, check={**card.check, "notes": "\n".join(notes)})
    card = _completed(path, network, card)
    publish(network, card, output, texts.samples, whole, learned_here=learned_here)
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
    output, path = check_output(output), _named(model)
    network = ScoreNetwork(path, model, len(tokens))
    card = Card(
        name=facts.name or output.stem,
        contract=network.contract,
        tokens=tuple(tokens),
        start=None,
        end=None,
        max_tokens=network.window,
        data=facts.data,
        training=facts.training,
        evaluation=facts.evaluation,
    )
    publish(network, _completed(path, network, card), output, samples)
    return Detector(output)


def _text_card(
    path: ModelName,
    network: Network,
    tokens: ModelTokens,
    generation: Generation,
    learned: Learned,
) -> Card:
    """Return the card of a model that generates text, without facts and the network's part."""
    endless = (
        generation.end == "" and generation.start != "" and not isinstance(network, LatentNetwork)
    )
    end = None if endless else tokens.end(generation.end)
    return Card(
        name="",
        contract=network.contract,
        tokens=tokens.strings,
        masked=tuple(i for i in tokens.listed.never_drawn if i != end),
        start=tokens.start(generation.start),
        end=end,
        max_tokens=generation.max_tokens,
        openings=tokens.openings(path, generation.openings),
        classes=tuple(learned.classes),
        pieces=learned.pieces,
        labels=tuple(learned.labels),
        columns=tuple(learned.columns),
        training_lines=TrainingLines.of(learned.lines),
        options={"verbatim": "rejected"} if learned.lines else {},
    )


def _completed(path: ModelName, network: Network, card: Card) -> Card:
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


def _opening_size(model: keras.Model, window: int) -> int:
    """Return how many tokens a model read at a time when it learned, as far as it says."""
    return int(model.inputs[0].shape[1] or window or _OPENING)


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


def _keras_model(
    model: str | os.PathLike[str] | keras.Model,
    config: str | os.PathLike[str] | None,
) -> tuple[ModelName, keras.Model]:
    """Return the model, and its name in errors: that of its file, if it has one."""
    if isinstance(model, keras.Model):
        return _named(model), model
    return Path(model), read_keras(model, config)


def _named(model: keras.Model) -> str:
    return f"the model {model.name!r}"
