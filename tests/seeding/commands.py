"""The command line run as a person runs it, in this process or its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemas
from sqlalchemy import URL

from faker_neural.cli import main

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


def made(path: Path, sql: str = SHOP) -> URL:
    url = URL.create("sqlite", database=str(path))
    schemas.create(url, sql)
    return url


def counts(url: URL) -> dict[str, int]:
    return {name: len(rows) for name, rows in schemas.dump(url).items()}


EMPTY = {"categories": 0, "products": 0}
