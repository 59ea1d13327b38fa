"""Continuing from a network that was learned on another text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from faker_neural import MissingFileError, OptionError
from faker_neural_export._settings import Settings
from faker_neural_export.data.lines import Floats
from faker_neural_export.network.network import build_network
from faker_neural_export.network.word_vectors import continue_words
from faker_neural_export.vocabulary.tokens import Encoder, extend_tokens
from faker_neural_export.vocabulary.vocabulary import Vocabulary

from .checkpoint import Checkpoint

__all__ = ["BASE", "Origin", "settings_of"]

BASE = Path(__file__).parents[1] / "base"
"""What the bundled fields start from, learned by `make field-base`."""

_ARCHITECTURE = ("text", "input", "embedding", "units", "projection")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a run continues from: the best epoch of an earlier one.

    Args:
        path: as the user named it.
        checkpoint: of the earlier run.
    """

    path: Path
    checkpoint: Checkpoint

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Origin:
        """Find the checkpoint that stands beside a model file, or is named itself.

        Raises:
            MissingFileError: there is no such model file or folder.
            OptionError: no checkpoint stands beside it, or it is damaged.
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
                "start_from", str(path), f"needs the checkpoint that train left in {folder}"
            ) from None
        return cls(path, found)

    @property
    def settings(self) -> Settings:
        """How the earlier run learned."""
        return Settings(**self.checkpoint.settings)

    def __str__(self) -> str:
        best = self.checkpoint.best
        return f"{self.path.name}, epoch {best} ({self.checkpoint.fingerprint})"

    def check(self, settings: Settings) -> None:
        """Refuse settings that ask for another network than the earlier one.

        Raises:
            OptionError: names the setting.
        """
        if settings.composed != self.settings.composed:
            rule = f"is {self.settings.tokens!r} in {self.path}, which start_from continues"
            raise OptionError("tokens", settings.tokens, rule)
        wanted, found = settings.recipe(), self.settings.recipe()
        for name in _ARCHITECTURE:
            if wanted[name] != found[name]:
                raise OptionError(
                    name,
                    wanted[name],
                    f"is {found[name]!r} in {self.path}, which start_from continues; leave it out",
                )

    def vocabulary(self, wanted: Vocabulary, settings: Settings) -> Vocabulary:
        """Return a new text's tokens; where ids count as numbers, behind the earlier ones."""
        if settings.input == "scaled":
            return replace(wanted, tokens=extend_tokens(self.checkpoint.tokens, wanted.tokens))
        return wanted

    def network(
        self, vocabulary: Vocabulary, labels: Sequence[str], settings: Settings
    ) -> keras.Model:
        """Build the network for these tokens and labels, with the earlier one's weights.

        A token that the earlier network has not starts as the mean of those that it is made of
        there; one with a new character, and a label, as the mean over all of them. A new
        character's bias is below all others: it is hardly ever written.

        Source: Mosin et al., "Fine-tuning transformers: vocabulary transfer", 2021.
        """
        earlier = self.checkpoint.load(self.checkpoint.best, "start_from", str(self.path))
        network = build_network(vocabulary, settings, len(labels))
        if settings.composed:
            continue_words(network, earlier)
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
        if settings.input == "scaled":  # a token's id is now divided by another number
            _scale(network, len(tokens) / len(self.checkpoint.tokens))

    def has(self, vocabulary: Vocabulary) -> bool:
        """Tell whether the earlier network has these tokens and classes."""
        earlier = self.checkpoint.vocabulary
        return [*earlier.tokens] == [*vocabulary.tokens] and earlier.classes == tuple(
            vocabulary.classes
        )


def settings_of(model: str | os.PathLike[str], **changes: Any) -> Settings:
    """Return the settings that a model was learned with, for continuing from it.

    Args:
        model: what `start_from` takes.
        changes: settings that differ; those of the network may not.

    Raises:
        MissingFileError: there is no such model.
        OptionError: it has no checkpoint, or a value is not allowed.
    """
    origin = Origin.read(model)
    settings = Settings(**{**origin.checkpoint.settings, **changes})
    origin.check(settings)
    return settings


def _mixture(earlier: Sequence[str], tokens: Sequence[str]) -> Floats:
    """Say which of the earlier tokens make each token, [tokens, earlier], each row 1 in all."""
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
    """Add what makes each label: itself, or what begins a text without a label."""
    tokens, earlier_tokens = mixture.shape
    found = np.zeros((tokens + len(labels), earlier_tokens + len(earlier)), dtype=np.float32)
    found[:tokens, :earlier_tokens] = mixture
    for row, label in enumerate(labels, start=tokens):
        column = earlier_tokens + earlier.index(label) if label in earlier else 0
        found[row, column] = 1
    return found


def _bias(mixture: Floats, earlier: Floats) -> Floats:
    """Return the biases; a token with a new character has less than any other."""
    new = np.all(mixture > 0, axis=1)
    return np.where(new, earlier.min() - 1, mixture @ earlier)


def _flat(kernel: Floats, bias: Floats, classes: Sequence[int]) -> tuple[Floats, Floats]:
    """Add each token's class to it: about what a flat softmax would have."""
    if not classes:
        return kernel, bias
    tokens, of_class = sum(classes), np.repeat(np.arange(len(classes)), classes)
    joined = np.vstack([kernel, bias])
    joined = joined[:, :tokens] + joined[:, tokens:][:, of_class]
    return joined[:-1], joined[-1]


def _factored(kernel: Floats, bias: Floats, classes: Sequence[int]) -> list[Floats]:
    """Add the weights of the classes: about the logarithm of the sum over their tokens.

    It is exact where nothing but the biases speaks.
    """
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
