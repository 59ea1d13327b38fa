from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import databases
import pytest
from sqlalchemy import URL

pytest_plugins = ["pytester"]

if "PYTEST_XDIST_WORKER" in os.environ:  # measured itself; what its tests run need not be
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers inherit it
    CACHES = tempfile.TemporaryDirectory()
    os.environ["XDG_CACHE_HOME"] = CACHES.name  # not the user's own folder

COLOURS = ["red", "green", "blue", "amber", "ivory", "black", "white", "grey", "pink", "teal"]
ANIMALS = ["fox", "heron", "otter", "lynx", "badger", "wren", "toad", "moth", "newt", "crane"]


@pytest.fixture(scope="session")
def animals() -> list[str]:
    """A column of the tests' own making: a hundred values such as "red fox"."""
    return [f"{colour} {animal}" for colour, animal in itertools.product(COLOURS, ANIMALS)]


@pytest.fixture(scope="session")
def animals_file(animals: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("column") / "animals.txt"
    path.write_text("\n".join(animals) + "\n")
    return path


@pytest.fixture(scope="session")
def animals_model(animals_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that learned the column in seconds."""
    import faker_neural_export as export

    path = tmp_path_factory.mktemp("model") / "animals.onnx"
    settings = export.Settings(
        units=32, embedding=8, epochs=16, batch=8, learning_rate=0.02, dropout=0.1
    )
    export.train(animals_file, path, settings=settings, data={"licence": "MIT"})
    return path


@pytest.fixture(scope="session")
def places_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of rows that learned a small table of places in seconds."""
    import places

    return places.model(tmp_path_factory.mktemp("places")).path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real columns, which stands beside a checkout and is not part of it."""
    path = Path(__file__).parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip("../shared/data is not here")
    return path


@pytest.fixture
def no_own_fields(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in an empty folder where only the bundled fields have a name."""
    from faker_neural import catalog

    monkeypatch.delenv("FAKER_NEURAL_PATH", raising=False)
    catalog()  # forgets the packages of the test before
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of Keras 2.2.5: an embedding, two LSTM and a Dense layer."""
    return Path(
        shutil.copy(
            Path(__file__).parent / "fixtures" / "legacy_keras" / "k225_stateful.h5",
            tmp_path / "old.h5",
        )
    )


@pytest.fixture(params=databases.NAMES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """An empty database of each kind, for this test alone."""
    with databases.empty(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[URL]:
    """An empty database on PostgreSQL."""
    with databases.empty("postgresql", tmp_path) as url:
        yield url


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[URL]:
    """An empty database on MariaDB."""
    with databases.empty("mariadb", tmp_path) as url:
        yield url
