"""The settings of `detect train`, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faker_neural import Card
from faker_neural._described import described

from .checks import check_number, check_positive

__all__ = ["DetectorSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorSettings:
    """How a detector learns; the defaults suit thousands of lines and a few minutes.

    Args:
        length: number of characters read of each line, 1 to 10,000.
        embedding: size of the character embedding, at least 1.
        units: channels of each of the two convolutions, at least 1.
        dropout: dropout rate, 0 to below 1.
        epochs: maximum number of epochs, at least 1.
        patience: end after this many epochs without improvement, at least 1.
        batch: batch size in lines, at least 1.
        learning_rate: of Adam, above 0.
        seed: random seed of the weights, the order of the lines, the dropout and the lines drawn
            from a model, 0 to 2**32 - 1.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    length: int = described(100, "Number of characters read of each line.")
    embedding: int = described(32, "Size of the character embedding.")
    units: int = described(256, "Number of channels of each convolution.")
    dropout: float = described(0.5, "Dropout rate.")
    epochs: int = described(30, "Maximum number of epochs.")
    patience: int = described(5, "Stop after this many epochs without improvement.")
    batch: int = described(64, "Batch size in lines.")
    learning_rate: float = described(0.002, "Initial learning rate of Adam.")
    seed: int = described(0, "Random seed for weights, order, dropout and generated lines.")

    def __post_init__(self) -> None:
        for name in ("length", "embedding", "units", "epochs", "patience", "batch"):
            below = Card.most_tokens + 1 if name == "length" else math.inf
            check_number(name, getattr(self, name), int, 1, below)
        check_number("dropout", self.dropout, float, 0, 1)
        check_number("seed", self.seed, int, 0, 2**32)
        check_positive("learning_rate", self.learning_rate)
