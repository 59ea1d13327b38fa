"""seed run --dry-run: SQL that gives the rows of a run."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import databases
import pytest
import schemas
from commands import (
    EMPTY,
    Cli,
    counts,
    made,
)
from sqlalchemy import URL

TYPES = {
    "sqlite": """a BLOB, b BOOLEAN, c DATE, d TIMESTAMP, e TIME, f NUMERIC(8, 2), g FLOAT,
        i VARCHAR(40)""",
    "postgresql": """a BYTEA, b BOOLEAN, c DATE, d TIMESTAMP, e TIME, f NUMERIC(8, 2),
        g DOUBLE PRECISION, i VARCHAR(40), j UUID, k TIMESTAMPTZ, l INTEGER[], m INET,
        n INTERVAL, o TEXT[], r TIMESTAMPTZ""",
    "mariadb": """a BLOB, b BOOLEAN, c DATE, d DATETIME, e TIME, f NUMERIC(8, 2), g DOUBLE,
        i VARCHAR(40), p ENUM('x', 'it''s'), q YEAR, r TIMESTAMP NULL""",
}
SOURCES = r"""
rows = 25
[tables.t]
id = "sequence"
a = {source = "bytes", length = 5}
b = {choice = [true, false]}
c = {range = [2020-01-01, 2020-12-31]}
d = {range = [2020-01-01T00:00:00, 2020-12-31T23:59:59]}
e = {range = [08:00:00, 17:00:00]}
f = {range = [0.01, 99.99]}
g = {range = [0.01, 99.99], null = 0.3}
i = {choice = [
    "it's", "100%", "%(i)s", ":i", "a\\b", "a\nb\tc", "--", "/*", "é日😀", "", "';--", "\\'",
]}
"""
MORE = {
    "sqlite": "",
    "postgresql": """
j = "uuid"
k = {range = [2020-01-01T00:00:00, 2020-12-31T23:59:59]}
l = {choice = [[1, 2], [3]]}
m = {choice = ["192.0.2.1"]}
n = {choice = ["1 day"]}
r = {choice = [2020-07-01T12:00:00, 2020-07-01T12:00:00Z, 2020-07-01T12:00:00+05:00]}
o = {choice = [["it's", "a\\\\b", "{}", "a,b", ""]]}
""",
    "mariadb": """
p = {choice = ["x", "it's"]}
q = {range = [1980, 2020]}
r = {range = [2020-01-01T00:00:00, 2020-12-31T23:59:59]}
""",
}


def run_sql(url: URL, sql: str) -> None:
    """Run a file in the database's own program, in another time zone, up to the first error."""
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as connection:
            connection.executescript(sql)
        return
    host = ["-h", str(url.host)]
    if url.get_backend_name() == "postgresql":
        plain = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *host, "-p", str(url.port)]
        secret = {"PGPASSWORD": str(url.password), "PGCLIENTENCODING": "UTF8", "PGTZ": "Asia/Tokyo"}
        command = [*plain, "-U", str(url.username), str(url.database)]
    else:
        zone = "--init-command=SET time_zone = '+09:00'"
        plain = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", zone, *host]
        secret = {"MYSQL_PWD": str(url.password)}
        command = [*plain, "-P", str(url.port), "-u", str(url.username), str(url.database)]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        command, input=sql.encode(), env={**os.environ, **secret}, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[URL, URL]]:
    """Two databases of a kind."""
    with databases.empty(request.param, tmp_path) as one:
        folder = tmp_path / "other"
        folder.mkdir()
        with databases.empty(request.param, folder) as other:
            yield one, other


on_each = pytest.mark.parametrize("two", databases.NAMES, indirect=True)


@on_each
def test_the_sql_of_a_dry_run_gives_the_rows_of_a_run(two: tuple[URL, URL], cli: Cli) -> None:
    kind = {"mysql": "mariadb"}.get(two[0].get_backend_name(), two[0].get_backend_name())
    for url in two:
        schemas.create(url, f"CREATE TABLE t (id INTEGER PRIMARY KEY, {TYPES[kind]})")
    Path("seed.toml").write_text(SOURCES + MORE[kind])
    printed = cli.done("seed", "run", "seed.toml", "--url", two[0], "--dry-run")
    assert counts(two[0]) == {"t": 0}
    run_sql(two[0], printed)
    cli.done("seed", "run", "seed.toml", "--url", two[1])
    assert schemas.dump(two[0]) == schemas.dump(two[1])
    assert counts(two[0]) == {"t": 25}


@on_each
def test_the_sql_of_json_gives_the_rows_of_a_run(two: tuple[URL, URL], cli: Cli) -> None:
    for url in two:
        schemas.create(url, "CREATE TABLE t (id INTEGER PRIMARY KEY, h JSON)")
    values = """[{a = ["it's", 1, true, "50%", ":b", "c\\\\d", "é"]}, [], 15, "text", false]"""
    Path("seed.toml").write_text(f'[tables.t]\nid = "sequence"\nh = {{choice = {values}}}')
    printed = cli.done("seed", "run", "seed.toml", "--url", two[0], "--dry-run")
    run_sql(two[0], printed)
    cli.done("seed", "run", "seed.toml", "--url", two[1])
    assert schemas.dump(two[0]) == schemas.dump(two[1])


def test_the_sql_of_an_empty_array_gives_the_rows_of_a_run(cli: Cli, postgresql: URL) -> None:
    schemas.create(postgresql, "CREATE TABLE t (a INTEGER[], b TEXT[])")
    Path("seed.toml").write_text("[tables.t]\na = {choice = [[]]}\nb = {choice = [[]]}")
    run_sql(postgresql, cli.done("seed", "run", "seed.toml", "--url", postgresql, "--dry-run"))
    assert schemas.dump(postgresql) == {"t": [([], [])] * 10}


CYCLE = """
CREATE TABLE shops (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, head_id INTEGER);
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, shop_id INTEGER NOT NULL,
    boss_id INTEGER, FOREIGN KEY (shop_id) REFERENCES shops (id),
    FOREIGN KEY (boss_id) REFERENCES people (id));
CREATE TABLE visits (shop_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
    PRIMARY KEY (shop_id, person_id), FOREIGN KEY (shop_id) REFERENCES shops (id),
    FOREIGN KEY (person_id) REFERENCES people (id))
"""


@on_each
def test_the_sql_of_keys_and_cycles_gives_the_rows_of_a_run(two: tuple[URL, URL], cli: Cli) -> None:
    kind = two[0].get_backend_name()
    refers = "FOREIGN KEY (head_id) REFERENCES people (id)"
    for url in two:
        if kind == "sqlite":
            schemas.create(url, CYCLE.replace("head_id INTEGER", f"head_id INTEGER, {refers}"))
        else:
            schemas.create(url, f"{CYCLE}; ALTER TABLE shops ADD {refers}")
    cli.done("seed", "init", two[0], "-o", "seed.toml")
    run_sql(two[0], cli.done("seed", "run", "seed.toml", "--url", two[0], "--dry-run"))
    cli.done("seed", "run", "seed.toml", "--url", two[1])
    assert schemas.dump(two[0]) == schemas.dump(two[1])
    assert schemas.rows(two[0], "SELECT count(head_id) FROM shops") == [(10,)]


def test_the_sql_of_more_rows_and_of_emptied_tables_gives_the_rows_of_a_run(
    cli: Cli, plan: Path, shop: URL, tmp_path: Path
) -> None:
    other = made(tmp_path / "other.db")
    for url in (shop, other):
        cli.done("seed", "run", plan, "--url", url)
    for more in (["--append"], ["--truncate", "products", "--rows", "categories=0"]):
        before = schemas.dump(shop)
        printed = cli.done("seed", "run", plan, *more, "--dry-run")
        assert schemas.dump(shop) == before
        run_sql(shop, printed)
        cli.done("seed", "run", plan, *more, "--url", other, "--yes")
        assert schemas.dump(shop) == schemas.dump(other)


def test_the_sql_is_one_transaction(cli: Cli, plan: Path, shop: URL) -> None:
    printed = cli.done("seed", "run", plan, "--dry-run")
    with pytest.raises(sqlite3.IntegrityError):
        run_sql(
            shop,
            printed.replace("COMMIT;", "INSERT INTO products SELECT * FROM products;\nCOMMIT;"),
        )
    assert counts(shop) == EMPTY


def test_a_dry_run_that_is_refused_prints_nothing(cli: Cli, plan: Path) -> None:
    plan.write_text(plan.read_text().replace("[tables.products]", "[tables.products]\nzz = 'skip'"))
    said = cli.refused("seed", "run", plan, "--dry-run")
    assert said.startswith("seed.toml: products.zz: there is no such column")
