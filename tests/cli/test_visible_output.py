"""What a stranger's file holds is shown at a terminal, and never obeyed by it."""

from __future__ import annotations

import csv
import io
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from letters import card, save

from faker_neural import ModelFileError, OptionError, PlanError
from faker_neural._shown import one_line, shortened, visible
from faker_neural.cli import main
from faker_neural.cli._terminal import VisibleConsole, VisibleTable

EVIL = "\x1b[2J\x1b]0;pwn\x07"
ROWS = "import sys; sys.argv[0] = 'faker-neural'; from faker_neural.cli import main; main()"


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A model whose card and tokens hold all that steers a terminal."""
    made = card(
        name="\x1b[31mred [bold]x[/bold]\n",
        tokens=("", EVIL, "=b\r\n", "\u202ec\x9b"),
        data={"source": f"{EVIL}[link=http://evil]x[/link]", "licence": "\u2066[red]r"},
        training={"[bold]k": "\n\n\x1b[2J"},
    )
    return save(tmp_path, made).rename(tmp_path / "evil.onnx")


def hidden(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}


def printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> str:
    monkeypatch.setattr(sys, "argv", ["faker-neural", *map(str, arguments)])
    with pytest.raises(SystemExit):
        main()
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize(
    "command",
    [
        ["info", "FILE"],
        ["models"],
        ["verify", "FILE"],
        ["verify", "evil"],
        ["generate", "FILE", "--label", EVIL],
        ["generate", "FILE", "--pattern", f"{EVIL}[a"],
        ["generate", "./no\x1b[2J.onnx"],
        ["generate", "no\u202e"],
        ["seed", "init", "sqlite:///\x1b[2J.db"],
        ["seed", "plan", "\x1b[2J.toml"],
        ["\x1b[2J"],
    ],
)
def test_a_command_prints_no_control_character(
    command: list[str],
    evil: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FAKER_NEURAL_PATH", str(evil.parent))
    command = [str(evil) if one == "FILE" else one for one in command]
    found = printed(monkeypatch, capsys, *command)
    assert found
    assert not hidden(found)


def at_a_terminal(*arguments: object) -> str:
    """Run the command line with standard output on a terminal, and return what it prints."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", ROWS, *map(str, arguments)]
    subprocess.run(command, stdout=theirs, check=True)
    os.close(theirs)
    found = b""
    try:
        while some := os.read(ours, 2**16):
            found += some
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return found.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("form", ["text", "jsonl", "csv"])
def test_values_are_visible_at_a_terminal(form: str, evil: Path) -> None:
    found = at_a_terminal("generate", evil, "--format", form)
    assert not hidden(found)
    assert r"\x1b[2J" in found or r"\u001b[2J" in found


def test_values_are_unchanged_in_a_pipe(
    evil: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(monkeypatch, capsys, "generate", evil)
    assert EVIL in found
    assert "\u202ec" in found


def test_a_cell_that_begins_a_formula_gets_an_apostrophe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = card(name="=1+1", tokens=("", "=", "-", "a"))
    path = save(tmp_path, made)
    command = ["generate", path, "-n", 50, "--format", "csv"]
    plain = list(csv.reader(io.StringIO(printed(monkeypatch, capsys, *command))))
    safe = list(csv.reader(io.StringIO(printed(monkeypatch, capsys, *command, "--csv-safe"))))
    assert safe == [[f"'{one}" if one[0] in "=-" else one] for [one] in plain]
    assert safe[0] == ["'=1+1"]


def test_csv_safe_is_for_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(monkeypatch, capsys, "generate", save(tmp_path, card()), "--csv-safe")
    assert found == "faker-neural: csv_safe=True is for --format csv, not text\n"


def test_what_has_a_shape_and_what_is_printable_stays() -> None:
    text = "née 日本\u3000語 👩\u200d💻 \u0645\u06cc\u200c\u062e \u00a0"
    assert visible(text) == text
    assert visible("a\u202eb\x9bc\n\ud800\u200b") == r"a\u202eb\x9bc\n\ud800\u200b"


def test_an_error_shows_what_it_quotes() -> None:
    assert str(ModelFileError("a\x1b.onnx", "b\u202e")) == r"a\x1b.onnx: b\u202e"
    assert str(PlanError("p\n.toml", ["a\x07", "b\n"])) == (
        "p\\n.toml: 2 things do not fit\n  a\\x07\n  b\\n"
    )


def test_an_error_shortens_what_it_quotes() -> None:
    assert len(str(OptionError("prefix", "a" * 10**6, "is long"))) < 300
    assert len(str(ModelFileError("a", "b" * 10**6))) == 1000
    many = str(PlanError("p", ["x"] * 1000)).splitlines()
    assert len(many) == 102
    assert many[-1] == "  and 900 more"
    assert shortened("abc", 3) == "abc"
    assert one_line(" a\n b\x1b" + "c" * 1000).startswith(r"a b\x1bccc")


def test_the_title_and_the_caption_of_a_table_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = VisibleTable("a", title=f"one{EVIL}", caption=f"two{EVIL}")
    VisibleConsole(width=80).print(table)
    shown = capsys.readouterr().out
    assert hidden(shown) == set()
    assert all(part in shown for part in ("one", "two"))
