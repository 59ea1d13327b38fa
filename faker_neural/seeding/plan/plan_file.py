"""Reads and writes the TOML file of a plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table as TomlTable

from faker_neural import MissingFileError, PlanError
from faker_neural._shown import one_line, shortened
from faker_neural._toml import MOST_TOML, parse_toml
from faker_neural.seeding.domains.numbers import exact_number

from .hints import name_hint, spelling_hint
from .plan import ColumnPlan, Plan, TablePlan

__all__ = ["read_plan", "write_plan"]

_MOST_ROWS = 2**40
_NAMED_SOURCES = ("sequence", "uuid", "bytes", "fk", "skip")
_SOURCE_FORMS = (
    "neural:MODEL, faker:METHOD, row, choice, range, sequence, from, like, uuid, bytes, fk, per, "
    "skip"
)
_SOURCES_WITH_VALUES = ("choice", "range", "sequence", "from", "like", "fk", "per", "row")
_VALUE_OPTIONS = {"choice": "values", "like": "column"}
_EXAMPLES = {
    "choice": "{ choice = [1, 2] }",
    "range": "{ range = [1, 9] }",
    "from": '{ from = "first_name last_name", as = "email" }',
    "like": '{ like = "name", with = "person_name" }',
    "row": '{ row = "us_place", column = "city" }',
    "per": '{ per = "orders", count = [1, 5] }',
}


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan from a TOML file.

    Args:
        path: the path of the file.

    Returns:
        The plan. Decimal numbers in choices, ranges and their steps are exact Decimals, all others
        are floats.

    Raises:
        MissingFileError: the file does not exist.
        PlanError: the file is not a valid plan; the error lists all problems.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = parse_toml(file.read(MOST_TOML + 1), parse_float=_number)
    except FileNotFoundError:
        hint = "the plan file does not exist; write one with faker-neural seed init URL -o FILE"
        raise MissingFileError(path, hint) from None
    except ValueError as error:
        raise PlanError(path, [f"is {error}"]) from None
    problems: list[str] = []
    plan = _plan(_with_floats(content), problems, path.name)
    if problems:
        raise PlanError(path, problems)
    return plan


def write_plan(plan: Plan) -> str:
    """Return a plan as the text of a TOML file, with a comment on each guess.

    Args:
        plan: the plan to write.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment("What each column is filled with. Change what you like; a line"))
    document.add(tomlkit.comment('marked "guess" was read from a name or a comment alone.'))
    if plan.url:
        document["url"] = plan.url
    document["seed"] = plan.seed
    document["rows"] = plan.rows
    if plan.secret_file:
        document["secret_file"] = plan.secret_file
    if plan.defer_constraints:
        document["defer_constraints"] = True
    document["tables"] = tomlkit.table(is_super_table=True)
    for name, table in plan.tables.items():
        document["tables"][name] = _written_table(table)
    for name, why in plan.left_out.items():
        document.add(tomlkit.comment(one_line(f"{name} is not filled: {why}")))
    return tomlkit.dumps(document)


def _number(text: str) -> Decimal | float:
    if text[-1] in "fn":  # inf or nan
        return float(text)
    try:
        return exact_number(text.replace("_", ""))
    except ValueError as error:
        raise ValueError(f"{shortened(text)} {error}") from None


def _with_floats(value: Any, exact: bool = False) -> Any:
    """Convert Decimals to floats, except in choices and ranges, whose values stay exact."""
    if isinstance(value, dict):
        ranged = "range" in value
        return {
            key: _with_floats(one, key in ("choice", "range") or (ranged and key == "step"))
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_with_floats(one, exact) for one in value]
    return float(value) if isinstance(value, Decimal) and not exact else value


def _plan(content: dict[str, Any], problems: list[str], name: str) -> Plan:
    known = ("url", "seed", "rows", "secret_file", "defer_constraints", "tables")
    problems += [
        f"{key} is not a key of a plan{name_hint(key, known)}"
        for key in content
        if key not in known
    ]
    seed = _count(content.get("seed", 0), "seed", problems)
    if seed >= 2**64:
        problems.append(f"seed={shortened(repr(seed))} must be below 2**64")
    tables = content.get("tables", {})
    if not isinstance(tables, dict):
        problems.append("tables must be tables, [tables.NAME]")
        tables = {}
    url = content.get("url", "")
    if not isinstance(url, str):
        problems.append(f'url={shortened(repr(url))} must be text, such as "sqlite:///dev.db"')
    secret_file = content.get("secret_file", "")
    if not isinstance(secret_file, str):
        shown = shortened(repr(secret_file))
        problems.append(f"secret_file={shown} must be text, the path of a file")
    defer = content.get("defer_constraints", False)
    if not isinstance(defer, bool):
        problems.append(f"defer_constraints={shortened(repr(defer))} must be true or false")
    return Plan(
        seed,
        _rows(content.get("rows", 10), "rows", problems),
        url,
        {table: _table(table, given, problems) for table, given in tables.items()},
        name,
        defer_constraints=bool(defer),
        secret_file=str(secret_file),
    )


def _table(name: str, given: object, problems: list[str]) -> TablePlan:
    if not isinstance(given, dict):
        problems.append(f"{name} must be a table, [tables.{name}]")
        return TablePlan()
    columns, rows = dict(given), None
    if not isinstance(given.get("rows"), str | dict):  # else a column called "rows"
        rows = columns.pop("rows", None)
    if _is_table_of_columns(columns.get("columns")):  # for tables with a column called "rows"
        columns |= columns.pop("columns")
    return TablePlan(
        None if rows is None else _rows(rows, f"{name}.rows", problems),
        {column: _column(f"{name}.{column}", value, problems) for column, value in columns.items()},
    )


def _is_table_of_columns(given: object) -> bool:
    """Return whether this is the section [tables.NAME.columns], not a column called "columns"."""
    return isinstance(given, dict) and not {"source", *_SOURCES_WITH_VALUES} & set(given)


def _column(name: str, given: object, problems: list[str]) -> ColumnPlan:
    if isinstance(given, str):
        given = {"source": given}
    if not isinstance(given, dict):
        shown = shortened(repr(given))
        problems.append(f"{name}={shown} is not a source; use one of: {_SOURCE_FORMS}")
        return ColumnPlan("skip")
    options = dict(given)
    null = _share(options.pop("null", 0.0), f"{name}.null", problems)
    named = [key for key in ("source", *_SOURCES_WITH_VALUES) if key in options]
    if len(named) != 1:
        hints = [
            hint
            for key in options
            if (hint := spelling_hint(key, ("source", *_SOURCES_WITH_VALUES)))
        ]
        hint = hints[0] if hints and not named else f" of: {_SOURCE_FORMS}"
        problems.append(f"{name} must have one source{hint}")
        return ColumnPlan("skip")
    value = options.pop(named[0])
    if named[0] == "source":
        return ColumnPlan(_source(name, value, problems), options, null)
    if named[0] == "row":
        return ColumnPlan(f"row:{value}", options, null)
    if named[0] == "per":
        return ColumnPlan("fk", {"per": value, **options}, null)
    found = _READ_VALUE[named[0]](name, value, problems)
    problems += [f"{name} has both {named[0]} and {key}" for key in options if key in found]
    return ColumnPlan(named[0], {**found, **options}, null)


def _source(name: str, value: object, problems: list[str]) -> str:
    text = str(value)
    kind, colon, rest = text.partition(":")
    if (kind in ("neural", "faker") and colon and rest) or text in _NAMED_SOURCES:
        return text
    if text in _EXAMPLES:
        problems.append(f"{name}: {text} needs its values, {_EXAMPLES[text]}")
    else:
        of_kind = tuple(f"{one}:{rest}" for one in ("neural", "faker")) if rest else ()
        hint = spelling_hint(text, (*_NAMED_SOURCES, *of_kind)) or f"; use one of: {_SOURCE_FORMS}"
        problems.append(f"{name}: {shortened(repr(text))} is not a source{hint}")
    return "skip"


def _choice(name: str, value: object, problems: list[str]) -> dict[str, object]:
    if not isinstance(value, list) or not value:
        problems.append(f"{name}.choice={shortened(repr(value))} must be a list of values")
        return {"values": [0]}
    return {"values": value}


def _range(name: str, value: object, problems: list[str]) -> dict[str, object]:
    if not isinstance(value, list) or len(value) != 2:
        problems.append(f"{name}.range={shortened(repr(value))} must be two values, [LOW, HIGH]")
        value = [0, 0]
    return {"low": value[0], "high": value[1]}


def _sequence(name: str, value: object, problems: list[str]) -> dict[str, object]:
    return {"start": value}


def _fk(name: str, value: object, problems: list[str]) -> dict[str, object]:
    if isinstance(value, str):
        value = {"to": value}
    if not isinstance(value, dict):
        rule = 'must be a column, "users.id", or options, { skew = 1.1 }'
        problems.append(f"{name}.fk={shortened(repr(value))} {rule}")
        return {}
    return value


def _from(name: str, value: object, problems: list[str]) -> dict[str, object]:
    columns = value.split() if isinstance(value, str) else value
    if not isinstance(columns, list) or not columns or not all(isinstance(x, str) for x in columns):
        problems.append(f'{name}.from={value!r} must name columns, "first_name last_name"')
        return {"columns": []}
    return {"columns": columns}


def _like(name: str, value: object, problems: list[str]) -> dict[str, object]:
    if not isinstance(value, str) or not value:
        problems.append(f'{name}.like={value!r} must name a column, "name"')
    return {"column": str(value)}


_READ_VALUE = {
    "choice": _choice,
    "range": _range,
    "sequence": _sequence,
    "from": _from,
    "like": _like,
    "fk": _fk,
}


def _count(value: object, name: str, problems: list[str]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        problems.append(f"{name}={shortened(repr(value))} must be a whole number, 0 or more")
        return 0
    return value


def _rows(value: object, name: str, problems: list[str]) -> int:
    rows = _count(value, name, problems)
    if rows > _MOST_ROWS:
        problems.append(f"{name}={shortened(repr(rows))} must be at most {_MOST_ROWS:,}")
        return 0
    return rows


def _share(value: object, name: str, problems: list[str]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        problems.append(f"{name}={shortened(repr(value))} must be a share, 0 to 1")
        return 0.0
    return float(value)


def _written_table(table: TablePlan) -> TomlTable:
    written = tomlkit.table()
    if table.rows is not None:
        written["rows"] = table.rows
    columns = written
    if table.rows is not None and "rows" in table.columns:
        columns = written["columns"] = tomlkit.table()
    for name, column in table.columns.items():
        item = tomlkit.item(_written(column))
        if column.guess:
            item.comment("guess")
        columns[name] = item
    return written


def _written(column: ColumnPlan) -> Any:
    pairs = dict(_pairs(column))
    if list(pairs) == ["source"]:
        return pairs["source"]
    inline = tomlkit.inline_table()
    inline.update(pairs)
    return inline


def _pairs(column: ColumnPlan) -> Iterator[tuple[str, Any]]:
    options = {key: _plain(value) for key, value in column.options.items()}
    match column.source:
        case "choice" | "like" as source:
            yield source, options.pop(_VALUE_OPTIONS[source])
        case "range":
            yield "range", [options.pop("low"), options.pop("high")]
        case "sequence" if "start" in options:
            yield "sequence", options.pop("start")
        case source if source.startswith("row:"):
            yield "row", source.partition(":")[2]
        case "from":
            columns = options.pop("columns")
            spaced = any(" " in column for column in columns)
            yield "from", columns if spaced else " ".join(columns)
        case "fk" if options:
            yield from _foreign_key(options)
            options = {}
        case source:
            yield "source", source
    yield from options.items()
    if column.null:
        yield "null", column.null


def _foreign_key(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a column alone, or the options of a foreign key as an inline table."""
    if "per" in options:
        yield from options.items()
    elif list(options) == ["to"]:
        yield "fk", options["to"]
    else:
        inline = tomlkit.inline_table()
        inline.update(options)
        yield "fk", inline


def _plain(value: Any) -> Any:
    """Convert Decimals to floats and ints, which TOML can store."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
