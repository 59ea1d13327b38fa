from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faker_neural import MissingFileError, OptionError, load
from faker_neural_export import Epoch, Monitor, Settings, train
from faker_neural_export.network.network import feed
from faker_neural_export.training.start_from import BaseModel, settings_of
from faker_neural_export.vocabulary.vocabulary import Vocabulary

SMALL = Settings(units=16, embedding=4, epochs=6, batch=16, learning_rate=0.02)
INPUTS = ("embedding", "one-hot", "scaled")


class Remember(Monitor):
    """Keeps the epochs and what they started from, and presses Ctrl-C after `stop_after`."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.bits: list[float] = []
        self.stop_after, self.origin, self.added = stop_after, "", 0

    def continues(self, origin: str, added: int) -> None:
        self.origin, self.added = origin, added

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        if self.stop_after == len(self.bits):
            raise KeyboardInterrupt

    def epoch(self, epoch: Epoch) -> None:
        self.bits.append(epoch.bits_per_character)


@pytest.fixture(scope="module")
def earlier(animals_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("earlier") / "animals.onnx"
    train(animals_file, path, settings=SMALL)
    return path


@pytest.fixture(scope="module")
def more(animals: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same animals by number: digits and a full stop are new."""
    path = tmp_path_factory.mktemp("more") / "more.txt"
    path.write_text("\n".join(f"{i}. {animal}" for i, animal in enumerate(animals)))
    return path


def test_it_starts_better_than_from_scratch(earlier: Path, more: Path, tmp_path: Path) -> None:
    scratch, continued = Remember(), Remember()
    train(more, tmp_path / "a.onnx", settings=SMALL, monitor=scratch)
    made = train(more, tmp_path / "b.onnx", start_from=earlier, monitor=continued)
    assert continued.bits[1] < scratch.bits[1] - 0.1
    assert continued.added == 11
    assert made.card.training["start_from"] == continued.origin
    assert continued.origin.startswith("animals.onnx, epoch 6 (100 values, crc32 ")
    first = load(earlier).card.tokens
    assert made.card.tokens == ("", *sorted({*first[1:], *".0123456789"}))


def test_a_checkpoint_is_named_as_well_as_its_model(
    earlier: Path, more: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(f"{earlier}.checkpoint", tmp_path / "kept")
    settings = replace(SMALL, epochs=1)
    made = train(more, tmp_path / "a.onnx", settings=settings, start_from=folder)
    assert str(made.card.training["start_from"]).startswith("kept, epoch")


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind == "scaled" else pytest.mark.long) for kind in INPUTS],
)
def test_a_new_token_changes_next_to_nothing_of_what_was_learned(
    animals_file: Path, tmp_path: Path, kind: str
) -> None:
    settings = replace(SMALL, input=kind, units=(16, 8), projection=5, epochs=3)
    train(animals_file, tmp_path / "a.onnx", settings=settings)
    origin = BaseModel.read(tmp_path / "a.onnx")
    old = origin.checkpoint.load(origin.checkpoint.best)
    tokens = len(origin.checkpoint.tokens)
    grown = origin.network(Vocabulary((*origin.checkpoint.tokens, "0", "1")), (), settings)
    ids = np.random.default_rng(0).integers(0, tokens, (4, 9)).astype(np.int32)
    before, after = (np.asarray(network(feed(network, ids, ids))) for network in (old, grown))
    np.testing.assert_allclose(after[..., :tokens], before, atol=1e-5)
    share = np.exp(after) / np.exp(after).sum(axis=-1, keepdims=True)
    assert share[..., tokens:].sum(axis=-1).max() < 0.05
    assert np.isfinite(np.asarray(grown(feed(grown, ids + 2, ids)))).all()


def test_a_new_piece_begins_as_the_mean_of_its_parts(animals_file: Path, tmp_path: Path) -> None:
    train(animals_file, tmp_path / "a.onnx", settings=replace(SMALL, epochs=1))
    origin = BaseModel.read(tmp_path / "a.onnx")
    old = origin.checkpoint.load(1).layers[1].get_weights()[0]
    network = origin.network(Vocabulary(("", "o", "x", "fox", "ox")), (), SMALL)
    rows = network.layers[1].get_weights()[0]
    f, o, x = (old[origin.checkpoint.tokens.index(character)] for character in "fox")
    np.testing.assert_allclose(rows[1:], [o, x, (f + o + x) / 3, (o + x) / 2], atol=1e-6)


@pytest.mark.long
def test_pieces_are_those_of_the_new_text(animals_file: Path, more: Path, tmp_path: Path) -> None:
    settings = replace(SMALL, tokens="piece", vocabulary=60, epochs=1)
    train(animals_file, tmp_path / "a.onnx", settings=SMALL)
    scratch = train(more, tmp_path / "b.onnx", settings=settings)
    made = train(more, tmp_path / "c.onnx", settings=settings, start_from=tmp_path / "a.onnx")
    assert made.card.tokens == scratch.card.tokens


@pytest.mark.long
def test_an_interrupted_continuation_resumes_to_the_same_file(
    earlier: Path, more: Path, tmp_path: Path
) -> None:
    settings = settings_of(earlier, epochs=2)
    files = [tmp_path / "whole.onnx", tmp_path / "parts.onnx"]
    made = [
        train(more, file, name="m", settings=settings, start_from=earlier, monitor=Remember(stop))
        for file, stop in zip(files, (None, 1), strict=True)
    ]
    with pytest.raises(OptionError, match=r"resume=True needs the same start_from, animals\.onnx"):
        train(more, files[1], name="m", settings=settings, resume=True)
    assert made[1].card.training["best_epoch"] == 1
    train(more, files[1], name="m", settings=settings, start_from=earlier, resume=True)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_settings_come_from_the_earlier_model(earlier: Path) -> None:
    assert settings_of(earlier) == SMALL
    assert settings_of(earlier, epochs=1, units=16) == replace(SMALL, epochs=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": (8, 8)}, "units='8,8' must be 16, as in "),
        ({"input": "one-hot"}, "input='one-hot' must be 'embedding', as in "),
        ({"text": "running"}, "text='running' must be 'lines', as in "),
    ],
)
def test_another_network_is_refused_by_name(
    earlier: Path, more: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        settings_of(earlier, **changes)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(", which start_from names")
    with pytest.raises(OptionError, match=message):
        train(more, tmp_path / "a.onnx", settings=replace(SMALL, **changes), start_from=earlier)


def test_what_cannot_be_started_from_is_named(earlier: Path, more: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"absent\.onnx: there is no such model to start"):
        train(more, tmp_path / "a.onnx", start_from=tmp_path / "absent.onnx")
    alone = tmp_path / "alone.onnx"
    shutil.copy(earlier, alone)
    with pytest.raises(
        OptionError, match=r"needs the checkpoint that train wrote to .*alone\.onnx"
    ):
        train(more, tmp_path / "a.onnx", start_from=alone)
    with pytest.raises(OptionError, match="is what start_from names; write another file"):
        train(more, earlier, start_from=earlier)
    other = tmp_path / "other"
    other.mkdir()
    (other / "state.json").write_text('{"settings": {"layers": 2}}')
    with pytest.raises(OptionError, match=r"needs the checkpoint that train wrote to .*other"):
        train(more, tmp_path / "a.onnx", start_from=other)
    folder = shutil.copytree(f"{earlier}.checkpoint", tmp_path / "damaged")
    for network in folder.glob("*.keras"):
        network.write_bytes(b"damaged")
    with pytest.raises(OptionError, match=r"start_from='.*damaged' cannot read .*\.keras"):
        train(more, tmp_path / "a.onnx", start_from=folder)
