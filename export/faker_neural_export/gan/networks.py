"""The generator and the critic of a text GAN, and how they are trained in turns."""

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
    from faker_neural_export.settings.gan import GanSettings

__all__ = ["Gan", "draw", "new_gan", "scale_logits"]

Tensor = Any
Ids = NDArray[np.int32]

KERNEL = 3
RESIDUAL = 0.3  # factor of a block's output, as in Gulrajani et al. 2017
BETA_1, BETA_2 = 0.0, 0.9
AVERAGE = 0.999
"""Largest decay of the average of the generator's weights; after few steps the decay is lower."""

MAX_LOGIT_GAP = 2.0
"""Largest median of the difference between the two highest logits in a model file, in nats."""

Seeds = Iterator[int]


def new_gan(tokens: int, settings: GanSettings) -> Gan:
    """Build untrained networks with new optimisers.

    Args:
        tokens: number of tokens.
        settings: the sizes, the seed and the weight of the gradient penalty.
    """
    generator, critic = _generator(tokens, settings), _critic(tokens, settings)
    for network in (generator, critic):
        network.compile(keras.optimizers.Adam(beta_1=BETA_1, beta_2=BETA_2), jit_compile=False)
        network.optimizer.build(network.trainable_variables)
    average = _generator(tokens, settings)
    return Gan(generator, average, critic, settings.penalty)


def _generator(tokens: int, settings: GanSettings) -> keras.Model:
    """Build the generator: dense, residual blocks, and a convolution of size 1 to the tokens.

    Source: Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved training of Wasserstein
    GANs", 2017.

    Returns:
        A model from float32 [batch, noise] to logits float32 [batch, length, tokens].
    """
    seeds = itertools.count(settings.seed * 1000)  # explicit, so that no global generator is read
    noise = keras.Input((settings.noise,), name="noise")
    x = _dense(settings.length * settings.units, seeds)(noise)
    x = keras.layers.Reshape((settings.length, settings.units))(x)
    for _ in range(settings.blocks):
        x = _block(x, settings.units, seeds)
    return keras.Model(noise, _dense(tokens, seeds)(x), name="generator")


def _critic(tokens: int, settings: GanSettings) -> keras.Model:
    """Build the critic, the mirror image of the generator; its score is high for real text.

    Returns:
        A model from probabilities float32 [batch, length, tokens] to float32 [batch, 1]. Its layer
        `read` turns each character into a vector; its layer `judge` holds all other layers.
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
        generator: a model from noise to logits, compiled.
        average: a generator with the average weights. Texts are drawn from it, because it varies
            less from step to step (Yazici and others, "The unusual effectiveness of averaging in
            GAN training", 2019).
        critic: a model from probabilities to a score, compiled.
        penalty: weight of the gradient penalty.
    """

    generator: keras.Model
    average: keras.Model
    critic: keras.Model
    penalty: float
    _criticise: Any = field(init=False)
    _generate: Any = field(init=False)

    def __post_init__(self) -> None:
        self._criticise = tensorflow.function(self._train_critic, autograph=False)
        self._generate = tensorflow.function(self._train_generator, autograph=False)

    def train(
        self, step: int, batches: Ids, learning_rate: float, random: np.random.Generator
    ) -> tuple[float, float]:
        """Train the critic on each batch of real texts, then the generator against the critic.

        Args:
            step: counted from 1.
            batches: token ids of real texts, int32 [critic's steps, batch, length].
            learning_rate: the learning rate of both networks.
            random: generator for the noise, and for the mixture of real and generated texts.

        Returns:
            The critic's loss in the last batch, without the penalty, and the generator's loss. The
            critic's loss is minus its estimate of the Wasserstein distance.
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

    def _train_critic(self, ids: Tensor, noise: Tensor, mix: Tensor) -> Tensor:
        """Train the critic for a step, with the gradient penalty of Gulrajani et al. 2017."""
        fake = keras.ops.softmax(self.generator(noise))
        real = keras.ops.one_hot(ids, fake.shape[-1])
        between = real + mix * (fake - real)
        with tensorflow.GradientTape() as tape:
            # One call for both texts: TensorFlow adds three or more gradients in a varying order.
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

    def _train_generator(self, noise: Tensor, kept: Tensor) -> Tensor:
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


def scale_logits(generator: keras.Model, random: np.random.Generator) -> None:
    """Scale down the logits of a generator that are so high that its temperature has no effect.

    In a GAN, logits grow without bound, because the critic asks for certainty. Smaller logits also
    cost less in exact arithmetic. The order of the logits stays.

    Args:
        generator: ends in a Dense layer that returns logits; this layer is changed.
        random: generator for the noise.
    """
    noise = random.standard_normal((1000, generator.inputs[0].shape[1]), np.float32)
    logits = np.sort(generator.predict(noise, batch_size=256, verbose=0), axis=-1)
    certainty = float(np.median(logits[..., -1] - logits[..., -2]))
    if certainty > MAX_LOGIT_GAP:
        last = generator.layers[-1]
        last.set_weights([weight * (MAX_LOGIT_GAP / certainty) for weight in last.get_weights()])


def draw(
    generator: keras.Model,
    tokens: Sequence[str],
    count: int,
    temperature: float,
    random: np.random.Generator,
) -> list[str]:
    """Draw texts as the runtime does, but with other noise.

    A text is never empty: its first character is not white space. White space at its end is
    removed.

    Args:
        generator: a model from noise to logits [batch, length, tokens].
        tokens: characters; token 0 ends a text.
        count: number of texts.
        temperature: 0 or above; 0 takes the likeliest character.
        random: generator for the noise and the characters.
    """
    noise = random.standard_normal((count, generator.inputs[0].shape[1]), np.float32)
    logits = generator.predict(noise, batch_size=256, verbose=0)
    if temperature:
        logits = logits / temperature + random.gumbel(size=logits.shape)
    logits[:, 0, [i for i, token in enumerate(tokens) if not token.strip()]] = -np.inf
    return [_text(ids, tokens) for ids in logits.argmax(axis=-1).tolist()]


def _text(ids: Sequence[int], tokens: Sequence[str]) -> str:
    return "".join(tokens[i] for i in itertools.takewhile(bool, ids)).rstrip()
