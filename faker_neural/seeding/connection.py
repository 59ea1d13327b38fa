"""Opens databases by URL, hides passwords and turns database errors into one line."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, NullPool
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    NoSuchTableError,
    SQLAlchemyError,
)

from faker_neural import DatabaseError, MissingExtraError, MissingFileError

__all__ = [
    "connect",
    "first_line",
    "is_local",
    "one_line_errors",
    "open_connection",
    "printable_url",
    "read_connection",
    "without_password",
]

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_SUCH_AS = "such as sqlite:///dev.db or postgresql://user@localhost/name"
_ELSEWHERE = {"service", "servicefile", "read_default_file", "read_default_group"}
_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql"}


def connect(database: str | URL | Engine) -> Engine:
    """Return an engine for a database.

    Args:
        database: an engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL database.

    Raises:
        DatabaseError: the URL is invalid, names no database or another kind of database, or needs
            a driver that is not installed and that no extra brings.
        MissingFileError: the SQLite file does not exist.
        MissingExtraError: the driver psycopg or PyMySQL is not installed.
    """
    if isinstance(database, Engine):
        _check_kind(database.dialect.name, printable_url(database.url))
        return database
    url = _read(database)
    _check_kind(url.get_backend_name(), printable_url(url))
    if url.get_backend_name() == "sqlite":
        _check_file(url)
    elif not url.database and url.get_backend_name() != "postgresql":
        raise DatabaseError(
            printable_url(url), "has no database name; use mysql://user@localhost/NAME"
        )
    try:
        engine = sqlalchemy.create_engine(url, poolclass=NullPool)  # keep no connection open
    except ModuleNotFoundError as error:
        raise _without_driver(url, error.name or "") from None
    except (NoSuchModuleError, TypeError, ValueError) as error:
        raise DatabaseError(printable_url(url), f"cannot be opened ({first_line(error)})") from None
    return engine


@contextmanager
def read_connection(database: str | URL | Engine) -> Iterator[Connection]:
    """Yield a connection to a database for reading; nothing is committed.

    Args:
        database: an engine, or the URL of a SQLite, PostgreSQL, MariaDB or MySQL database.

    Raises:
        DatabaseError: the database cannot be opened or read.
        MissingFileError: the SQLite file does not exist.
        MissingExtraError: the driver psycopg or PyMySQL is not installed.
    """
    engine = connect(database)
    with one_line_errors(engine), open_connection(engine) as connection:
        yield connection


@contextmanager
def open_connection(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that enforces foreign keys and truncates no value silently.

    Args:
        engine: the engine of the database.

    Raises:
        DatabaseError: the driver does not accept an option of the URL.
    """
    try:
        connection = engine.connect()
    except (TypeError, AttributeError, ValueError) as error:
        raise DatabaseError(
            printable_url(engine.url), f"cannot be opened ({first_line(error)})"
        ) from None
    with connection:
        _prepare(connection)
        yield connection


def printable_url(url: str | URL) -> str:
    """Return a URL for printing: the password as ***, without driver and options.

    Args:
        url: the URL of a database.

    Raises:
        DatabaseError: the URL is invalid.
    """
    url = _read(url)
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def is_local(url: URL) -> bool:
    """Return whether a database is certainly on this machine.

    Args:
        url: the URL of the database.
    """
    if url.get_backend_name() == "sqlite":
        return True
    if _ELSEWHERE & set(url.query):
        return False
    named = [url.query.get("hostaddr"), url.query.get("host"), url.host]
    if not any(named) and url.get_backend_name() == "postgresql":  # libpq reads the environment
        if os.environ.get("PGSERVICE"):
            return False
        named = [os.environ.get("PGHOSTADDR"), os.environ.get("PGHOST")]
    hosts = [one.split(",") if isinstance(one, str) else one for one in named if one]
    return all(_is_here(host) for some in hosts for host in some)


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_password(url: URL) -> str:
    """Return a URL for storing: without password and driver.

    Options are kept, except options with "pass" in their name.

    Args:
        url: the URL of the database.
    """
    kept = {key: value for key, value in url.query.items() if "pass" not in key}
    name = url.get_backend_name()
    plain = URL.create(name, url.username, None, url.host, url.port, url.database, kept)
    return plain.render_as_string()


@contextmanager
def one_line_errors(engine: Engine) -> Iterator[None]:
    """Convert SQLAlchemy errors of the block to a DatabaseError of one line.

    Args:
        engine: the engine of the database, which the error names.

    Raises:
        DatabaseError: the database refused a statement, the connection was lost, or the parent
            table of a foreign key does not exist.
    """
    try:
        yield
    except NoSuchTableError as error:
        problem = f"a foreign key refers to the table {error}, which is not there"
        raise DatabaseError(printable_url(engine.url), problem) from error
    except SQLAlchemyError as error:
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        cause = getattr(error, "orig", None) or error
        problem = f"{'connection lost: ' if gone else ''}{first_line(cause)}"
        raise DatabaseError(printable_url(engine.url), problem) from error


def _read(database: str | URL) -> URL:
    try:
        url = sqlalchemy.make_url(database)
    except (ArgumentError, ValueError):
        text = str(database).partition(":")[0]  # the rest may contain a password
        shown_ = f"{text[:20]}..." if len(text) < len(str(database)) else text[:20]
        raise DatabaseError(shown_, f"is not a database URL, {_SUCH_AS}") from None
    if "@" in (url.host or ""):
        text = str(url.host).rpartition("@")[2]
        raise DatabaseError(text, "has an @ in the user or the password; write it as %40")
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _without_driver(url: URL, module: str) -> MissingExtraError | DatabaseError:
    if module in _EXTRAS:
        return MissingExtraError(_EXTRAS[module], module)
    name = url.get_backend_name()
    problem = f"needs {module}, which is not installed; {name}:// alone takes the usual driver"
    return DatabaseError(printable_url(url), problem)


def _check_kind(name: str, text: str) -> None:
    if name not in _DRIVERS:
        supported = "supported are sqlite, postgresql, mysql and mariadb"
        raise DatabaseError(text, f"is a database of {name}; {supported}")


def _check_file(url: URL) -> None:
    if url.database in (None, "", ":memory:") or url.query.get("uri"):
        return
    if not Path(str(url.database)).is_file():
        raise MissingFileError(str(url.database), "there is no such database")


def _prepare(connection: Connection) -> None:
    match connection.dialect.name:
        case "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        case "mysql" | "mariadb":
            strict = "CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
            connection.exec_driver_sql(f"SET SESSION sql_mode = {strict}, time_zone = '+00:00'")


def first_line(error: BaseException) -> str:
    """Return the first line of a driver's error message, without the error code.

    Args:
        error: the error; its class name is returned if it has no message.
    """
    arguments = error.args
    if len(arguments) > 1 and isinstance(arguments[0], int):  # PyMySQL: (code, message)
        return str(arguments[1]).partition("\n")[0]
    return str(error).partition("\n")[0].strip() or type(error).__name__
