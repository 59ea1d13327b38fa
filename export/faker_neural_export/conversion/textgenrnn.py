"""textgenrnn's files: weights, a vocabulary, a configuration."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import h5py
import keras
import numpy as np

from faker_neural import ConversionError, MissingFileError, OptionError, TextModel
from faker_neural_export.conversion.convert import check_output, convert
from faker_neural_export.data.columns import read_column
from faker_neural_export.keras_file.attention import AttentionWeightedAverage
from faker_neural_export.keras_file.load import read_keras
from faker_neural_export.settings.conversion import (
    Calibration,
    CardFacts,
    Generation,
    Samples,
)
from faker_neural_export.vocabulary.imported.listed import ListedTokens, parse_tokens
from faker_neural_export.vocabulary.imported.spacing import CLOSING

__all__ = ["import_textgenrnn"]

META = "<s>"
"""The token that textgenrnn puts before and behind each text."""

_MAX_TOKENS = 300
_DEFAULTS = {
    "rnn_layers": 2,
    "rnn_size": 128,
    "rnn_bidirectional": False,
    "max_length": 40,
    "dim_embeddings": 100,
    "word_level": False,
}
_WORD = re.compile(r"\w+|[^\w\s]")  # textgenrnn puts spaces around punctuation, and splits there


def import_textgenrnn(
    weights: str | os.PathLike[str],
    vocab: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    config: str | os.PathLike[str] | None = None,
    labels: Sequence[str] = (),
    label: str | None = None,
    name: str | None = None,
    lines: str | os.PathLike[str] | None = None,
    column: str | None = None,
) -> TextModel:
    """Convert a model of textgenrnn to a model file of the `window` contract.

    Args:
        weights: the HDF5 file that textgenrnn saved, with CuDNN or plain LSTM layers.
        vocab: its JSON object of token to id, from 1 upwards; id 0 is the placeholder.
        output: the .onnx file to write.
        config: its JSON configuration; the pretrained model's if not given.
        labels: all context labels of a model that was trained with labels; textgenrnn numbers
            them in sorted order.
        label: the label of the texts, one of `labels`. None for texts without a label, as
            textgenrnn generates them.
        name: what the strings are; the output's name if not given.
        lines: a file of real texts for calibration and evaluation, in any format that `train`
            reads.
        column: the column of `lines`; None if there is only one.

    Returns:
        The model of the new file.

    Raises:
        MissingFileError: a file or the output's folder does not exist.
        ConversionError: the files do not belong to one textgenrnn model, or the check failed.
        OptionError: `label` is not among `labels`, or their number is not the model's.
    """
    path = Path(weights)
    check_output(output)
    settings = _settings(config)
    texts: Sequence[str] = () if lines is None else read_column(lines, column).values
    if settings["word_level"]:
        texts = ["".join(map(_spaced, _WORD.findall(text.lower()))) for text in texts]
    tokens = _tokens(Path(vocab), settings["word_level"])
    sizes = _sizes(path, len(tokens), Path(vocab))
    training = {"weights": path.name, "by": "textgenrnn"} | ({"label": label} if label else {})
    if config is None:
        training["assumed"] = ", ".join(f"{name}={value}" for name, value in settings.items())
    start = META if META in tokens else None
    samples = Samples(texts, texts, f"lines of {PurePath(lines).name}") if lines else None
    try:
        return convert(
            _with_label(
                read_keras(path, _network(settings, sizes)), _context(labels, label, sizes)
            ),
            ListedTokens(os.fspath(vocab), tokens, are_words=False),
            output,
            generation=Generation(
                contract="window", start=start, end=start, max_tokens=_MAX_TOKENS
            ),
            calibration=Calibration(lines=samples),
            facts=CardFacts(name=name, training=training),
        )
    except ConversionError as error:
        assumed = f"; without --config it is read with {training['assumed']}" if not config else ""
        raise ConversionError(path, error.problem + assumed) from None


def _settings(config: str | os.PathLike[str] | None) -> dict[str, Any]:
    if config is None:
        return dict(_DEFAULTS)
    path = Path(config)
    found = _json(path, "configuration")
    for name, default in _DEFAULTS.items():
        value = found.get(name, default)
        small = type(value) is not int or 0 < value <= 10_000
        if type(value) is not type(default) or not small:
            kind = "true or false" if isinstance(default, bool) else "a whole number from 1"
            raise ConversionError(path, f"has {name}={value!r}; it must be {kind}")
    return {name: found.get(name, default) for name, default in _DEFAULTS.items()}


def _tokens(path: Path, words: bool) -> tuple[str, ...]:
    ids = _json(path, "vocabulary")
    if words:
        ids = {_spaced(token): i for token, i in ids.items()}
    return parse_tokens(path, ids).tokens


def _spaced(token: str) -> str:
    """Put the space before a word that textgenrnn puts between words."""
    apart = token == META or not token.strip() or token in CLOSING
    return token if apart else f" {token}"


def _json(path: Path, kind: str) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingFileError(path, f"there is no such {kind}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConversionError(path, f"cannot be read as JSON ({error})") from None
    if not isinstance(found, dict):
        raise ConversionError(path, f"holds no {kind}, which is a JSON object")
    return found


def _sizes(path: Path, tokens: int, vocab: Path) -> dict[str, int]:
    """Read how many tokens and context columns the weights are for."""
    try:
        with h5py.File(path, "r") as file:
            shapes = {name: _largest(group) for name, group in file.items()}
    except FileNotFoundError:
        raise MissingFileError(path, "there are no such weights") from None
    except (OSError, RuntimeError, KeyError, AttributeError):
        raise ConversionError(path, "is no HDF5 file of weights, or a damaged one") from None
    if not {"embedding", "attention", "output"} <= shapes.keys():
        found = ", ".join(map(str, shapes)) or "nothing"
        raise ConversionError(path, f"holds no textgenrnn weights, but {found}")
    if shapes["embedding"][0] != tokens:
        own = max(shapes["embedding"][0] - 1, 0) or "no"
        raise ConversionError(
            path, f"is of {own} tokens beside the placeholder, and {vocab} lists {tokens - 1}"
        )
    context = shapes.get("context_output", shapes["output"])[0] - shapes["output"][0]
    return {"tokens": tokens, "context": context}


def _largest(group: Any) -> tuple[int, ...]:
    """Return the shape of the largest array in a group."""
    shapes: list[tuple[int, ...]] = [(0, 0)]
    group.visititems(lambda _, item: shapes.append(getattr(item, "shape", ())))
    return max(shapes, key=lambda shape: int(np.prod(shape)) if len(shape) > 1 else 0)


def _network(settings: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Write the network as Keras 2 would have: textgenrnn saves no such configuration."""
    layers = [
        _layer("InputLayer", "input", [], batch_input_shape=[None, settings["max_length"]]),
        _layer(
            "Embedding",
            "embedding",
            ["input"],
            input_dim=sizes["tokens"],
            output_dim=settings["dim_embeddings"],
        ),
    ]
    recurrent = [f"rnn_{i + 1}" for i in range(settings["rnn_layers"])]
    for before, name in zip(["embedding", *recurrent], recurrent, strict=False):
        layers.append(_recurrent(settings, name, before))
    dense = {"units": sizes["tokens"], "activation": "softmax"}
    layers += [
        _layer("Concatenate", "rnn_concat", ["embedding", *recurrent], axis=-1),
        _layer("AttentionWeightedAverage", "attention", ["rnn_concat"]),
        _layer("Dense", "output", ["attention"], **dense),
    ]
    inputs, outputs = ["input"], ["output"]
    if sizes["context"]:
        layers += [
            _layer("InputLayer", "context_input", [], batch_input_shape=[None, sizes["context"]]),
            _layer("Concatenate", "concat", ["attention", "context_input"], axis=-1),
            _layer("Dense", "context_output", ["concat"], **dense),
        ]
        inputs, outputs = [*inputs, "context_input"], ["context_output", *outputs]
    return {
        "class_name": "Model",
        "keras_version": "2.2.4",
        "config": {
            "name": "textgenrnn",
            "layers": layers,
            "input_layers": [[name, 0, 0] for name in inputs],
            "output_layers": [[name, 0, 0] for name in outputs],
        },
    }


def _recurrent(settings: Mapping[str, Any], name: str, before: str) -> dict[str, Any]:
    options = {
        "units": settings["rnn_size"],
        "return_sequences": True,
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
    }
    if not settings["rnn_bidirectional"]:
        return _layer("LSTM", name, [before], **options)
    inner = {"class_name": "LSTM", "config": {"name": name, **options}}
    return _layer("Bidirectional", name, [before], layer=inner, merge_mode="concat")


def _layer(kind: str, name: str, before: Sequence[str], **config: Any) -> dict[str, Any]:
    nodes = [[[source, 0, 0, {}] for source in before]] if before else []
    config = {"name": name, **config}
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}


def _context(
    labels: Sequence[str], label: str | None, sizes: Mapping[str, int]
) -> np.ndarray[Any, Any] | None:
    """Return a label as textgenrnn's LabelBinarizer encodes it: two labels become one column."""
    if label is None:
        return None
    columns = sizes["context"]
    if len(set(labels)) != (2 if columns == 1 else columns):
        wanted = 2 if columns == 1 else columns
        raise OptionError("labels", list(labels), f"must be the model's {wanted} labels")
    if label not in labels:
        raise OptionError("label", label, f"must be one of {', '.join(sorted(labels))}")
    place = sorted(set(labels)).index(label)
    if columns == 1:
        return np.array([place], dtype=np.float32)
    one_hot = np.zeros(columns, dtype=np.float32)
    one_hot[place] = 1
    return one_hot


def _with_label(model: keras.Model, context: np.ndarray[Any, Any] | None) -> keras.Model:
    """Take the output that reads no label, or the other one with the label worked into its bias."""
    text = model.inputs[0]
    if context is None:
        return keras.Model(text, model.outputs[-1])
    attention = next(x for x in model.layers if isinstance(x, AttentionWeightedAverage))
    kernel, bias = model.get_layer("context_output").get_weights()
    size = len(kernel) - len(context)
    dense = keras.layers.Dense(len(bias), activation="softmax", name="labelled_output")
    labelled = keras.Model(text, dense(attention.output))
    dense.set_weights([kernel[:size], bias + context @ kernel[size:]])
    return labelled
