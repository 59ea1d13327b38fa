"""The float graph against Keras itself: logits, then greedy tokens, then sampled strings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import by_hand
import keras
import numpy as np
import onnxruntime
import pytest

from faker_neural import TextModel
from faker_neural._keys import split_mix
from faker_neural._model_file.selection import select
from faker_neural_export import Settings, train
from faker_neural_export.conversion.onnx_file import to_onnx, write
from faker_neural_export.conversion.step import StepNetwork
from faker_neural_export.exact.sampling_head import add_sampling_head


class Ladder:
    """Steps a Keras model by itself, whole prefixes each time, with a sampler of its own."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def logits(self, tokens: list[int]) -> np.ndarray:
        return np.array(self.model(np.array([tokens])))[0, -1]

    def text(self, start: int, end: int, key: int, longest: int, names: tuple[str, ...]) -> str:
        tokens = [start]
        for step in range(longest):
            logits = self.logits(tokens)
            if step == 0:
                logits[[i for i, name in enumerate(names) if i == end or name == " "]] = -np.inf
            drawn = split_mix(np.array([key], np.uint64), np.array([step], np.uint64))[0]
            draws = int(drawn) >> 32, int(drawn) % 2**32
            tokens.append(by_hand.flat(logits, [d / 2**32 for d in draws], 1.0, len(names)))
            if tokens[-1] == end:
                return "".join(names[token] for token in tokens[1:-1]).rstrip()
        return "".join(names[token] for token in tokens[1:]).rstrip()


@pytest.fixture(scope="module")
def trained(animals_file: Path, tmp_path_factory: pytest.TempPathFactory):
    """A tiny trained model: the Keras network, and its graph before it is made exact."""
    path = tmp_path_factory.mktemp("ladder") / "animals.onnx"
    settings = Settings(units=24, embedding=8, epochs=5, batch=10, learning_rate=0.02)
    made = train(animals_file, path, settings=settings)
    epoch = made.card.training["best_epoch"]
    network = keras.saving.load_model(
        path.parent / "animals.onnx.checkpoint" / f"epoch_{epoch}.keras"
    )
    graph = to_onnx(StepNetwork(path, network, len(made.card.tokens)))
    in_float = path.with_name("float.onnx")
    card = replace(made.card, exact=False, golden=(), digest="")
    write(add_sampling_head(graph, card), card, in_float)
    return Ladder(network), TextModel(in_float)


def test_the_ladder_logits_are_keras_at_every_step(trained: tuple[Ladder, TextModel]) -> None:
    ladder, made = trained
    names = ["logits", *(state.successor for state in made.card.states)]
    part = select(made.path.read_bytes(), names, ("draw", "temperature"))
    session = onnxruntime.InferenceSession(part)
    states = {state.name: np.zeros((1, state.size), np.float32) for state in made.card.states}
    tokens = [0, *map(made.card.tokens.index, "ivory heron")]
    for length in range(1, len(tokens) + 1):
        feeds = {"token": np.array(tokens[length - 1 : length]), **states}
        logits, *successors = session.run(names, feeds)
        states = dict(zip(states, successors, strict=True))
        assert np.abs(logits[0] - ladder.logits(tokens[:length])).max() < 1e-5


def test_the_ladder_greedy_text_is_keras(trained: tuple[Ladder, TextModel]) -> None:
    ladder, made = trained
    tokens: list[int] = [0]
    while len(tokens) < 30 and (len(tokens) == 1 or tokens[-1]):
        logits = ladder.logits(tokens)
        logits[0] = -np.inf if len(tokens) == 1 else logits[0]
        tokens.append(int(logits.argmax()))
    text = "".join(made.card.tokens[token] for token in tokens)
    assert made.generate(1, temperature=1e-9) == [text]
    assert len(text) > 3


def test_the_ladder_sampled_text_is_keras(trained: tuple[Ladder, TextModel]) -> None:
    ladder, made = trained
    card = made.card
    texts = [ladder.text(0, 0, key, card.max_tokens, card.tokens) for key in range(25)]
    assert made.texts(range(25)) == texts
    assert len(set(texts)) > 15
