"""Continuing from a network that was learned on another text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from faker_neural import MissingFileError, OptionError

from ._checkpoint import Checkpoint
from ._network import build_network
from ._settings import Settings
from ._tokens import extend_tokens

__all__ = ["Origin", "settings_of"]

Floats = NDArray[np.float32]
_ARCHITECTURE = ("text", "tokens", "input", "embedding", "units", "projection")


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
        wanted, found = settings.recipe(), self.settings.recipe()
        for name in _ARCHITECTURE:
            if wanted[name] != found[name]:
                raise OptionError(
                    name, wanted[name], f"is {found[name]!r} in {self.path}, which start_from "
                    "continues; leave it out"
                )  # fmt: skip

    def tokens(self, sides: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Give the earlier tokens, and behind them the characters that only the new text has."""
        return extend_tokens(self.checkpoint.tokens, *sides)

    def network(self, tokens: int, settings: Settings) -> keras.Model:
        """Build the network for so many tokens, with the earlier one's weights.

        What belongs to a new token starts as the mean over the old tokens, and its bias below all
        of theirs: it is read as an average token and hardly ever written.
        """
        earlier = self.checkpoint.load(self.checkpoint.best, "start_from", str(self.path))
        network = build_network(tokens, settings)
        for layer, old in zip(network.layers, earlier.layers, strict=True):
            if old.weights and not isinstance(layer, keras.layers.Dropout):
                layer.set_weights(_grown(layer, old))
        if settings.input == "scaled":  # a token's id is now divided by another number
            _scale(network, tokens / len(self.checkpoint.tokens))
        return network


def settings_of(model: str | os.PathLike[str], **changes: Any) -> Settings:
    """Give the settings that a model was learned with, for continuing from it.

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


def _grown(layer: keras.layers.Layer, old: keras.layers.Layer) -> list[Floats]:
    shapes = [weight.shape for weight in layer.weights]
    arrays = [np.asarray(array) for array in old.get_weights()]
    return [_grow(array, shape) for array, shape in zip(arrays, shapes, strict=True)]


def _grow(array: Floats, shape: tuple[int, ...]) -> Floats:
    """Bring weights to a shape that is longer along the axis of tokens."""
    if array.ndim == 1:
        return np.pad(array, (0, shape[0] - len(array)), constant_values=array.min() - 1)
    for axis, size in enumerate(shape):
        mean = array.mean(axis=axis, keepdims=True)
        array = np.concatenate(
            [array, np.repeat(mean, size - array.shape[axis], axis=axis)], axis=axis
        )
    return array


def _scale(network: keras.Model, factor: float) -> None:
    first = next(layer for layer in network.layers if layer.weights)
    kernel, *others = first.get_weights()
    first.set_weights([kernel * np.float32(factor), *others])
