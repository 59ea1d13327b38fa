from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from faker_neural import ColumnError, OptionError, load, load_detector
from faker_neural.cli import main
from faker_neural_export import GanFigures, GanMonitor, GanProgress, GanSettings, train_gan
from faker_neural_export.evaluation.figures import trigram_divergence
from faker_neural_export.gan.figures import measure
from faker_neural_export.gan.networks import new_gan

SMALL = GanSettings(length=12, noise=8, units=16, blocks=1, batch=16, steps=20)


class Remember(GanMonitor):
    """Keeps what it is told, and presses Ctrl-C in the step after `stop_after`."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.losses: list[tuple[float, float]] = []
        self.progressed: list[GanProgress] = []
        self.reason, self.exported, self.started_after, self.longer = "", 0, 0, 0
        self.figures: GanFigures | None = None

    def left_out(self, count: int, length: int) -> None:
        self.longer = count

    def started(self, lines: int, held_out: int, tokens: int, done: int, steps: int) -> None:
        self.started_after = done

    def step(self, done: int, critic_loss: float, generator_loss: float) -> None:
        self.losses.append((critic_loss, generator_loss))
        if done == self.stop_after:
            raise KeyboardInterrupt

    def progress(self, progress: GanProgress) -> None:
        self.progressed.append(progress)

    def exporting(self, step: int, reason: str) -> None:
        self.exported, self.reason = step, reason

    def measured(self, figures: GanFigures, detector: object) -> None:
        self.figures = figures


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.detector.onnx")


@pytest.fixture(scope="session")
def learned(animals_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Remember]:
    """A GAN that learned the column for some seconds, and what it told."""
    path, seen = tmp_path_factory.mktemp("gan") / "animals.onnx", Remember()
    settings = replace(SMALL, units=32, steps=400, learning_rate=0.003)
    train_gan(
        animals_file, path, settings=settings, sample_every=100, data={"licence": "MIT"},
        monitor=seen,
    )  # fmt: skip
    return path, seen


def test_a_gan_comes_nearer_to_its_column(learned: tuple[Path, Remember]) -> None:
    figures = learned[1].figures
    assert figures is not None
    assert figures.trigram_divergence < 0.9 * figures.untrained_divergence
    assert figures.real_divergence < figures.trigram_divergence
    assert figures.unique_share > 0.3


def test_the_generator_serves_like_any_model(learned: tuple[Path, Remember]) -> None:
    model = load(learned[0])
    texts = model.generate(50)
    assert model.card.contract == "latent"
    assert model.card.exact
    assert max(map(len, texts)) <= 12
    assert texts[7:20] == model.generate(13, start=7)
    assert len(set(texts)) > 10
    assert model.card.data == {"name": "animals.txt", "lines": 100, "licence": "MIT"}
    assert model.card.training["step"] == 400
    assert model.card.options == {"temperature": 0.125, "verbatim": "rejected"}


def test_the_critic_tells_generated_texts_from_real_ones(
    learned: tuple[Path, Remember], animals: list[str]
) -> None:
    path = learned[0]
    detector = load_detector(beside(path))
    generated = detector.score(load(path).generate(100))
    assert generated.mean() > detector.score(animals).mean()
    assert detector.score(["qqqqqqqqqqqq"])[0] > detector.score(["green badger"])[0]
    assert detector.card.evaluation["auc"] >= 0.5
    assert detector.card.exact


def test_a_critics_score_is_its_number_brought_to_a_probability(animals: list[str]) -> None:
    from faker_neural_export.detector.lines import encode
    from faker_neural_export.gan.critic import _scorer

    tokens = ("", *sorted(set("".join(animals))))
    critic = new_gan(len(tokens), SMALL).critic
    names, scorer = _scorer(critic, tokens)
    ids = [[tokens.index(c) for c in text] + [0] * (12 - len(text)) for text in animals]
    one_hot = np.eye(len(tokens), dtype=np.float32)[ids]
    found = scorer.predict(encode(animals, names, 12), verbose=0)
    assert found == pytest.approx(critic.predict(one_hot, verbose=0), abs=1e-5)
    unknown = encode(["?"], names, 12)
    assert unknown[0].tolist() == [1] + [0] * 11
    blank = np.eye(len(tokens), dtype=np.float32)[[[0] * 12]]
    blank[0, 0] = 0
    assert scorer.predict(unknown, verbose=0) == pytest.approx(
        critic.predict(blank, verbose=0), abs=1e-5
    )


def test_both_losses_and_samples_are_told(learned: tuple[Path, Remember]) -> None:
    seen = learned[1]
    assert len(seen.losses) == 400
    assert [progress.step for progress in seen.progressed] == [100, 200, 300, 400]
    first = np.mean(seen.losses[:100], axis=0)
    assert seen.progressed[0].critic_loss == pytest.approx(first[0])
    assert seen.progressed[0].generator_loss == pytest.approx(first[1])
    assert all(len(progress.samples) == 8 for progress in seen.progressed)
    assert seen.reason == "all steps done"


@pytest.mark.long
def test_learning_twice_gives_the_same_files(animals_file: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for file in files:
        train_gan(animals_file, file, name="animals", settings=SMALL)
    assert digest(files[0], beside(files[0])) == digest(files[1], beside(files[1]))
    train_gan(animals_file, files[1], name="animals", settings=replace(SMALL, seed=1))
    assert digest(files[0]) != digest(files[1])


@pytest.mark.long
def test_what_is_shown_does_not_change_what_is_learned(animals_file: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for file, every in zip(files, (3, 20), strict=True):
        train_gan(animals_file, file, name="animals", settings=SMALL, sample_every=every)
    assert digest(files[0]) == digest(files[1])


def test_an_interrupted_gan_resumes_to_the_same_files(animals_file: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.onnx", tmp_path / "parts.onnx"
    train_gan(animals_file, whole, name="animals", settings=SMALL)
    stopped = Remember(stop_after=13)
    train_gan(animals_file, parts, name="animals", settings=SMALL, sample_every=5, monitor=stopped)
    assert stopped.reason == "stopped by Ctrl-C"
    assert load(parts).card.training["step"] == stopped.exported == 13
    resumed = Remember()
    train_gan(animals_file, parts, name="animals", settings=SMALL, resume=True, monitor=resumed)
    assert resumed.started_after == 10
    assert digest(parts, beside(parts)) == digest(whole, beside(whole))


def test_ctrl_c_in_the_first_step_writes_nothing(animals_file: Path, tmp_path: Path) -> None:
    class AtOnce(GanMonitor):
        def started(self, *_: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_gan(animals_file, tmp_path / "a.onnx", settings=SMALL, monitor=AtOnce())
    assert list(tmp_path.iterdir()) == []


def test_another_checkpoint_is_refused(animals_file: Path, tmp_path: Path) -> None:
    output, settings = tmp_path / "a.onnx", replace(SMALL, steps=2)
    with pytest.raises(OptionError, match="finds no checkpoint of a GAN in"):
        train_gan(animals_file, output, settings=settings, resume=True)
    train_gan(animals_file, output, settings=settings)
    with pytest.raises(OptionError, match="units=8 was 16 in the checkpoint"):
        train_gan(animals_file, output, settings=replace(settings, units=8), resume=True)
    other = tmp_path / "other.txt"
    other.write_text("red fox\ngrey owl\n")
    with pytest.raises(OptionError, match="needs the column of the checkpoint"):
        train_gan(other, output, settings=settings, resume=True)
    damaged = tmp_path / "a.onnx.checkpoint" / "step_2" / "critic.keras"
    damaged.write_text("no network")
    with pytest.raises(OptionError, match=r"cannot read .*step_2; leave it out"):
        train_gan(animals_file, output, settings=settings, resume=True)


def test_a_new_gan_drops_the_checkpoint_of_an_old_one(animals_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.onnx"
    train_gan(animals_file, output, settings=replace(SMALL, steps=4))
    train_gan(animals_file, output, settings=replace(SMALL, steps=2))
    folder = tmp_path / "a.onnx.checkpoint"
    assert [path.name for path in folder.iterdir()] == ["step_2"]


def test_values_longer_than_the_length_are_counted_and_the_longest_is_named(
    animals_file: Path, tmp_path: Path
) -> None:
    settings = replace(SMALL, length=11, steps=2)
    with pytest.raises(ColumnError) as caught:
        train_gan(animals_file, tmp_path / "a.onnx", settings=settings)
    assert str(caught.value) == (
        f"{animals_file}: 5 of 100 values are longer than length=11; the longest has 12 "
        "characters: 'green badger'; make length larger, or leave them out with skip_longer"
    )
    assert list(tmp_path.iterdir()) == []
    seen = Remember()
    made = train_gan(
        animals_file, tmp_path / "a.onnx", settings=settings, skip_longer=True, monitor=seen
    )
    assert seen.longer == 5
    assert made.card.max_tokens == 11
    short = replace(settings, length=2)
    with pytest.raises(ColumnError, match="has fewer than two distinct values of at most length=2"):
        train_gan(animals_file, tmp_path / "b.onnx", settings=short, skip_longer=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 0}, "length=0 must be at least 1 and below 10001"),
        ({"critic_steps": 1.5}, "critic_steps=1.5 must be int, not float"),
        ({"penalty": 0}, "penalty=0 must be above 0 and finite"),
        ({"learning_rate": float("inf")}, "learning_rate=inf must be above 0 and finite"),
        ({"temperature": -1.0}, "temperature=-1.0 must be at least 0"),
        ({"seed": -1}, "seed=-1 must be at least 0 and below 4294967296"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        GanSettings(**changes)
    assert str(caught.value) == message


def test_a_bad_rhythm_or_folder_is_named(animals_file: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="sample_every=0 must be at least 1"):
        train_gan(animals_file, tmp_path / "a.onnx", settings=SMALL, sample_every=0)
    (tmp_path / "a.onnx.checkpoint").write_text("")
    with pytest.raises(OptionError, match=r"needs the folder .*, which is a file"):
        train_gan(animals_file, tmp_path / "a.onnx", settings=SMALL)


def test_the_learning_rate_falls_in_the_second_half() -> None:
    settings = GanSettings(steps=100, learning_rate=0.5)
    rates = [settings.learning_rate_at(step) for step in (1, 50, 51, 76, 100)]
    assert rates == pytest.approx([0.5, 0.5, 0.5, 0.25, 0.01])


def test_trigrams_of_equal_texts_do_not_diverge_and_of_strangers_wholly() -> None:
    assert trigram_divergence(["abc", "abd"], ["abd", "abc"]) == pytest.approx(0, abs=1e-9)
    assert trigram_divergence(["abc"], ["xyz"]) == pytest.approx(1)
    assert trigram_divergence(["ab", "xy"], ["ab"]) == pytest.approx(0.3113, abs=1e-4)


def test_figures_count_the_distinct_and_the_new() -> None:
    figures = measure(["a", "a", "b", "c"], ["x"] * 4, ["a", "d", "e", "f"], ["b", "d", "e", "g"])
    assert figures.unique_share == 0.75
    assert figures.new_share == 0.5
    assert figures.texts == 4
    assert figures.untrained_divergence > figures.trigram_divergence


def test_the_critics_slope_is_held_near_one(animals: list[str]) -> None:
    import tensorflow

    tokens = ("", *sorted(set("".join(animals))))
    ids = np.array(
        [[tokens.index(c) for c in text] + [0] * (12 - len(text)) for text in animals], np.int32
    )
    gan, random = new_gan(len(tokens), SMALL), np.random.default_rng(0)
    for step in range(1, 150):
        gan.train(step, ids[random.integers(len(ids), size=(2, 16))], 0.003, random)
    text = tensorflow.one_hot(ids, len(tokens))
    with tensorflow.GradientTape() as tape:
        tape.watch(text)
        score = gan.critic(text)
    slopes = np.sqrt((tape.gradient(score, text).numpy() ** 2).sum(axis=(1, 2)))
    assert 0.5 < slopes.mean() < 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", "5"], "steps=5 needs --gan"),
        (["--skip-longer"], "skip_longer=True needs --gan"),
        (["--gan", "--epochs", "5"], "epochs=5 is no option of --gan, which has --length, --noise"),
        (["--gan", "--preset", "char-rnn"], "preset="),
        (["--gan", "--units", "8,8"], "units='8,8' must be one size with --gan"),
        (["--gan", "--length", "4"], "100 of 100 values are longer than length=4"),
    ],
)
def test_a_wrong_option_at_the_command_line_is_one_line(
    arguments: list[str],
    message: str,
    animals_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["faker-neural", "train", str(animals_file), "-o", str(tmp_path / "a.onnx")]
    monkeypatch.setattr(sys, "argv", [*command, *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr().err
    assert stop.value.code == 2
    assert message in said
    assert said.count("\n") == 1


def test_the_command_line_learns_a_gan_and_its_detector(
    animals_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "a.onnx"
    command = ["faker-neural", "train", str(animals_file), "-o", str(output), "--gan"]
    small = ["--units", "16", "--blocks", "1", "--steps", "10", "--noise", "8"]
    monkeypatch.setattr(sys, "argv", [*command, *small])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    printed = capsys.readouterr().out
    assert "trigram divergence from held-out lines" in printed
    assert f"wrote {output}" in printed
    assert load_detector(beside(output)).score(["red fox"]).shape == (1,)


def test_a_detector_that_could_not_be_written_is_refused_before_any_work(
    animals_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.detector.onnx").mkdir()
    with pytest.raises(OptionError, match="is a folder"):
        train_gan(animals_file, tmp_path / "a.onnx", settings=SMALL)
    assert not (tmp_path / "a.onnx").exists()
