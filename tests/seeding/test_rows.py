"""Row i of a column comes from (seed, table, column, i) alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import databases
import numpy as np
import pytest
import schemas
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, Plan, TablePlan, propose, seed
from faker_neural.seeding.values.row_random import (
    below,
    column_seed,
    null_mask,
    permutation,
    pick_parent,
    row_keys_of,
)

SHOP = """
CREATE TABLE categories (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, price NUMERIC(8, 2) NOT NULL,
    email VARCHAR(60) NOT NULL, category_id INTEGER REFERENCES categories (id)
)
"""


def filled(url: URL, rows: dict[str, int], **settings: object) -> dict[str, list[tuple]]:
    seed(url, rows, **settings)
    return schemas.dump(url)


@pytest.fixture
def shop(tmp_path: Path) -> URL:
    url = URL.create("sqlite", database=str(tmp_path / "shop.db"))
    schemas.create(url, SHOP)
    return url


@pytest.fixture
def other_shop(tmp_path: Path) -> URL:
    url = URL.create("sqlite", database=str(tmp_path / "other.db"))
    schemas.create(url, SHOP)
    return url


def test_more_rows_change_no_other_row(shop: URL, other_shop: URL) -> None:
    few = filled(shop, {"categories": 5, "products": 40})
    many = filled(other_shop, {"categories": 5, "products": 300})
    assert many["products"][:40] == few["products"]


def test_more_parents_move_few_children(shop: URL, other_shop: URL) -> None:
    few = filled(shop, {"categories": 20, "products": 300})["products"]
    many = filled(other_shop, {"categories": 21, "products": 300})["products"]
    moved = [new for old, new in zip(few, many, strict=True) if old != new]
    assert all(row[-1] == 21 for row in moved)
    assert len(moved) < 40


def test_another_column_and_another_table_change_nothing(shop: URL, tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "wide.db"))
    schemas.create(url, SHOP.replace("price NUM", "colour VARCHAR(20), price NUM"))
    schemas.create(url, "CREATE TABLE audits (id INTEGER PRIMARY KEY, note TEXT)")
    seed(url, {"audits": 5, "categories": 5, "products": 40})
    seed(shop, {"categories": 5, "products": 40})
    sql = "SELECT id, name, price, email, category_id FROM products ORDER BY id"
    assert schemas.rows(url, sql) == schemas.rows(shop, sql)


def test_appended_rows_are_those_of_a_larger_run(shop: URL, other_shop: URL) -> None:
    filled(shop, {"categories": 5, "products": 40})
    appended = filled(shop, {"products": 60}, append=True)
    assert appended == filled(other_shop, {"categories": 5, "products": 100})


def test_the_seed_changes_the_rows_and_not_their_number(shop: URL, other_shop: URL) -> None:
    one = filled(shop, {"categories": 5, "products": 40}, seed=1)
    two = filled(other_shop, {"categories": 5, "products": 40}, seed=2)
    assert len(one["products"]) == len(two["products"])
    assert not set(one["products"]) & set(two["products"])


@pytest.mark.parametrize("settings", [{"workers": 2}, {"chunk": 700}])
def test_processes_and_chunks_change_nothing(shop: URL, other_shop: URL, settings: dict) -> None:
    rows = {"categories": 5, "products": 10_500}
    assert filled(shop, rows) == filled(other_shop, rows, **settings)


def test_three_databases_get_the_same_rows(tmp_path: Path) -> None:
    sql = SHOP.replace("REFERENCES categories (id)", "").replace(
        "\n)", ", FOREIGN KEY (category_id) REFERENCES categories (id)\n)"
    )
    found = []
    for kind in databases.NAMES:
        with databases.empty(kind, tmp_path) as url:
            schemas.create(url, sql)
            plan = propose(url)
            seed(url, replace(plan, rows=30))
            found.append(
                schemas.rows(url, "SELECT id, name, email, category_id FROM products ORDER BY id")
            )
    assert found[0] == found[1] == found[2]


def test_a_null_share_leaves_the_other_values_alone(shop: URL, other_shop: URL) -> None:
    def plan(null: float) -> Plan:
        columns = {
            "id": ColumnPlan("sequence"),
            "name": ColumnPlan("faker:word"),
            "price": ColumnPlan("range", {"low": 1, "high": 9}),
            "email": ColumnPlan("faker:email"),
            "category_id": ColumnPlan("fk", null=null),
        }
        categories = {"id": ColumnPlan("sequence"), "name": ColumnPlan("faker:word")}
        return Plan(
            tables={"categories": TablePlan(5, categories), "products": TablePlan(200, columns)}
        )

    seed(shop, plan(0.0))
    seed(other_shop, plan(0.25))
    whole, some = (schemas.dump(url)["products"] for url in (shop, other_shop))
    assert 30 < sum(row[-1] is None for row in some) < 70
    assert all(new in (old, (*old[:-1], None)) for old, new in zip(whole, some, strict=True))


def test_uniform_numbers_are_the_upper_half_of_a_product() -> None:
    keys = np.array([0, 1, 2**64 - 1], dtype=np.uint64)
    for count in (1, 7, 2**31, 2**40 + 3, 2**62):
        from faker_neural._keys import split_mix

        drawn = split_mix(keys, np.array([5], dtype=np.uint64)).tolist()
        assert below(keys, count, 5).tolist() == [one * count >> 64 for one in drawn]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000, 4097])
def test_a_permutation_gives_each_number_once(count: int) -> None:
    found = permutation(7, np.arange(count), count)
    assert sorted(found.tolist()) == list(range(count))


def test_a_permutation_of_many_is_asked_for_in_part() -> None:
    whole = permutation(3, np.arange(1000), 2**60)
    assert permutation(3, np.array([5, 999]), 2**60).tolist() == whole[[5, 999]].tolist()
    assert len(set(whole.tolist())) == 1000


def test_parents_are_picked_evenly_or_by_zipfs_law() -> None:
    keys = row_keys_of(column_seed(0, "t", "c"), np.arange(100_000))
    counts = np.full(100_000, 10)
    even = np.bincount(pick_parent(keys, counts), minlength=10) / 100_000
    assert np.abs(even - 0.1).max() < 0.005
    weights = 1 / np.arange(1, 11)
    skewed = np.bincount(pick_parent(keys, counts, np.cumsum(weights)), minlength=10) / 100_000
    assert np.abs(skewed - weights / weights.sum()).max() < 0.006


def test_the_share_of_nulls_is_the_one_asked_for() -> None:
    keys = row_keys_of(1, np.arange(100_000))
    assert null_mask(keys, 0.0).sum() == 0
    assert null_mask(keys, 1.0).all()
    assert abs(null_mask(keys, 0.3).mean() - 0.3) < 0.005


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, [1, 2, 3]), ({"start": 5, "step": 10}, [5, 15, 25]), ({"start": 0}, [0, 1, 2])],
)
def test_a_sequence_begins_where_it_is_told(
    shop: URL, options: dict[str, int], expected: list[int]
) -> None:
    columns = {"id": ColumnPlan("sequence", options), "name": ColumnPlan("faker:word")}
    seed(shop, Plan(tables={"categories": TablePlan(3, columns)}))
    assert schemas.rows(shop, "SELECT id FROM categories") == [(number,) for number in expected]


def test_a_sequence_of_text_goes_on_past_the_largest_number(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "text.db"))
    schemas.create(url, "CREATE TABLE t (code VARCHAR(9) PRIMARY KEY); INSERT INTO t VALUES ('x')")
    plan = Plan(tables={"t": TablePlan(12, {"code": ColumnPlan("sequence")})})
    seed(url, plan)
    seed(url, plan, append=True)
    codes = {code for (code,) in schemas.rows(url, "SELECT code FROM t")}
    assert codes == {"x", *map(str, range(1, 25))}


def test_random_keys_are_others_in_a_second_run(database: URL) -> None:
    schemas.create(database, "CREATE TABLE t (id CHAR(36) PRIMARY KEY)")
    plan = Plan(tables={"t": TablePlan(20, {"id": ColumnPlan("uuid")})})
    seed(database, plan)
    seed(database, plan)
    assert schemas.rows(database, "SELECT count(*) FROM t") == [(40,)]
