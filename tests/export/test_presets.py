from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import typer

from faker_neural import ColumnError, MissingExtraError, OptionError, load
from faker_neural_export import Epoch, Monitor, Settings, preset, train
from faker_neural_export.data.preprocessing import preparation
from faker_neural_export.data.running_text import RunningText, read
from faker_neural_export.data.windows import Windows
from faker_neural_export.settings.presets import PRESETS

TINY = {"units": (8, 8), "window": 12, "epochs": 2, "batch": 16, "learning_rate": 0.01}
CHANGES = {
    "keras-example": TINY | {"units": 8},
    "char-rnn": TINY,
    "tutorial": TINY | {"units": (8, 8, 4)},
    "review": TINY,
}


class Remember(Monitor):
    """Keeps the epochs."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []

    def epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)


class PowerCut(Monitor):
    """Ends the run in its second epoch."""

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        if epoch == 2:
            raise EOFError


@pytest.fixture(scope="module")
def tale(animals: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Running text of the tests' own making, a sentence a line."""
    path = tmp_path_factory.mktemp("text") / "tale.txt"
    lines = [f"The {a} met a {b}." for a, b in itertools.pairwise(animals)]
    path.write_text("\n".join(lines) + "\n")
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name == "keras-example" else pytest.mark.long)
        for name in PRESETS
    ],
)
def test_a_preset_learns_and_resumes_to_the_same_file(
    tale: Path, tmp_path: Path, name: str
) -> None:
    settings = preset(name, **CHANGES[name])
    whole, parts = tmp_path / "whole.onnx", tmp_path / "parts.onnx"
    seen, resumed = Remember(), Remember()
    made = train(tale, whole, name="tale", settings=settings, monitor=seen)
    assert seen.epochs[1].bits_per_character < seen.epochs[0].bits_per_character
    assert len(made.card.states) == 2 * len(settings.layers)
    assert made.card.exact
    with pytest.raises(EOFError):
        train(tale, parts, name="tale", settings=settings, monitor=PowerCut())
    train(tale, parts, name="tale", settings=settings, resume=True, monitor=resumed)
    assert [epoch.number for epoch in resumed.epochs] == [2]
    assert digest(parts) == digest(whole)


def test_a_preset_has_the_tutorials_network() -> None:
    assert preset("keras-example").layers == (128,)
    assert preset("tutorial").layers == (256, 256, 128)
    assert preset("tutorial").input == "scaled"
    assert preset("review").layers == (1024, 512)
    assert preset("char-rnn", units=(64, 64, 64), window=7).layers == (64, 64, 64)


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(OptionError) as caught:
        preset("lstm")
    assert str(caught.value) == (
        "preset='lstm' must be one of keras-example, char-rnn, tutorial, review"
    )


@pytest.mark.long
def test_a_model_is_the_same_file_in_a_process_with_another_hash_seed(
    tale: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here.onnx", tmp_path / "there.onnx"
    settings = preset("char-rnn", units=(8, 8), window=12, epochs=1)
    made = train(tale, here, name="tale", settings=settings)
    code = (
        "import sys; from faker_neural_export import preset, train; "
        "made = train(sys.argv[1], sys.argv[2], name='tale', settings=preset('char-rnn', "
        "units=(8, 8), window=12, epochs=1)); print(made.generate(3, seed=5))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tale), str(there)],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
    )
    assert digest(here) == digest(there)
    assert done.stdout == f"{made.generate(3, seed=5)}\n"


def test_the_tutorial_keeps_words_in_small_letters_without_stop_words(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The Monster -- it was HERE!\r\nAnd the ice\n")
    assert read(path, None, preset("tutorial")).text == "monster ice"
    kept = preset("tutorial", drop_stop_words=False)
    assert read(path, None, kept).text == "the monster it was here and the ice"


def test_words_without_the_stop_words_are_answered_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(MissingExtraError) as caught:
        preparation(Settings(words_only=True))
    assert str(caught.value) == "sklearn is not installed: pip install 'faker-neural[export]'"


def test_the_values_of_a_column_are_prepared_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    others = [f"elk {i}" for i in range(20)]
    path.write_text("\n".join(["name", '"Red, fox!"', "OWL", "?!", *others]))
    settings = Settings(lower=True, words_only=True)
    assert read(path, "name", settings).values == ("red fox", "owl", *others)


def test_running_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n One,\r\n\r\n  two. \n")
    assert read(path, None, Settings(text="running")).text == "One,\n\n  two."


def test_a_value_a_line_is_running_text_of_trimmed_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\n One,\r\n\r\n  two. ")
    assert read(path, None, preset("review")).text == "One,\ntwo.\n"


def test_the_last_tenth_is_held_out_and_no_word_is_cut() -> None:
    learn, held_out = (side[0] for side in RunningText(Path("a"), "seven words " * 50).split())
    assert learn + held_out == "seven words " * 50
    assert learn.endswith(" ")
    assert 50 < len(held_out) <= 60
    assert RunningText(Path("a"), "x" * 30).split() == (["x" * 27], ["xxx"])
    values = RunningText(Path("a"), "a fine fox\n" * 20, end="\n").split()
    assert all(side.startswith("a") and side.endswith("\n") for [side] in values)


@pytest.mark.parametrize(
    ("text", "window", "message"),
    [
        (
            "fox " * 40,
            20,
            "has 148 tokens to learn from and 11 held out; window=20 needs more than that on each "
            "side: --window 10",
        ),
        ("fox", 20, "has 3 tokens to learn from and 0 held out; window=20 needs more than that"),
        ("aaaa", 20, "the text has one distinct character, 'a'; there must be at least two"),
        (" \n", 20, "the text has no characters; there must be at least two to learn from"),
    ],
)
def test_a_text_too_short_is_named(tmp_path: Path, text: str, window: int, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(ColumnError) as caught:
        train(path, tmp_path / "a.onnx", settings=preset("char-rnn", window=window))
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def windows(text: str, *, window: int = 4, stride: int = 4, end: str = "") -> Windows:
    return Windows.encode(text, sorted(set(text)), window=window, stride=stride, end=end)


def test_an_epoch_reads_every_token_once_and_each_epoch_cuts_elsewhere() -> None:
    side = windows("abcdefghijklmnopqrstu")
    firsts = set()
    for seed in range(20):
        starts = np.sort(np.concatenate(side.batches(np.random.default_rng(seed), 2)))
        assert np.diff(starts).tolist() == [4] * (len(starts) - 1)
        firsts.add(int(starts[0]))
        tokens, targets, weights = side.batch(starts)
        assert tokens[:, 1:].tolist() == targets[:, :-1].tolist()
        assert (weights == 1).all()
    assert firsts == {0, 1, 2, 3}


def test_every_other_window_begins_where_a_value_does() -> None:
    side = windows("ab\ncd\nef\ngh\nij\nkl\n", stride=2, end="\n")
    starts = np.concatenate(side.batches(np.random.default_rng(0), 2))
    ends = side.tokens.index("\n")
    assert sum(side.ids[start] == ends for start in starts) >= len(starts) // 2
    assert side.longest == 3


def test_openings_are_windows_that_end_before_a_word() -> None:
    side = windows("one two three four five six", window=8)
    openings = side.openings(64, np.random.default_rng(0))
    assert len(set(openings)) == len(openings) == 4
    assert all(len(opening) == 8 and opening.endswith(" ") for opening in openings)
    assert windows("abcdef").openings(64, np.random.default_rng(0)) == ["cdef"]


def test_held_out_text_is_measured_after_half_a_window() -> None:
    class Uniform:
        """Stands for a network that finds every one of four tokens equally likely."""

        inputs = (np.zeros((1, 1)),)
        outputs = (np.zeros((1, 1, 4)),)

        def reset_metrics(self) -> None: ...

        def test_on_batch(self, tokens: object, targets: object, weights: np.ndarray) -> float:
            assert (weights[:, :3] == 0).all()
            assert (weights[:, 3:] == 1).all()
            return float(np.log(4) * weights.mean())  # Keras divides by the number of weights

    assert windows("abcd" * 20, window=6).bits_per_character(Uniform(), 3) == pytest.approx(2)


def test_samples_of_running_text_have_the_examples_temperatures(tale: Path, tmp_path: Path) -> None:
    seen = Remember()
    settings = preset("keras-example", **CHANGES["keras-example"])
    train(tale, tmp_path / "a.onnx", settings=settings, monitor=seen, sample_every=2)
    assert [epoch.temperatures for epoch in seen.epochs] == [(), (0.2, 0.5, 1.0, 1.2)]
    cold, *_, hot = seen.epochs[1].samples
    assert len(cold) == len(hot) == 200
    assert len(set(cold)) < len(set(hot))


@pytest.mark.parametrize("end", [pytest.param("none", marks=pytest.mark.long), "line"])
def test_a_model_may_be_fed_its_last_window(tale: Path, tmp_path: Path, end: str) -> None:
    settings = preset("keras-example", **CHANGES["keras-example"], contract="window", end=end)
    made = train(tale, tmp_path / "a.onnx", settings=settings)
    assert made.card.contract == "window"
    assert {len(opening) for opening in made.card.openings} == {12}
    assert len(set(made.generate(20))) > 1


def test_running_text_begins_in_the_middle_of_the_real_one(tale: Path, tmp_path: Path) -> None:
    made = train(tale, tmp_path / "a.onnx", settings=preset("char-rnn", **TINY))
    text = tale.read_text()
    openings = {"".join(made.card.tokens[i] for i in ids) for ids in made.card.openings}
    assert len(openings) > 50
    assert all(opening in text and opening[-1].isspace() for opening in openings)
    assert made.card.end is None


def test_a_text_of_lines_is_served_a_line_at_a_time(tale: Path, tmp_path: Path) -> None:
    made = train(tale, tmp_path / "a.onnx", settings=preset("review", **TINY))
    assert made.card.tokens[made.card.start] == "\n"
    assert made.card.end == made.card.start
    assert not any("\n" in text for text in made.generate(50))
    assert made.card.data["characters"] == len(tale.read_text())


@pytest.mark.parametrize("tokens", ["word", pytest.param("piece", marks=pytest.mark.long)])
def test_running_text_is_learned_in_words_and_pieces(
    tale: Path, tmp_path: Path, tokens: str
) -> None:
    settings = preset("char-rnn", **TINY, tokens=tokens, vocabulary=60)
    made = train(tale, tmp_path / "a.onnx", settings=settings)
    assert len(made.card.tokens) <= 60
    assert max(map(len, made.card.tokens)) > 2


def test_the_command_line_shows_the_defaults_of_the_settings() -> None:
    from faker_neural.cli import _train  # noqa: F401
    from faker_neural.cli._app import app

    options = {p.name: p for p in typer.main.get_command(app).commands["train"].params}
    chosen = {"tokens", "vocabulary", "embedding", "units", "dropout", "noising", "match_length"}
    for field in fields(Settings):
        shown = "no" if field.default is False else field.default
        if field.name in chosen | {"epochs", "keep", "spelling"}:
            shown = "chosen from the data"
        assert options[field.name].help.endswith(f"  [default: {shown}]")
        assert options[field.name].default is None


def test_options_that_are_typed_override_the_preset(tale: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("faker-neural")
    typed = ["--units", "8,4", "--window", 10, "--epochs", 1, "--no-lower", "--end", "line"]
    command = [program, "train", tale, "-o", tmp_path / "a.onnx", "--preset", "keras-example"]
    done = subprocess.run(map(str, [*command, *typed]), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "tokens of running text to learn from" in done.stderr
    assert "    0.5: " in done.stderr
    card = load(tmp_path / "a.onnx").card
    training = card.training
    assert (training["units"], training["window"]) == ("8,4", 10)
    assert training["input"] == "one-hot"
    assert card.end == card.tokens.index("\n")
    assert "lower" not in training
    wrong = subprocess.run(
        map(str, [*command, "--units", "8;4"]), capture_output=True, text=True
    ).stderr
    assert wrong == (
        "faker-neural: units='8;4' must be one size or several with commas between, such as "
        "256,256,128\n"
    )


def test_a_recipe_is_read_back() -> None:
    settings = preset("tutorial", seed=7)
    assert Settings(**settings.recipe()) == settings
