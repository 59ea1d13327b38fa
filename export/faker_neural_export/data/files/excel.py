"""Sheets of Excel files."""

from __future__ import annotations

import datetime
import io
import os
from itertools import chain, dropwhile
from typing import TYPE_CHECKING

from faker_neural import ColumnError, MissingExtraError

from .names import hint
from .options import ReadingOptions
from .table import Table, pick

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["read_excel"]

_EXACT = 1e15  # all numbers of Excel are floats, of 15 digits
_OLD = b"\xd0\xcf\x11\xe0"  # .xls, or .xlsx with a password


def read_excel(path: os.PathLike[str], content: bytes, options: ReadingOptions) -> Table:
    """Read a sheet of an .xlsx file.

    A number has the digits that it has in the file, not those that Excel shows; a date is written
    as 2024-12-31. An error such as #N/A is an empty cell.

    Args:
        path: the file, for errors.
        content: its bytes.
        options: the sheet, and whether it has a header.

    Raises:
        ColumnError: the file cannot be read, or it is not clear which sheet is meant.
        MissingExtraError: python-calamine is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ModuleNotFoundError:
        raise MissingExtraError("export", "python-calamine") from None
    if content.startswith(_OLD):
        raise ColumnError(path, "is an old or encrypted file; save it as .xlsx without a password")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return _table(path, _sheet(path, book, options.sheet), options.header)
    except CalamineError as error:
        raise ColumnError(path, f"cannot be read as xlsx ({error})") from None


def _sheet(path: os.PathLike[str], book: CalamineWorkbook, name: str | None) -> CalamineSheet:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    found = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    if name is not None:
        names = [each.name for each in found]
        if name not in names:
            raise ColumnError(path, f"has no sheet {name!r}; {hint(name, names)}")
        return book.get_sheet_by_name(name)
    visible = (each.name for each in found if each.visible == SheetVisibleEnum.Visible)
    sheets = [sheet for sheet in map(book.get_sheet_by_name, visible) if sheet.height]
    if not sheets:
        raise ColumnError(path, "has no sheet with cells")
    if len(sheets) > 1:
        shown = hint("", [sheet.name for sheet in sheets])
        raise ColumnError(path, f"has several sheets, name one with --sheet; {shown}")
    return sheets[0]


def _table(path: os.PathLike[str], sheet: CalamineSheet, header: bool) -> Table:
    cells = (list(map(_text, row)) for row in (sheet.iter_rows() if sheet.height else ()))
    rows = dropwhile(lambda row: not any(row), cells)
    first = next(rows, None)
    if first is None:
        raise ColumnError(path, f"sheet {sheet.name!r} has no cells")
    if header:
        return Table(first, lambda places: pick(rows, places))
    names = [str(i) for i, _ in enumerate(first, start=1)]
    return Table(names, lambda places: pick(chain([first], rows), places))


def _text(cell: object) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.datetime():
            return cell.isoformat(sep=" ")
        case _:
            return str(cell)
