"""seed init and seed plan: a plan written and looked at."""

from __future__ import annotations

import re
from pathlib import Path

import databases
import pytest
import schemas
from commands import (
    EMPTY,
    SECRET,
    SHOP,
    Cli,
    counts,
    made,
    with_password,
)
from sqlalchemy import URL, make_url

from faker_neural.seeding import read_plan


def test_init_prints_the_plan(cli: Cli, shop: URL) -> None:
    printed = cli.done("seed", "init", shop)
    Path("seed.toml").write_text(printed)
    assert set(read_plan("seed.toml").tables) == {"categories", "products"}


def test_init_writes_the_plan_and_says_what_to_try(cli: Cli, shop: URL) -> None:
    printed = cli.done("seed", "init", shop)
    said = cli.done("seed", "init", shop, "-o", "seed.toml")
    assert Path("seed.toml").read_text() == printed
    guesses = printed.count("# guess")
    assert said == (
        f"wrote seed.toml: 2 tables, 7 columns, {guesses} of them guessed by name; "
        "try: faker-neural seed plan seed.toml\n"
    )


def test_init_never_writes_over_a_file(cli: Cli, shop: URL) -> None:
    Path("seed.toml").write_text("mine")
    said = cli.refused("seed", "init", shop, "-o", "seed.toml")
    assert said == "output='seed.toml' is there already; remove it, or name another"
    assert Path("seed.toml").read_text() == "mine"


def test_init_reads_the_tables_that_are_named(cli: Cli, shop: URL) -> None:
    cli.done("seed", "init", shop, "--only", "products", "-o", "seed.toml")
    assert list(read_plan("seed.toml").tables) == ["categories", "products"]  # which must refer
    said = cli.refused("seed", "init", shop, "--only", "product", "-o", "other.toml")
    assert said.endswith("there is no table 'product', did you mean 'products'?")
    assert not Path("other.toml").exists()


def test_init_of_a_database_without_tables_says_so(cli: Cli, tmp_path: Path) -> None:
    """Most likely it is another one than was meant."""
    url = made(tmp_path / "empty.db", "")
    assert "no tables" in cli.refused("seed", "init", url, "-o", "seed.toml")
    assert "no tables" in cli.refused("seed", "init", "sqlite://")


def test_the_url_in_a_plan_opens_the_same_database(cli: Cli, postgresql: URL) -> None:
    """What else stands in a URL than a password says where the database is, too."""
    schemas.create(postgresql, SHOP)
    url = postgresql.set(
        host="localhost.invalid", query={"hostaddr": "127.0.0.1", "application_name": "me"}
    )
    cli.done("seed", "init", url, "-o", "seed.toml")
    assert make_url(read_plan("seed.toml").url).query == url.query


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_password_is_never_shown(kind: str, cli: Cli, tmp_path: Path) -> None:
    with databases.empty(kind, tmp_path) as url:
        schemas.create(url, SHOP)
        assert url.password
        wrong = url.set(password=SECRET)
        answers = [
            cli("seed", "init", url),
            cli("seed", "init", url, "-o", "seed.toml"),
            cli("seed", "plan", "seed.toml", "--url", url, "-n", 1),
            cli("seed", "run", "seed.toml", "--url", url, "--dry-run"),
            cli("seed", "run", "seed.toml", "--url", url),
            cli("seed", "run", "seed.toml", "--url", url),
            cli("seed", "run", "seed.toml", "--url", url, "--yes", "--truncate", "zzz"),
            cli("seed", "init", url, "--only", "zzz"),
            cli("seed", "plan", "seed.toml"),
            cli("seed", "init", wrong),
            cli("seed", "run", "seed.toml", "--url", wrong),
            cli("seed", "init", wrong.set(database="absent")),
            cli("seed", "init", wrong.set(port=1)),
            cli("seed", "init", wrong.set(host="absent.invalid")),
            cli("seed", "init", with_password(wrong).replace("127.0.0.1:", "127.0.0.1:x")),
            cli("seed", "init", with_password(wrong).replace(kind[:2], "x", 1)),
        ]
        said = "".join(answer.out + answer.err for answer in answers)
        said += Path("seed.toml").read_text()
        assert url.password not in said
        assert SECRET not in said
    assert [answer.code for answer in answers] == [0] * 5 + [2] * 11


@pytest.mark.parametrize(
    "url", ["postgresql://me:s3@cr3t@localhost:1/dev", "mysql://me:s3@cr3t@localhost:1/dev"]
)
def test_no_part_of_a_password_that_was_not_quoted_is_shown(cli: Cli, url: str) -> None:
    """An "@" in it must be written %40, and SQLAlchemy takes what follows for the host."""
    said = cli.refused("seed", "init", url)
    assert "cr3t" not in said


def test_a_password_among_the_options_of_a_url_is_not_shown(cli: Cli, postgresql: URL) -> None:
    schemas.create(postgresql, SHOP)
    url = postgresql.set(password="", query={"password": str(postgresql.password)})
    assert cli("seed", "init", url, "-o", "seed.toml").code == 0
    answer = cli("seed", "plan", "seed.toml", "--url", url, "-n", 1)
    assert answer.code == 0
    assert str(postgresql.password) not in answer.out + Path("seed.toml").read_text()


def test_a_plan_without_the_password_says_how_to_give_it(cli: Cli, database: URL) -> None:
    schemas.create(database, SHOP)
    cli.done("seed", "init", database, "-o", "seed.toml")
    if database.password:
        assert "FAKER_NEURAL_DATABASE_URL" in cli.refused("seed", "plan", "seed.toml")


# seed plan


def table_of(printed: str, name: str) -> list[list[str]]:
    """Return the cells of a table that was printed, its heads first, without the sources."""
    lines = printed.partition(f"\n{name}: ")[2].split("\n\n")[0].splitlines()[1:]
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines if not line.startswith("and ")]
    return [cells[0], *cells[2:]]


def test_the_rows_shown_are_those_that_a_run_writes(cli: Cli, shop: URL, plan: Path) -> None:
    printed = cli.done("seed", "plan", plan, "-n", 5, "--rows", "products=40", "--seed", 3)
    assert f"sqlite:///{shop.database}: 2 tables to fill" in printed.replace("\n", "")
    assert "products: 40 rows, 0 there before" in printed
    assert counts(shop) == EMPTY
    cli.done("seed", "run", plan, "--rows", "products=40", "--seed", 3)
    heads, *rows = table_of(printed, "products")
    found = schemas.rows(shop, f"SELECT {', '.join(heads)} FROM products ORDER BY id LIMIT 5")
    assert rows == [[printable_url(cell) for cell in row] for row in found]


def printable_url(cell: object) -> str:
    return "NULL" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def test_ten_rows_are_shown_or_as_many_as_there_will_be(cli: Cli, plan: Path) -> None:
    printed = cli.done("seed", "plan", plan, "--rows", "products=30", "--rows", "categories=4")
    assert len(table_of(printed, "products")) == 1 + 10
    assert len(table_of(printed, "categories")) == 1 + 4
    assert len(table_of(cli.done("seed", "plan", plan, "-n", 2), "products")) == 1 + 2


def test_rows_that_are_there_are_counted(cli: Cli, plan: Path) -> None:
    cli.done("seed", "run", plan)
    printed = cli.done("seed", "plan", plan, "-n", 1)
    assert "categories: 10 rows, 10 there before" in printed


WIDE = f"""
CREATE TABLE wide (id INTEGER PRIMARY KEY, summary TEXT NOT NULL, review TEXT NOT NULL,
    {", ".join(f"column_{number} INTEGER NOT NULL" for number in range(8))})
"""


@pytest.mark.parametrize("columns", [40, 80, 100, 132, 200])
def test_of_a_wide_table_each_column_is_shown_or_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    cli.done("seed", "init", made(tmp_path / "wide.db", WIDE), "-o", "seed.toml")
    printed = cli.done("seed", "plan", "seed.toml", "-n", 3)
    lines = printed.partition("\nwide: ")[2].splitlines()[1:]
    assert all(len(line) <= columns for line in lines)
    notes = lines[
        next((i for i, line in enumerate(lines) if line.startswith("and ")), len(lines)) :
    ]
    left_out = " ".join(notes).removeprefix("and ").replace(",", " ").split()
    heads = [head.rstrip("…") for head in lines[0].split()]
    names = ["id", "summary", "review", *(f"column_{number}" for number in range(8))]
    assert heads[0] == "id"
    for name, head in zip(names, heads, strict=False):
        assert head
        assert name.startswith(head)
    assert names[len(heads) :] == left_out
