"""How a file of columns is read; the commands make their options from it."""

from __future__ import annotations

from dataclasses import dataclass

from faker_neural import OptionError
from faker_neural._described import described
from faker_neural._options import check_count

__all__ = ["ReadingOptions"]

_TAB = ("tab", "\\t", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    r"""How a file of columns is read.

    Args:
        delimiter: the character between the cells of a line, or "tab". None recognises a comma, a
            semicolon, a tab or a bar in a .csv or .tsv file. A text file with a delimiter is read
            as a table.
        header: whether the first line has the names of the columns. Without it the names are "1",
            "2" and so on.
        sheet: the sheet of an Excel file; None if only one sheet has cells.
        as_is: whether cells are left as they are. Otherwise HTML entities are unescaped, and cells
            such as "NULL" are empty.
        sample: how many rows of a .parquet file, a folder of them or a database table are read,
            1 or more, drawn at random; None for all rows. Memory grows with the sample, not with
            the table.
        sample_seed: another seed draws other rows, 0 to 2**64 - 1.

    Raises:
        OptionError: `delimiter` is not one character, or a number is out of range.
    """

    delimiter: str | None = described(
        None, "CSV: character between cells, or tab.", default="recognised"
    )
    header: bool = described(True, "CSV, Excel: whether the first line names the columns.")
    sheet: str | None = described(None, "Excel: sheet to read.", default="the only one")
    as_is: bool = described(False, "Leave HTML entities and cells such as NULL as they are.")

    sample: int | None = described(None, "Parquet, database: read N random rows.", default="all")
    sample_seed: int = described(0, "Random seed of --sample.")

    def __post_init__(self) -> None:
        if self.sample is not None:
            check_count("sample", self.sample, least=1, below=2**40)
        check_count("sample_seed", self.sample_seed, below=2**64)
        if self.delimiter is not None and (len(self.separator) != 1 or self.separator in '" \r\n'):
            rule = "must be one character that is no space or quote, or tab"
            raise OptionError("delimiter", self.delimiter, rule)

    @property
    def separator(self) -> str:
        """The delimiter as one character, or "" for a delimiter that is to be recognised."""
        return "\t" if self.delimiter in _TAB else self.delimiter or ""

    def check(
        self, kind: str, *, delimiter: bool, header: bool, sheet: bool, sample: bool = False
    ) -> None:
        """Check that each option that is set has a meaning for a kind of file.

        Args:
            kind: what is read, for the message, such as "a .jsonl file".
            delimiter: whether it has delimiters.
            header: whether it may have a line of names.
            sheet: whether it has sheets.
            sample: whether some of its rows can be read.

        Raises:
            OptionError: an option has no meaning.
        """
        if self.delimiter is not None and not delimiter:
            raise OptionError("delimiter", self.delimiter, f"is for CSV and text, not for {kind}")
        if not self.header and not header:
            raise OptionError("header", False, f"is for CSV and Excel, not for {kind}")
        if self.sheet is not None and not sheet:
            raise OptionError("sheet", self.sheet, f"is for Excel, not for {kind}")
        if self.sample is not None and not sample:
            raise OptionError(
                "sample", self.sample, f"is for Parquet and databases, not for {kind}"
            )
