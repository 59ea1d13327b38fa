"""How a text GAN learns a column: every option of `train --gan`, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faker_neural import Card, OptionError
from faker_neural_export._settings import check_number, check_type

__all__ = ["GanSettings"]

_COUNTS = ("length", "noise", "units", "blocks", "batch", "critic_steps", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class GanSettings:
    """How a text GAN learns; the defaults suit short values and some minutes on two cores.

    Args:
        length: characters in the longest value, 1 to 10,000; learning takes as much longer.
        noise: random numbers that a text is made of, 1 to 10,000.
        units: channels of each convolution, at least 1.
        blocks: residual blocks of each network, at least 1.
        batch: values that are learned from together, at least 1.
        critic_steps: batches the critic learns from before each step of the generator, at least 1.
        steps: of the generator, at least 1.
        learning_rate: of Adam, above 0; in the second half it falls to 0.
        penalty: weight of the gradient penalty, above 0.
        temperature: of the model file's texts, 0 or above; 0 takes the likeliest characters.
        seed: of the weights, the values' order and the noise, 0 to 2**32 - 1.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    length: int = 16
    noise: int = 64
    units: int = 64
    blocks: int = 3
    batch: int = 32
    critic_steps: int = 2
    steps: int = 9_000
    learning_rate: float = 0.002
    penalty: float = 10.0
    temperature: float = 0.125
    seed: int = 0

    def __post_init__(self) -> None:
        for name in _COUNTS:
            below = Card.most_tokens + 1 if name in ("length", "noise") else math.inf
            check_number(name, getattr(self, name), int, 1, below)
        check_number("seed", self.seed, int, 0, 2**32)
        check_number("temperature", self.temperature, float, 0)
        for name in ("learning_rate", "penalty"):
            check_type(name, getattr(self, name), float)
            if not 0 < getattr(self, name) < math.inf:
                raise OptionError(name, getattr(self, name), "must be above 0 and finite")

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 1."""
        return self.learning_rate * min(1.0, 2 * (1 - (step - 1) / self.steps))
