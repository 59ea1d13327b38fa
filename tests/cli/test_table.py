"""`faker-neural table`: a table of a plan as a file."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import schemas
from sqlalchemy import URL

from faker_neural.cli import main
from faker_neural.seeding import plan_table

SHOP = """
CREATE TABLE categories (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, price NUMERIC(8, 2), sold TIMESTAMP,
    code BLOB, used BOOLEAN, category_id INTEGER NOT NULL REFERENCES categories (id)
)
"""
PLAN = """
url = "sqlite:///{}"
rows = 30

[tables.categories]
id = "sequence"
name = "faker:word"

[tables.products]
id = "sequence"
name = "faker:first_name"
price = {{ range = [0.99, 99.99], null = 0.3 }}
sold = {{ range = [2024-01-01T00:00:00, 2025-12-31T00:00:00] }}
code = {{ source = "bytes", length = 2 }}
used = {{ choice = [true, false] }}
category_id = "fk"
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAKER_NEURAL_DATABASE_URL", raising=False)
    schemas.create(URL.create("sqlite", database=str(tmp_path / "shop.db")), SHOP)
    Path("seed.toml").write_text(PLAN.format(tmp_path / "shop.db"))
    return "seed.toml"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["faker-neural", "table", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def made(plan: str, rows: int | None = None) -> list[dict[str, Any]]:
    return [
        dict(zip(block, row, strict=True))
        for block in plan_table(plan, "products", rows=rows).blocks()
        for row in zip(*block.values(), strict=True)
    ]


def test_parquet_and_arrow_hold_the_rows(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    import pyarrow as pa

    assert run(monkeypatch, plan, "products", "-o", "p.parquet") == 0
    assert run(monkeypatch, plan, "products", "-o", "p.arrow", "--workers", 2) == 0
    assert parquet.read_table("p.parquet").to_pylist() == made(plan)
    with pa.ipc.open_file("p.arrow") as file:
        assert file.read_all().to_pylist() == made(plan)


def test_csv_holds_the_rows_and_null_is_empty(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, plan, "products", "-o", "p.csv") == 0
    with Path("p.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["price"] for row in rows] == [
        "" if row["price"] is None else str(row["price"]) for row in made(plan)
    ]
    assert rows[0]["sold"] == made(plan)[0]["sold"].isoformat()
    assert bytes.fromhex(rows[0]["code"]) == made(plan)[0]["code"]
    assert rows[0]["used"] in ("true", "false")


def test_json_lines_hold_the_rows(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, plan, "products", "-o", "p.jsonl", "--columns", "id, price") == 0
    rows = list(map(json.loads, Path("p.jsonl").read_text().splitlines()))
    assert [list(row) for row in rows[:1]] == [["id", "price"]]
    assert [row["price"] for row in rows] == [
        None if row["price"] is None else float(row["price"]) for row in made(plan)
    ]


def test_more_rows_change_none(
    plan: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, plan, "products", "-o", "few.csv") == 0
    assert run(monkeypatch, plan, "products", "-o", "many.csv", "--rows", "1e3") == 0
    few, many = Path("few.csv").read_text(), Path("many.csv").read_text()
    assert many.startswith(few)
    assert capsys.readouterr().out.splitlines()[1] == "wrote many.csv: 1,000 rows"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["-o", "there.csv"], "output='there.csv' exists; --force replaces it"),
        (["-o", "p.xml"], "output='p.xml' must end in .parquet, .arrow, .csv, .jsonl"),
        (["-o", "no/p.csv"], "no: the folder does not exist"),
        (["-o", "folder.csv"], "output='folder.csv' is a folder"),
        (
            ["-o", "p.csv", "--rows", "1.5"],
            "rows='1.5' must be a whole number, such as 1000000 or 1e6",
        ),
        (["-o", "p.csv", "--rows", "many"], "must be a whole number, such as 1000000 or 1e6"),
        (["-o", "p.csv", "--rows", "1e99999999"], "must be a whole number, such as 1000000 or 1e6"),
        (["-o", "p.csv", "--rows", "nan"], "must be a whole number, such as 1000000 or 1e6"),
        (["-o", "p.csv", "--rows", "-1"], "must be a whole number, such as 1000000 or 1e6"),
        (["-o", "p.csv", "--workers", "0"], "workers=0 must be at least 1"),
        (["-o", "p.csv", "--columns", "nme"], "products has no column 'nme', did you mean 'name'?"),
    ],
)
def test_what_is_wrong_is_one_line_and_no_file(
    arguments: list[str],
    error: str,
    plan: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("there.csv").write_text("kept")
    Path("folder.csv").mkdir()
    before = sorted(Path().iterdir())
    assert run(monkeypatch, plan, "products", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("faker-neural: ")
    assert printed.err.endswith(f"{error}\n")
    assert printed.err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
    assert Path("there.csv").read_text() == "kept"


def test_force_replaces_a_file(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("p.csv").write_text("old")
    assert run(monkeypatch, plan, "products", "-o", "p.csv", "--force") == 0
    assert Path("p.csv").read_text().startswith("id,name")


def test_a_stopped_command_leaves_no_file(plan: str) -> None:
    command = "from faker_neural.cli import main; main()"
    arguments = ["table", plan, "products", "--rows", "1e9", "--columns", "price", "-o", "p.csv"]
    running = subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not list(Path().glob(".p.csv.*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGINT)
    _, error = running.communicate(timeout=60)
    assert (running.returncode, error) == (130, "faker-neural: stopped\n")
    assert not list(Path().glob("*.csv"))
    assert not list(Path().glob(".p.csv.*"))
