"""A run is whole, or goes on where it was stopped."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import databases
import pytest
import schemas
from sqlalchemy import URL

from faker_neural import DatabaseError
from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    RunSettings,
    SeedRun,
    TablePlan,
    propose,
    seed,
    survey,
    write_plan,
)
from faker_neural.seeding.journal_table import JOURNAL

SCHEMA = """
CREATE TABLE teams (id INTEGER PRIMARY KEY, name VARCHAR(30) NOT NULL UNIQUE, captain_id INTEGER);
CREATE TABLE players (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL,
    team_id INTEGER NOT NULL, mentor_id INTEGER,
    FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (mentor_id) REFERENCES players (id));
CREATE TABLE games (home_id INTEGER, guest_id INTEGER, place VARCHAR(20) NOT NULL,
    PRIMARY KEY (home_id, guest_id), FOREIGN KEY (home_id) REFERENCES teams (id),
    FOREIGN KEY (guest_id) REFERENCES teams (id))
"""
ROWS = {"teams": 600, "players": 2500, "games": 4000}
SCRIPT = """
import sys
from faker_neural.seeding import seed
seed(sys.argv[1], sys.argv[2], chunk={}, monitor=lambda *told: print(*told, flush=True))
"""


def create(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        schemas.create(
            url,
            SCHEMA.replace("captain_id INTEGER)", "captain_id INTEGER REFERENCES players (id))", 1),
        )
    else:
        schemas.create(url, SCHEMA)
        schemas.create(
            url, "ALTER TABLE teams ADD FOREIGN KEY (captain_id) REFERENCES players (id)"
        )


def killed(url: URL, plan: Path, blocks: int, seconds: float, chunk: int | None = 100) -> None:
    """Start the run, and kill it so many seconds after so many blocks, unless it ends before."""
    text = url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", SCRIPT.format(chunk), text, plan]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for number, _ in enumerate(process.stdout, start=1):
            if number == blocks:
                time.sleep(seconds)
                process.kill()


def complete(url: URL) -> bool:
    """Say whether all is written, and the process killed as it ended."""
    there = schemas.dump(url)
    return bool(there["games"]) and JOURNAL.name not in there


@pytest.mark.parametrize("kind", databases.NAMES)
def test_a_run_killed_at_random_moments_ends_with_the_rows_of_one_that_was_not(
    kind: str, tmp_path: Path
) -> None:
    """Seven kills a database, twenty-one in all."""
    (tmp_path / "whole").mkdir()
    plan = tmp_path / "seed.toml"
    with databases.empty(kind, tmp_path / "whole") as url:
        create(url)
        plan.write_text(write_plan(propose(url).with_rows(ROWS)))
        seed(url, plan)
        whole = schemas.dump(url)
    with databases.empty(kind, tmp_path) as url:
        create(url)
        chance = random.Random(kind)
        for _ in range(7):
            assert not complete(url)
            killed(url, plan, chance.randint(1, 10), chance.uniform(0, 0.03))
        if not complete(url):
            seed(url, plan, chunk=100)
        assert schemas.dump(url) == whole
        assert schemas.orphans(url) == []


def test_one_transaction_leaves_nothing_of_a_killed_run(database: URL, tmp_path: Path) -> None:
    create(database)
    plan = tmp_path / "seed.toml"
    plan.write_text(write_plan(propose(database).with_rows(ROWS | {"players": 20_000})))
    killed(database, plan, 2, 0.0, chunk=None)
    assert not any(schemas.dump(database).values())


def test_another_run_is_refused_while_one_is_stopped_half_way(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "half.db"))
    create(url)

    class StopError(Exception):
        pass

    def stop(table: str, done: int, rows: int) -> None:
        if table == "players" and done == 300:
            raise StopError

    with pytest.raises(StopError):
        seed(url, ROWS, chunk=100, monitor=stop)
    there = schemas.dump(url)
    assert len(there["players"]) == 200
    for other in ({"seed": 1, "chunk": 100}, {}, {"append": True, "chunk": 100}):
        with pytest.raises(DatabaseError, match="a run in chunks was stopped here"):
            seed(url, ROWS, **other)
    assert schemas.dump(url) == there
    seed(url, ROWS, chunk=70)  # the size of a chunk may change
    assert {name: len(rows) for name, rows in schemas.dump(url).items()} == ROWS


def test_emptying_happens_once(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "half.db"))
    schemas.create(url, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (77)")

    def stop(table: str, done: int, rows: int) -> None:
        if done == 30:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        seed(url, {"t": 50}, chunk=10, truncate=["t"], monitor=stop)
    assert schemas.rows(url, "SELECT count(*), max(id) FROM t") == [(20, 20)]
    seed(url, {"t": 50}, chunk=10, truncate=["t"])
    assert schemas.rows(url, "SELECT count(*), max(id) FROM t") == [(50, 50)]


def test_nothing_but_the_tables_named_is_emptied(database: URL) -> None:
    create(database)
    seed(database, {"teams": 5, "players": 10, "games": 4})
    before = schemas.dump(database)
    with pytest.raises(ValueError, match=r"truncate players: teams refers to it and has 5 rows"):
        seed(database, {"players": 3}, truncate=["players"])
    assert schemas.dump(database) == before
    seed(database, {"games": 3}, truncate=["games"])
    after = schemas.dump(database)
    assert len(after.pop("games")) == 3
    assert after == {name: rows for name, rows in before.items() if name != "games"}
    seed(database, {"teams": 2, "players": 2, "games": 1}, truncate=["games", "players", "teams"])
    assert {name: len(rows) for name, rows in schemas.dump(database).items()} == {
        "teams": 2,
        "players": 2,
        "games": 1,
    }


def test_two_runs_at_the_same_time_are_told_apart(tmp_path: Path) -> None:
    """The second goes on from the first's journal while the first is between two chunks."""
    url = URL.create("sqlite", database=str(tmp_path / "both.db"))
    schemas.create(url, "CREATE TABLE t (name VARCHAR(30) NOT NULL)")

    def stop(table: str, done: int, rows: int) -> None:
        if done == 30:
            raise InterruptedError

    other = SeedRun(url, {"t": 50}, RunSettings(chunk=10, monitor=stop))
    began: list[str] = []

    def let_another_run(table: str, done: int, rows: int) -> None:
        if not began:
            began.append(table)
            with pytest.raises(InterruptedError):
                other.run()

    with pytest.raises(DatabaseError, match="t: another run is filling it at the same time"):
        seed(url, {"t": 50}, chunk=10, monitor=let_another_run)
    assert schemas.rows(url, "SELECT count(*) FROM t") == [(20,)]


def test_a_chunk_is_as_large_as_it_is_told(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "chunks.db"))
    schemas.create(url, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    there: list[int] = []

    def look(table: str, done: int, rows: int) -> None:
        there.extend(row[0] for row in schemas.rows(url, "SELECT count(*) FROM t"))

    seed(url, {"t": 6000}, chunk=2500, monitor=look)
    assert sorted(set(there)) == [0, 2500, 5000]


def test_a_refused_emptying_leaves_no_journal(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a (id));
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id);
        CREATE TABLE t (id INTEGER PRIMARY KEY)
        """,
    )
    with pytest.raises(ValueError, match="refer to one another"):
        seed(postgresql, {"t": 5}, chunk=2, truncate=["a", "b"])
    assert JOURNAL.name not in schemas.dump(postgresql)


def test_a_sequence_that_is_refused_leaves_no_journal(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "full.db"))
    schemas.create(url, "CREATE TABLE t (n SMALLINT UNIQUE); INSERT INTO t VALUES (32760)")
    plan = Plan(tables={"t": TablePlan(20, {"n": ColumnPlan("sequence")})})
    with pytest.raises(ValueError, match="more rows must be at most 32767"):
        seed(url, plan, chunk=5)
    assert JOURNAL.name not in schemas.dump(url)


@pytest.mark.parametrize("chunk", [None, 2])
def test_a_table_that_is_no_journal_is_refused_and_not_dropped(
    chunk: int | None, tmp_path: Path
) -> None:
    (tmp_path / "a.db").touch()
    url = URL.create("sqlite", database=str(tmp_path / "a.db"))
    columns = ", ".join(f"{name} TEXT" for name in (*JOURNAL.columns.keys(), "precious"))
    schemas.create(url, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    schemas.create(url, f"CREATE TABLE {JOURNAL.name} ({columns})")
    with pytest.raises(DatabaseError, match="is the name of the journal of runs, and this table"):
        seed(url, Plan(tables={"t": TablePlan(5)}), chunk=chunk)
    with pytest.raises(DatabaseError, match=f"{JOURNAL.name}: .*rename it"):
        survey(url)
    assert schemas.dump(url)[JOURNAL.name] == []
