"""How a column is learned: every option of `train`, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faker_neural import OptionError

from ._tokens import KINDS

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to learn a column; the defaults suit 5,000 to 50,000 short values on two cores.

    Args:
        tokens: "char", "word" or "piece".
        vocabulary: how many tokens words or pieces may make, at least 2.
        embedding: numbers a token is turned into, at least 1.
        units: size of each LSTM layer, at least 1.
        layers: LSTM layers, at least 1.
        projection: size of a layer between the last LSTM and the tokens, which makes a large
            vocabulary cheaper to serve; 0 for none.
        dropout: share of each layer's outputs dropped while learning, 0 to below 1.
        epochs: how often the column is read at most, at least 1.
        patience: epochs without a better one after which learning ends, at least 1.
        batch: lines that are learned from together, at least 1.
        learning_rate: of Adam at the start, above 0; it falls to 0 along a half cosine.
        seed: of the weights, the order of the lines and the dropout, 0 to 2**32 - 1.
        max_length: longest value allowed, in characters, at least 1.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    tokens: str = "char"
    vocabulary: int = 1000
    embedding: int = 64
    units: int = 256
    layers: int = 1
    projection: int = 0
    dropout: float = 0.3
    epochs: int = 30
    patience: int = 5
    batch: int = 64
    learning_rate: float = 0.003
    seed: int = 0
    max_length: int = 1000

    def __post_init__(self) -> None:
        if self.tokens not in KINDS:
            raise OptionError("tokens", self.tokens, f"must be one of {', '.join(KINDS)}")
        for name in ("embedding", "units", "layers", "epochs", "patience", "batch", "max_length"):
            _check(name, getattr(self, name), int, 1)
        _check("vocabulary", self.vocabulary, int, 2)
        _check("projection", self.projection, int, 0)
        _check("seed", self.seed, int, 0, 2**32)
        _check("dropout", self.dropout, float, 0, 1)
        _check_type("learning_rate", self.learning_rate, float)
        if not 0 < self.learning_rate < math.inf:
            raise OptionError("learning_rate", self.learning_rate, "must be above 0 and finite")


def _check(
    name: str, value: float, kind: type[int | float], least: float, below: float = math.inf
) -> None:
    _check_type(name, value, kind)
    if not least <= value < below:
        above = f" and below {below}" if below < math.inf else ""
        raise OptionError(name, value, f"must be at least {least}{above}")


def _check_type(name: str, value: float, kind: type[int | float]) -> None:
    if isinstance(value, bool) or not isinstance(value, kind | int):
        raise OptionError(name, value, f"must be {kind.__name__}, not {type(value).__name__}")
