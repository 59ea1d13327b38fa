"""Which tables, columns and keys of a plan do not fit a schema, one line each."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import schemas
from plans import FK, SEQUENCE, SKIP, between, choice, problems
from sqlalchemy import URL

from faker_neural import PlanError
from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
    preview,
    seed,
    write_sql,
)

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
def shop(database: URL) -> URL:
    schemas.create(database, SHOP)
    return database


def shop_plan(**columns: ColumnPlan) -> Plan:
    return Plan(
        tables={"categories": CATEGORIES, "products": TablePlan(10, {**GOOD, **columns})},
        name="seed.toml",
    )


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
    ({"note": FK}, "products.note: is not a foreign key of the database"),
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
        '  products.note: is not a foreign key of the database; name the column, fk = "users.id"',
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
    line = "products.category_id: refers to categories, which is empty and stays empty"
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
    with pytest.raises(PlanError, match="is empty and stays empty"):
        seed(shop, plan, truncate=["categories", "products"])
    assert schemas.dump(shop) == before


def test_truncating_names_tables_that_are_there_and_all_that_refer_to_them(shop: URL) -> None:
    seed(shop, shop_plan())
    before = schemas.dump(shop)
    with pytest.raises(PlanError) as caught:
        seed(shop, shop_plan(), truncate=["product", "categories"])
    assert caught.value.problems == (
        "truncate: there is no table 'product', did you mean 'products'?",
        "truncate categories: products refers to it and has 10 rows; truncate it too",
    )
    assert schemas.dump(shop) == before


@pytest.mark.parametrize("columns", [{}, {"id": SKIP}])
def test_a_database_that_numbers_its_rows_needs_no_source(
    database: URL, columns: dict[str, ColumnPlan]
) -> None:
    number = {"sqlite": "INTEGER", "postgresql": "SERIAL"}.get(
        database.get_backend_name(), "INT AUTO_INCREMENT"
    )
    schemas.create(database, f"CREATE TABLE t (id {number} PRIMARY KEY, a INT)")
    columns = {**columns, "a": between(1, 9)}
    seed(database, Plan(rows=5, tables={"t": TablePlan(columns=columns)}))
    assert [number for (number,) in schemas.rows(database, "SELECT id FROM t")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "declared",
    [
        "(id INT PRIMARY KEY, a INT)",
        "(id INTEGER PRIMARY KEY DESC, a INT)",
        "(id INTEGER PRIMARY KEY, a INT) WITHOUT ROWID",
    ],
)
def test_a_key_that_sqlite_does_not_number_needs_a_source(sqlite: URL, declared: str) -> None:
    schemas.create(sqlite, f"CREATE TABLE t {declared}")
    (said,) = problems(sqlite, Plan(tables={"t": TablePlan(columns={"a": between(1, 9)})}))
    assert said == "t.id: may not be NULL and has no default; give it a source"
