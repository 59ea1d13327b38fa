"""What a terminal shows, and learning a column of a table."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import schemas
from commands import (
    PROGRAM,
    Cli,
    made,
)
from sqlalchemy import URL, text


def test_a_terminal_sees_bars_and_then_the_table(cli: Cli, plan: Path, shop: URL) -> None:
    import pty

    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "seed", "run", str(plan), "--rows", "products=40", "--chunk", "10"],
        stdout=subprocess.PIPE, stderr=terminal, text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(terminal)
    with ThreadPoolExecutor(1) as pool:  # else the terminal is full at some time
        read = pool.submit(everything, control)
        out, _ = process.communicate(timeout=30)
        seen = read.result(timeout=30)
    assert process.returncode == 0
    assert "products" in seen
    assert "40/40" in seen
    assert "rows/s" in seen
    assert out.splitlines()[-1].split()[:2] == ["products", "40"]


def everything(control: int) -> str:
    found = b""
    with contextlib.suppress(OSError):  # Linux's way to say that the other end is closed
        while part := os.read(control, 65536):
            found += part
    os.close(control)
    return found.decode()


def test_without_a_terminal_nothing_but_the_table_is_printed(cli: Cli, plan: Path) -> None:
    done = cli("seed", "run", plan)
    assert done.err == ""
    assert "\x1b" not in done.out


# train


@pytest.fixture
def animals_table(tmp_path: Path, animals: list[str]) -> URL:
    url = made(tmp_path / "zoo.db", "CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT)")
    with schemas.connected(url) as connection:
        for name in animals[:60]:
            connection.execute(text("INSERT INTO animals (name) VALUES (:name)"), {"name": name})
    return url


def test_train_learns_a_column_of_a_table(
    cli: Cli, animals_table: URL, shop: URL, plan: Path
) -> None:
    small = ["--units", 8, "--embedding", 4, "--epochs", 1, "--licence", "MIT"]
    of = ["--table", "animals", "--column", "name"]
    printed = cli("train", animals_table, *of, "-o", "x.onnx", *small)
    assert printed.code == 0
    assert "wrote x.onnx" in printed.out
    plan.write_text(re.sub(r"(?m)^note = .*$", 'note = "neural:./x.onnx"', plan.read_text()))
    cli.done("seed", "run", plan)
    assert schemas.rows(shop, "SELECT count(note) FROM products") == [(10,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--table", "animal", "--column", "name"], "has no table 'animal'; did you mean 'animals"),
        (["--table", "zzz", "--column", "name"], "has no table 'zzz'; there are: animals"),
        (["--table", "animals", "--column", "nam"], "has no column 'nam'; did you mean 'name'?"),
        (["--table", "animals"], "needs the name of a column; there are: id, name"),
        (["--column", "name"], "must name the table of the database to learn from"),
    ],
)
def test_train_on_a_table_or_column_that_is_not_there_is_one_line(
    cli: Cli, animals_table: URL, arguments: list[str], message: str
) -> None:
    said = cli.refused("train", animals_table, *arguments, "-o", "x.onnx", "--epochs", "1")
    assert message in said
    assert not Path("x.onnx").exists()


def test_train_on_a_database_that_is_not_there_is_one_line(cli: Cli) -> None:
    of = ["--table", "t", "--column", "c", "-o", "x.onnx"]
    assert cli.refused("train", "sqlite:///absent.db", *of) == (
        "absent.db: there is no such database"
    )
    said = cli.refused("train", "postgresql://me:s3cr3t@127.0.0.1:1/dev", *of)
    assert "s3cr3t" not in said
