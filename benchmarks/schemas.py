"""Which schemas of other people `seed init` and `seed run` take, the plan unedited.

python benchmarks/schemas.py FOLDER   where the files are called NAME.sqlite.sql,
NAME.postgresql.sql or NAME.mariadb.sql; the servers are those of .ci/databases. Statements that a
database refuses are counted. The programs psql and mariadb read the files, as their authors mean.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import URL, NullPool, create_engine, make_url

PROGRAM = Path(sys.executable).with_name("faker-neural")
NAME = f"schemas_{os.getpid()}"


def main(folder: Path) -> None:
    table = Table(
        "schema", "database", "refused DDL", "tables", "left out", "seconds", "run", box=None
    )
    files = sorted(folder.glob("*.*.sql"))
    passed = 0
    for file in files:
        name, kind = file.name.removesuffix(".sql").rsplit(".", 1)
        with database(kind) as url:
            refused = load(kind, url, file)
            began = time.perf_counter()
            tables, left_out, said = seeded(url)
            took = f"{time.perf_counter() - began:.0f}"
        passed += not said
        table.add_row(name, kind, str(refused), str(tables), str(left_out), took, said or "ok")
    Console(width=160).print(table)
    print(f"{passed} of {len(files)} end well")


@contextmanager
def database(kind: str) -> Iterator[URL]:
    """Make an empty database, and drop it in the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield URL.create("sqlite", database=f"{folder}/{NAME}.db")
        return
    server = make_url(os.environ[f"FAKER_NEURAL_TEST_{kind.upper()}"])
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
        try:
            yield server.set(database=NAME)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {NAME}")


def load(kind: str, url: URL, file: Path) -> int:
    """Run a file of SQL; return the number of errors."""
    if kind == "sqlite":
        with sqlite3.connect(str(url.database)) as connection:
            try:
                connection.executescript(file.read_text(encoding="utf-8-sig"))
            except sqlite3.Error:
                return 1
        return 0
    plain = url.set(drivername=kind, query={}).render_as_string(hide_password=False)
    command = ["psql", "-q", plain]
    if kind == "mariadb":
        command = ["mariadb", "-f", f"-h{url.host}", f"-P{url.port}", f"-u{url.username}"]
        command += [f"-p{url.password}", str(url.database)]
    with file.open("rb") as statements:
        done = subprocess.run(command, stdin=statements, capture_output=True, check=False)
    return done.stderr.decode(errors="replace").count("ERROR")


def seeded(url: URL) -> tuple[int, int, str]:
    """Propose a plan and run it; return the number of tables, of those left out, and the error."""
    address = url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "seed.toml"
        for command in (
            ["init", address, "-o", str(plan)],
            ["run", str(plan), "--url", address, "--yes"],
        ):
            done = subprocess.run(
                [PROGRAM, "seed", *command], capture_output=True, text=True, check=False
            )
            if done.returncode:
                return 0, 0, done.stderr.strip().splitlines()[-1]
        text = plan.read_text(encoding="utf-8")
    return text.count("\n[tables."), text.count(" is not filled: "), ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
