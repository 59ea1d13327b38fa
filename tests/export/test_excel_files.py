"""Sheets of Excel files as a source of values."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import pytest

from faker_neural import ColumnError
from faker_neural_export.data.columns import read_column
from faker_neural_export.data.files.column_file import ColumnFile
from faker_neural_export.data.files.options import ReadingOptions

Cells = Sequence[Sequence[str | float | datetime | None]]


def workbook(sheets: Mapping[str, Cells]) -> bytes:
    """Return an .xlsx file; a cell that begins with = is an error."""
    main_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    numbered = list(enumerate(sheets, start=1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main_ns}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in numbered)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/{i}.xml"/>'
            for i, _ in numbered
        )
        + f'<Relationship Id="s" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main_ns}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',  # 22 is a date with a time
    }
    for i, name in numbered:
        rows = ("".join(map(_cell, row)) for row in sheets[name])
        data = "".join(f"<row>{row}</row>" for row in rows)
        parts[f"xl/worksheets/{i}.xml"] = (
            f'<worksheet xmlns="{main_ns}"><sheetData>{data}</sheetData></worksheet>'
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return content.getvalue()


def _cell(cell: str | float | datetime | None) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, bool):
        return f'<c t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, str):
        if cell.startswith("="):
            return f'<c t="e"><v>{cell[1:]}</v></c>'
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, datetime):
        days = (cell - datetime(1899, 12, 30)) / timedelta(days=1)
        return f'<c s="1"><v>{days}</v></c>'
    return f"<c><v>{cell}</v></c>"


def read(
    folder: Path, content: bytes, column: str | None = "name", *, sheet: str | None = None
) -> tuple[tuple[str, ...], str]:
    """Write a workbook and read a column: its values, and the note without the folder."""
    path, notes = folder / "a.xlsx", list[str]()
    path.write_bytes(content)
    file = ColumnFile(path, ReadingOptions(sheet=sheet), told=notes.append)
    values = read_column(file, column).values
    return values, "".join(notes).removeprefix(f"{path}: ")


def test_a_sheet_of_excel_is_read(tmp_path: Path) -> None:
    rows: Cells = [
        ["Name ", "price"],
        ["a &amp; b", 7.5],
        ["N/A", 7],
        ["=#N/A", 1],
        [4006381333931, True],
    ]
    book = workbook({"Sheet1": [[], *rows], "Sheet2": []})
    assert read(tmp_path, book, "Name") == (
        ("a & b", "4006381333931"),
        "unescaped HTML entities in 1 cell; read 1 missing value as empty (the first is 'N/A')",
    )
    assert read(tmp_path, book, "price")[0] == ("7.5", "7", "1", "true")


def test_a_sheet_may_have_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook({"A": [["fox", 1], ["owl", 2]]}))
    file = ColumnFile(tmp_path / "a.xlsx", ReadingOptions(header=False))
    assert read_column(file, "1").values == ("fox", "owl")


def test_dates_and_numbers_of_excel_are_text(tmp_path: Path) -> None:
    days = [datetime(2024, 12, 31), datetime(2024, 12, 31, 6, 30)]
    book = workbook({"A": [["name"], [0.1], [1e300], [True], ["007"], [-2], *([d] for d in days)]})
    expected = ("0.1", "1e+300", "true", "007", "-2", "2024-12-31", "2024-12-31 06:30:00")
    assert read(tmp_path, book)[0] == expected


def test_a_workbook_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook({"A": [["name"], ["fox"], ["owl"]]})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_column("-").values == ("fox", "owl")


def test_one_of_several_sheets_is_named(tmp_path: Path) -> None:
    book = workbook({"Old": [["name"], ["fox"], ["owl"]], "New": [["name"], ["elk"], ["yak"]]})
    assert read(tmp_path, book, sheet="New")[0] == ("elk", "yak")
    with pytest.raises(ColumnError, match="has several sheets, name one with --sheet; there are:"):
        read(tmp_path, book)
    with pytest.raises(ColumnError, match="has no sheet 'new'; did you mean 'New'"):
        read(tmp_path, book, sheet="new")


@pytest.mark.parametrize(
    ("content", "sheet", "message"),
    [
        (workbook({"A": []}), None, "has no sheet with cells"),
        (workbook({"A": []}), "A", "sheet 'A' has no cells"),
        (b"name\nfox\n", None, "cannot be read as xlsx (Cannot detect file format)"),
        (b"\xd0\xcf\x11\xe0", None, "is an old or encrypted file; save it as .xlsx without a pass"),
        (
            workbook({"A": [["name", "x"], ["1"]]}),
            None,
            "has no column 'nmae'; did you mean 'name'",
        ),
    ],
)
def test_a_workbook_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes, sheet: str | None, message: str
) -> None:
    with pytest.raises(ColumnError) as caught:
        read(tmp_path, content, "nmae", sheet=sheet)
    assert caught.value.problem.startswith(message)
