"""onnxruntime keeps a device id and an event store under HOME; no process of ours lets it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from faker_neural.seeding.run.runner import _PARALLEL

FIXTURES = Path(__file__).parents[1] / "fixtures" / "legacy_keras"
PROGRAM = Path(sys.executable).with_name("faker-neural")
RELEASE = tuple(int(part) for part in version("onnxruntime").split(".")[:2])
pytestmark = pytest.mark.skipif(
    RELEASE < (1, 29), reason="onnxruntime writes these files from 1.29 on"
)
DRAW = """
from faker import Faker
from faker_neural import Provider
fake = Faker()
fake.add_provider(Provider)
print(fake.neural_text("company"))
"""


class Account:
    """An empty home, a folder beside it, and an environment without any other variable.

    CI, GITHUB_ACTIONS and the like are left out too: onnxruntime writes nothing where one is set.
    """

    def __init__(self, path: Path) -> None:
        self.home, self.folder = path / "home", path / "work"
        self.home.mkdir()
        self.folder.mkdir()

    def run(self, *command: str | Path, **settings: str) -> str:
        """Run a command in the folder, check that it succeeds, and return its output."""
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"]} | settings
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def files(self) -> list[str]:
        """Return the names of all files under the home."""
        return sorted(path.name for path in self.home.rglob("*") if path.is_file())


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@pytest.mark.parametrize("settings", [{}, {"ORT_DISABLE_TELEMETRY": "0"}], ids=["unset", "0"])
def test_onnxruntime_alone_writes_a_device_id(account: Account, settings: dict[str, str]) -> None:
    """Show that the tests below can fail."""
    account.run(sys.executable, "-c", "import onnxruntime", **settings)
    assert {"deviceid", "onnxruntime.db"} <= set(account.files())


def test_a_string_of_the_provider_writes_nothing(account: Account) -> None:
    assert account.run(sys.executable, "-c", DRAW).strip()
    assert account.files() == []


def test_a_test_with_mock_text_writes_nothing(account: Account) -> None:
    (account.folder / "test_it.py").write_text("def test_it(mock_text):\n    assert mock_text()")
    printed = account.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
    assert "1 passed" in printed
    assert account.files() == []


def test_generate_writes_nothing(account: Account) -> None:
    assert account.run(PROGRAM, "generate", "company", "-n", "1").strip()
    assert account.files() == []


def test_the_workers_of_a_seeding_run_write_nothing(account: Account) -> None:
    with closing(sqlite3.connect(account.folder / "dev.db")) as database, database:
        database.execute("CREATE TABLE firms (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    database.close()
    (account.folder / "seed.toml").write_text(
        'url = "sqlite:///dev.db"\n[tables.firms]\nid = "sequence"\nname = "neural:company"\n'
    )
    rows = f"firms={_PARALLEL}"  # with fewer no worker is started
    printed = account.run(PROGRAM, "seed", "run", "seed.toml", "--rows", rows, "--workers", "2")
    assert f"{_PARALLEL:,}" in printed
    assert account.files() == []


def test_export_writes_none_of_onnxruntimes_files(account: Account) -> None:
    """Other names may be there: Keras writes keras.json and matplotlib its list of fonts."""
    (account.folder / "tokens.json").write_text(json.dumps(["\n", *"abcdefghijklmnopqrs"]))
    model = FIXTURES / "k225_stateful.h5"
    printed = account.run(PROGRAM, "export", model, "--tokens", "tokens.json", "-o", "made.onnx")
    assert "checked against Keras" in printed
    assert [name for name in account.files() if name.startswith(("deviceid", "onnxruntime"))] == []


@pytest.mark.parametrize("value", ["0", "yes", ""])
def test_a_value_that_the_user_has_set_stays(account: Account, value: str) -> None:
    code = "import os, faker_neural; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    printed = account.run(sys.executable, "-c", code, ORT_DISABLE_TELEMETRY=value)
    assert printed == f"{value}\n"
