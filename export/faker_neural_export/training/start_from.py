"""Training that starts from the network of an earlier run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from faker_neural import MissingFileError, OptionError
from faker_neural._encoding import Encoder
from faker_neural_export.data.lines import Floats
from faker_neural_export.network.network import build_network
from faker_neural_export.network.word_vectors import copy_weights
from faker_neural_export.settings.training import Settings
from faker_neural_export.vocabulary.tokens import extend_tokens
from faker_neural_export.vocabulary.vocabulary import Vocabulary

from .checkpoint import Checkpoint

__all__ = ["BASE", "BaseModel", "settings_of"]

BASE = Path(__file__).parents[1] / "base"
"""The network that the bundled fields start from; `make field-base` trains it."""

_ARCHITECTURE = ("text", "input", "embedding", "units", "projection")


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The earlier run that a run starts from, at its best epoch.

    Args:
        path: the path that the user gave; for "base", the folder in the package.
        checkpoint: the checkpoint of the earlier run.
    """

    path: Path
    checkpoint: Checkpoint

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> BaseModel:
        """Read the checkpoint of an earlier run.

        Args:
            path: a model file with its checkpoint beside it, or a checkpoint. If no file is called
                "base", this name means the network in the package.

        Raises:
            MissingFileError: the model file or the folder does not exist.
            OptionError: the checkpoint is missing or damaged.
        """
        path = Path(path)
        if path == Path("base") and not path.exists():
            path = BASE
        if not path.exists():
            raise MissingFileError(path, "there is no such model to start from")
        folder = path if path.is_dir() else path.with_name(f"{path.name}.checkpoint")
        try:
            found = Checkpoint.read(folder)
            Settings(**found.settings)
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "start_from", str(path), f"needs the checkpoint that train wrote to {folder}"
            ) from None
        return cls(path, found)

    @property
    def settings(self) -> Settings:
        """Return the settings of the earlier run."""
        return Settings(**self.checkpoint.settings)

    def __str__(self) -> str:
        best = self.checkpoint.best
        return f"{self.path.name}, epoch {best} ({self.checkpoint.fingerprint})"

    def check(self, settings: Settings) -> None:
        """Check that settings describe the architecture of the earlier network.

        Args:
            settings: the settings of the new run.

        Raises:
            OptionError: they do not; the error names the setting.
        """
        if settings.composed != self.settings.composed:
            rule = f"must be {self.settings.tokens!r}, as in {self.path}, which start_from names"
            raise OptionError("tokens", settings.tokens, rule)
        wanted, found = settings.recipe(), self.settings.recipe()
        for name in _ARCHITECTURE:
            if wanted[name] != found[name]:
                raise OptionError(
                    name,
                    wanted[name],
                    f"must be {found[name]!r}, as in {self.path}, which start_from names",
                )

    def vocabulary(self, wanted: Vocabulary, settings: Settings) -> Vocabulary:
        """Return the vocabulary for the network of a new text.

        If the input is "scaled", a token's id is a number that the network reads. So the earlier
        tokens keep their ids, and new tokens follow.

        Args:
            wanted: the vocabulary of the new text.
            settings: the settings of the new run.
        """
        if settings.input == "scaled":
            return replace(wanted, tokens=extend_tokens(self.checkpoint.tokens, wanted.tokens))
        return wanted

    def network(
        self, vocabulary: Vocabulary, labels: Sequence[str], settings: Settings
    ) -> keras.Model:
        """Build a network for a vocabulary and labels, with the weights of the earlier network.

        A new token starts as the mean of the earlier tokens that spell it; with a new character, as
        the mean of all earlier tokens. The bias of a token with a new character is below all
        others, so that it is hardly ever drawn. A new label starts as the boundary, which begins a
        text without a label. If words are the tokens, new words start from the vectors of their
        n-grams instead.

        Source: Mosin et al., "Fine-tuning transformers: vocabulary transfer", 2021.

        Args:
            vocabulary: the tokens of the new network.
            labels: the labels of the new network.
            settings: the settings of the new run.

        Returns:
            The network, not compiled.

        Raises:
            OptionError: the earlier network cannot be read.
        """
        earlier = self.checkpoint.load(self.checkpoint.best, "start_from", str(self.path))
        network = build_network(vocabulary, settings, len(labels))
        if settings.composed:
            copy_weights(network, earlier)
        else:
            self._continue(network, earlier, vocabulary, labels, settings)
        return network

    def _continue(
        self,
        network: keras.Model,
        earlier: keras.Model,
        vocabulary: Vocabulary,
        labels: Sequence[str],
        settings: Settings,
    ) -> None:
        tokens, classes = vocabulary.tokens, vocabulary.classes
        mixture = _mixture(self.checkpoint.tokens, tokens)
        begins = _mixture_with_labels(mixture, self.checkpoint.labels, labels)
        for layer, old in zip(network.layers, earlier.layers, strict=True):
            weights = [np.asarray(array) for array in old.get_weights()]
            match layer:
                case keras.layers.Embedding():
                    layer.set_weights([begins @ weights[0]])
                case keras.layers.Dense() if layer is network.layers[-1]:
                    if not self.has(vocabulary):
                        kernel, bias = _flat(weights[0], weights[1], self.checkpoint.classes)
                        kernel, bias = kernel @ mixture.T, _bias(mixture, bias)
                        weights = _factored(kernel, bias, classes)
                    layer.set_weights(weights)
                case keras.layers.LSTM() if layer is network.layers[1] and _is_one_hot(settings):
                    layer.set_weights([mixture @ weights[0], *weights[1:]])
                case keras.layers.LSTM() | keras.layers.Dense():
                    layer.set_weights(weights)
        if settings.input == "scaled":  # the new network divides ids by another number
            _scale(network, len(tokens) / len(self.checkpoint.tokens))

    def has(self, vocabulary: Vocabulary) -> bool:
        """Return whether the earlier network has the same tokens and classes.

        Args:
            vocabulary: the tokens and classes of the new network.
        """
        earlier = self.checkpoint.vocabulary
        return [*earlier.tokens] == [*vocabulary.tokens] and earlier.classes == tuple(
            vocabulary.classes
        )


def settings_of(model: str | os.PathLike[str], **changes: Any) -> Settings:
    """Return the settings that a model was trained with, to start another run from it.

    Args:
        model: a model file that `train` wrote, its checkpoint, or "base"; see `start_from` of
            `train`.
        changes: settings that differ. Settings of the architecture must not.

    Raises:
        MissingFileError: the model does not exist.
        OptionError: the model has no checkpoint, or a setting in `changes` is not allowed.
    """
    origin = BaseModel.read(model)
    settings = Settings(**{**origin.checkpoint.settings, **changes})
    origin.check(settings)
    return settings


def _mixture(earlier: Sequence[str], tokens: Sequence[str]) -> Floats:
    """Return the share of each earlier token in each token, [tokens, earlier]; rows sum to 1."""
    encode, ids = Encoder(earlier), {token: i for i, token in enumerate(earlier)}
    mixture = np.zeros((len(tokens), len(earlier)), dtype=np.float32)
    for row, token in zip(mixture, tokens, strict=True):
        try:
            parts = [ids[token]] if token in ids else encode(token)
        except ValueError:  # a new character
            row[:] = 1 / len(earlier)
        else:
            np.add.at(row, parts, 1 / len(parts))
    return mixture


def _mixture_with_labels(mixture: Floats, earlier: Sequence[str], labels: Sequence[str]) -> Floats:
    """Add a row for each label: the earlier label or, for a new label, token 0 (the boundary)."""
    tokens, earlier_tokens = mixture.shape
    found = np.zeros((tokens + len(labels), earlier_tokens + len(earlier)), dtype=np.float32)
    found[:tokens, :earlier_tokens] = mixture
    for row, label in enumerate(labels, start=tokens):
        column = earlier_tokens + earlier.index(label) if label in earlier else 0
        found[row, column] = 1
    return found


def _bias(mixture: Floats, earlier: Floats) -> Floats:
    """Return the bias of each token; with a new character it is below all others."""
    new = np.all(mixture > 0, axis=1)
    return np.where(new, earlier.min() - 1, mixture @ earlier)


def _flat(kernel: Floats, bias: Floats, classes: Sequence[int]) -> tuple[Floats, Floats]:
    """Add the weights of each class to its tokens, about as a flat softmax would have them."""
    if not classes:
        return kernel, bias
    tokens, of_class = sum(classes), np.repeat(np.arange(len(classes)), classes)
    joined = np.vstack([kernel, bias])
    joined = joined[:, :tokens] + joined[:, tokens:][:, of_class]
    return joined[:-1], joined[-1]


def _factored(kernel: Floats, bias: Floats, classes: Sequence[int]) -> list[Floats]:
    """Append class weights: about the log-sum-exp over a class's tokens, exact for input 0."""
    if not classes:
        return [kernel, bias]
    sizes = np.array(classes)
    first = sizes.cumsum() - sizes
    shares = np.exp(bias - np.repeat(np.maximum.reduceat(bias, first), sizes))
    total = np.add.reduceat(shares, first)
    kernels = np.add.reduceat(kernel * shares, first, axis=1) / total
    biases = np.log(total) + np.maximum.reduceat(bias, first)
    return [
        np.hstack([kernel, kernels]).astype(np.float32),
        np.hstack([bias, biases]).astype(np.float32),
    ]


def _is_one_hot(settings: Settings) -> bool:
    return settings.input == "one-hot"


def _scale(network: keras.Model, factor: float) -> None:
    first = next(layer for layer in network.layers if layer.weights)
    kernel, *others = first.get_weights()
    first.set_weights([kernel * np.float32(factor), *others])
