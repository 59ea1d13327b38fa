"""What of a plan does not fit a schema, one line each."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import schemas
from sqlalchemy import URL

from faker_neural import PlanError
from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
    preview,
    read_plan,
    seed,
    write_plan,
    write_sql,
)

SEQUENCE, FK, SKIP = ColumnPlan("sequence"), ColumnPlan("fk"), ColumnPlan("skip")


def choice(*values: Any, **options: Any) -> ColumnPlan:
    return ColumnPlan("choice", {"values": list(values), **options})


def between(low: Any, high: Any, **options: Any) -> ColumnPlan:
    return ColumnPlan("range", {"low": low, "high": high, **options})


class File:
    """A plan's file, written and read again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "seed.toml"

    def read(self, text: str) -> Plan:
        self.path.write_text(text, encoding="utf-8")
        return read_plan(self.path)

    def problems(self, text: str) -> tuple[str, ...]:
        with pytest.raises(PlanError) as caught:
            self.read(text)
        return caught.value.problems

    def again(self, plan: Plan) -> Plan:
        return replace(self.read(write_plan(plan)), name=plan.name)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


SHOP = """
CREATE TABLE categories (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, price NUMERIC(6, 2) NOT NULL,
    note VARCHAR(5), stock INTEGER NOT NULL DEFAULT 0, code VARCHAR(8) UNIQUE,
    doubled INTEGER GENERATED ALWAYS AS (id * 2) STORED,
    category_id INTEGER NOT NULL, FOREIGN KEY (category_id) REFERENCES categories (id)
)
"""
GOOD = {
    "id": SEQUENCE, "name": ColumnPlan("faker:word"), "price": between(1, 9), "category_id": FK,
}  # fmt: skip
CATEGORIES = TablePlan(3, {"id": SEQUENCE, "name": ColumnPlan("faker:word")})


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "shop.db"))


@pytest.fixture
def shop(database: URL) -> URL:
    schemas.create(database, SHOP)
    return database


def shop_plan(**columns: ColumnPlan) -> Plan:
    return Plan(
        tables={"categories": CATEGORIES, "products": TablePlan(10, {**GOOD, **columns})},
        name="seed.toml",
    )


def problems(url: URL, plan: Plan, **settings: Any) -> tuple[str, ...]:
    """Return what a run says that does not fit, and see that nothing was written."""
    before = schemas.dump(url)
    with pytest.raises(PlanError) as caught:
        seed(url, plan, **settings)
    assert schemas.dump(url) == before
    assert caught.value.name == plan.name
    return caught.value.problems


def test_a_plan_that_fits_is_carried_out(shop: URL) -> None:
    assert seed(shop, shop_plan()).rows == {"categories": 3, "products": 10}


MISFITS: list[tuple[dict[str, ColumnPlan], str]] = [
    ({"prise": SKIP}, "products.prise: there is no such column, did you mean 'price'?"),
    ({"zzz": SKIP}, "products.zzz: there is no such column; there are: id, name, price, note, "
     "stock, code, doubled, category_id"),
    ({"name": ColumnPlan("neural:produkt_name")}, "products.name: no model is called "
     "'produkt_name': did you mean 'product_name'"),
    ({"name": ColumnPlan("neural:company", {"temprature": 1})}, "products.name: "),
    ({"name": ColumnPlan("neural:company", {"temperature": -1})}, "products.name: temperature=-1 "
     "must be 0 or more"),
    ({"name": ColumnPlan("faker:emaill")}, "products.name: Faker has no 'emaill', did you mean "),
    ({"name": ColumnPlan("faker:qqqq")}, "products.name: Faker has no 'qqqq'"),
    ({"name": ColumnPlan("faker:seed_instance")}, "products.name: Faker has no 'seed_instance'"),
    ({"name": ColumnPlan("faker:__class__")}, "products.name: Faker has no '__class__'"),
    ({"name": ColumnPlan("faker:bothify", {"tekst": "?"})}, "products.name: faker:bothify: "),
    ({"name": ColumnPlan("faker:pystr", {"max_chars": "x"})}, "products.name: faker:pystr: "),
    ({"name": ColumnPlan("faker:name", {"locale": "xx_XX"})}, "products.name: Faker has no locale "
     "'xx_XX'"),
    ({"name": choice("a", wieghts=[1])}, "products.name: choice has no 'wieghts', did you mean "
     "'weights'?"),
    ({"name": choice("a", "b", weights=[1])}, "products.name: weights must be 2 numbers, 0 or "
     "more, one for each value"),
    ({"name": choice("a", "b", weights=[-1, 2])}, "products.name: weights must be 2 numbers, 0 or "
     "more, one for each value"),
    ({"name": choice("a", "b", weights=[0, 0])}, "products.name: weights must be 2 numbers, 0 or "
     "more, one for each value"),
    ({"name": choice("a", "b", weights=["x", "y"])}, "products.name: weights must be 2 numbers, 0 "
     "or more, one for each value"),
    ({"name": choice("a", "b", weights=3)}, "products.name: weights must be 2 numbers, 0 or more, "
     "one for each value"),
    ({"price": between(1, 2, stpe=1)}, "products.price: range has no 'stpe', did you mean 'step'?"),
    ({"id": ColumnPlan("sequence", {"start": "x"})}, "products.id: a sequence starts at a whole "
     "number, with a step of 1 or more"),
    ({"id": ColumnPlan("sequence", {"step": 0})}, "products.id: a sequence starts at a whole "
     "number, with a step of 1 or more"),
    ({"category_id": ColumnPlan("fk", {"skev": 1})}, "products.category_id: fk has no 'skev', did "
     "you mean 'skew'?"),
    ({"category_id": ColumnPlan("fk", {"skew": -1})}, "products.category_id: skew=-1 must be a "
     "number, 0 or more"),
    ({"category_id": ColumnPlan("fk", {"skew": "x"})}, "products.category_id: skew='x' must be a "
     "number, 0 or more"),
    ({"id": replace(SEQUENCE, null=0.1)}, "products.id: null=0.1, but the column may not be NULL"),
    ({"category_id": replace(FK, null=0.5)}, "products.category_id: null=0.5, but the column may "
     "not be NULL"),
    ({"stock": replace(between(1, 5), null=1)}, "products.stock: null=1, but the column may not "
     "be NULL"),
    ({"price": SKIP}, "products.price: may not be NULL and has no default; give it a source"),
    ({"note": FK}, "products.note: is no foreign key of the database"),
    ({"doubled": between(1, 5)}, "products.doubled: is computed by the database; its source must "
     "be skip"),
    ({"note": ColumnPlan("uuid")}, "products.note: "),
    ({"note": choice("abc", "abcdef")}, "products.note: choice "),
    ({"name": choice(None)}, "products.name: "),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "line"), MISFITS)
def test_what_does_not_fit_has_its_line(
    sqlite: URL, columns: dict[str, ColumnPlan], line: str
) -> None:
    schemas.create(sqlite, SHOP)
    (problem,) = problems(sqlite, shop_plan(**columns))
    assert problem.startswith(line)
    assert "\n" not in problem
    assert "Decimal(" not in problem


def test_all_that_does_not_fit_is_listed_at_once(shop: URL) -> None:
    plan = shop_plan(price=SKIP, nam=SKIP, note=ColumnPlan("faker:emaill"), stock=choice("x"))
    plan = replace(plan, tables={"categorys": CATEGORIES, **plan.tables})
    found = problems(shop, plan)
    assert [line.split(": ")[0] for line in found] == [
        "categorys", "products.price", "products.nam", "products.note", "products.stock",
    ]  # fmt: skip
    assert found[0] == "categorys: there is no such table, did you mean 'categories'?"


def test_a_preview_and_a_file_of_sql_say_what_a_run_says(sqlite: URL) -> None:
    schemas.create(sqlite, SHOP)
    plan = shop_plan(price=SKIP, note=FK)
    said = problems(sqlite, plan)
    out = io.StringIO()
    for ask in (lambda: preview(sqlite, plan), lambda: write_sql(sqlite, plan, out)):
        with pytest.raises(PlanError) as caught:
            ask()
        assert caught.value.problems == said
    assert out.getvalue() == ""


def test_two_misfits_are_two_lines_below_one(sqlite: URL) -> None:
    schemas.create(sqlite, SHOP)
    with pytest.raises(PlanError) as caught:
        seed(sqlite, shop_plan(price=SKIP, note=FK))
    assert str(caught.value).splitlines() == [
        "seed.toml: 2 things do not fit",
        "  products.price: may not be NULL and has no default; give it a source",
        "  products.note: is no foreign key of the database",
    ]


def test_a_column_that_must_have_a_value_cannot_be_left_out(sqlite: URL) -> None:
    schemas.create(sqlite, SHOP)
    columns = {name: column for name, column in GOOD.items() if name not in ("name", "price")}
    plan = Plan(tables={"categories": CATEGORIES, "products": TablePlan(10, columns)}, name="p")
    rule = "may not be NULL and has no default; give it a source"
    assert problems(sqlite, plan) == (f"products.name: {rule}", f"products.price: {rule}")


def test_columns_with_a_default_a_null_or_a_foreign_key_can_be_left_out(shop: URL) -> None:
    columns = {name: GOOD[name] for name in ("id", "name", "price")}
    seed(shop, Plan(tables={"categories": CATEGORIES, "products": TablePlan(10, columns)}))
    sql = "SELECT count(*), sum(stock), count(note), count(category_id) FROM products"
    assert schemas.rows(shop, sql) == [(10, 0, 0, 10)]


def test_a_table_without_rows_need_not_be_complete(sqlite: URL) -> None:
    schemas.create(sqlite, SHOP)
    plan = Plan(tables={"products": TablePlan(0, {"note": choice("a")})})
    assert seed(sqlite, plan).rows == {"products": 0}


def test_a_foreign_key_needs_rows_to_refer_to(shop: URL) -> None:
    line = "products.category_id: refers to categories, which has no rows and gets none"
    alone = Plan(tables={"products": TablePlan(10, GOOD)}, name="p")
    assert problems(shop, alone) == (line,)
    none = {"categories": replace(CATEGORIES, rows=0), "products": TablePlan(10, GOOD)}
    assert problems(shop, Plan(tables=none, name="p")) == (line,)
    seed(shop, Plan(tables={"categories": CATEGORIES}))
    assert seed(shop, alone).rows == {"products": 10}


def test_rows_that_are_to_be_deleted_are_not_referred_to(shop: URL) -> None:
    seed(shop, shop_plan())
    before = schemas.dump(shop)
    plan = Plan(tables={"products": TablePlan(10, GOOD)})
    with pytest.raises(PlanError, match="has no rows and gets none"):
        seed(shop, plan, truncate=["categories", "products"])
    assert schemas.dump(shop) == before


def test_truncating_names_tables_that_are_there_and_all_that_refer_to_them(shop: URL) -> None:
    seed(shop, shop_plan())
    before = schemas.dump(shop)
    with pytest.raises(PlanError) as caught:
        seed(shop, shop_plan(), truncate=["product", "categories"])
    assert caught.value.problems == (
        "truncate: there is no table 'product', did you mean 'products'?",
        "truncate categories: products refers to it and has 10 rows; name it as well",
    )
    assert schemas.dump(shop) == before


KINDS: Mapping[str, tuple[str, str, tuple[object, ...]]] = {
    "integer": ("INTEGER", "must be a whole number", ("x", Decimal("1.5"), dt.date(2020, 1, 1))),
    "decimal": ("NUMERIC(6, 2)", "must be a number", ("x", [1], dt.date(2020, 1, 1))),
    "float": ("FLOAT", "must be a number", ("x", [1], dt.time(8))),
    "boolean": ("BOOLEAN", "must be true or false", ("x", 2, dt.date(2020, 1, 1))),
    "date": ("DATE", "must be a date", ("x", 1, dt.time(8))),
    "datetime": ("TIMESTAMP NULL", "must be a date and time", ("x", 1, dt.time(8))),
    "time": ("TIME", "must be a time of day", ("x", 1, dt.date(2020, 1, 1))),
    "text": ("VARCHAR(60)", "must be text", (True, [1], {"a": 1})),
}


ROUNDS = range(3)


@pytest.fixture
def kinds(database: URL) -> URL:
    columns = ", ".join(f"{kind}_ {type_}" for kind, (type_, *_) in KINDS.items())
    schemas.create(database, f"CREATE TABLE t ({columns})")
    return database


def test_values_of_another_kind_than_their_column_do_not_fit(kinds: URL) -> None:
    for turn in ROUNDS:
        columns = {f"{kind}_": choice(values[turn]) for kind, (_, _, values) in KINDS.items()}
        found = problems(kinds, Plan(tables={"t": TablePlan(5, columns)}))
        for (kind, (_, rule, _)), problem in zip(KINDS.items(), found, strict=True):
            assert problem.startswith(f"t.{kind}_: choice")
            assert problem.endswith(rule)


def test_ranges_of_another_kind_than_their_column_do_not_fit(kinds: URL) -> None:
    numbered = {kind: one for kind, one in KINDS.items() if kind != "text"}
    for turn in ROUNDS:
        columns = {
            f"{kind}_": between(values[turn], values[turn])
            for kind, (_, _, values) in numbered.items()
        }
        found = problems(kinds, Plan(tables={"t": TablePlan(5, columns)}))
        for (kind, (_, rule, _)), problem in zip(numbered.items(), found, strict=True):
            assert problem.startswith(f"t.{kind}_: ")
            assert problem.endswith(rule)


@pytest.mark.parametrize(
    "ends", [("a", "b"), (1, dt.date(2020, 1, 1)), (dt.time(8), dt.time(9)), ([], [])]
)
def test_a_range_of_text_is_of_numbers_or_dates(sqlite: URL, ends: tuple[Any, Any]) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(60))")
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(5, {"c": between(*ends)})}))
    assert problem.startswith("t.c: ")


POSTGRESQL: Mapping[str, tuple[str, str, tuple[object, ...]]] = {
    "uuid": ("UUID", "must be a UUID", ("x", 1)),
    "array": ("INTEGER[]", "must be a list", ("x", 1)),
    "bytes": ("BYTEA", "must be bytes or text", (1, [1])),
    "json": ("JSON", "", (dt.date(2020, 1, 1),)),
    "inet": ("INET", "", ("x",)),
    "elements": ("INTEGER[]", "", (["x"],)),
}


@pytest.mark.parametrize("kind", POSTGRESQL)
def test_a_value_that_a_type_of_postgresql_does_not_take_does_not_fit(
    postgresql: URL, kind: str
) -> None:
    type_, rule, values = POSTGRESQL[kind]
    schemas.create(postgresql, f"CREATE TABLE t (c {type_})")
    for value in values:
        plan = Plan(tables={"t": TablePlan(5, {"c": choice(value)})})
        (problem,) = problems(postgresql, plan)
        assert problem.startswith("t.c: choice")
        assert problem.endswith(rule)


SOURCES = [
    ("sequence", "DATE", "a sequence gives numbers"),
    ("uuid", "INTEGER", "a UUID does not go into"),
    ("bytes", "INTEGER", "bytes are for a column of bytes"),
    ("neural:company", "INTEGER", "neural:company gives text"),
    ("faker:email", "INTEGER", "faker:email gives such as"),
    ("faker:email", "DATE", "faker:email gives such as"),
]


@pytest.mark.parametrize(("source", "type_", "rule"), SOURCES)
def test_a_source_of_another_kind_than_the_column_does_not_fit(
    sqlite: URL, source: str, type_: str, rule: str
) -> None:
    schemas.create(sqlite, f"CREATE TABLE t (id INTEGER PRIMARY KEY, c {type_})")
    plan = Plan(tables={"t": TablePlan(5, {"id": SEQUENCE, "c": ColumnPlan(source)})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith(f"t.c: {rule}")


@pytest.mark.parametrize("source", ["uuid", "sequence", "neural:company"])
def test_a_misfit_speaks_of_the_type_as_the_database_does(postgresql: URL, source: str) -> None:
    schemas.create(postgresql, "CREATE TABLE t (c TIMESTAMP)")
    (problem,) = problems(postgresql, Plan(tables={"t": TablePlan(5, {"c": ColumnPlan(source)})}))
    assert "TIMESTAMP" in problem


CHECKED = """
CREATE TABLE t (
    id INTEGER PRIMARY KEY, status VARCHAR(10) NOT NULL CHECK (status IN ('new', 'paid')),
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    price NUMERIC(6, 2) NOT NULL CHECK (price > 0), small SMALLINT NOT NULL
)
"""
CHECKED_GOOD = {
    "id": SEQUENCE, "status": choice("new"), "stars": between(1, 5), "price": between(1, 9),
    "small": between(1, 5),
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "source", "rule"),
    [
        ("status", choice("new", "old"), "must be one of 'new', 'paid'"),
        ("status", ColumnPlan("faker:word"), "must be one of 'new', 'paid'"),
        ("status", ColumnPlan("neural:company"), "must be one of 'new', 'paid'"),
        ("status", SEQUENCE, "must be one of 'new', 'paid'"),
        ("stars", choice(1, 6), "must be at most 5"),
        ("stars", choice(0), "must be at least 1"),
        ("stars", between(0, 5), "must be at least 1"),
        ("stars", between(1, 6), "must be at most 5"),
        ("stars", ColumnPlan("faker:pyint"), "must be at most 5"),
        ("stars", SEQUENCE, "must be at most 5"),
        ("price", between(0, 5), "must be above 0"),
        ("price", choice(-1), "must be above 0"),
        ("price", between(1, 10_000), "must be at most 9999.99"),
        ("price", choice(Decimal("1e30")), "must be at most 9999.99"),
        ("small", between(1, 40_000), "must be at most 32767"),
        ("small", ColumnPlan("sequence", {"start": 32_765}), "must be at most 32767"),
    ],
)
def test_a_value_that_a_check_or_a_type_refuses_does_not_fit(
    sqlite: URL, column: str, source: ColumnPlan, rule: str
) -> None:
    schemas.create(sqlite, CHECKED)
    plan = Plan(tables={"t": TablePlan(10, {**CHECKED_GOOD, column: source})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith(f"t.{column}: ")
    assert problem.endswith(rule)


def test_each_database_tells_its_checks(database: URL) -> None:
    schemas.create(database, CHECKED)
    columns = {
        "id": SEQUENCE, "status": choice("old"), "stars": between(1, 6), "price": choice(0),
        "small": choice(40_000),
    }  # fmt: skip
    found = problems(database, Plan(tables={"t": TablePlan(10, columns)}))
    assert [problem.split(": ")[0] for problem in found] == [
        "t.status", "t.stars", "t.price", "t.small",
    ]  # fmt: skip


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_a_choice_outside_an_enum_does_not_fit(database: URL) -> None:
    if database.get_backend_name() == "postgresql":
        schemas.create(database, "CREATE TYPE mood AS ENUM ('sad', 'ok')")
        type_ = "mood"
    else:
        type_ = "ENUM('sad', 'ok')"
    schemas.create(database, f"CREATE TABLE t (m {type_})")
    for source in (choice("ok", "happy"), ColumnPlan("faker:word"), ColumnPlan("neural:company")):
        plan = Plan(tables={"t": TablePlan(5, {"m": source})}, name="p")
        (problem,) = problems(database, plan)
        assert problem.startswith("t.m: ")
        assert problem.endswith("must be one of 'sad', 'ok'")


def test_a_choice_says_which_of_its_values_does_not_fit(sqlite: URL) -> None:
    schemas.create(sqlite, CHECKED)
    plan = Plan(tables={"t": TablePlan(1, {**CHECKED_GOOD, "status": choice("new", "lost")})})
    (problem,) = problems(sqlite, plan)
    assert "'lost'" in problem


def test_a_sequence_that_outgrows_its_text_does_not_fit(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(1))")
    plan = Plan(tables={"t": TablePlan(10, {"id": SEQUENCE, "c": SEQUENCE})}, name="p")
    (problem,) = problems(sqlite, plan)
    assert problem.startswith("t.c: ")


@pytest.mark.parametrize("type_", ["NUMERIC(6, 2)", "FLOAT", "INTEGER"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_does_not_fit(sqlite: URL, file: File, type_: str, value: str) -> None:
    """SQLite makes NULL of it, and MariaDB refuses it."""
    schemas.create(sqlite, f"CREATE TABLE t (c {type_})")
    for form in (f"{{choice = [{value}]}}", f"{{range = [1, {value}]}}"):
        plan = file.read(f"rows = 5\n[tables.t]\nc = {form}")
        (problem,) = problems(sqlite, plan)
        assert problem.startswith("t.c: ")


@pytest.mark.parametrize(
    "source",
    [between(5, 1), between(1, 5, step=0), between(1, 5, step=-1), between(1, 5, step="x")],
)
def test_a_range_goes_from_low_to_high(sqlite: URL, source: ColumnPlan) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c INTEGER)")
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(5, {"c": source})}))
    assert problem.startswith("t.c: ")
    assert "[LOW, HIGH], the lower one first" in problem or "step" in problem


@pytest.mark.parametrize(
    ("source", "rows", "line"),
    [
        (choice("a", "b"), 3, "t.c: is unique and has 2 values for 3 rows"),
        (between(1, 10), 1_000, "t.c: is unique and has 10 values for 1,000 rows"),
        (between(1, 10, step=3), 5, "t.c: is unique and has 4 values for 5 rows"),
    ],
)
def test_a_unique_column_needs_enough_values(
    sqlite: URL, source: ColumnPlan, rows: int, line: str
) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(9) NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(rows, {"id": SEQUENCE, "c": source})}, name="p")
    assert problems(sqlite, plan) == (line,)


def test_rows_that_are_there_count_against_a_unique_column(database: URL) -> None:
    schemas.create(
        database, "CREATE TABLE t (id INTEGER PRIMARY KEY, c VARCHAR(9) NOT NULL UNIQUE)"
    )
    columns = {"id": SEQUENCE, "c": between(1, 10)}
    seed(database, Plan(tables={"t": TablePlan(6, columns)}))
    plan = Plan(tables={"t": TablePlan(5, columns)}, name="p")
    assert problems(database, plan) == ("t.c: is unique and has 10 values for 11 rows",)


def test_a_composite_key_needs_enough_combinations(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (a INTEGER NOT NULL, b INTEGER NOT NULL, UNIQUE (a, b))")
    plan = Plan(tables={"t": TablePlan(10, {"a": between(1, 3), "b": between(1, 3)})}, name="p")
    assert problems(sqlite, plan) == ("t.a, b: is unique and has 9 values for 10 rows",)


def test_a_join_table_needs_enough_pairs(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY);
        CREATE TABLE ab (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b),
            FOREIGN KEY (a) REFERENCES a (id), FOREIGN KEY (b) REFERENCES b (id))
        """,
    )
    parent = TablePlan(2, {"id": SEQUENCE})
    tables = {"a": parent, "b": parent, "ab": TablePlan(5, {"a": FK, "b": FK})}
    assert problems(database, Plan(tables=tables, name="p")) == (
        "ab.a, b: is unique and has 4 values for 5 rows",
    )


def test_values_that_are_given_twice_count_once(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(9) NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(2, {"c": choice("a", "a")})}, name="p")
    assert problems(sqlite, plan) == ("t.c: is unique and has 1 value for 2 rows",)


def test_a_choice_with_a_weight_of_nothing_has_a_value_less(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c VARCHAR(9) NOT NULL UNIQUE)")
    columns = {"c": choice("a", "b", "c", weights=[1, 1, 0])}
    (problem,) = problems(sqlite, Plan(tables={"t": TablePlan(3, columns)}, name="p"))
    assert problem.startswith("t.c: ")


def test_faker_dates_for_a_unique_column_are_refused_with_what_to_take(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (c DATE NOT NULL UNIQUE)")
    plan = Plan(tables={"t": TablePlan(5, {"c": ColumnPlan("faker:date_object")})}, name="p")
    assert problems(sqlite, plan) == (
        "t.c: is unique, and faker:date_object may repeat; range does not",
    )


def test_a_foreign_key_is_filled_as_a_whole(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE p (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b));
        CREATE TABLE c (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES p (a, b))
        """,
    )
    tables = {
        "p": TablePlan(3, {"a": SEQUENCE, "b": between(1, 9)}),
        "c": TablePlan(3, {"a": FK, "b": between(1, 9)}),
    }
    assert problems(sqlite, Plan(tables=tables, name="p")) == (
        "c.a, b: all columns of a foreign key must be fk, or none",
    )
