"""Files as people have them: odd delimiters, quotes, characters, line ends, sheets."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import polars
import pytest

from faker_neural import ColumnError, MissingExtraError, OptionError
from faker_neural._model_file.row_columns import join_row
from faker_neural.cli import main
from faker_neural_export.data.columns import read_column, read_rows, read_values
from faker_neural_export.data.database_table import DatabaseTable
from faker_neural_export.data.files.column_file import ColumnFile
from faker_neural_export.data.files.options import ReadingOptions

Read = Callable[..., tuple[tuple[str, ...], str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read a column: its values, and the note without the folder."""

    def read(
        name: str, content: str | bytes, column: str | None = "name", **options: Any
    ) -> tuple[tuple[str, ...], str]:
        path, notes = tmp_path / name, list[str]()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = ColumnFile(path, ReadingOptions(**options), told=notes.append)
        values = read_column(file, column).values
        assert len(notes) <= 1
        return values, "".join(notes).removeprefix(f"{path}: ")

    return read


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_delimiter_is_recognised_and_named(read: Read, delimiter: str) -> None:
    content = "price;name\n12,50;Oak Table\n7,90;Blue Lamp, small\n".replace(";", delimiter)
    assert read("a.csv", content) == (
        ("Oak Table", "Blue Lamp, small"),
        f"read {delimiter!r} as the delimiter",
    )


def test_a_usual_delimiter_is_not_worth_a_note(read: Read) -> None:
    assert read("a.csv", "name,x\nfox,1\nowl,2\n") == (("fox", "owl"), "")
    assert read("a.tsv", "name\tx\nfox, red\t1\nowl\t2\n") == (("fox, red", "owl"), "")
    assert read("a.tsv", "name,x\nfox,1\nowl,2\n")[1] == "read ',' as the delimiter"


def test_a_semicolon_in_some_cells_does_not_divide_a_comma_file(read: Read) -> None:
    content = 'name,note; more\nfox,a; b\nowl,c\nelk,"d, e; f; g"\n'
    assert read("a.csv", content)[0] == ("fox", "owl", "elk")


def test_decimal_commas_divide_no_line_without_a_header(read: Read) -> None:
    content = 'Oak Table;12,50\nLamp;7,90\n"Rug; small";3,00\n'
    assert read("a.csv", content, "1", header=False)[0] == ("Oak Table", "Lamp", "Rug; small")


def test_the_line_that_excel_writes_first_names_the_delimiter(read: Read) -> None:
    assert read("a.csv", "sep=|\r\nname|x\r\nfox|1\r\nowl|2\r\n")[0] == ("fox", "owl")


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.dat", "a"])
def test_a_delimiter_that_is_given_makes_a_table(read: Read, name: str) -> None:
    assert read(name, "name:x\nfox:1\nowl:2\n", delimiter=":") == (("fox", "owl"), "")


@pytest.mark.parametrize("delimiter", ["tab", "\\t", "\t"])
def test_a_tab_has_a_name(read: Read, delimiter: str) -> None:
    assert read("a.txt", "name\tx\nfox\t1\nowl\t2\n", delimiter=delimiter)[0] == ("fox", "owl")


def test_quotes_within_a_cell_are_characters(read: Read) -> None:
    content = 'name,width\nPipe 3" long,10\nThe "Best" Rug,20\n"A ""B"", C",30\n'
    assert read("a.csv", content) == (('Pipe 3" long', 'The "Best" Rug', 'A "B", C'), "")


def test_a_quote_that_nothing_closes_is_a_character(read: Read) -> None:
    content = 'name\tw\nfox\t1\n"Big rug\t2\nowl\t3\n"Q\tx"\t4\n"last\t5\n'
    assert read("a.tsv", content) == (
        ("fox", '"Big rug', "owl", "Q\tx", '"last'),
        "kept the bare quote of 2 lines (the first is line 3)",
    )


def test_text_after_a_closed_quote_is_kept(read: Read) -> None:
    assert read("a.csv", 'name,w\n"3 inch" nails,1\nowl,2\n') == (
        ("3 inch nails", "owl"),
        "dropped the quotes within cells of 1 line (the first is line 2)",
    )


def test_a_quote_may_follow_a_space(read: Read) -> None:
    assert read("a.csv", 'x, name\n1, "fox, red"\n2, owl\n')[0] == ("fox, red", "owl")


def test_a_quoted_line_break_in_another_column_does_no_harm(read: Read) -> None:
    content = 'name,note\nfox,"two\nlines"\nowl,"3 "" wide\r\nand more"\n'
    assert read("a.csv", content) == (("fox", "owl"), "")


def test_a_cell_after_a_quoted_line_break_is_read_loosely(read: Read) -> None:
    content = 'note,x,name\n"one,\ntwo" three,1,fox\ny,2,owl\n'
    assert read("a.csv", content)[0] == ("fox", "owl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,x\nfox,1\nowl,2,3\n", "line 3 has 3 cells, line 1 has 2; put quotes around a cell"),
        ("name\nfox, red\n", "line 2 has 2 cells, line 1 has 1; put quotes around a cell with ','"),
        ('name,x\n"a, b, c\nowl,1\n', "line 2 has a quote that nothing closes; write it twice"),
        (f"name\n{'x' * 200_000}\n", "line 2 has a cell of more than 131,072 characters"),
        (f'name,x\n"a, b,1\n{"x" * 200_000}', "line 2 has a quote that nothing closes"),
        ("name,x,name\nfox,1,2\n", "has 2 columns 'name' (1, 3); rename them"),
        ("\n \n", "is empty"),
        ("sep=;\n", "is empty"),
    ],
)
def test_what_a_table_lacks_is_said_with_its_line(read: Read, content: str, message: str) -> None:
    with pytest.raises(ColumnError, match=r"a\.csv: ") as caught:
        read("a.csv", content)
    assert caught.value.problem.startswith(message)


def test_empty_cells_at_the_end_of_a_line_do_not_matter(read: Read) -> None:
    content = "name,x\nfox,1,\nowl\n\nelk,2,,\n"
    note = "filled up 1 line with too few cells (the first is line 3)"
    assert read("a.csv", content) == (("fox", "owl", "elk"), note)


def test_white_space_in_a_header_does_not_count(read: Read) -> None:
    assert read("a.csv", ' id ,"Full\nname "\n1,fox\n2,owl\n', "Full name")[0] == ("fox", "owl")
    assert read("a.jsonl", '{"name ": "fox"}\n{"name ": "owl"}')[0] == ("fox", "owl")


def test_a_column_without_a_name_is_called_by_its_number(read: Read) -> None:
    assert read("a.csv", ",x\nfox,1\nowl,2\n", "1")[0] == ("fox", "owl")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("name", "did you mean 'Name'?"), ("PIRCE", "did you mean 'price'?"), ("zz", "there are: ")],
)
def test_a_name_that_is_nearly_right_is_suggested(read: Read, asked: str, hint: str) -> None:
    with pytest.raises(ColumnError, match=f"has no column '{asked}'; ") as caught:
        read("a.csv", "Name ,price\nfox,1\nowl,2\n", asked)
    assert hint in caught.value.problem


def test_a_long_header_is_not_shown_whole(read: Read) -> None:
    with pytest.raises(ColumnError, match=r"c18, c19 and 30 more$"):
        read("a.csv", ",".join(f"c{i}" for i in range(50)))


def test_html_entities_are_unescaped(read: Read) -> None:
    values = {
        "Rug &amp; Lamp": "Rug & Lamp",
        "two&#13;&#10;lines": "two lines",
        "Caf&eacute; &#x41;": "Café A",
        "blue &nbsp; rug": "blue rug",
        "&amp;eacute;t&amp;eacute;": "été",
        "AT&T; &notit; R&D &copy": "AT&T; &notit; R&D &copy",
    }
    note = "unescaped HTML entities in 5 cells"
    assert read("a.txt", "\n".join(values), None) == (tuple(values.values()), note)
    assert read("a.txt", "\n".join(values), None, as_is=True) == (tuple(values), "")


def test_missing_values_are_empty(read: Read) -> None:
    content = "name\nfox\nNULL\n N/A \n\\N\n#DIV/0!\nNull\nNone\n"
    note = "read 4 missing values as empty (the first is 'NULL')"
    assert read("a.csv", content) == (("fox", "Null", "None"), note)
    assert len(read("a.csv", content, as_is=True)[0]) == 7


def test_characters_that_no_text_has_are_dropped(read: Read) -> None:
    content = b"f\0o\0x\r\n\xef\xbb\xbfowl\xed\xa0\xbd\r\n\xed\xa0\xbd\xed\xb8\x80 elk\x1b\r\n\x1a"
    assert read("a.txt", content, None) == (
        ("fox", "owl", "\U0001f600 elk"),
        "dropped 2 NUL characters; dropped 2 control characters; dropped 1 byte order mark; "
        "dropped 1 lone surrogate",
    )


def test_json_is_dropped_and_counted_in_the_same_way(read: Read) -> None:
    content = (
        '{"name": "f\\u0000ox"}\n{"name": "owl\\ud83d"}\n{"name": "&lt;\tN/A"}\n{"name": "N/A"}'
    )
    assert read("a.jsonl", content) == (
        ("fox", "owl", "<\tN/A"),
        "dropped 1 NUL character; dropped 1 lone surrogate; unescaped HTML entities in 1 cell; "
        "read 1 missing value as empty (the first is 'N/A')",
    )


def test_parquet_is_tidied_in_the_same_way(read: Read) -> None:
    values = io.BytesIO()
    polars.DataFrame({"name": ["a &amp; b", "f\0ox", "N/A", None]}).write_parquet(values)
    assert read("a.parquet", values.getvalue())[0] == ("a & b", "fox")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["fox"], ["owl"]], "column 'name' holds List(String), not text"),
        ([b"\xff", b"owl"], "column 'name' is no text (invalid utf8)"),
    ],
)
def test_a_parquet_column_without_text_is_named(
    read: Read, values: list[Any], message: str
) -> None:
    content = io.BytesIO()
    polars.DataFrame({"name": values}).write_parquet(content)
    with pytest.raises(ColumnError) as caught:
        read("a.parquet", content.getvalue())
    assert caught.value.problem == message


def test_a_database_is_tidied_in_the_same_way(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    with closing(sqlite3.connect(tmp_path / "a.db")) as database, database:
        database.execute("CREATE TABLE t (name TEXT)")
        database.executemany("INSERT INTO t VALUES (?)", [("a &amp; b",), ("NULL",), ("fox",)])
    notes = list[str]()
    assert read_column(DatabaseTable(url, "t", told=notes.append), "name").values == (
        "a & b",
        "fox",
    )
    assert "t: unescaped HTML entities in 1 cell; read 1 missing value as empty" in notes[0]
    as_is = DatabaseTable(url, "t", as_is=True, told=notes.append)
    assert len(read_column(as_is, "name").values) == 3
    assert len(notes) == 1


def test_running_text_keeps_entities_and_null(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"if x == NULL:\rNULL\r\n&amp;\0\n")
    assert read_values(path, None) == [["if x == NULL:", "NULL", "&amp;"]]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_line_ends_of_an_old_mac_end_lines(read: Read, name: str) -> None:
    lines = {
        "a.txt": "fox\rowl\r",
        "a.csv": "name\rfox\rowl",
        "a.jsonl": '{"name":"fox"}\r{"name":"owl"}\r',
    }
    column = None if name == "a.txt" else "name"
    assert read(name, lines[name], column) == (("fox", "owl"), "read 2 CR characters as line ends")


def test_line_ends_may_be_mixed(read: Read) -> None:
    assert read("a.txt", "fox\rowl\nelk\r\nyak", None)[0] == ("fox", "owl", "elk", "yak")


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "utf-16-be", "utf-8-sig"])
def test_a_byte_order_mark_says_how_to_read(read: Read, charset: str) -> None:
    mark = "\ufeff" if charset == "utf-16-be" else ""
    content = f"{mark}name\tx\nKäse\t1\nowl\t2\n".encode(charset)
    assert read("a.tsv", content)[0] == ("Käse", "owl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "fox\nKäse\n".encode("utf-16-le"),
            "is not UTF-8; it looks like UTF-16LE: iconv -f UTF-16",
        ),
        ("fox\nKäse\n".encode("utf-16-be"), "is not UTF-8; it looks like UTF-16BE: iconv"),
        (b"\xff\xfef", "cannot be read as UTF-16 (truncated data, byte 2)"),
        (bytes(range(256)) * 9, "is not text"),
        (b"fox\rk\xe4se\r", "line 2, byte 1 is not UTF-8 (0xe4); if it is WINDOWS-1252: iconv"),
        (b"PK\x03\x04", "is not text but an Excel file (.xlsx) or another zip file"),
        (b"\x1f\x8b\x08", "is not text but a gzip file; unpack it"),
        (b"SQLite format 3\0", "is not text but a SQLite database; give its URL, sqlite:///FILE"),
    ],
)
def test_bytes_that_are_no_text_are_named(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(ColumnError) as caught:
        read("a.txt", content, None)
    assert caught.value.problem.startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"name": "x"}\n{\'name\': 1}', "line 2 is not JSON (Expecting property name enclosed"),
        ('\n["fox"]', 'line 2 is not an object, such as {"name": "Rug"}'),
        ('{"name":' + "[" * 100_000, "line 1 is nested too deep"),
        ("\n", "is empty"),
    ],
)
def test_a_line_that_is_no_json_object_is_named(read: Read, content: str, message: str) -> None:
    with pytest.raises(ColumnError) as caught:
        read("a.jsonl", content)
    assert caught.value.problem.startswith(message)


def test_json_numbers_keep_their_digits(read: Read) -> None:
    content = '{"name": 1.50}\n{"name": 12345678901234567890}\n{"name": true}\n{"name": NaN}\n{}'
    assert read("a.jsonl", content)[0] == ("1.50", "12345678901234567890", "true")


@pytest.mark.parametrize("ending", ["xls", "xlsb", "ods"])
def test_another_spreadsheet_has_to_be_saved_as_xlsx(read: Read, ending: str) -> None:
    with pytest.raises(
        ColumnError, match=f"ends in .{ending}, which is not read; save it as .xlsx"
    ):
        read(f"a.{ending}", b"")


@pytest.mark.parametrize(
    ("name", "content", "module"),
    [("a.xlsx", b"", "python_calamine"), ("a.parquet", b"", "polars")],
)
def test_a_missing_library_is_answered_with_what_to_type(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'faker-neural\[export\]'"):
        read(name, content)


def test_rows_are_read_from_the_same_files(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = ["\ufeffcity ;state;share", "Akron + Co;OH;1,5", '"Erie; PA";PA;2,5', "N/A;NULL;"]
    path.write_text("\r\n".join(lines), encoding="utf-8")
    rows = [("Akron + Co", "1,5"), ("Erie; PA", "2,5")]
    assert read_rows(path, ["city", "share"]).values == tuple(map(join_row, rows))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"is a folder without \.parquet files; name a file"):
        read_column(tmp_path)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"cannot be read \(File name too long\)"):
        read_column(tmp_path / f"{'x' * 300}.csv")


def test_a_source_has_the_name_of_its_file() -> None:
    assert [ColumnFile(path).name for path in ("a/b.csv", "-")] == ["b.csv", "standard input"]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.jsonl", {"delimiter": ";"}, "delimiter=';' is for CSV and text, not for a .jsonl file"),
        ("a.txt", {"header": False}, "header=False is for CSV and Excel, not for plain text"),
        ("a.csv", {"sheet": "x"}, "sheet='x' is for Excel, not for a .csv file"),
        ("a.csv", {"delimiter": ";;"}, "delimiter=';;' must be one character that is no space"),
        ("a.csv", {"delimiter": '"'}, "delimiter='\"' must be one character that is no space"),
        ("a.csv", {"delimiter": ""}, "delimiter='' must be one character that is no space"),
    ],
)
def test_an_option_without_a_meaning_is_named(
    read: Read, name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        read(name, "", None, **options)
    assert str(caught.value).startswith(message)


def from_standard_input(
    monkeypatch: pytest.MonkeyPatch, content: bytes, column: str | None, **options: Any
) -> tuple[str, ...]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    return read_column(ColumnFile("-", ReadingOptions(**options)), column).values


@pytest.mark.parametrize(
    ("content", "column", "options"),
    [
        (b"fox\nowl\n", None, {}),
        (b"name;x\nfox;1\nowl;2\n", "name", {}),
        (b"name:x\nfox:1\nowl:2\n", "name", {"delimiter": ":"}),
        (b'\xef\xbb\xbf{"name": "fox"}\n{"name": "owl"}\n', "name", {}),
    ],
)
def test_a_dash_is_standard_input(
    monkeypatch: pytest.MonkeyPatch, content: bytes, column: str | None, options: dict[str, Any]
) -> None:
    assert from_standard_input(monkeypatch, content, column, **options) == ("fox", "owl")


def test_parquet_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    polars.DataFrame({"name": ["fox", "owl"]}).write_parquet(content)
    assert from_standard_input(monkeypatch, content.getvalue(), "name") == ("fox", "owl")


def test_an_error_of_standard_input_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ColumnError, match=r"^standard input: has no column 'nam'; did you mean"):
        from_standard_input(monkeypatch, b"name,x\nfox,1\n", "nam")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.csv", "--column", "name"], "a.csv: read ';' as the delimiter"),
        (["a.csv", "--column", "1", "--no-header", "--delimiter", ";"], ""),
        (["-", "--column", "name"], "standard input: read '|' as the delimiter"),
        (["a.txt"], "a.txt: unescaped HTML entities in 1 cell"),
        (["a.txt", "--as-is"], ""),
    ],
)
def test_the_command_says_in_one_line_what_was_done(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("name;x\nfox;1\nowl;2\n")
    Path("a.txt").write_text("fox &amp; owl\nelk\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name|x\nfox|1\nowl|2\n")))
    monkeypatch.setattr(sys, "argv", ["faker-neural", "train", *arguments, "-o", "a.onnx"])
    with pytest.raises(SystemExit):
        main()
    *notes, error = capsys.readouterr().err.splitlines()
    assert "".join(notes) == said
    assert "distinct values; training needs at least 20" in error
