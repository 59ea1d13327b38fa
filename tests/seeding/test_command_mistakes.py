"""What bad input gets: one line, and the exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import databases
import pytest
from commands import (
    EMPTY,
    Cli,
    counts,
    one_line,
    with_password,
)
from sqlalchemy import URL


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
        (["--url", "nonsense"], "nonsense: is not a database URL, such as sqlite:///dev.db or "),
        (["--url", "oracle://me@localhost/dev"], "oracle://me@localhost/dev: is a database of "
         "oracle; supported are sqlite, postgresql, mysql and mariadb"),
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
        (["seed", "run", "absent.toml"], "absent.toml: the plan file does not exist; "
         "write one with faker-neural seed init URL -o FILE"),
        (["seed", "plan", "."], ".: "),
        (["seed", "init", "sqlite:///absent.db"], "absent.db: there is no such database"),
        (["seed", "init", "sqlite:///absent/dev.db"], "absent/dev.db: there is no such database"),
        (["seed", "init", "dev.db"], "dev.db: is not a database URL, such as sqlite:///dev.db or "),
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
