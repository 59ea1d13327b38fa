"""A full disk, a server that goes away, Ctrl-C: nothing half-written."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import databases
import pytest
import schemas
from commands import (
    EMPTY,
    PROGRAM,
    Cli,
    counts,
    made,
    one_line,
    with_password,
)
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from faker_neural.seeding import read_plan, seed


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
            f"10, products {done:,}; run the same command again to continue"
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
            f"sqlite:///{shop.database}: a run in chunks was stopped here; run its command again "
            "to continue, or drop the table faker_neural_journal to abandon it"
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
    assert "connection lost" in said
    assert "nothing was written" in said
    assert counts(server) == {"t": 0}


def test_a_server_that_goes_away_is_gone_on_with(cli: Cli, server: URL, tmp_path: Path) -> None:
    with blocked_run(server, "--chunk", "100") as (process, beside):
        for session in waiting(beside):
            end(beside, session)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert "connection lost" in err
    assert "; committed so far: t 200; run the same command again to continue" in one_line(err)
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
            "faker-neural: committed so far: t 200; run the same command again to continue\n"
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
    first = f"committed so far: t {done:,}; run the same" if done else "nothing was written"
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
