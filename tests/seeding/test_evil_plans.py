"""What a stranger's plan may ask for has limits by value; each error is a short line, and soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import schemas
from plans import File
from sqlalchemy import URL

from faker_neural import FakerNeuralError
from faker_neural.seeding import preview

SIZE = "must be 0, or a number of a size from 1e-400 to 1e400"


@pytest.fixture
def wide(tmp_path: Path) -> URL:
    url = URL.create("sqlite", database=str(tmp_path / "wide.db"))
    (tmp_path / "wide.db").touch()
    schemas.create(
        url,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, d NUMERIC(10, 2), f REAL, "
        "b BLOB, j JSON, at TIMESTAMP, e NUMERIC(65, 30))",
    )
    return url


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ('n = { choice = ["1e1000000000"] }', "must be a whole number"),
        ('d = { range = ["1e1000000000", "2e1000000000"] }', SIZE),
        ("d = { choice = [1e1000000000] }", SIZE),
        ("f = { range = [1e-999999999, 1.5] }", SIZE),
        ("name = { source = 'faker:word', null = 1e-1000000000 }", SIZE),
        (f"d = {{ choice = ['{'1' * 2000}'] }}", SIZE),
        ("f = { range = [0, '1e300'] }", "at most 2**62 values; give a larger step"),
        ("j = { choice = [{ a = [inf] }] }", "must be of text, numbers"),
        ("n = { sequence = 9223372036854775806, step = 9223372036854775807 }", "below 2**63"),
        (f"name = {{ sequence = {'9' * 4000} }}", "a start and a step below 2**63"),
        ("b = { source = 'bytes', length = 4611686018427387904 }", "length of 1 to 1,048,576"),
        ("name = { source = 'faker:text', max_nb_chars = 1000000000 }", "at most 10,000"),
        ("name = { source = 'faker:password', length = -1000000000 }", "at most 10,000"),
        ("name = { source = 'faker:words', nb = 1e9 }", "at most 10,000"),
        ("name = { source = 'faker:json', num_rows = 1000000000 }", "at most 10,000"),
        (f"name = {{ source = 'faker:bothify', text = '{'#' * 10**5}' }}", "at most 10,000"),
        ("b = { source = 'faker:image', size = [100000, 100000] }", "at most 1,048,576 pixels"),
        ("name = { source = 'faker:json', data_columns = { a = [[1e9]] } }", "at most 10,000"),
        ("at = { from = 'id', as = 'after', within = 1000000000000 }", "days from 0 to 100,000"),
        ("at = { from = 'id', as = 'after', until = 'x' }", "must be a date, such as 2025-12-31"),
        ("n = { from = 'id', as = 'after', per_second = 0 }", "must be 1 or 1000"),
        ("d = { from = 'id', as = 'with_tax', rate = '1e1000000000' }", "a rate, 0 to 1,000"),
        ("name = { choice = ['1e999999999'] }\nd = { from = 'name', as = 'sum' }", SIZE),
        ("name = { choice = ['a', 'b'], weights = [1e308, 1e308] }", "weights must be 2 numbers"),
        ("rows = 99999999999999999999", "must be at most 1,099,511,627,776"),
        (f"x = {'[' * 100_000}", "is not valid TOML: it is nested too deeply"),
        (f"x{'.x' * 50_000} = 1", "is not valid TOML: a key has more than 100 parts"),
        (f"x = {'9' * 5000}", "is not valid TOML: a number has too many digits"),
        (f"x = '{'a' * 2**24}'", "is larger than 16 MB"),
        (f"n = {{ choice = ['{'x' * 10**6}'] }}", "must be a whole number"),
        (f"n = '{'x' * 10**6}'", "is not a source"),
    ],
)
def test_a_value_that_is_too_much_is_one_short_line(
    column: str, problem: str, wide: URL, tmp_path: Path
) -> None:
    started = time.process_time()
    text = f"[tables.t]\nid = 'sequence'\n{column}\n"
    with pytest.raises(FakerNeuralError) as caught:
        preview(wide, File(tmp_path).read(text), n=3)
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 700
    assert "\n" not in str(caught.value)
    assert time.process_time() - started < 10


def test_a_key_in_a_text_has_any_number_of_parts(tmp_path: Path) -> None:
    listed = "{}: {}".format("a b." * 300, ". " * 300)
    plan = File(tmp_path).read(f"[tables.t]\nname = {{ choice = ['{listed}'] }}")
    assert plan.tables["t"].columns["name"].options["values"] == [listed]


LONG = "12345678901234567890123456789012345.123456789012345678901234567891"


@pytest.mark.parametrize("source", [f"choice = ['{LONG}']", f"range = ['{LONG}', '{LONG}']"])
@pytest.mark.parametrize("how", ["sum", "product"])
def test_decimals_keep_all_their_digits(sqlite: URL, tmp_path: Path, source: str, how: str) -> None:
    number = "NUMERIC(65, 30)"
    schemas.create(sqlite, f"CREATE TABLE t (id INTEGER PRIMARY KEY, e {number}, f {number})")
    columns = f"id = 'sequence'\ne = {{ {source} }}\nf = {{ from = 'e', as = '{how}' }}"
    (row,) = preview(sqlite, File(tmp_path).read(f"[tables.t]\n{columns}"), n=1)["t"]
    assert (str(row["e"]), str(row["f"])) == (LONG, LONG)


def test_numbers_that_are_values_may_be_large(wide: URL, tmp_path: Path) -> None:
    text = "[tables.t]\nid = 'sequence'\nn = { source = 'faker:pyint', min_value = 10000000, "
    plan = File(tmp_path).read(f"{text}max_value = 10000000 }}")
    assert preview(wide, plan, n=1)["t"][0]["n"] == 10_000_000
