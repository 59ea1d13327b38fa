from __future__ import annotations

import json
from pathlib import Path

import polars
import pytest

from faker_neural import ColumnError, MissingFileError
from faker_neural_export.data.columns import Column, read_column

NAMES = ["Oat Milk, 1 l", 'Jam "Plum"', "Käse", "007"]


@pytest.fixture
def table() -> polars.DataFrame:
    return polars.DataFrame({"id": [1, 2, 3, 4], "name": NAMES})


def test_plain_text_has_a_value_a_line(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("\ufeff" + "\r\n".join([*NAMES, "", "  Käse  "]), encoding="utf-8")
    assert read_column(path).values == (*NAMES, "Käse")


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "ndjson", "parquet"])
def test_every_kind_of_table_gives_the_same_values(
    tmp_path: Path, table: polars.DataFrame, kind: str
) -> None:
    path = tmp_path / f"products.{kind}"
    if kind == "csv":
        table.write_csv(path)
    elif kind == "tsv":
        table.write_csv(path, separator="\t")
    elif kind == "parquet":
        table.write_parquet(path)
    else:
        table.write_ndjson(path)
    assert read_column(path, "name").values == tuple(NAMES)
    assert read_column(path, "id").values == ("1", "2", "3", "4")


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    for name, values in (("p[1].parquet", NAMES), ("p1.parquet", ["other", "values"])):
        polars.DataFrame({"name": values}).write_parquet(tmp_path / name)
    assert read_column(tmp_path / "p[1].parquet").values == tuple(NAMES)


def test_the_only_column_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name\nfox\n\nowl\n")
    assert read_column(path).values == ("fox", "owl")


def test_missing_values_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "names.jsonl"
    path.write_text("\n".join(json.dumps({"name": v}) for v in ["fox", None, "", "owl"]))
    assert read_column(path, "name").values == ("fox", "owl")


def test_a_value_stays_on_its_side_when_the_column_grows(animals: list[str]) -> None:
    lines, held_out = Column(Path("a"), tuple(animals)).split()
    assert sorted(lines + held_out) == sorted(animals)
    assert 2 <= len(held_out) <= 25
    more = Column(Path("a"), (*animals, *animals[::3], "mauve yak")).split()
    assert set(lines) - set(more[0]) == set(held_out) - set(more[1]) == set()
    assert not set(more[0]) & set(more[1])


@pytest.mark.parametrize("values", [("a", "b"), ("fox", "owl", "elk")])
def test_neither_side_is_empty(values: tuple[str, ...]) -> None:
    assert all(Column(Path("a"), values).split())


def test_another_column_has_another_fingerprint() -> None:
    prints = {Column(Path("a"), values).fingerprint() for values in (("ab", "c"), ("a", "bc"))}
    assert len(prints) == 2


@pytest.mark.parametrize(
    ("name", "content", "column", "message"),
    [
        ("a.csv", b"id,name\n1,x\n2,y\n", "nmae", "has no column 'nmae'; did you mean 'name'?"),
        (
            "a.csv",
            b"id,name\n1,x\n2,y\n",
            None,
            "has several columns, name one; there are: id, name",
        ),
        ("a.csv", b"", None, "is empty"),
        ("a.csv", b"id,name\n1,\n2,\n", "name", "the column has no values; there must be at"),
        ("a.csv", b"id,name\n1,x\n2,x\n", "name", "the column has one distinct value, 'x'; there"),
        ("a.txt", b"", None, "the column has no values"),
        ("a.txt", b"x\ny\n", "name", "is plain text and has no column 'name'"),
        (
            "a.txt",
            b"fox\nk\xe4se\n",
            None,
            "line 2, byte 1 is not UTF-8 (0xe4); if it is WINDOWS-1252: iconv",
        ),
        ("a.csv", b"name\nfox\nk\xe4se\n", None, "line 3, byte 1 is not UTF-8 (0xe4)"),
        ("a.txt", b"fox\n" + b"o" * 1001, None, "value 2 has 1001 characters; the limit is "),
        ("a.jsonl", b'{"name": "fox"}\n{"name"', None, "line 2 is not JSON ("),
        (
            "a.csv",
            b'name\nowl\n"a red\r\nfox"\n',
            None,
            "value 2 has a line break, 'a red\\nfox'; a value is one line: put spaces there",
        ),
        (
            "a.jsonl",
            b'{"name": ["fox"]}\n{"name": ["x"]}',
            None,
            "line 1: column 'name' holds a list",
        ),
        (
            "a.jsonl",
            b'{"name": {"a": 1}}\n{"name": {"a": 2}}',
            None,
            "line 1: column 'name' holds an object",
        ),
        (
            "a.json",
            b'[{"name": "fox"}]',
            None,
            "ends in .json; it must end in .txt, .csv",
        ),
        ("a.csv", b"name\nfox\n\n" + b"o" * 1001, None, "value 3 has 1001 characters"),
        ("a.parquet", b"PAR1 no", None, "cannot be read as parquet ("),
    ],
)
def test_what_cannot_be_learned_is_named(
    tmp_path: Path, name: str, content: bytes, column: str | None, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ColumnError) as caught:
        read_column(path, column)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for kind in ("txt", "csv", "parquet", "jsonl"):
        with pytest.raises(MissingFileError, match=f"absent.{kind}: the file does not exist"):
            read_column(tmp_path / f"absent.{kind}")
    with pytest.raises(ColumnError, match="is a folder"):
        read_column(tmp_path)
