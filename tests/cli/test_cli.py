from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from faker_neural import bundled, load
from faker_neural.cli import main
from faker_neural.cli._progress import ProgressMonitor
from faker_neural_export import Epoch


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["faker-neural", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


class Command:
    """Runs the command line in this process and gives what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments: object, code: int = 0) -> str:
        assert run(self.monkeypatch, *arguments) == code
        captured = self.capsys.readouterr()
        return captured.out if code == 0 else captured.err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_generate_prints_a_value_a_line(command: Command) -> None:
    expected = load("product_name").generate(4, seed=3, start=2, temperature=0.8)
    printed = command(
        "generate", "product_name", "-n", 4, "--seed", 3, "--start", 2, "--temperature", 0.8
    )
    assert printed.splitlines() == expected


def test_generate_prints_ten_by_default(command: Command) -> None:
    assert command("generate", "product_name").splitlines() == load("product_name").generate(10)


def test_every_format_holds_the_same_values(command: Command) -> None:
    expected = load("product_name").generate(30)
    rows = list(
        csv.reader(io.StringIO(command("generate", "product_name", "-n", 30, "--format", "csv")))
    )
    assert rows == [["product_name"], *([text] for text in expected)]
    lines = command("generate", "product_name", "-n", 30, "--format", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [{"product_name": text} for text in expected]


def test_each_option_of_the_library_is_one_of_generate(command: Command) -> None:
    given = {
        "top_k": 50,
        "top_p": 0.9,
        "min_length": 8,
        "max_length": 20,
        "prefix": "No",
        "pattern": "No.* .*",
        "alphabet": "Nabcdefghijklmnopqrstuvwxyz ",
        "temperature": 0.9,
        "verbatim": "allowed",
    }
    flags = [
        part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)
    ]
    lines = command("generate", "company", "-n", 20, "--unique", *flags).splitlines()
    assert lines == load("company").generate(20, unique=True, **given)


def test_an_output_without_the_characters_is_one_line() -> None:
    command = [sys.executable, "-c", "from faker_neural.cli import main; main()"]
    done = subprocess.run(
        [*command, "generate", "ru_person_name"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("faker-neural: output: ascii has no '\\u")
    assert done.stderr.count("\n") == 1


def test_many_values_are_those_of_one_batch(command: Command, animals_model: Path) -> None:
    printed = command("generate", animals_model, "-n", 10_050).splitlines()
    assert printed == load(animals_model).generate(10_050)


def test_no_values_print_nothing(command: Command) -> None:
    assert command("generate", "product_name", "-n", 0) == ""


def test_models_and_info_say_what_the_card_says(command: Command, animals_model: Path) -> None:
    listing = command("models")
    assert "product_name" in listing
    assert "CC0 1.0" in listing
    shown = command("info", animals_model)
    assert "exact arithmetic" in shown
    assert "of 16,777,216" in shown
    assert "animals.txt" in shown
    assert shown.splitlines()[-5:] == [f"  {text}" for text in load(animals_model).generate(5)]


def test_train_shows_progress_and_writes_a_file_that_generates(
    command: Command, animals_file: Path, tmp_path: Path
) -> None:
    output = tmp_path / "animals.onnx"
    small = ["--units", 8, "--embedding", 4, "--epochs", 2, "--licence", "MIT"]
    printed = command("train", animals_file, "-o", output, *small)
    assert f"wrote {output}; try: faker-neural generate {output}" in printed
    assert "bits a character" in printed
    assert len(command("generate", output).splitlines()) == 10
    command("train", animals_file, "-o", output, *small, "--resume")
    assert load(output).card.data["licence"] == "MIT"


def test_train_tells_of_each_epoch(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    animals_file: Path,
    tmp_path: Path,
) -> None:
    output = tmp_path / "a.onnx"
    assert run(monkeypatch, "train", animals_file, "-o", output, "--units", 8, "--epochs", 2) == 0
    shown = capsys.readouterr().err
    assert "learning words: of the words in values held out, 100% occur in the others" in shown
    assert "86 values to learn from, 14 held out, " in shown
    assert "epoch 2: loss" in shown
    assert "all epochs done; exporting epoch 2" in shown


def test_an_export_of_the_last_epoch_names_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressMonitor() as monitor:
        for number, best in ((1, True), (2, False)):
            monitor.epoch(Epoch(number, 1.0, 1.0, best, (), (), 0.0))
        monitor.exporting(2, "all epochs done")
    shown = capsys.readouterr().err
    assert "all epochs done; exporting epoch 2; --keep best exports epoch 1\n" in shown


def test_export_says_what_it_checked(command: Command, tmp_path: Path) -> None:
    import keras

    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps(["\n", "a", "b"]))
    layers = keras.layers
    keras.Sequential(
        [keras.Input((None,)), layers.Embedding(3, 2), layers.LSTM(4), layers.Dense(3)]
    ).save(tmp_path / "model.keras")
    output = tmp_path / "letters.onnx"
    printed = command("export", tmp_path / "model.keras", "--tokens", tokens, "-o", output)
    assert "a text begins after '\\n' and ends at '\\n'" in printed
    assert "checked against Keras at " in printed
    assert command("generate", output, "-n", 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "produkt_name"], "no model is called 'produkt_name': did you mean 'product"),
        (["generate", "product_name", "-n", "-1"], "n=-1 must be at least 0"),
        (["generate", "product_name", "--temperature", "-1"], "temperature=-1.0 must be 0 or more"),
        (["generate", "product_name", "--length", "0"], "length=0 must be at least 1"),
        (
            ["generate", "product_name", "--greedy", "--temperature", "1"],
            "temperature=1.0 does not go with --greedy, which is 0",
        ),
        (["generate", "product_name", "--temperature", "nan"], "temperature=nan must be 0 or more"),
        (["generate", "product_name", "-n", "ten"], "Invalid value for '-n': "),
        (["generate", "product_name", "--format", "xml"], "Invalid value for '--format': "),
        (["generate", "company", "--pattern", "(a"], "pattern='(a' is no regular expression: mis"),
        (["generate", "company", "--prefix", "a", "--alphabet", "b"], "prefix='a' has 'a', which"),
        (["generate"], "Missing argument 'model'; see faker-neural generate --help"),
        (["generate", "absent.onnx"], "absent.onnx: there is no such model file"),
        (["bake"], "No such command 'bake'; see faker-neural --help"),
        (["train", "absent.csv", "-o", "a.onnx"], "absent.csv: the file does not exist"),
        (["train", "absent.csv", "-o", "a.onnx", "--units", "0"], "units=0 must be at least 1"),
        (["export", "m.keras", "--tokens", "t.json", "-o", "a.onnx"], "t.json: there is no such"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(
    command: Command,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    error = command(*arguments, code=2)
    assert error.startswith(f"faker-neural: {message}")
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_nothing_asked_is_answered_with_help(command: Command) -> None:
    assert command().startswith("Usage: faker-neural")


def test_ctrl_c_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from faker_neural.cli import _commands

    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_commands, "load", interrupted)
    assert run(monkeypatch, "generate", "product_name") == 130
    assert capsys.readouterr().err == "faker-neural: stopped\n"


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("typer", ["models"], "cli"),
        ("rich", ["models"], "cli"),
        ("keras", ["train", "a.csv", "-o", "a.onnx"], "export"),
        ("tf2onnx", ["export", "a.keras", "--tokens", "t", "-o", "a.onnx"], "export"),
    ],
)
def test_a_missing_extra_is_answered_with_what_to_type(
    module: str, arguments: list[str], extra: str
) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None; "
        f"sys.argv = ['faker-neural', *{arguments!r}]; from faker_neural.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        f"faker-neural: {module} is not installed: pip install 'faker-neural[{extra}]'\n"
    )


def test_another_missing_module_is_not_hidden() -> None:
    code = (
        "import sys; sys.modules['onnxruntime'] = None; "
        "sys.argv = ['faker-neural', 'models']; from faker_neural.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode != 0
    assert "onnxruntime" in done.stderr


def test_a_reader_that_stops_early_is_no_error() -> None:
    program = Path(sys.executable).with_name("faker-neural")
    command = f"{program} generate product_name -n 20000 | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout.strip() == load("product_name").generate(1)[0]
    assert done.stderr == ""


def test_verify_checks_every_model_and_fails_if_one_is_not_right(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    two = {name: bundled()[name] for name in ("company", "us_place")}  # make oldest verifies all
    monkeypatch.setattr("faker_neural.cli._commands.bundled", lambda: two)
    assert command("verify").splitlines() == [
        f"{name}: exact: 8 strings, and what follows each of {len(load(name).card.tokens)} tokens"
        for name in two
    ]
    (tmp_path / "text.onnx").write_text("no model")
    names = ["./absent.onnx", tmp_path / "text.onnx", "company"]
    assert run(monkeypatch, "verify", *names) == 1
    absent, text, company = command.capsys.readouterr().out.splitlines()
    assert absent == "./absent.onnx: there is no such model file"
    assert "is truncated or no ONNX model" in text
    assert company.startswith("company: exact")
