"""The two networks of a text GAN, and how they learn in turns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .settings import GanSettings

__all__ = ["Gan", "draw", "new_gan", "settle"]

Tensor = Any
Ids = NDArray[np.int32]

KERNEL = 3
RESIDUAL = 0.3  # of a block's output, as in the source
BETA_1, BETA_2 = 0.0, 0.9
AVERAGE = 0.999
"""How much of the generator's average a step keeps, once there are steps enough."""

CERTAINTY = 2.0
"""Nats from the second likeliest character to the likeliest, in the median, of a model file."""

Seeds = Iterator[int]


def new_gan(tokens: int, settings: GanSettings) -> Gan:
    """Build networks that have learned nothing, with fresh optimisers."""
    generator, critic = _generator(tokens, settings), _critic(tokens, settings)
    for network in (generator, critic):
        network.compile(keras.optimizers.Adam(beta_1=BETA_1, beta_2=BETA_2), jit_compile=False)
        network.optimizer.build(network.trainable_variables)
    average = _generator(tokens, settings)
    return Gan(generator, average, critic, settings.penalty)


def _generator(tokens: int, settings: GanSettings) -> keras.Model:
    """Build noise to text: dense, residual blocks, a convolution of size 1 to the tokens.

    Source: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved training of Wasserstein
    GANs", 2017.

    Returns:
        A model of float32 [batch, noise] to logits float32 [batch, length, tokens].
    """
    seeds = itertools.count(settings.seed * 1000)  # explicit, so that no global generator is read
    noise = keras.Input((settings.noise,), name="noise")
    x = _dense(settings.length * settings.units, seeds)(noise)
    x = keras.layers.Reshape((settings.length, settings.units))(x)
    for _ in range(settings.blocks):
        x = _block(x, settings.units, seeds)
    return keras.Model(noise, _dense(tokens, seeds)(x), name="generator")


def _critic(tokens: int, settings: GanSettings) -> keras.Model:
    """Build text to a number that is high for real text: the generator's mirror image.

    Returns:
        A model of float32 [batch, length, tokens] probabilities to float32 [batch, 1]. Its layer
        `read` turns each character into numbers, its layer `judge` is all the rest.
    """
    seeds = itertools.count(settings.seed * 1000 + 500)
    read = x = keras.Input((settings.length, settings.units))
    for _ in range(settings.blocks):
        x = _block(x, settings.units, seeds)
    score = _dense(1, seeds)(keras.layers.Flatten()(x))
    judge = keras.Model(read, score, name="judge")
    text = keras.Input((settings.length, tokens), name="text")
    reader = _dense(settings.units, seeds, name="read")
    return keras.Model(text, judge(reader(text)), name="critic")


def _block(x: Tensor, units: int, seeds: Seeds) -> Tensor:
    y = x
    for _ in range(2):
        initial = keras.initializers.GlorotUniform(seed=next(seeds))
        convolution = keras.layers.Conv1D(units, KERNEL, padding="same", kernel_initializer=initial)
        y = convolution(keras.layers.ReLU()(y))
    return keras.layers.Add()([x, keras.layers.Rescaling(RESIDUAL)(y)])


def _dense(units: int, seeds: Seeds, **kwargs: Any) -> keras.layers.Dense:
    initial = keras.initializers.GlorotUniform(seed=next(seeds))
    return keras.layers.Dense(units, kernel_initializer=initial, **kwargs)


@dataclass(slots=True)
class Gan:
    """A generator, the running average of its weights, and a critic.

    Args:
        generator: noise to logits, compiled.
        average: of the same shape; what is drawn from, for it varies less from step to step
            (Yazici and others, "The unusual effectiveness of averaging in GAN training", 2019).
        critic: probabilities to a number, compiled.
        penalty: the weight of the gradient penalty.
    """

    generator: keras.Model
    average: keras.Model
    critic: keras.Model
    penalty: float
    _criticise: Any = field(init=False)
    _generate: Any = field(init=False)

    def __post_init__(self) -> None:
        self._criticise = tensorflow.function(self._learn_to_criticise, autograph=False)
        self._generate = tensorflow.function(self._learn_to_generate, autograph=False)

    def learn(
        self, step: int, batches: Ids, learning_rate: float, random: np.random.Generator
    ) -> tuple[float, float]:
        """Let the critic learn from each batch of real texts, then the generator from the critic.

        Args:
            step: counted from 1.
            batches: token ids of real texts, [critic's steps, batch, length].
            learning_rate: of both.
            random: what the noise is drawn with.

        Returns:
            The critic's loss in the last batch, without the penalty: minus its estimate of the
            Wasserstein distance; and the generator's.
        """
        for network in (self.generator, self.critic):
            network.optimizer.learning_rate = learning_rate
        for ids in batches:
            mix = random.random((len(ids), 1, 1), dtype=np.float32)
            critic_loss = self._criticise(ids, self._noise(len(ids), random), mix)
        kept = np.float32(min(AVERAGE, step / (step + 10)))
        generator_loss = self._generate(self._noise(len(ids), random), kept)
        return float(critic_loss), float(generator_loss)

    def _noise(self, rows: int, random: np.random.Generator) -> NDArray[np.float32]:
        return random.standard_normal((rows, self.generator.inputs[0].shape[1]), np.float32)

    def _learn_to_criticise(self, ids: Tensor, noise: Tensor, mix: Tensor) -> Tensor:
        """Move the critic, with the penalty of Gulrajani et al. 2017 on its slope."""
        fake = keras.ops.softmax(self.generator(noise))
        real = keras.ops.one_hot(ids, fake.shape[-1])
        between = real + mix * (fake - real)
        with tensorflow.GradientTape() as tape:
            # One call: gradients of three or more are added in an order that may change.
            scores = self.critic(keras.ops.concatenate([fake, real]))
            fake_scores, real_scores = keras.ops.split(scores, 2)
            loss = keras.ops.mean(fake_scores) - keras.ops.mean(real_scores)
            with tensorflow.GradientTape() as inner:
                inner.watch(between)
                score = self.critic(between)
            slope = inner.gradient(score, between)
            steepness = keras.ops.sqrt(keras.ops.sum(slope**2, axis=(1, 2)) + 1e-12)
            penalised = loss + self.penalty * keras.ops.mean((steepness - 1) ** 2)
        _apply(self.critic, tape, penalised)
        return loss

    def _learn_to_generate(self, noise: Tensor, kept: Tensor) -> Tensor:
        with tensorflow.GradientTape() as tape:
            fake = keras.ops.softmax(self.generator(noise))
            loss = -keras.ops.mean(self.critic(fake))
        _apply(self.generator, tape, loss)
        for average, weight in zip(self.average.weights, self.generator.weights, strict=True):
            average.assign(average * kept + weight * (1 - kept))
        return loss


def _apply(network: keras.Model, tape: Any, loss: Tensor) -> None:
    variables = network.trainable_variables
    network.optimizer.apply(tape.gradient(loss, variables), variables)


def settle(generator: keras.Model, random: np.random.Generator) -> None:
    """Scale a generator's logits down until its temperature has an effect.

    A GAN lets them grow without bound, for its critic asks for certainty; smaller ones cost less
    in exact arithmetic. Their order stays.

    Args:
        generator: ends in a Dense layer that gives logits.
        random: what the noise is drawn with.
    """
    noise = random.standard_normal((1000, generator.inputs[0].shape[1]), np.float32)
    logits = np.sort(generator.predict(noise, batch_size=256, verbose=0), axis=-1)
    certainty = float(np.median(logits[..., -1] - logits[..., -2]))
    if certainty > CERTAINTY:
        last = generator.layers[-1]
        last.set_weights([weight * (CERTAINTY / certainty) for weight in last.get_weights()])


def draw(
    generator: keras.Model,
    tokens: Sequence[str],
    count: int,
    temperature: float,
    random: np.random.Generator,
) -> list[str]:
    """Draw texts as the runtime does, from another source of noise.

    Args:
        generator: noise to logits [batch, length, tokens].
        tokens: characters; token 0 ends a text.
        count: how many.
        temperature: 0 takes the likeliest character.
        random: what noise and characters are drawn with.
    """
    noise = random.standard_normal((count, generator.inputs[0].shape[1]), np.float32)
    logits = generator.predict(noise, batch_size=256, verbose=0)
    if temperature:
        logits = logits / temperature + random.gumbel(size=logits.shape)
    logits[:, 0, [i for i, token in enumerate(tokens) if not token.strip()]] = -np.inf
    return [_text(ids, tokens) for ids in logits.argmax(axis=-1).tolist()]


def _text(ids: Sequence[int], tokens: Sequence[str]) -> str:
    return "".join(tokens[i] for i in itertools.takewhile(bool, ids)).rstrip()
