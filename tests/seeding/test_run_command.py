"""seed run: rows written, and what it asks for before it writes."""

from __future__ import annotations

from pathlib import Path

import schemas
from commands import (
    EMPTY,
    SHOP,
    Cli,
    counts,
    made,
    one_line,
)
from sqlalchemy import URL

from faker_neural.seeding import read_plan, seed


def test_run_writes_the_rows_and_reports_them(cli: Cli, shop: URL, plan: Path) -> None:
    printed = cli.done("seed", "run", plan, "--rows", "products=25", "--rows", "categories=4")
    assert counts(shop) == {"categories": 4, "products": 25}
    heads, *rows = (line.split() for line in printed.splitlines())
    assert heads == ["table", "rows", "seconds", "rows/s"]
    assert [row[:2] for row in rows] == [["categories", "4"], ["products", "25"]]


def test_all_four_commands_on_each_database(cli: Cli, database: URL) -> None:
    schemas.create(database, SHOP)
    cli.done("seed", "init", database, "-o", "seed.toml")
    assert "products: 10 rows" in cli.done("seed", "plan", "seed.toml", "--url", database)
    cli.done("seed", "run", "seed.toml", "--url", database, "--dry-run")
    assert counts(database) == EMPTY
    cli.done("seed", "run", "seed.toml", "--url", database, "--rows", "products=30")
    assert counts(database) == {"categories": 10, "products": 30}


def test_rows_may_be_none(cli: Cli, shop: URL, plan: Path) -> None:
    printed = cli.done("seed", "run", plan, "--rows", "products=0", "--rows", "categories=0")
    assert counts(shop) == EMPTY
    assert [line.split()[:2] for line in printed.splitlines()[1:]] == [
        ["categories", "0"],
        ["products", "0"],
    ]


def test_seed_gives_the_librarys_rows(cli: Cli, shop: URL, plan: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "other.db")
    cli.done("seed", "run", plan, "--seed", 7)
    seed(other, read_plan(plan), seed=7)
    assert schemas.dump(shop) == schemas.dump(other)
    cli.done("seed", "run", plan, "--seed", 8, "--url", made(tmp_path / "third.db"))
    assert schemas.dump(shop) != schemas.dump(URL.create("sqlite", database="third.db"))


def test_append_goes_on_as_one_larger_run(cli: Cli, shop: URL, plan: Path, tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.db")
    cli.done("seed", "run", plan, "--rows", "products=12")
    more = ["--rows", "categories=0", "--rows", "products=18", "--append", "--yes"]
    cli.done("seed", "run", plan, *more)
    cli.done("seed", "run", plan, "--rows", "products=30", "--url", whole)
    assert schemas.dump(shop) == schemas.dump(whole)


def test_truncate_empties_the_tables_that_are_named_and_no_other(
    cli: Cli, shop: URL, plan: Path
) -> None:
    cli.done("seed", "run", plan, "--rows", "products=30")
    before = schemas.dump(shop)
    only = ["--truncate", "products", "--rows", "products=5", "--rows", "categories=0", "--yes"]
    cli.done("seed", "run", plan, *only)
    assert schemas.dump(shop)["categories"] == before["categories"]
    assert schemas.dump(shop)["products"] == before["products"][:5]


def test_truncate_refuses_what_other_rows_refer_to(cli: Cli, shop: URL, plan: Path) -> None:
    cli.done("seed", "run", plan)
    before = schemas.dump(shop)
    found = cli("seed", "run", plan, "--truncate", "categories", "--yes")
    assert (found.code, found.out) == (
        2,
        f"sqlite:///{shop.database}: has categories 10, products 10\n",
    )
    assert one_line(found.err) == (
        "seed.toml: truncate categories: products refers to it and has 10 rows; truncate it too"
    )
    assert schemas.dump(shop) == before
    both = ["--truncate", "categories", "--truncate", "products", "--yes"]
    cli.done("seed", "run", plan, *both)
    assert schemas.dump(shop) == before
