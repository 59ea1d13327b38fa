"""The commands that fill a database, as a person gives them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import databases
import pytest
import schemas
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from faker_neural.cli import main
from faker_neural.seeding import read_plan, seed
from faker_neural.seeding.schema.database import is_local

SHOP = """
CREATE TABLE categories (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, price NUMERIC(8, 2) NOT NULL,
    note VARCHAR(20), category_id INTEGER NOT NULL,
    FOREIGN KEY (category_id) REFERENCES categories (id)
)
"""
FAST = """
url = "sqlite:///{}"

[tables.categories]
id = "sequence"
name = "faker:word"

[tables.products]
id = "sequence"
name = "faker:catch_phrase"
price = {{ range = [0.99, 99.99] }}
note = {{ source = "faker:color_name", null = 0.4 }}
category_id = "fk"
"""
PROGRAM = str(Path(sys.executable).with_name("faker-neural"))
SECRET = "s3cr3t"


@dataclass(frozen=True)
class Done:
    """What a command answered."""

    code: int
    out: str
    err: str


class Cli:
    """Gives commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: object) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["faker-neural", *map(written, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = self._capsys.readouterr()
        return Done(int(stop.value.code or 0), captured.out, captured.err)

    def done(self, *arguments: object) -> str:
        """Return a command that is carried out, and what it printed."""
        found = self(*arguments)
        assert (found.code, found.err) == (0, "")
        return found.out

    def refused(self, *arguments: object) -> str:
        """Return a command that is refused: one line, code 2, nothing else."""
        found = self(*arguments)
        assert (found.code, found.out) == (2, "")
        return one_line(found.err)


def written(argument: object) -> str:
    return with_password(argument) if isinstance(argument, URL) else str(argument)


def with_password(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def one_line(error: str) -> str:
    assert error.startswith("faker-neural: ")
    assert error.count("\n") == 1
    assert error.endswith("\n")
    return error.removeprefix("faker-neural: ").removesuffix("\n")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Commands given in an empty folder, on a terminal of 100 columns."""
    monkeypatch.delenv("FAKER_NEURAL_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    return Cli(monkeypatch, capsys)


@pytest.fixture
def shop(tmp_path: Path) -> URL:
    """A shop without rows, in a file."""
    return made(tmp_path / "shop.db")


@pytest.fixture
def plan(cli: Cli, shop: URL) -> Path:
    """A plan for the shop, in the folder that commands are given in."""
    path = Path("seed.toml")
    path.write_text(FAST.format(shop.database))
    return path


def made(path: Path, sql: str = SHOP) -> URL:
    url = URL.create("sqlite", database=str(path))
    schemas.create(url, sql)
    return url


def counts(url: URL) -> dict[str, int]:
    return {name: len(rows) for name, rows in schemas.dump(url).items()}


EMPTY = {"categories": 0, "products": 0}


# seed init


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
    cli.done("seed", "init", shop, "--table", "products", "-o", "seed.toml")
    assert list(read_plan("seed.toml").tables) == ["products"]
    said = cli.refused("seed", "init", shop, "--table", "product", "-o", "other.toml")
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
            cli("seed", "init", url, "--table", "zzz"),
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
    assert rows == [[shown(cell) for cell in row] for row in found]


def shown(cell: object) -> str:
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


# seed run


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
        "seed.toml: truncate categories: products refers to it and has 10 rows; name it as well"
    )
    assert schemas.dump(shop) == before
    both = ["--truncate", "categories", "--truncate", "products", "--yes"]
    cli.done("seed", "run", plan, *both)
    assert schemas.dump(shop) == before


# what --dry-run prints


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
        connection = sqlite3.connect(str(url.database))
        connection.executescript(sql)
        connection.close()
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


# what wants --yes


def test_a_database_with_rows_wants_yes(cli: Cli, shop: URL, plan: Path) -> None:
    cli.done("seed", "run", plan, "--rows", "products=1200")
    before = schemas.dump(shop)
    said = cli.refused("seed", "run", plan)
    assert said == (
        f"sqlite:///{shop.database}: has categories 10, products 1,200; --yes fills it all the same"
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


# what bad input gets


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "products"], "rows='products' must be TABLE=N, such as products=1000"),
        (["--rows", "=5"], "rows='=5' must be TABLE=N, such as products=1000"),
        (["--rows", "products="], "rows='products=' must be TABLE=N, such as products=1000"),
        (["--rows", "products=-1"], "rows='products=-1' must be TABLE=N, such as products=1000"),
        (["--rows", "products=1e3"], "rows='products=1e3' must be TABLE=N, such as products=1000"),
        (["--rows", "products=²"], "rows='products=²' must be TABLE=N, such as products=1000"),
        (["--rows", "product=5"], "seed.toml: rows: there is no table 'product', did you mean "
         "'products'?"),
        (["--truncate", "product"], "seed.toml: truncate: there is no table 'product', did you "
         "mean 'products'?"),
        (["--seed", "-1"], "seed=-1 must be at least 0"),
        (["--seed", str(2**64)], f"seed={2**64} must be below {2**64}"),
        (["--seed", "x"], "Invalid value for '--seed': "),
        (["--chunk", "0"], "chunk=0 must be at least 1"),
        (["--chunk", "x"], "Invalid value for '--chunk': "),
        (["--workers", "0"], "workers=0 must be at least 1"),
        (["--workers", "1000"], "workers=1000 must be below 257"),
        (["--url", "nonsense"], "nonsense: is no database URL, such as sqlite:///dev.db or "),
        (["--url", "oracle://me@localhost/dev"], "oracle://me@localhost/dev: is of oracle; there "
         "are sqlite, postgresql, mysql and mariadb"),
        (["--url", "sqlite:///absent.db"], "absent.db: there is no such database"),
        (["--url", "sqlite:///."], ".: "),
        (["--url", "sqlite:///seed.toml"], "sqlite:///seed.toml: file is not a database"),
        (["--url", "sqlite+nonsense:///shop.db"], "sqlite"),
        (["--url", "postgresql://localhost:99999/dev"], "postgresql://localhost:99999/dev: "),
        (["--url", "postgresql://127.0.0.1:1/dev"], "postgresql://127.0.0.1:1/dev: "),
        (["--url", "mysql://127.0.0.1:1/dev"], "mysql://127.0.0.1:1/dev: Can't connect to "),
        (["--url", "postgresql://absent.invalid/dev"], "postgresql://absent.invalid/dev: "),
        (["--url", "mysql://absent.invalid/dev"], "mysql://absent.invalid/dev: Can't connect to "),
        (["more"], "(more); see faker-neural seed run --help"),
        (["--cunk", "5"], "No such option: --cunk"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_code_2(
    cli: Cli, plan: Path, shop: URL, arguments: list[str], message: str
) -> None:
    before = sorted(Path.cwd().iterdir())
    assert message in cli.refused("seed", "run", plan, *arguments)
    assert counts(shop) == EMPTY
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["seed"], "Missing command; see faker-neural seed --help"),
        (["seed", "int"], "No such command 'int'"),
        (["seed", "init"], "Missing argument 'url'; see faker-neural seed init --help"),
        (["seed", "run"], "Missing argument 'PLAN'; see faker-neural seed run --help"),
        (["seed", "run", "absent.toml"], "absent.toml: there is no such plan; faker-neural seed "
         "init URL -o FILE proposes one"),
        (["seed", "plan", "."], ".: "),
        (["seed", "init", "sqlite:///absent.db"], "absent.db: there is no such database"),
        (["seed", "init", "sqlite:///absent/dev.db"], "absent/dev.db: there is no such database"),
        (["seed", "init", "dev.db"], "dev.db: is no database URL, such as sqlite:///dev.db or "),
    ],
)  # fmt: skip
def test_a_mistake_without_a_database_is_one_line_too(
    cli: Cli, arguments: list[str], message: str
) -> None:
    assert message in cli.refused(*arguments)
    assert list(Path.cwd().iterdir()) == []


def test_a_plan_that_cannot_be_written_is_one_line(cli: Cli, shop: URL) -> None:
    said = cli.refused("seed", "init", shop, "-o", "absent/seed.toml")
    assert said == "absent/seed.toml: No such file or directory"


def test_rows_to_show_must_be_some(cli: Cli, plan: Path) -> None:
    assert cli.refused("seed", "plan", plan, "-n", -1) == "n=-1 must be at least 0"
    assert "products: 10 rows" in cli.done("seed", "plan", plan, "-n", 0)


def test_misfits_are_listed_below_one_another(cli: Cli, plan: Path, shop: URL) -> None:
    wrong = plan.read_text().replace("price = ", "prise = ").replace("color_name", "emaill")
    plan.write_text(wrong)
    done = cli("seed", "run", plan)
    assert done.code == 2
    first, *others = done.err.splitlines()
    assert first == "faker-neural: seed.toml: 3 things do not fit"
    assert [line.split(": ")[0] for line in others] == [
        "  products.prise", "  products.note", "  products.price",
    ]  # fmt: skip
    assert counts(shop) == EMPTY


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_that_refuses_is_one_line(kind: str, cli: Cli, tmp_path: Path) -> None:
    with databases.empty(kind, tmp_path) as url:
        denied = cli.refused("seed", "init", url.set(password="wrong"))
        absent = cli.refused("seed", "init", url.set(database="absent"))
        nobody = cli.refused("seed", "init", url.set(username="nobody"))
        unnamed = cli.refused("seed", "init", with_password(url).replace(str(url.database), ""))
    assert "authentication failed" in denied or "Access denied" in denied
    assert 'database "absent" does not exist' in absent or "Unknown database 'absent'" in absent
    assert "nobody" in nobody
    assert "database" in unnamed


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://localhost/dev",
        "postgresql+asyncpg://localhost/dev",
        "mysql+mysqldb://localhost/dev",
        "mysql+aiomysql://localhost/dev",
        "sqlite+aiosqlite:///shop.db",
    ],
)
def test_a_driver_of_which_no_extra_has_is_not_answered_with_an_extra(
    cli: Cli, shop: URL, url: str
) -> None:
    """An application's own URL has one of these, and `faker-neural[db]` does not bring it."""
    said = cli.refused("seed", "init", url)
    assert "faker-neural[db]" not in said
    assert url.partition(":")[0].partition("+")[2].lower() in said.lower()


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("psycopg", "postgresql://localhost/dev", "postgresql"),
        ("pymysql", "mysql://localhost/dev", "mysql"),
        ("pymysql", "mariadb://localhost/dev", "mysql"),
        ("sqlalchemy", "sqlite:///shop.db", "db"),
        ("sqlglot", "sqlite:///shop.db", "db"),
        ("tomlkit", "sqlite:///shop.db", "db"),
    ],
)
def test_a_missing_driver_is_answered_with_what_to_type(module: str, url: str, extra: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None; "
        f"sys.argv = ['faker-neural', 'seed', 'init', {url!r}]; "
        "from faker_neural.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    said = one_line(done.stderr)
    assert said == f"{module} is not installed: pip install 'faker-neural[{extra}]'"


def test_the_rest_of_the_command_line_does_without_sqlalchemy() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None; sys.argv = ['faker-neural', 'models']; "
        "from faker_neural.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# a disk that is full


@contextmanager
def small_disk(pages: int) -> Iterator[None]:
    """Let no SQLite database that is opened grow beyond so many pages."""

    def limit(connection: Any, record: object) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_leaves_the_database_as_it_was(cli: Cli, plan: Path, shop: URL) -> None:
    with small_disk(pages=10):
        said = cli.refused("seed", "run", plan, "--rows", "products=1900")
    assert said.startswith(f"sqlite:///{shop.database}: database or disk is full")
    assert counts(shop) == EMPTY
    cli.done("seed", "run", plan)


def test_a_run_in_chunks_goes_on_when_the_disk_has_room(
    cli: Cli, plan: Path, shop: URL, tmp_path: Path
) -> None:
    command = ["seed", "run", plan, "--rows", "products=1900", "--chunk", 100]
    with small_disk(pages=20):
        said = cli.refused(*command)
        done = counts(shop)["products"]
        assert 0 < done < 1900
        assert said == (
            f"sqlite:///{shop.database}: database or disk is full; committed so far: categories "
            f"10, products {done:,}; give the same command again to go on"
        )
        again = cli.refused(*command)
    assert again == said  # nothing more, and what there was
    cli.done(*command)
    whole = made(tmp_path / "whole.db")
    cli.done("seed", "run", plan, "--rows", "products=1900", "--url", whole)
    assert schemas.dump(shop) == schemas.dump(whole)


def test_another_run_than_the_one_that_was_stopped_is_refused(
    cli: Cli, plan: Path, shop: URL
) -> None:
    with small_disk(pages=20):
        cli.refused("seed", "run", plan, "--rows", "products=1900", "--chunk", 100)
    before = schemas.dump(shop)
    for other in (["--chunk", 100], ["--yes"], ["--rows", "products=1900"]):
        said = cli.refused("seed", "run", plan, *other)
        assert said == (
            f"sqlite:///{shop.database}: a run in chunks was stopped here; give its command again "
            "to go on, or drop the table faker_neural_journal to leave it as it is"
        )
    assert schemas.dump(shop) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["plan", "run --dry-run"])
def test_an_output_that_is_full_is_one_line(command: str, plan: Path, shop: URL) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, "seed", *command.split(), str(plan)],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 2
    assert one_line(done.stderr) == "output: No space left on device"
    assert counts(shop) == EMPTY


# a run that is stopped

LONG = """
[tables.t]
rows = 600
id = "sequence"
name = "faker:name"
"""
T = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL)"
BLOCKED = 250
"""The row of a key that somebody else is about to write."""


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.15)  # MariaDB looks anew after 0.1 s in which nobody asked


@contextmanager
def blocked_run(
    url: URL, *arguments: str, blocked: int = BLOCKED
) -> Iterator[tuple[subprocess.Popen[str], Connection]]:
    """Return a run that waits at a row of `t` for somebody else, and a connection beside it."""
    Path("long.toml").write_text(LONG)
    engine = create_engine(url)
    other = engine.connect()
    other.execute(text(f"INSERT INTO t VALUES ({blocked}, 'somebody')"))
    beside = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    process = start_run(url, *arguments)
    try:
        until(lambda: waiting(beside) or process.poll() is not None)
        yield process, beside
    finally:
        process.kill()
        process.communicate()
        with contextlib.suppress(Exception):
            other.rollback()
        other.close()
        beside.close()
        engine.dispose()


def start_run(url: URL, *arguments: str) -> subprocess.Popen[str]:
    command = [PROGRAM, "seed", "run", "long.toml", "--url", with_password(url), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


WAITING = {
    "postgresql": """
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """,
    "mysql": """
        SELECT trx_mysql_thread_id FROM information_schema.innodb_trx t
        JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
        WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()
        """,
}


def waiting(beside: Connection) -> list[int]:
    """Name the connections of this database that wait for somebody."""
    return list(beside.execute(text(WAITING[beside.engine.url.get_backend_name()])).scalars())


def end(beside: Connection, session: int) -> None:
    ended = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
    beside.execute(text(ended[beside.engine.url.get_backend_name()].format(session)))


def whole_run(tmp_path: Path) -> list[tuple[Any, ...]]:
    url = made(tmp_path / "whole.db", T)
    seed(url, read_plan("long.toml"))
    return schemas.dump(url)["t"]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """A database on a server, with an empty table `t`."""
    with databases.empty(request.param, tmp_path) as url:
        schemas.create(url, T)
        yield url


def test_a_server_that_goes_away_leaves_nothing_of_a_transaction(cli: Cli, server: URL) -> None:
    with blocked_run(server) as (process, beside):
        for session in waiting(beside):
            end(beside, session)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    said = one_line(err)
    assert "went away" in said
    assert "nothing was written" in said
    assert counts(server) == {"t": 0}


def test_a_server_that_goes_away_is_gone_on_with(cli: Cli, server: URL, tmp_path: Path) -> None:
    with blocked_run(server, "--chunk", "100") as (process, beside):
        for session in waiting(beside):
            end(beside, session)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert "went away" in err
    assert "; committed so far: t 200; give the same command again to go on" in one_line(err)
    assert schemas.rows(server, "SELECT count(*) FROM t") == [(200,)]
    cli.done("seed", "run", "long.toml", "--url", server, "--chunk", "100")
    assert schemas.dump(server) == {"t": whole_run(tmp_path)}


def test_ctrl_c_leaves_nothing_of_a_transaction(cli: Cli, postgresql: URL) -> None:
    schemas.create(postgresql, T)
    with blocked_run(postgresql) as (process, _):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "faker-neural: nothing was written\nfaker-neural: stopped\n"
    assert counts(postgresql) == {"t": 0}


def test_ctrl_c_is_gone_on_with(cli: Cli, mariadb: URL, tmp_path: Path) -> None:
    schemas.create(mariadb, T)
    for _ in range(2):  # the second time nothing more is committed
        with blocked_run(mariadb, "--chunk", "100") as (process, _):
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (130, "")
        assert err == (
            "faker-neural: committed so far: t 200; give the same command again to go on\n"
            "faker-neural: stopped\n"
        )
    cli.done("seed", "run", "long.toml", "--url", mariadb, "--chunk", "100")
    assert schemas.dump(mariadb) == {"t": whole_run(tmp_path)}


@pytest.mark.parametrize("arguments", [[], ["--chunk", "500"], ["--workers", "2"]])
def test_ctrl_c_in_a_terminal_ends_all_processes(
    cli: Cli, tmp_path: Path, arguments: list[str]
) -> None:
    """A terminal sends it to the workers as well."""
    url = made(tmp_path / "long.db", T)
    Path("long.toml").write_text(LONG.replace("600", "200000"))
    command = [PROGRAM, "seed", "run", "long.toml", "--url", with_password(url), "--workers", "1"]
    process = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    until(lambda: (tmp_path / "long.db-journal").exists() or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    done = schemas.rows(url, "SELECT count(*) FROM t")[0][0]
    first = f"committed so far: t {done:,}; give the same" if done else "nothing was written"
    assert err.startswith(f"faker-neural: {first}")
    assert err.endswith("\nfaker-neural: stopped\n")
    assert err.count("\n") == 2
    assert bool(done) <= ("--chunk" in arguments)


@pytest.fixture
def with_workers(cli: Cli, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has started its workers a moment ago."""
    url = made(tmp_path / "long.db", T)
    Path("long.toml").write_text(LONG.replace("600", "200000"))
    process = subprocess.Popen(
        [PROGRAM, "seed", "run", "long.toml", "--url", with_password(url), "--workers", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    until(lambda: len(children(process.pid)) > 2 or process.poll() is not None)
    started = children(process.pid)
    yield process
    process.kill()
    for left in filter(is_running, started):
        os.kill(left, signal.SIGKILL)
    process.communicate()


linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")


def children(pid: int) -> list[int]:
    """Name the processes that a process has started, one of them Python's own."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@linux
def test_ctrl_c_while_workers_start_is_two_lines(with_workers: subprocess.Popen[str]) -> None:
    os.killpg(with_workers.pid, signal.SIGINT)
    out, err = with_workers.communicate(timeout=30)
    assert (with_workers.returncode, out) == (130, "")
    assert err == "faker-neural: nothing was written\nfaker-neural: stopped\n"


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_a_run_that_was_killed(
    with_workers: subprocess.Popen[str], number: signal.Signals
) -> None:
    workers = children(with_workers.pid)
    with_workers.send_signal(number)
    with_workers.wait(timeout=30)
    until(lambda: not any(map(is_running, workers)), seconds=15)


SWALLOWED = """
import os, signal
from sqlalchemy import Engine, event
from faker_neural.cli import main

class Last:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(1000))

@event.listens_for(Engine, "after_cursor_execute")
def at_the_second_insertion(connection, cursor, statement, *others):
    if statement.startswith("INSERT INTO t") and next(number) == 2:
        Last()

number = iter(range(1, 1_000_000))
main()
"""


def test_ctrl_c_is_heard_where_python_drops_its_exception(cli: Cli, tmp_path: Path) -> None:
    """In a finalizer, of which SQLAlchemy has some, Python prints it and goes on."""
    url = made(tmp_path / "long.db", T)
    Path("long.toml").write_text(LONG.replace("600", "10000"))
    command = ["seed", "run", "long.toml", "--url", with_password(url), "--chunk", "100"]
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED, *command, "--workers", "1"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 130
    assert "committed so far: t " in done.stderr
    assert schemas.rows(url, "SELECT count(*) FROM t")[0][0] < 1000


# a terminal


def test_a_terminal_sees_bars_and_then_the_table(cli: Cli, plan: Path, shop: URL) -> None:
    import pty

    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "seed", "run", str(plan), "--rows", "products=40", "--chunk", "10"],
        stdout=subprocess.PIPE, stderr=terminal, text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(terminal)
    with ThreadPoolExecutor(1) as pool:  # else the terminal is full at some time
        read = pool.submit(everything, control)
        out, _ = process.communicate(timeout=30)
        seen = read.result(timeout=30)
    assert process.returncode == 0
    assert "products" in seen
    assert "40/40" in seen
    assert "rows/s" in seen
    assert out.splitlines()[-1].split()[:2] == ["products", "40"]


def everything(control: int) -> str:
    found = b""
    with contextlib.suppress(OSError):  # Linux's way to say that the other end is closed
        while part := os.read(control, 65536):
            found += part
    os.close(control)
    return found.decode()


def test_without_a_terminal_nothing_but_the_table_is_printed(cli: Cli, plan: Path) -> None:
    done = cli("seed", "run", plan)
    assert done.err == ""
    assert "\x1b" not in done.out


# train


@pytest.fixture
def animals_table(tmp_path: Path, animals: list[str]) -> URL:
    url = made(tmp_path / "zoo.db", "CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT)")
    with schemas.connected(url) as connection:
        for name in animals[:60]:
            connection.execute(text("INSERT INTO animals (name) VALUES (:name)"), {"name": name})
    return url


def test_train_learns_a_column_of_a_table(
    cli: Cli, animals_table: URL, shop: URL, plan: Path
) -> None:
    small = ["--units", 8, "--embedding", 4, "--epochs", 1, "--licence", "MIT"]
    of = ["--table", "animals", "--column", "name"]
    printed = cli("train", animals_table, *of, "-o", "x.onnx", *small)
    assert printed.code == 0
    assert "wrote x.onnx" in printed.out
    plan.write_text(re.sub(r"(?m)^note = .*$", 'note = "neural:./x.onnx"', plan.read_text()))
    cli.done("seed", "run", plan)
    assert schemas.rows(shop, "SELECT count(note) FROM products") == [(10,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--table", "animal", "--column", "name"], "has no table 'animal'; did you mean 'animals"),
        (["--table", "zzz", "--column", "name"], "has no table 'zzz'; there are: animals"),
        (["--table", "animals", "--column", "nam"], "has no column 'nam'; did you mean 'name'?"),
        (["--table", "animals"], "needs a column named; there are: id, name"),
        (["--column", "name"], "must name the table of the database to learn from"),
    ],
)
def test_train_on_a_table_or_column_that_is_not_there_is_one_line(
    cli: Cli, animals_table: URL, arguments: list[str], message: str
) -> None:
    said = cli.refused("train", animals_table, *arguments, "-o", "x.onnx", "--epochs", "1")
    assert message in said
    assert not Path("x.onnx").exists()


def test_train_on_a_database_that_is_not_there_is_one_line(cli: Cli) -> None:
    of = ["--table", "t", "--column", "c", "-o", "x.onnx"]
    assert cli.refused("train", "sqlite:///absent.db", *of) == (
        "absent.db: there is no such database"
    )
    said = cli.refused("train", "postgresql://me:s3cr3t@127.0.0.1:1/dev", *of)
    assert "s3cr3t" not in said
