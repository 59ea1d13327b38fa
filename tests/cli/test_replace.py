"""`faker-neural replace`: pseudonyms in a CSV file."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from faker_neural import load
from faker_neural.cli import main

SECRET = "0123456789abcdef0123"
CUSTOMERS = 'id,name,note\r\n1,Ann Smith,"a, ""b"""\r\n2,Bob,\r\n\r\n3,Ann Smith,x\r\n4,,y\r\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAKER_NEURAL_SECRET", raising=False)
    Path("customers.csv").write_bytes(CUSTOMERS.encode())
    Path("key").write_text(f"{SECRET}\n")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["faker-neural", "replace", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


USUAL = ("--column", "name", "--with", "person_name", "--secret-file", "key")


def test_a_column_is_replaced_and_the_rest_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "customers.csv", *USUAL, "-o", "out.csv") == 0
    ann, bob = load("person_name").like(["Ann Smith", "Bob"], SECRET)
    expected = CUSTOMERS.replace("Ann Smith", ann).replace("Bob", bob)
    assert Path("out.csv").read_bytes().decode() == expected
    assert capsys.readouterr().out == "wrote out.csv: 4 rows; equal values stay equal\n"


def test_a_column_that_is_named_twice_is_replaced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "customers.csv", *USUAL, "-o", "one.csv") == 0
    assert run(monkeypatch, "customers.csv", *USUAL, "--column", "name", "-o", "two.csv") == 0
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


def test_the_secret_may_be_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKER_NEURAL_SECRET", SECRET)
    assert run(monkeypatch, "customers.csv", *USUAL[:4], "-o", "one.csv") == 0
    assert run(monkeypatch, "customers.csv", *USUAL, "-o", "other.csv") == 0
    assert Path("one.csv").read_bytes() == Path("other.csv").read_bytes()


def test_a_long_file_with_semicolons_and_a_byte_order_mark_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [f"{i % 50};{i}" for i in range(9_000)]
    Path("long.csv").write_text("\n".join(["name;row", *lines, ""]), encoding="utf-8-sig")
    assert run(monkeypatch, "long.csv", *USUAL, "-o", "out.csv", "--max-length", 20) == 0
    with Path("out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["row"] for row in rows] == [str(i) for i in range(9_000)]
    pseudonyms = load("person_name").like(map(str, range(50)), SECRET, max_length=20)
    assert [row["name"] for row in rows] == pseudonyms * 180


@pytest.mark.parametrize(
    ("content", "arguments", "error"),
    [
        (CUSTOMERS, ("-o", "there.csv"), "output='there.csv' exists; --force replaces it"),
        (CUSTOMERS, ("-o", "o.xlsx"), "output='o.xlsx' must end in .csv, .tsv"),
        (
            CUSTOMERS,
            ("-o", "o.csv", "--column", "nme"),
            "c.csv: has no column 'nme'; did you mean 'name'?",
        ),
        (
            CUSTOMERS,
            ("-o", "o.csv", "--secret-file", "no"),
            "no: the secret file does not exist; openssl rand -hex 32 > FILE makes one",
        ),
        (
            CUSTOMERS,
            ("-o", "o.csv", "--secret-file", "c.csv.short"),
            "secret='3 bytes' must have 16 bytes or more: openssl rand -hex 32 makes one",
        ),
        (CUSTOMERS, ("-o", "o.csv", "--max-length", "0"), "max_length=0 must be at least 1"),
        ("", ("-o", "o.csv"), "c.csv: is empty"),
        ("name,name\nx,y\n", ("-o", "o.csv"), "c.csv: has 2 columns 'name'"),
        ("a,name\n1,2,3\n", ("-o", "o.csv"), "c.csv: line 2 has 3 cells, and line 1 has 2"),
        ('a,name\n1,"2\n', ("-o", "o.csv"), "c.csv: line 2 is no CSV (unexpected end of data)"),
    ],
)
def test_what_is_wrong_is_one_line_and_no_file(
    content: str,
    arguments: tuple[str, ...],
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("c.csv").write_text(content)
    Path("c.csv.short").write_text("abc\n")
    Path("there.csv").write_text("kept")
    before = sorted(Path().iterdir())
    assert run(monkeypatch, "c.csv", *USUAL, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"faker-neural: {error}\n"
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no.csv", "no.csv: the file does not exist"),
        ("c.xlsx", "c.xlsx: must end in .csv, .tsv"),
        (
            "latin.csv",
            "latin.csv: after row 0 there is text that is not UTF-8; convert the file",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    name: str,
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("latin.csv").write_bytes(b"name\nJos\xe9\n")
    assert run(monkeypatch, name, *USUAL, "-o", "o.csv") == 2
    assert capsys.readouterr().err == f"faker-neural: {error}\n"


def test_without_a_secret_the_command_says_how_to_give_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "customers.csv", *USUAL[:4], "-o", "o.csv") == 2
    expected = "secret=None is not given: name its file, or set FAKER_NEURAL_SECRET"
    assert capsys.readouterr().err == f"faker-neural: {expected}\n"
