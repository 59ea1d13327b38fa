"""A small shop and a plan for it; a plan's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import FAST, Cli, made
from plans import File
from sqlalchemy import URL


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


@pytest.fixture
def file(tmp_path: Path) -> File:
    """A plan's file that is not there yet."""
    return File(tmp_path)


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "shop.db"))
