from __future__ import annotations

import itertools
from pathlib import Path

import keras
import numpy as np
import pytest

from faker_neural import OptionError
from faker_neural_export import Settings, train
from faker_neural_export.data.dataset import SamplePlan
from faker_neural_export.network.network import build_network, compile_network
from faker_neural_export.training.checkpoint import Checkpoint
from faker_neural_export.training.draw import Draw
from faker_neural_export.training.lengths import TEXTS, match_length
from faker_neural_export.training.spelling import match_spelling
from faker_neural_export.vocabulary.vocabulary import Vocabulary

TOKENS = ("", *"abcdefghi")


def drawn_length(draw: Draw) -> float:
    return float(np.mean([(row == 0).argmax() if 0 in row else len(row) for row in draw.ids(1)]))


def bias(network: keras.Model) -> float:
    return float(network.layers[-1].get_weights()[1][0])


@pytest.fixture
def network() -> keras.Model:
    """Untrained: every token is about as likely as the end."""
    return compile_network(build_network(Vocabulary(TOKENS), Settings(units=8, embedding=4)))


@pytest.fixture
def draw(network: keras.Model) -> Draw:
    checkpoint = Checkpoint(Path(), {}, "", TOKENS)
    return Draw(network, checkpoint, SamplePlan([0], 0, 60, (1.0,) * TEXTS), seed=0)


@pytest.mark.parametrize("factor", [0.8, 1.3])
def test_texts_become_as_long_as_wanted(network: keras.Model, draw: Draw, factor: float) -> None:
    wanted = drawn_length(draw) * factor
    before = bias(network)
    shift = match_length(network, draw, wanted, lambda: 0.0)
    assert drawn_length(draw) == pytest.approx(wanted, rel=0.05)
    assert bias(network) - before == pytest.approx(shift, abs=1e-5)
    assert (shift < 0) == (factor > 1)


def test_what_is_long_enough_stays_as_it_is(network: keras.Model, draw: Draw) -> None:
    assert match_length(network, draw, drawn_length(draw), lambda: 0.0) == 0


def spelled(draw: Draw) -> float:
    """Share of texts with token 1 before their end."""
    return float(np.mean([1 in row[: [*row, 0].index(0)] for row in draw.ids(1).tolist()]))


@pytest.mark.parametrize("share", [0.4, 0.1])
def test_spelled_words_become_as_rare_as_wanted(
    network: keras.Model, draw: Draw, share: float
) -> None:
    before = spelled(draw)
    shift = match_spelling(network, draw, before * share, space=1, place=1)
    assert -4 <= shift < 0
    assert spelled(draw) == pytest.approx(before * share, rel=0.3)


def test_spelled_words_never_become_more_frequent(network: keras.Model, draw: Draw) -> None:
    before = spelled(draw)
    assert match_spelling(network, draw, 1.0, space=1, place=1) == 0
    assert spelled(draw) == before


def test_texts_that_would_be_drawn_again_do_not_count(network: keras.Model, draw: Draw) -> None:
    lengths = [len(text) for text in draw(1) if len(text) > 1]
    known = {"", *"abcdefghi"}
    assert match_length(network, draw, float(np.mean(lengths)), lambda: 0.0, known=known) == 0
    assert match_length(network, draw, float(np.mean(lengths)), lambda: 0.0) != 0


def test_the_end_moves_no_further_than_one_nat(network: keras.Model, draw: Draw) -> None:
    assert match_length(network, draw, 1000.0, lambda: 0.0) == -1


def test_real_texts_do_not_become_less_likely(network: keras.Model, draw: Draw) -> None:
    before, measured = bias(network), itertools.count()
    assert match_length(network, draw, 20.0, lambda: float(next(measured))) == 0
    assert bias(network) == pytest.approx(before, abs=1e-6)


def test_training_does_it_where_it_is_asked_to(animals_file: Path, tmp_path: Path) -> None:
    settings = Settings(
        units=16, embedding=4, epochs=2, batch=16, learning_rate=0.02, match_length=True
    )
    made = train(animals_file, tmp_path / "animals.onnx", settings=settings)
    assert -1 <= float(made.card.training["end_bias"]) <= 1
    assert made.card.exact


def test_running_text_has_no_lengths_to_match() -> None:
    with pytest.raises(OptionError, match="match_length=True needs a column of lines"):
        Settings(text="running", match_length=True)
