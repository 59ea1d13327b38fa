"""Empty databases, each for one test: a SQLite file, or one on the servers of .ci/databases."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

NAMES = ("sqlite", "postgresql", "mariadb")
_CREATE = {
    # Unlike template1, nobody can be connected to template0, which would forbid the copy.
    "postgresql": "CREATE DATABASE {} TEMPLATE template0",
    "mariadb": "CREATE DATABASE {}",
}


@contextmanager
def empty(name: str, folder: Path) -> Iterator[URL]:
    """Make a database on SQLite, in the folder, or on a server, and drop it in the end."""
    if name == "sqlite":
        yield URL.create("sqlite", database=str(folder / "database.sqlite"))
        return
    server = _server(name)
    database = f"test_{secrets.token_hex(8)}"  # pytest-randomly seeds `random` alike in all workers
    with _connected(server) as connection:
        connection.execute(text(_CREATE[name].format(database)))
    try:
        yield server.set(database=database)
    finally:
        with _connected(server) as connection:
            _DROP[name](connection, database)


def _server(name: str) -> URL:
    variable = f"FAKER_NEURAL_TEST_{name.upper()}"
    if variable not in os.environ:
        pytest.skip(f'{variable} is not set; eval "$(.ci/databases)" starts a server and sets it')
    return make_url(os.environ[variable])


@contextmanager
def _connected(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _drop_postgresql(connection: Connection, database: str) -> None:
    connection.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))


def _drop_mariadb(connection: Connection, database: str) -> None:
    """Drop a database after its connections, whose open transactions would be waited for."""
    processes = "SELECT id FROM information_schema.processlist WHERE db = :database"
    for process in connection.scalars(text(processes), {"database": database}).all():
        connection.execute(text(f"KILL {process}"))
    connection.execute(text(f"DROP DATABASE {database}"))


_DROP = {"postgresql": _drop_postgresql, "mariadb": _drop_mariadb}
