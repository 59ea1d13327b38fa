"""What filling a table costs, as ratios to inserting it plainly and to filling it by Faker.

Each time in a fresh database: SQLite's in a temporary folder, and one on each server that
`eval "$(.ci/databases)"` has started.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from faker import Faker
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as Printed
from sqlalchemy.types import TypeEngine

from faker_neural.seeding import ColumnPlan, Plan, TablePlan, seed

ROWS, FEW, MANY, LOTS = 100_000, 20_000, 1_000_000, 10_000_000
CATEGORIES = 50
A_BATCH = 5_000
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MEASURED = "import sys, seeding; seeding.print_measured(*sys.argv[1:])"
SERVERS = {"PostgreSQL": "FAKER_NEURAL_TEST_POSTGRESQL", "MariaDB": "FAKER_NEURAL_TEST_MARIADB"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Args:
        title: what is compared.
        ours: the result of this project, with its unit.
        theirs: the result of the alternative, with its unit.
        figure: the ratio or the difference.
        target: what the figure should be.
    """

    title: str
    ours: str
    theirs: str
    figure: str
    target: str


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its type, our plan for it, and the Faker call that a user would write."""

    type: TypeEngine[Any]
    ours: ColumnPlan
    theirs: Callable[[Faker], object]


CONDITIONS = ("new", "used", "refurbished")
NAME = Field(sa.String(120), ColumnPlan("neural:product_name"), lambda fake: fake.catch_phrase())
DESCRIPTION = Field(sa.Text(), ColumnPlan("neural:review"), lambda fake: fake.sentence(8))
COMPANY = Field(sa.String(80), ColumnPlan("neural:company"), lambda fake: fake.company())
PRICE = Field(
    sa.Numeric(8, 2),
    ColumnPlan("range", {"low": 1, "high": 999.99}),
    lambda fake: fake.pydecimal(left_digits=3, right_digits=2, positive=True),
)
CONDITION = Field(
    sa.String(20),
    ColumnPlan("choice", {"values": CONDITIONS}),
    lambda fake: fake.random_element(CONDITIONS),
)
STOCK = Field(
    sa.Integer(), ColumnPlan("range", {"low": 0, "high": 999}), lambda fake: fake.random_int(0, 999)
)

FULL = {"name": NAME, "description": DESCRIPTION, "company": COMPANY, "price": PRICE}
SHORT = {"company": COMPANY, "condition": CONDITION, "price": PRICE}
COUNTED = {"condition": CONDITION, "stock": STOCK, "price": PRICE}
WIDE = {f"column_{n}": (STOCK, PRICE, CONDITION, COMPANY)[n % 40 // 13] for n in range(200)}
TABLES = {
    "name, description, company": (FULL, "", "≤ 0.6", 1),
    "short fields, company": (SHORT, "≤ 3", "≤ 0.6", 1),
    "no drawn text": (COUNTED, "≤ 3", "≤ 1", 1),
    "200 columns, 5 of companies, a tenth of the rows": (WIDE, "", "≤ 1", 10),
}
"""The columns of each table, by its title; the targets for the ratios to plain insertion and to
Faker; and how many times fewer rows it has."""


def plan(fields: Mapping[str, Field], rows: int) -> Plan:
    columns = {
        "id": ColumnPlan("sequence"),
        **{name: field.ours for name, field in fields.items()},
        "category_id": ColumnPlan("fk"),
    }
    return Plan(tables={"products": TablePlan(rows, columns)})


def products(fields: Mapping[str, Field]) -> sa.Table:
    metadata = sa.MetaData()
    sa.Table(
        "categories",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
    )
    return sa.Table(
        "products",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, field.type, nullable=False) for name, field in fields.items()),
        sa.Column("category_id", sa.ForeignKey("categories.id"), nullable=False),
    )


@contextmanager
def database(name: str, table: sa.Table) -> Iterator[sa.Engine]:
    """Yield an engine for a new database with categories and empty products; drop it later."""
    with _empty(name) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        if name == "SQLite":
            sa.event.listen(engine, "connect", lambda db, _: db.execute("PRAGMA foreign_keys = ON"))
        table.metadata.create_all(engine)
        numbers = range(1, CATEGORIES + 1)
        with engine.begin() as connection:
            categories = [{"id": n, "name": f"category {n}"} for n in numbers]
            connection.execute(sa.insert(table.metadata.tables["categories"]), categories)
        yield engine


@contextmanager
def _empty(name: str) -> Iterator[sa.URL]:
    if name == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield sa.URL.create("sqlite", database=str(Path(folder) / "database.sqlite"))
        return
    server, database = sa.make_url(os.environ[SERVERS[name]]), f"bench_{secrets.token_hex(8)}"
    forced = " WITH (FORCE)" if name == "PostgreSQL" else ""  # a vacuum may still run
    _execute(server, f"CREATE DATABASE {database}")
    try:
        yield server.set(database=database)
    finally:
        _execute(server, f"DROP DATABASE {database}{forced}")


def _execute(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


def seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def compared(name: str, title: str, rows: int) -> Iterator[Row]:
    """Fill a table by seeding, then with constant text of equal lengths, then by Faker."""
    fields, target, of_faker, fewer = TABLES[title]
    table, rows = products(fields), rows // fewer
    with database(name, table) as engine:
        ours = seconds(lambda: seed(engine.url, plan(fields, rows), workers=CORES))
        constant = [constant_text(row) for row in all_rows(engine, table)]
    with database(name, table) as engine:
        plainly = seconds(lambda: insert_plainly(engine, table, constant))
        assert len(all_rows(engine, table)) == len(constant) == rows
    with database(name, table) as engine:
        theirs = seconds(lambda: fill_by_faker(engine, table, fields, rows))
    yield ratio(f"{name}, {title} / plain insertion", ours, plainly, target)
    yield ratio(f"{name}, {title} / Faker", ours, theirs, of_faker)


def joined(name: str, rows: int) -> Row:
    """Fill a junction table of two foreign keys by seeding, and by Faker."""
    metadata = sa.MetaData()
    parents = [
        sa.Table(one, metadata, sa.Column("id", sa.Integer, primary_key=True))
        for one in ("products", "tags")
    ]
    keys = [
        sa.Column(f"{one.name}_id", sa.ForeignKey(one.c.id), primary_key=True) for one in parents
    ]
    junction = sa.Table("junction", metadata, *keys)
    sa.Table("categories", metadata, sa.Column("id", sa.Integer), sa.Column("name", sa.String(40)))
    count = int((rows * 10) ** 0.5)  # a tenth of all pairs
    sequence, pairs = (
        TablePlan(count, {"id": ColumnPlan("sequence")}),
        dict.fromkeys(junction.columns.keys(), ColumnPlan("fk")),
    )
    ours_plan = Plan(tables={"junction": TablePlan(rows, pairs)})

    def by_faker(engine: sa.Engine) -> None:
        fake, found = Faker(), set[tuple[int, int]]()
        fake.seed_instance(0)
        while len(found) < rows:
            found.add((fake.random_int(1, count), fake.random_int(1, count)))
        with engine.begin() as connection:
            names = junction.columns.keys()
            values = [dict(zip(names, pair, strict=True)) for pair in found]
            connection.execute(sa.insert(junction), values)

    times = []
    for fill in (lambda engine: seed(engine.url, ours_plan, workers=CORES), by_faker):
        with database(name, junction) as engine:
            seed(engine.url, Plan(tables={one.name: sequence for one in parents}))
            times.append(seconds(lambda: fill(engine)))  # noqa: B023
    return ratio(f"{name}, a junction table / Faker", *times, "≤ 1")


def ratio(title: str, ours: float, theirs: float, target: str) -> Row:
    return Row(title, f"{ours:.1f} s", f"{theirs:.1f} s", f"{ours / theirs:.2f}", target)


def all_rows(engine: sa.Engine, table: sa.Table) -> Sequence[sa.Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(sa.select(table).order_by(table.c.id)).all()


def constant_text(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        name: "x" * len(value) if isinstance(value, str) else value
        for name, value in row._mapping.items()
    }


def insert_plainly(engine: sa.Engine, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in the fast way of the dialect: COPY, or one statement executed for all rows."""
    if engine.dialect.name == "postgresql":
        copy_plainly(engine, table, rows)
        return
    with engine.begin() as connection:
        connection.execute(sa.insert(table), rows)


def copy_plainly(engine: sa.Engine, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    statement = f"COPY {table.name} ({', '.join(table.columns.keys())}) FROM STDIN"
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))


def fill_by_faker(
    engine: sa.Engine, table: sa.Table, fields: Mapping[str, Field], rows: int
) -> None:
    fake = Faker()
    fake.seed_instance(0)
    with engine.begin() as connection:
        for start in range(1, rows + 1, A_BATCH):
            batch = [
                {
                    "id": number,
                    **{name: field.theirs(fake) for name, field in fields.items()},
                    "category_id": fake.random_int(1, CATEGORIES),
                }
                for number in range(start, min(start + A_BATCH, rows + 1))
            ]
            connection.execute(sa.insert(table), batch)


def many_rows(name: str, rows: int) -> Row:
    """Compare many rows with a few: the time and the peak memory of the seeding process."""
    (few, less), (many, more) = measured(name, FEW), measured(name, rows)
    title = f"{name}, peak memory of {rows:,} rows / of {FEW:,}, {many:,.0f} s / {few:,.1f} s"
    return Row(title, f"{more:.0f} MB", f"{less:.0f} MB", f"{more - less:+.0f} MB", "flat")


def measured(name: str, rows: int) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of a seeding in its own process."""
    with database(name, products(SHORT)) as engine:
        url = engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-c", MEASURED, url, str(rows)]
        here = Path(__file__).parent
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=here).stdout
        with engine.connect() as connection:
            count = sa.select(sa.func.count()).select_from(products(SHORT))
            assert connection.execute(count).scalar_one() == rows
    took, peak = json.loads(printed)
    return took, peak


def print_measured(url: str, rows: str) -> None:
    """Seed a database, and print the seconds and the peak memory in MB (Linux)."""
    took = seconds(lambda: seed(url, plan(SHORT, int(rows)), workers=CORES))
    # Not getrusage: it also counts the process that this one was forked from.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if "VmHWM" in line)
    print(json.dumps([took, peak / 1024]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--lots", action="store_true", help=f"{LOTS:,} rows into PostgreSQL too")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    names = ["SQLite", *(name for name, variable in SERVERS.items() if variable in os.environ)]
    rows = [row for name in names for title in TABLES for row in compared(name, title, given.rows)]
    rows += [joined(name, given.rows) for name in names]
    rows.append(many_rows("SQLite", MANY))
    if given.lots:
        rows.append(many_rows("PostgreSQL", LOTS))
    table = Printed(f"{given.rows:,} rows", "ours", "theirs", "figure", "target", box=MARKDOWN)
    for row in rows:
        table.add_row(row.title, row.ours, row.theirs, row.figure, row.target)
    console = Console(width=120, highlight=False)
    console.print(table)
    missing = [name for name in SERVERS if name not in names]
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLAlchemy {sa.__version__}, {CORES} cores, which others loaded with {load:.1f} "
        f"before{''.join(f', no {name}' for name in missing)}"
    )


if __name__ == "__main__":
    main()
