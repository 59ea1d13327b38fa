"""The package in a frozen program, and in a zip."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import faker_neural

PROGRAM = """\
from faker import Faker
import faker_neural

fake = faker_neural.NeuralFaker(["en_US", "ja_JP"])
fake.seed_instance(1)
print(ascii(fake["ja_JP"].neural_japanese_address()), fake["en_US"].neural_company())
print(fake["en_US"].neural_us_place(given={"state": "TX"}))
print(faker_neural.generate("company", 2, seed=1, max_length=30))
plain = Faker(includes=["faker_neural"])
plain.seed_instance(1)
print(plain.neural_text("job_title"), plain.name())
"""


def test_the_entry_point_of_pyinstaller_names_the_folder_of_the_hook() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    [(name, value)] = project["entry-points"]["pyinstaller40"].items()
    assert name == "hook-dirs"
    [folder] = EntryPoint(name, value, "pyinstaller40").load()()
    assert (Path(folder) / "hook-faker_neural.py").is_file()


def test_a_package_in_a_zip_is_refused_in_one_line(tmp_path: Path) -> None:
    package = Path(faker_neural.__file__).parent
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in [*package.rglob("*.py"), *package.rglob("*.onnx")]:
            archive.write(path, path.relative_to(package.parent))
    done = subprocess.run(
        [sys.executable, "-c", "import faker_neural; faker_neural.load('company')"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "all.zip")},
        capture_output=True,
        text=True,
    )
    folder = tmp_path / "all.zip" / "faker_neural" / "models"
    assert done.stderr.splitlines()[-1] == (
        f"faker_neural.MissingFileError: {folder}: is no folder: the package must be in a folder, "
        "not in a zip; pip, shiv and PyInstaller unpack it"
    )


@pytest.mark.long
def test_a_frozen_program_draws_the_same_strings(tmp_path: Path) -> None:
    pytest.importorskip("PyInstaller", reason="PyInstaller freezes a program: pip install it")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    freeze = [sys.executable, "-m", "PyInstaller", "--log-level=ERROR", path.name]
    subprocess.run(freeze, cwd=tmp_path, check=True)
    frozen = tmp_path / "dist" / "program" / "program"
    runs = [
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        for command in ([frozen], [sys.executable, path])
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == 4
