"""Small HDF5 files that would become large in memory: each is one clear error, soon."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from keras_files import refuses

from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.source import parse_json
from faker_neural_export.keras_file.weights import extract
from faker_neural_export.keras_file.weights.hdf5 import read_hdf5


@pytest.fixture
def bomb(tmp_path: Path) -> Path:
    """A file of no arrays yet."""
    path = tmp_path / "bomb.h5"
    h5py.File(path, "w").close()
    return path


def test_an_array_with_many_hard_links_is_read_once(bomb: Path) -> None:
    with h5py.File(bomb, "r+") as file:
        file["a"] = np.ones(1000, "f4")
        for i in range(50):
            file[f"l{i}"] = file["a"]
    found = read_hdf5(bomb)
    assert found.array("a").sum() == 1000
    with pytest.raises(ReadError, match="'l7' is 'a' once more, which is read once"):
        found.array("l7")


def test_a_group_with_many_hard_links_is_read_once(bomb: Path) -> None:
    with h5py.File(bomb, "r+") as file:
        group = file.create_group("g")
        group["a"] = np.ones(3, "f4")
        group["g"] = file["z"] = group
    assert [*read_hdf5(bomb).below("g")] == ["g/a", "g/g"]


def test_arrays_that_were_never_written_are_counted_together(bomb: Path) -> None:
    with h5py.File(bomb, "r+") as file:
        for i in range(200):
            file.create_dataset(f"z{i}", (2**18,), "f4", chunks=(2**18,), compression="gzip")
    refuses(bomb, r"arrays take more than 512 MB of memory, or more than 40 times the size")


def test_names_without_end_are_counted(bomb: Path) -> None:
    with h5py.File(bomb, "r+") as file:
        for i in range(300):
            file[f"{i:05}" * 12_000] = np.ones(1, "f4")
    refuses(bomb, "names and attributes have more than 16,777,216 characters")


def test_a_long_configuration_is_not_parsed() -> None:
    with pytest.raises(ReadError, match="configuration has more than 16,777,216 characters"):
        parse_json("[" + "[]," * 2**23 + "[]]")


def test_the_reading_process_has_a_limit_of_memory(bomb: Path) -> None:
    said = (
        "import resource, runpy, sys;"
        "found = runpy.run_path(sys.argv[1]);"
        "found['main'](sys.argv[2]);"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], file=sys.stderr)"
    )
    command = [sys.executable, "-I", "-c", said, str(extract.__file__), str(bomb)]
    done = subprocess.run(command, capture_output=True, check=True)
    most = int(done.stderr)
    assert 0 < most <= 4 * 2**30
    assert most != resource.getrlimit(resource.RLIMIT_AS)[0]
