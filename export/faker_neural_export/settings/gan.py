"""How a text GAN learns a column: every option of `train --gan`, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from faker_neural import Card
from faker_neural._described import described

from .checks import check_number, check_positive

__all__ = ["GanSettings"]

_COUNTS = ("length", "noise", "units", "blocks", "batch", "critic_steps", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class GanSettings:
    """How a text GAN learns; the defaults suit short values and some minutes on two cores.

    Args:
        length: maximum length of a value in characters, 1 to 10,000; the time to learn grows with
            it.
        noise: size of the random vector that a text is made from, 1 to 10,000.
        units: channels of each convolution, at least 1.
        blocks: number of residual blocks of each network, at least 1.
        batch: batch size in values, at least 1.
        critic_steps: batches that the critic learns before each step of the generator, at least 1.
        steps: number of generator steps, at least 1.
        learning_rate: of Adam, above 0; in the second half of the steps it falls to 0.
        penalty: weight of the gradient penalty, above 0.
        temperature: the temperature of the model file, 0 or above; 0 takes the likeliest
            characters.
        seed: random seed of the weights, the order of the values and the noise, 0 to 2**32 - 1.

    Raises:
        OptionError: a value is out of range or of the wrong type.
    """

    length: int = described(16, "GAN: maximum length of a value in characters.")
    noise: int = described(64, "GAN: size of the noise vector.")
    units: int = described(64, "Channels of each convolution.")
    blocks: int = described(3, "GAN: number of residual blocks per network.")
    batch: int = described(32, "Batch size in values.")
    critic_steps: int = described(2, "GAN: critic steps per generator step.")
    steps: int = described(9_000, "GAN: number of generator steps.")
    learning_rate: float = described(0.002, "Initial learning rate of Adam.")
    penalty: float = described(10.0, "GAN: weight of the gradient penalty.")
    temperature: float = described(
        0.125,
        "Default temperature, stored in the file.",
        default="chosen from the data; 0.125 with --gan",
    )
    seed: int = described(0, "Random seed for weights, order and noise.")

    def __post_init__(self) -> None:
        for name in _COUNTS:
            below = Card.most_tokens + 1 if name in ("length", "noise") else math.inf
            check_number(name, getattr(self, name), int, 1, below)
        check_number("seed", self.seed, int, 0, 2**32)
        check_number("temperature", self.temperature, float, 0)
        for name in ("learning_rate", "penalty"):
            check_positive(name, getattr(self, name))

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 1."""
        return self.learning_rate * min(1.0, 2 * (1 - (step - 1) / self.steps))
