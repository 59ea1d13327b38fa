from __future__ import annotations

import csv
import hashlib
import io
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from faker_neural import (
    ColumnError,
    ContractError,
    MissingFileError,
    ModelFileError,
    OptionError,
    bundled,
    load,
    load_detector,
)
from faker_neural.cli import main
from faker_neural_export import DetectorMonitor, DetectorSettings, train_detector
from faker_neural_export.detector.lines import Kinds, LabelledLines, encode

SMALL = DetectorSettings(units=8, embedding=8, epochs=6, batch=16, learning_rate=0.01)


class Remember(DetectorMonitor):
    """Keeps what it is told, and presses Ctrl-C after `stop_after` epochs."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after = stop_after
        self.sizes: tuple[int, ...] = ()
        self.aucs: list[float] = []
        self.bests: list[bool] = []
        self.reason, self.exported = "", 0

    def started(self, *sizes: int) -> None:
        self.sizes = sizes

    def step(self, epoch: int, done: int, steps: int, loss: float) -> None:
        if epoch - 1 == self.stop_after:
            raise KeyboardInterrupt

    def epoch(self, number: int, loss: float, auc: float, best: bool, seconds: float) -> None:
        self.aucs.append(auc)
        self.bests.append(best)

    def exporting(self, best: int, reason: str) -> None:
        self.exported, self.reason = best, reason


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def mock_file(animals: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated lines: the animals' letters in another order, and two real ones."""
    random = np.random.default_rng(0)
    lines = ["".join(random.permutation(list(animal))).strip() for animal in animals]
    path = tmp_path_factory.mktemp("mock") / "mock.txt"
    path.write_text("\n".join([*lines, *animals[:2]]) + "\n")
    return path


@pytest.fixture(scope="session")
def detector(
    animals_file: Path, mock_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Remember]:
    path, seen = tmp_path_factory.mktemp("detector") / "animals.onnx", Remember()
    settings = replace(SMALL, units=32, epochs=15)
    train_detector(animals_file, mock_file, path, settings=settings, monitor=seen)
    return path, seen


def test_a_detector_tells_unseen_lines_apart(
    detector: tuple[Path, Remember], animals_file: Path, mock_file: Path
) -> None:
    opened = load_detector(detector[0])
    held_out = Kinds.read(animals_file, mock_file, None, 0).split()[2]
    auc = roc_auc_score(held_out.labels, opened.score(held_out.texts))
    assert auc > 0.8
    assert opened.card.evaluation["auc"] == pytest.approx(auc, abs=0.05)
    assert opened.card.evaluation["held_out_lines"] == len(held_out.texts)


def test_the_card_says_what_it_learned_from(detector: tuple[Path, Remember]) -> None:
    card, seen = load_detector(detector[0]).card, detector[1]
    assert card.contract == "score"
    assert card.exact
    assert card.data == {
        "name": "animals.txt",
        "lines": 98,
        "generated": "mock.txt",
        "generated_lines": 100,
    }
    assert card.training["best_epoch"] == seen.exported
    assert card.evaluation["lines_in_both"] == 2


def test_lines_of_both_kinds_are_counted_and_left_out(
    detector: tuple[Path, Remember], animals_file: Path, mock_file: Path, animals: list[str]
) -> None:
    kinds = Kinds.read(animals_file, mock_file, None, 0)
    assert kinds.in_both == detector[1].sizes[3] == 2
    assert not set(animals[:2]) & {*kinds.real.values, *kinds.generated.values}


def test_no_line_is_on_two_sides(animals_file: Path, mock_file: Path) -> None:
    kinds = Kinds.read(animals_file, mock_file, None, 0)
    sides = [set(side.texts) for side in kinds.split()]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert set.union(*sides) == {*kinds.real.values, *kinds.generated.values}
    assert all(0 < side.labels.mean() < 1 for side in kinds.split())


def test_the_best_epoch_is_kept(animals_file: Path, mock_file: Path, tmp_path: Path) -> None:
    seen = Remember()
    settings = replace(SMALL, epochs=60, patience=2)
    made = train_detector(animals_file, mock_file, tmp_path / "a.onnx", settings=settings,
                          monitor=seen)  # fmt: skip
    best = seen.aucs.index(max(seen.aucs)) + 1
    assert made.card.training["best_epoch"] == seen.exported == best
    assert [number for number, is_best in enumerate(seen.bests, start=1) if is_best][-1] == best
    assert seen.reason == "no better epoch in 2"
    assert len(seen.aucs) == best + 2


@pytest.mark.long
def test_learning_twice_gives_the_same_detector(
    animals_file: Path, mock_file: Path, tmp_path: Path
) -> None:
    files = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for file in files:
        train_detector(animals_file, mock_file, file, name="animals", settings=SMALL)
    assert digest(files[0]) == digest(files[1])
    other = replace(SMALL, seed=1)
    train_detector(animals_file, mock_file, files[1], name="animals", settings=other)
    assert digest(files[0]) != digest(files[1])


def test_lines_are_drawn_from_a_model(
    animals_file: Path, animals_model: Path, tmp_path: Path
) -> None:
    seen = Remember()
    settings = replace(SMALL, epochs=1)
    made = train_detector(
        animals_file, animals_model, tmp_path / "a.onnx", settings=settings, monitor=seen
    )
    assert seen.reason == "all epochs done"
    assert made.card.data["generated"] == "animals.onnx"
    real, generated, held_out, in_both = seen.sizes
    assert real == 100 - in_both
    assert 0 < generated <= 100 - in_both
    assert 0 < held_out < real


def test_ctrl_c_exports_the_best_so_far(
    animals_file: Path, mock_file: Path, tmp_path: Path
) -> None:
    seen, output = Remember(stop_after=2), tmp_path / "a.onnx"
    train_detector(animals_file, mock_file, output, settings=SMALL, monitor=seen)
    assert seen.reason == "stopped by Ctrl-C"
    assert load_detector(output).card.training["best_epoch"] == seen.exported <= 2
    with pytest.raises(KeyboardInterrupt):
        train_detector(
            animals_file, mock_file, tmp_path / "b.onnx", settings=SMALL, monitor=Remember(0)
        )
    assert not (tmp_path / "b.onnx").exists()


def test_a_rare_character_is_learned_as_the_unknown_one() -> None:
    lines = LabelledLines(["aaa", "bb\ufffd\ufffd\ufffd"], ["bz"])
    assert lines.tokens() == ("", "\ufffd", "a", "b")
    assert encode(["bza", "abab"], lines.tokens(), 3).tolist() == [[3, 1, 2], [2, 3, 2]]


def test_both_kinds_count_the_same() -> None:
    lines = LabelledLines(["a"], ["b", "c", "d"])
    assert lines.weights.tolist() == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3])
    assert lines.labels.tolist() == [0, 1, 1, 1]


def test_a_kind_without_lines_of_its_own_is_refused(animals_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ColumnError) as caught:
        train_detector(animals_file, animals_file, tmp_path / "a.onnx", settings=SMALL)
    assert str(caught.value) == (
        f"{animals_file}: has 0 distinct lines that are not also in the other file; there must be "
        "at least 3"
    )


def test_what_is_no_file_and_no_model_is_named(animals_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.onnx"
    with pytest.raises(MissingFileError, match=r"absent\.onnx: there is no such model file"):
        train_detector(animals_file, "absent.onnx", output, settings=SMALL)
    with pytest.raises(MissingFileError, match=r"absent: the file does not exist"):
        train_detector(animals_file, "absent", output, settings=SMALL)
    (tmp_path / "broken.onnx").write_text("no model")
    with pytest.raises(ModelFileError, match=r"broken\.onnx: is truncated or no ONNX model"):
        train_detector(animals_file, tmp_path / "broken.onnx", output, settings=SMALL)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 0}, "length=0 must be at least 1 and below 10001"),
        ({"patience": True}, "patience=True must be int, not bool"),
        ({"dropout": 1}, "dropout=1 must be at least 0 and below 1"),
        ({"learning_rate": 0.0}, "learning_rate=0.0 must be above 0 and finite"),
        ({"seed": 2**32}, "seed=4294967296 must be at least 0 and below 4294967296"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        DetectorSettings(**changes)
    assert str(caught.value) == message


class Command:
    """Runs `faker-neural` in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments: object, code: int = 0) -> tuple[str, str]:
        self.monkeypatch.setattr(sys, "argv", ["faker-neural", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert int(stop.value.code or 0) == code
        captured = self.capsys.readouterr()
        return captured.out, captured.err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_the_command_learns_and_tells_of_each_epoch(
    command: Command, animals_file: Path, mock_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "a.onnx"
    small = ["--units", 8, "--epochs", 2, "--licence", "MIT"]
    out, err = command(
        "detect", "train", "--real", animals_file, "--generated", mock_file, "-o", output, *small
    )
    auc = load_detector(output).card.evaluation["auc"]
    assert f"unseen: AUC {auc:.3f} on" in out
    assert f"wrote {output}; try: faker-neural detect score {output}" in out
    assert "98 real and 100 generated lines" in err
    assert "2 lines in both kinds left out" in " ".join(err.split())
    assert "epoch 2: loss" in err
    assert load_detector(output).card.data["licence"] == "MIT"


def test_scores_are_printed_in_the_files_order(
    command: Command, detector: tuple[Path, Remember], tmp_path: Path
) -> None:
    lines = ["red fox", "eehrn onr", "blue heron"]
    table = tmp_path / "table.csv"
    table.write_text("name,note\n" + "\n".join(f"{line},x" for line in lines) + "\n,x\n")
    scores = load_detector(detector[0]).score(lines)
    out, err = command("detect", "score", detector[0], table, "--column", "name")
    expected = [f"{score:.3f}  {line}" for score, line in zip(scores, lines, strict=True)]
    assert out.splitlines() == expected
    assert err.startswith("3 of 3 lines shown, ")
    out, _ = command("detect", "score", detector[0], table, "--column", "name", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["row"], row["line"]) for row in rows] == list(enumerate(lines, start=1))
    assert [row["score"] for row in rows] == pytest.approx(scores.tolist(), abs=1e-4)
    out, _ = command("detect", "score", detector[0], table, "--column", "name", "--format", "csv")
    header, *table_rows = csv.reader(io.StringIO(out))
    assert header == ["row", "score", "line"]
    assert [row[2] for row in table_rows] == lines


def test_lines_of_text_are_scored_without_the_export_extra(
    detector: tuple[Path, Remember], tmp_path: Path
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("red fox\neehrn onr\n")
    code = (
        "import sys; sys.modules['polars'] = sys.modules['keras'] = sys.modules['onnx'] = None; "
        f"sys.argv = ['faker-neural', 'detect', 'score', {str(detector[0])!r}, {str(file)!r}]; "
        "from faker_neural.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[1] for line in done.stdout.splitlines()] == ["red fox", "eehrn onr"]


def test_only_lines_above_a_score_are_printed(
    command: Command, detector: tuple[Path, Remember], animals: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("\n".join([*animals[:20], "xzq eehrn", *animals[20:40]]) + "\n")
    scores = load_detector(detector[0]).score(file.read_text().splitlines())
    out, err = command("detect", "score", detector[0], file, "--above", 0.5)
    assert len(out.splitlines()) == int((scores > 0.5).sum()) < 41
    assert "xzq eehrn" in out
    assert f"of 41 lines shown, {int((scores > 0.9).sum())} score above 0.9" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "absent.onnx", "a.txt"], "absent.onnx: there is no such model file"),
        (["score", "DETECTOR", "absent.txt"], "absent.txt: there is no such file to score"),
        (["score", "DETECTOR", "a.txt", "--above", "1"], "above=1.0 must be at least 0 and below"),
        (["score", "MODEL", "a.txt"], "MODEL: is a text model"),
        (["train", "--real", "a.csv", "--generated", "b.csv", "-o", "c.txt"], "output='c.txt' mus"),
        (
            ["train", "--real", "a.csv", "--generated", "b.csv", "-o", "c.onnx"],
            "a.csv: the file does not exist",
        ),
    ],
)
def test_a_mistake_is_one_line_and_code_2(
    command: Command,
    arguments: list[str],
    message: str,
    detector: tuple[Path, Remember],
    animals_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, path in (("DETECTOR", detector[0]), ("MODEL", animals_model)):
        arguments = [str(path) if argument == name else argument for argument in arguments]
        message = message.replace(name, str(path))
    error = command("detect", *arguments, code=2)[1]
    assert error.startswith(f"faker-neural: {message}")
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_table_and_a_text_are_told_apart(
    command: Command, mock_file: Path, animals: list[str], tmp_path: Path
) -> None:
    table, output = tmp_path / "real.csv", tmp_path / "a.onnx"
    table.write_text("id,name\n" + "".join(f"{i},{name}\n" for i, name in enumerate(animals)))
    kinds = ["--real", table, "--generated", mock_file, "--column", "name"]
    printed, _ = command("detect", "train", *kinds, "-o", output, "--epochs", 1, "--units", 8)
    assert "unseen: AUC" in printed
    assert f"try: faker-neural detect score {output}" in printed


def test_a_detector_is_shown_and_verified_like_a_model(
    command: Command, detector: tuple[Path, Remember]
) -> None:
    assert "contract    score" in command("info", detector[0])[0]
    assert "exact: the scores of a text from each of" in command("verify", detector[0])[0]


def test_a_copy_of_a_detector_scores_the_same(detector: tuple[Path, Remember]) -> None:
    opened, lines = load_detector(detector[0]), ["red fox", "xof der"]
    again = pickle.loads(pickle.dumps(opened))
    assert again.score(lines).tolist() == opened.score(lines).tolist()


def test_a_score_does_not_depend_on_its_batch(detector: tuple[Path, Remember]) -> None:
    opened = load_detector(detector[0])
    lines = [f"{i} fox {i * i}" for i in range(300)]
    alone = [opened.score([line]).item() for line in lines[::37]]
    assert alone == opened.score(lines).tolist()[::37]
    assert opened.score([]).shape == (0,)


def test_what_is_no_text_is_refused(detector: tuple[Path, Remember]) -> None:
    opened = load_detector(detector[0])
    with pytest.raises(OptionError, match="texts='red fox' must be several texts"):
        opened.score("red fox")
    with pytest.raises(OptionError, match="texts=7 must hold text, not int"):
        opened.score([7])  # type: ignore[list-item]


def test_a_text_model_and_a_detector_are_not_taken_for_each_other(
    detector: tuple[Path, Remember],
) -> None:
    with pytest.raises(ContractError, match=r"is a detector: faker_neural\.load_detector opens it"):
        load(detector[0])
    with pytest.raises(ContractError, match=r"is a text model: faker_neural\.load opens it"):
        load_detector(bundled()["company"])
