"""Which database a command opens, and when it wants --yes."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemas
from commands import (
    EMPTY,
    SHOP,
    Cli,
    counts,
    made,
    with_password,
)
from sqlalchemy import URL, make_url

from faker_neural.seeding.connection import is_local


def test_a_database_with_rows_wants_yes(cli: Cli, shop: URL, plan: Path) -> None:
    cli.done("seed", "run", plan, "--rows", "products=1200")
    before = schemas.dump(shop)
    said = cli.refused("seed", "run", plan)
    assert said == (
        f"sqlite:///{shop.database}: has categories 10, products 1,200; "
        "--append --yes adds the next rows, --truncate TABLE --yes empties a table first"
    )
    assert schemas.dump(shop) == before
    cli.refused("seed", "run", plan, "--append")
    cli.refused("seed", "run", plan, "--truncate", "products")
    cli.refused("seed", "run", plan, "--chunk", 5)
    assert schemas.dump(shop) == before
    cli.done("seed", "run", plan, "--yes")
    assert counts(shop) == {"categories": 20, "products": 1210}


def test_a_database_on_another_machine_wants_yes(cli: Cli, postgresql: URL) -> None:
    """It is on this one, under a name that does not tell."""
    schemas.create(postgresql, SHOP)
    url = postgresql.set(host="db.invalid", query={"hostaddr": "127.0.0.1"})
    cli.done("seed", "init", url, "-o", "seed.toml")
    said = cli.refused("seed", "run", "seed.toml", "--url", url)
    assert said.endswith("has no rows, not on this machine; --yes fills it all the same")
    assert counts(postgresql) == EMPTY
    cli.done("seed", "run", "seed.toml", "--url", url, "--yes")
    assert counts(postgresql) == {"categories": 10, "products": 10}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///dev.db",
        "sqlite:////var/lib/dev.db",
        "postgresql:///dev",
        "postgresql://me@localhost/dev",
        "postgresql://me@127.0.0.1:5433/dev",
        "postgresql://me@127.8.9.1/dev",
        "postgresql://me@[::1]/dev",
        "postgresql:///dev?host=/var/run/postgresql",
        "postgresql:///dev?host=localhost",
        "postgresql:///dev?host=localhost&host=127.0.0.1",
        "mysql://me@localhost/dev",
        "mysql:///dev?unix_socket=/run/mysqld.sock",
    ],
)
def test_what_is_on_this_machine(url: str) -> None:
    assert is_local(make_url(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@db.example.com/dev",
        "postgresql://me@10.0.0.1/dev",
        "postgresql://me@192.168.0.7/dev",
        "postgresql://me@[2001:db8::1]/dev",
        "postgresql://me@localhost.example.com/dev",
        "postgresql://me@127.0.0.1.example.com/dev",
        "postgresql:///dev?host=db.example.com",
        "postgresql:///dev?host=/tmp&host=db.example.com",
        "postgresql://localhost/dev?host=db.example.com",
        "postgresql://localhost/dev?hostaddr=10.0.0.1",
        "postgresql:///dev?hostaddr=10.0.0.1",
        "postgresql:///dev?service=production",
        "mysql://me@db.example.com/dev",
        "mysql:///dev?host=db.example.com",
        "mysql:///dev?read_default_file=production.cnf",
    ],
)
def test_what_is_on_another_machine_or_may_be(url: str) -> None:
    assert not is_local(make_url(url))


@pytest.mark.parametrize("variable", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_a_url_without_a_host_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "10.0.0.1")
    assert not is_local(make_url("postgresql:///dev"))


# which database


def test_the_variable_takes_the_place_of_the_plans_url_and_the_option_that_of_both(
    cli: Cli, plan: Path, shop: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = made(tmp_path / "second.db"), made(tmp_path / "third.db")
    monkeypatch.setenv("FAKER_NEURAL_DATABASE_URL", with_password(second))
    cli.done("seed", "run", plan)
    cli.done("seed", "run", plan, "--url", third, "--rows", "products=5")
    assert counts(shop) == EMPTY
    assert counts(second)["products"] == 10
    assert counts(third)["products"] == 5
    assert "second.db" in cli.done("seed", "plan", plan, "-n", 1).replace("\n", "")


def test_a_plan_without_a_url_says_how_to_give_one(cli: Cli, plan: Path) -> None:
    lines = plan.read_text().splitlines()
    plan.write_text("\n".join(line for line in lines if not line.startswith("url")))
    for command in ("plan", "run"):
        said = cli.refused("seed", command, plan)
        assert said == "seed.toml: has no url; give --url, or set FAKER_NEURAL_DATABASE_URL"
