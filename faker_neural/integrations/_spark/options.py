"""The options of the Spark data source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from itertools import pairwise
from typing import cast

from faker_neural import OptionError, Options, OptionValues, load
from faker_neural._options import check_count
from faker_neural._seeds import Seed
from faker_neural.integrations._arrow.model_sources import model_source
from faker_neural.integrations._arrow.plan_source import PlanRows
from faker_neural.integrations._arrow.sources import Numbered, Source

__all__ = ["SourceOptions", "read_options"]

_ROWS_OF_A_PARTITION = 100_000
_MOST_PARTITIONS = 100_000
_OWN = (
    *("model", "plan", "table", "url", "rows", "seed", "columns", "row_number"),
    *("start", "stop", "partitions", "push_filters", "rows_per_second"),
)
_DRAW = tuple(field.name for field in fields(Options))
_GIVEN = "given."


@dataclass(frozen=True)
class SourceOptions:
    """The options of a read, checked.

    Args:
        source: the rows.
        partitions: the number of partitions; None for one for 100,000 rows.
        start: the first row to read.
        stop: the row after the last one to read.
        filtered: the column with the number of the row, if filters on it limit the rows.
        rows_per_second: how many rows a stream makes a second.
    """

    source: Source
    partitions: int | None
    start: int
    stop: int
    filtered: str | None
    rows_per_second: int

    def bounds(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the first row of each partition and the row after its last one.

        Args:
            start: the first row.
            stop: the row after the last one.
        """
        count = self.partitions or -(-(stop - start) // _ROWS_OF_A_PARTITION)
        edges = [start + (stop - start) * number // count for number in range(count + 1)]
        return [(begin, end) for begin, end in pairwise(edges) if begin < end]


def read_options(
    given: Mapping[str, str], columns: Sequence[str] | None = None, *, stream: bool = False
) -> SourceOptions:
    """Read the options of a read.

    Args:
        given: the options, all of them text.
        columns: the columns of a schema that the user gave; None for none.
        stream: whether the read is a stream, which needs no number of rows.

    Raises:
        OptionError: an option is unknown, is no number, or is out of range.
        PlanError: the plan does not fit its database.
        MissingFileError: the plan, or a model file, does not exist.
        UnknownModelError: no model has the name.
    """
    own = {name.lower(): value for name, value in given.items()}
    for name, value in own.items():
        if name not in (*_OWN, *_DRAW) and not name.startswith(_GIVEN):
            near = get_close_matches(name, (*_OWN, *_DRAW), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(_OWN)}"
            raise OptionError(name, value, f"is no option; {hint}")
    row_number = own.get("row_number")
    if _flag(own, "push_filters") and row_number is None:
        raise OptionError("push_filters", "true", "needs row_number, the column that filters read")
    listed = list(columns) if columns is not None else _listed(own.get("columns"))
    wanted = None if listed is None else [name for name in listed if name != row_number]
    if wanted == []:
        raise OptionError("columns", row_number, "must be more than the number of the row")
    source = _of_plan(own, wanted) if "plan" in own else _of_model(own, wanted, stream)
    if row_number is not None and (columns is None or row_number in columns):
        source = Numbered(source, row_number)
    stop = _count(own, "stop", source.rows, below=source.rows + 1)
    partitions = _count(own, "partitions", 0, least=1, below=_MOST_PARTITIONS + 1)
    return SourceOptions(
        source,
        partitions or None,
        _count(own, "start", 0, below=stop + 1),
        stop,
        row_number if _flag(own, "push_filters") else None,
        _count(own, "rows_per_second", 1000, least=1),
    )


def _of_plan(own: Mapping[str, str], columns: Sequence[str] | None) -> Source:
    from faker_neural.seeding import plan_table

    for name in own:
        if name == "model" or name in _DRAW or name.startswith(_GIVEN):
            raise OptionError(name, own[name], "does not go with plan, which says it for columns")
    if "table" not in own:
        raise OptionError("table", None, "must name a table of the plan")
    table = plan_table(
        own["plan"],
        own["table"],
        database=own.get("url"),
        rows=_number(own, "rows"),
        seed=_number(own, "seed"),
        columns=columns,
    )
    return PlanRows(table)


def _of_model(own: Mapping[str, str], columns: Sequence[str] | None, stream: bool) -> Source:
    for name in ("table", "url"):
        if name in own:
            raise OptionError(name, own[name], "goes with plan, the path of a seeding plan")
    if "model" not in own:
        raise OptionError("model", None, "must name a model, such as product_name; or give a plan")
    rows = _number(own, "rows")
    if rows is None and not stream:
        raise OptionError("rows", None, "must be the number of rows")
    rows = check_count("rows", 2**40 - 1 if rows is None else rows, below=2**40)
    options = cast(
        OptionValues, dict(Options.parse(f"{key}={own[key]}") for key in own if key in _DRAW)
    )
    names = {column.name.lower(): column.name for column in load(own["model"]).card.columns}
    known = {  # Spark knows no case of the names of options
        names.get(name.removeprefix(_GIVEN), name.removeprefix(_GIVEN)): value
        for name, value in own.items()
        if name.startswith(_GIVEN)
    }
    source = model_source(own["model"], rows, _seed(own.get("seed", "0")), known, options)
    return source if columns is None else source.of(columns)


def _number(own: Mapping[str, str], name: str) -> int | None:
    """Return an option that is a whole number; None if it is not given."""
    text = own.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise OptionError(name, text, "must be a whole number") from None


def _count(
    own: Mapping[str, str], name: str, usual: int, *, least: int = 0, below: int | None = None
) -> int:
    number = _number(own, name)
    return usual if number is None else check_count(name, number, least=least, below=below)


def _flag(own: Mapping[str, str], name: str) -> bool:
    value = own.get(name, "false")
    if value.lower() not in ("true", "false"):
        raise OptionError(name, value, "must be true or false")
    return value.lower() == "true"


def _seed(text: str) -> Seed:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _listed(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",")]
