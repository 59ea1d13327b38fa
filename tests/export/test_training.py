from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from faker import Faker

from faker_neural import ColumnError, MissingFileError, OptionError, Provider, load
from faker_neural_export import Epoch, Generation, Monitor, Settings, convert, train
from faker_neural_export.data.columns import read_column
from faker_neural_export.data.lines import Lines
from faker_neural_export.training.epochs import _noised

SMALL = Settings(units=8, embedding=4, epochs=4, batch=16, learning_rate=0.02)


class Remember(Monitor):
    """Keeps the epochs, and presses Ctrl-C after `stop_after` of them or within the first."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.epochs: list[Epoch] = []
        self.losses: list[float] = []
        self.stop_after, self.reason, self.best = stop_after, "", 0

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        self.losses.append(loss)
        if self.stop_after == len(self.epochs):
            raise KeyboardInterrupt

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)

    def exporting(self, best: int, reason: str) -> None:
        self.best, self.reason = best, reason


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_learned_column_reads_like_the_column(animals: list[str], animals_model: Path) -> None:
    texts = load(animals_model).generate(200, verbatim="allowed")
    words = {word for animal in animals for word in animal.split()}
    known = [text for text in texts if set(text.split()) <= words]
    assert len(known) > 40
    assert len(set(texts)) > 50


def test_the_card_says_how_it_was_made(animals_model: Path) -> None:
    card = load(animals_model).card
    assert card.name == "animals"
    assert card.data == {"name": "animals.txt", "lines": 100, "licence": "MIT"}
    assert card.training["units"] == 32
    assert card.evaluation["held_out_lines"] + 80 < 100
    assert 0.3 < card.evaluation["bits_per_character"] < 3
    assert 0 < card.check["largest_difference"] < 1e-4
    assert len(card.golden) == 8
    assert card.exact
    assert card.arithmetic["cost"] <= 0.005
    assert 0 < max(card.bounds.values()) < 2**24
    assert len(card.digest) == 64


def test_the_file_serves_faker_by_its_path(animals_model: Path) -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(0)
    key = random.Random(0).getrandbits(64)
    assert [fake.neural_text(str(animals_model))] == load(animals_model).texts([key])


def test_learning_twice_gives_the_same_file(animals_file: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for file in files:
        train(animals_file, file, name="animals", settings=SMALL)
    assert digest(files[0]) == digest(files[1])
    train(animals_file, files[1], name="animals", settings=replace(SMALL, seed=1))
    assert digest(files[0]) != digest(files[1])


def test_an_interrupted_run_resumes_to_the_same_file(animals_file: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.onnx", tmp_path / "parts.onnx"
    train(animals_file, whole, name="animals", settings=SMALL)
    stopped = Remember(stop_after=2)
    train(animals_file, parts, name="animals", settings=SMALL, monitor=stopped)
    assert stopped.reason == "stopped by Ctrl-C"
    assert load(parts).card.training["best_epoch"] == stopped.best <= 2
    resumed = Remember()
    train(animals_file, parts, name="animals", settings=SMALL, resume=True, monitor=resumed)
    assert [epoch.number for epoch in resumed.epochs] == [3, 4]
    assert digest(parts) == digest(whole)


def test_ctrl_c_before_the_first_epoch_writes_nothing(animals_file: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(animals_file, tmp_path / "a.onnx", settings=SMALL, monitor=Remember(stop_after=0))
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_at_the_command_line_exports_the_best(animals_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.onnx"
    program = Path(sys.executable).with_name("faker-neural")
    command = [program, "train", animals_file, "-o", output, "--units", "8", "--epochs", "9999"]
    with subprocess.Popen(
        [*command, "--patience", "9999"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("epoch 2:"))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "stopped by Ctrl-C; exporting epoch" in errors
    assert len(load(output).generate(5)) == 5


def test_a_new_run_drops_the_checkpoint_of_an_old_one(animals_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.onnx"
    train(animals_file, output, settings=SMALL)
    with pytest.raises(KeyboardInterrupt):
        train(animals_file, output, settings=replace(SMALL, seed=1), monitor=Remember(0))
    assert train(animals_file, output, settings=SMALL, resume=True).card.training["seed"] == 0
    train(animals_file, output, settings=replace(SMALL, seed=1, epochs=1))
    with pytest.raises(OptionError, match="seed=0 was 1 in the checkpoint"):
        train(animals_file, output, settings=SMALL, resume=True)


def test_the_best_epoch_is_kept(animals_file: Path, tmp_path: Path) -> None:
    seen = Remember()
    settings = replace(SMALL, learning_rate=0.3, epochs=40, patience=2)
    made = train(animals_file, tmp_path / "a.onnx", settings=settings, monitor=seen)
    bits = [epoch.bits_per_character for epoch in seen.epochs]
    assert seen.reason == "no better epoch in 2"
    assert len(bits) == bits.index(min(bits)) + 1 + 2
    assert made.card.training["best_epoch"] == seen.best == bits.index(min(bits)) + 1
    measured = made.card.arithmetic
    assert measured["float_bits_per_character"] == pytest.approx(min(bits), abs=1e-4)
    assert made.card.evaluation["bits_per_character"] == min(bits) + measured["cost"]
    assert [e.number for e in seen.epochs if e.best][-1] == seen.best
    assert len(list((tmp_path / "a.onnx.checkpoint").glob("*.keras"))) == 2


def test_the_last_epoch_is_kept_where_asked_for(tmp_path: Path) -> None:
    seen, draw = Remember(), random.Random(0)
    path = tmp_path / "noise.txt"  # nothing in it can be learned but by heart
    path.write_text("\n".join("".join(draw.choices("abcdef", k=6)) for _ in range(60)))
    settings = replace(
        SMALL, units=48, dropout=0.0, learning_rate=0.03, epochs=40, patience=1, keep="last"
    )
    made = train(path, tmp_path / "a.onnx", settings=settings, monitor=seen)
    bits = [epoch.bits_per_character for epoch in seen.epochs]
    assert seen.reason == "all epochs done"
    assert bits[-1] > min(bits) + 0.1
    assert made.card.training["last_epoch"] == seen.best == len(bits) == 40
    assert "best_epoch" not in made.card.training
    cost = made.card.arithmetic["cost"]
    assert made.card.evaluation["bits_per_character"] == bits[-1] + cost


def test_a_person_sees_it_learn(animals_file: Path, tmp_path: Path) -> None:
    seen = Remember()
    train(animals_file, tmp_path / "a.onnx", settings=SMALL, monitor=seen)
    assert seen.reason == "all epochs done"
    assert seen.losses[-1] < seen.losses[0]
    assert seen.epochs[-1].bits_per_character < seen.epochs[0].bits_per_character
    assert all(len(epoch.samples) == 3 for epoch in seen.epochs)
    assert any("".join(epoch.samples) for epoch in seen.epochs)


@pytest.mark.parametrize("tokens", ["word", pytest.param("piece", marks=pytest.mark.long)])
def test_words_and_pieces_learn_too(animals_file: Path, tmp_path: Path, tokens: str) -> None:
    settings = replace(SMALL, tokens=tokens, vocabulary=90, pieces=40, units=(8, 8))
    made = train(animals_file, tmp_path / "a.onnx", settings=settings)
    assert max(map(len, made.card.tokens)) > 2
    assert len(made.card.states) == 4
    assert all(made.generate(20))


def test_bits_a_character_are_those_of_the_files_own_logits(
    animals_file: Path, animals_model: Path, animals: list[str]
) -> None:
    card = load(animals_model).card
    session = onnxruntime.InferenceSession(animals_model)
    bits = characters = 0.0
    outputs = [state.successor for state in card.states]
    for line in read_column(animals_file).split()[1]:
        states = {state.name: np.zeros((1, state.size), np.float32) for state in card.states}
        token = card.start
        for following in [*map(card.tokens.index, line), card.end]:
            feeds = {"token": np.array([token]), **states, "draw": np.zeros((1, 2))}
            feeds["temperature"] = np.array(1, dtype=np.float32)
            logits, *successors = session.run(["logits", *outputs], feeds)
            states = dict(zip(states, successors, strict=True))
            bits += (np.logaddexp.reduce(logits[0]) - logits[0, following]) / np.log(2)
            characters += 1
            token = following
    assert bits / characters == pytest.approx(card.evaluation["bits_per_character"], rel=1e-4)


def test_a_batch_weighs_only_what_is_in_its_lines() -> None:
    lines = Lines([[5, 6, 7], [8]], 4, np.array([], dtype=np.int32))
    x, y, weights = lines.training_batch(np.array([0, 1]), np.random.default_rng(0))
    assert x.tolist() == [[0, 5, 6, 7], [0, 8, 0, 0]]
    assert y.tolist() == [[5, 6, 7, 0], [8, 0, 0, 0]]
    assert (weights > 0).tolist() == [[True] * 4, [True, True, False, False]]
    assert weights.mean() == pytest.approx(1)


def test_a_batch_holds_lines_of_similar_length_and_as_many_tokens_as_others() -> None:
    random_lengths = np.random.default_rng(0).geometric(0.1, 5000)
    lines = Lines([[1] * length for length in random_lengths], 1, np.array([], dtype=np.int32))
    batches = lines.batches(np.random.default_rng(1), 64)
    assert sorted(np.concatenate(batches).tolist()) == list(range(5000))
    sizes = np.array([random_lengths[rows].sum() + len(rows) for rows in batches])
    assert sizes.std() / sizes.mean() < 0.2
    assert sizes.mean() == pytest.approx(64 * (random_lengths.mean() + 1), rel=0.05)
    padded = sum(len(rows) * (random_lengths[rows].max() + 1) for rows in batches)
    assert padded < 1.3 * sizes.sum()
    firsts = [random_lengths[rows].mean() for rows in batches]
    assert abs(np.corrcoef(firsts[1:], firsts[:-1])[0, 1]) < 0.3  # in no order of length


def test_noising_puts_tokens_of_the_batch_in_the_place_of_some() -> None:
    random = np.random.default_rng(0)
    tokens = random.integers(1, 50, (200, 30)).astype(np.int32)
    weights = (np.arange(30) < 20).astype(np.float32) * np.ones((200, 1), dtype=np.float32)
    every = np.ones(50, dtype=bool)
    noised = _noised(tokens, tokens, weights, 0.2, every, random)
    changed = noised != tokens
    assert not changed[:, 0].any()
    assert not changed[:, 20:].any()
    assert changed[:, 1:20].mean() == pytest.approx(0.2 * 48 / 49, abs=0.02)
    assert set(np.unique(noised)) <= set(np.unique(tokens))
    assert _noised(tokens, tokens, weights, 0.0, every, random) is tokens


def test_noise_stands_only_for_a_word_before_a_word() -> None:
    random = np.random.default_rng(0)
    tokens, targets = random.integers(0, 50, (2, 200, 30)).astype(np.int32)
    words = np.arange(50) < 20
    weights = np.ones((200, 30), dtype=np.float32)
    noised = _noised(tokens, targets, weights, 0.5, words, random)
    changed = noised != tokens
    assert changed.any()
    assert words[tokens[changed]].all()
    assert words[targets[changed]].all()
    assert words[noised[changed]].all()


def test_a_column_with_few_values_says_how_many_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "few.txt"
    path.write_text("\n".join(["fox", "owl", "elk", "fox"] * 10))
    with pytest.raises(ColumnError) as caught:
        train(path, tmp_path / "few.onnx")
    assert str(caught.value) == (
        f"{path}: the column has 3 distinct values; training needs at least 20, so 17 more"
    )


def test_an_alphabet_of_thousands_of_characters_is_learned(tmp_path: Path) -> None:
    random, path = np.random.default_rng(0), tmp_path / "signs.txt"
    signs = list(map(chr, range(0x4E00, 0x4E00 + 2500)))
    path.write_text("\n".join("".join(random.choice(signs, 5)) for _ in range(600)))
    settings = Settings(tokens="piece", vocabulary=10, units=8, embedding=4, epochs=1)
    made = train(path, tmp_path / "signs.onnx", settings=settings)
    assert len(made.card.tokens) > 1500  # all that occur, whatever the vocabulary
    assert all(set(text) <= set(signs) for text in made.generate(20))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"noising": 1}, "noising=1 must be at least 0 and below 1"),
        ({"tokens": "letter"}, "tokens='letter' must be one of char, word, piece"),
        ({"units": 0}, "units=0 must be at least 1"),
        ({"units": 1.5}, "units=1.5 must be int, not float"),
        ({"units": (8, 0)}, "units=0 must be at least 1"),
        (
            {"units": ()},
            "units=() must be one size or several with commas between, such as 256,256,128",
        ),
        (
            {"units": "8;4"},
            "units='8;4' must be one size or several with commas between, such as 256,256,128",
        ),
        ({"input": "binary"}, "input='binary' must be one of embedding, one-hot, scaled"),
        ({"text": "prose"}, "text='prose' must be one of lines, running"),
        ({"end": "."}, r"end='.' must be one of none, line"),
        ({"end": "line"}, r"end='line' needs running text; a line ends by itself"),
        ({"contract": "window"}, "contract='window' needs running text; a line is read whole"),
        ({"window": 0}, "window=0 must be at least 1 and below 10001"),
        ({"stride": -1}, "stride=-1 must be at least 0"),
        ({"lower": 1}, "lower=1 must be True or False"),
        ({"drop_stop_words": True}, "drop_stop_words=True needs words_only"),
        ({"epochs": True}, "epochs=True must be int, not bool"),
        ({"dropout": 1.0}, "dropout=1.0 must be at least 0 and below 1"),
        ({"dropout": float("nan")}, "dropout=nan must be at least 0 and below 1"),
        ({"learning_rate": 0}, "learning_rate=0 must be above 0 and finite"),
        ({"learning_rate": float("nan")}, "learning_rate=nan must be above 0 and finite"),
        ({"seed": 2**32}, "seed=4294967296 must be at least 0 and below 4294967296"),
        ({"vocabulary": 1}, "vocabulary=1 must be at least 2"),
        ({"projection": -1}, "projection=-1 must be at least 0"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        Settings(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize("option", ["sample_every", "checkpoint_every"])
def test_a_bad_rhythm_is_named(animals_file: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(OptionError, match=f"{option}=-1 must be at least 0"):
        train(animals_file, tmp_path / "a.onnx", settings=SMALL, **{option: -1})


def test_samples_and_networks_come_every_so_many_epochs(animals_file: Path, tmp_path: Path) -> None:
    seen = Remember()
    settings = replace(SMALL, epochs=5, learning_rate=0.005)
    rhythm = {"sample_every": 2, "checkpoint_every": 2}
    train(animals_file, tmp_path / "a.onnx", settings=settings, monitor=seen, **rhythm)
    assert [epoch.number for epoch in seen.epochs if epoch.samples] == [2, 4]
    folder = tmp_path / "a.onnx.checkpoint"
    kept = {f"epoch_{number}.keras" for number in (2, 4, 5, seen.best)}
    assert {path.name for path in folder.glob("*.keras")} == kept
    assert json.loads((folder / "state.json").read_text())["kept"] == [2, 4]


def test_a_kept_network_can_be_exported(animals_file: Path, tmp_path: Path) -> None:
    train(animals_file, tmp_path / "a.onnx", settings=SMALL, checkpoint_every=1)
    folder = tmp_path / "a.onnx.checkpoint"
    network, tokens = folder / "epoch_1.keras", folder / "tokens.json"
    made = convert(network, tokens, tmp_path / "b.onnx", generation=Generation(start="", end=""))
    assert made.card.tokens == load(tmp_path / "a.onnx").card.tokens


@pytest.mark.long
def test_samples_do_not_change_what_is_learned(animals_file: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for file, every in zip(files, (0, 1), strict=True):
        train(animals_file, file, name="a", settings=SMALL, sample_every=every)
    assert digest(files[0]) == digest(files[1])


@pytest.mark.parametrize("kind", ["one-hot", "scaled"])
def test_a_column_is_learned_from_every_input(
    animals_file: Path, tmp_path: Path, kind: str
) -> None:
    seen = Remember()
    settings = replace(SMALL, input=kind, units=16)
    made = train(animals_file, tmp_path / "a.onnx", settings=settings, monitor=seen)
    assert seen.losses[-1] < seen.losses[0] * 0.9
    assert made.card.training["input"] == kind
    assert made.card.exact


def test_an_output_that_cannot_be_written_is_refused_before_learning(
    animals_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(MissingFileError, match=r"nowhere: there is no such folder to write to"):
        train(animals_file, tmp_path / "nowhere" / "a.onnx", monitor=Remember(0))
    with pytest.raises(OptionError, match=r"must end in .onnx"):
        train(animals_file, tmp_path / "a.model", monitor=Remember(0))
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(OptionError, match="is a folder"):
        train(animals_file, tmp_path / "folder.onnx", monitor=Remember(0))
    (tmp_path / "a.onnx.checkpoint").touch()
    with pytest.raises(OptionError, match=r"needs the folder .*, which is a file"):
        train(animals_file, tmp_path / "a.onnx", monitor=Remember(0))


def test_only_the_same_run_can_be_resumed(
    animals_file: Path, animals: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "a.onnx"
    with pytest.raises(OptionError, match=r"resume=True finds no checkpoint in .*checkpoint"):
        train(animals_file, output, settings=SMALL, resume=True)
    settings = replace(SMALL, epochs=1)
    train(animals_file, output, settings=settings)
    with pytest.raises(OptionError, match="units=9 was 8 in the checkpoint"):
        train(animals_file, output, settings=replace(settings, units=9), resume=True)
    other = tmp_path / "other.txt"
    other.write_text("\n".join(animals[:50]))
    with pytest.raises(OptionError, match="needs the column of the checkpoint"):
        train(other, output, settings=settings, resume=True)
    network = tmp_path / "a.onnx.checkpoint" / "epoch_1.keras"
    whole = network.read_bytes()
    network.write_bytes(b"damaged")
    with pytest.raises(OptionError, match=r"resume=True cannot read .*epoch_1\.keras"):
        train(animals_file, output, settings=replace(settings, epochs=2), resume=True)
    network.write_bytes(whole)
    longer = Remember()
    train(animals_file, output, settings=replace(settings, epochs=2), resume=True, monitor=longer)
    assert [epoch.number for epoch in longer.epochs] == [2]


def test_a_failed_run_leaves_the_old_file_whole(animals_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.onnx"
    output.write_bytes(b"old")
    one = tmp_path / "one.txt"
    one.write_text("same\nsame\n")
    with pytest.raises(ColumnError):
        train(one, output)
    assert output.read_bytes() == b"old"


def test_real_company_names_can_be_learned(shared_data: Path, tmp_path: Path) -> None:
    settings = Settings(tokens="piece", units=32, epochs=1)
    made = train(shared_data / "company.txt", tmp_path / "company.onnx", settings=settings)
    assert len(set(made.generate(100))) > 90
