"""Model files that are replaced or cut short while they are used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from letters import card, save

from faker_neural import ModelFileError, load

A, B = "aaa", "bbb"


@pytest.fixture
def versions(tmp_path: Path) -> dict[str, Path]:
    """A file by the one string that it gives, which its end says too; alike in size and time."""
    made = {}
    for text, logits in ((A, (0, 99, 0, 0)), (B, (0, 0, 99, 0))):
        folder = tmp_path / text
        folder.mkdir()
        fields = card(end=None, max_tokens=3, data={"source": text})
        made[text] = save(folder, fields, logits)
        os.utime(made[text], (1, 1))
    return made


@pytest.fixture
def field(versions: dict[str, Path]) -> Path:
    """A file that the versions take the place of, in one step; the first is there."""
    path = versions[A].parents[1] / "field.onnx"
    put(versions[A], path)
    return path


def put(version: Path, path: Path) -> None:
    Path(shutil.copy2(version, path.with_suffix(".new"))).replace(path)


def text(path: Path) -> str:
    return load(path).generate(1)[0]


def test_a_file_replaced_by_one_of_its_size_and_time_is_opened_again(
    versions: dict[str, Path], field: Path
) -> None:
    assert text(field) == A
    put(versions[B], field)
    assert text(field) == B


REPLACED_AGAIN_AND_AGAIN = """
import itertools, os, shutil, sys

field, *versions = sys.argv[1:]
for version in itertools.cycle(versions):
    os.replace(shutil.copy2(version, field + ".new"), field)
    print(flush=True)
"""


def test_while_a_file_is_replaced_one_of_its_versions_is_opened_whole(
    versions: dict[str, Path], field: Path
) -> None:
    found = set()
    command = [sys.executable, "-c", REPLACED_AGAIN_AND_AGAIN, field, *versions.values()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as replacing:
        for _ in range(500):
            replacing.stdout.readline()  # once it was replaced again
            model = load(field)
            found.add((*model.generate(1), model.card.data["source"]))
        replacing.kill()
    assert found == {(A, A), (B, B)}


REPLACED_WHEN_OPENED = """
import os, sys
from faker_neural import load

field, before, after = sys.argv[1:]

def point_to(version):
    os.symlink(version, field + ".new")
    os.replace(field + ".new", field)

def replace(event, arguments):
    if event == "open" and str(arguments[0]) == field and os.path.samefile(field, before):
        point_to(after)

point_to(before)
sys.addaudithook(replace)
assert load(field).generate(1) == ["bbb"]
before = after
point_to(sys.argv[2])
assert load(field).generate(1) == ["aaa"]
"""


def test_a_file_replaced_while_it_is_opened_is_not_taken_for_the_one_before(
    versions: dict[str, Path], tmp_path: Path
) -> None:
    paths = tmp_path / "field.onnx", versions[A], versions[B]
    command = [sys.executable, "-c", REPLACED_WHEN_OPENED, *paths]
    subprocess.run(command, check=True)


def test_an_opened_model_draws_from_the_version_that_it_opened(
    versions: dict[str, Path], field: Path
) -> None:
    opened = load(field)
    put(versions[B], field)
    assert opened.generate(1) == [A]
    field.write_bytes(b"")
    assert opened.generate(1) == [A]


def test_a_file_cut_short_is_refused_until_it_is_whole(field: Path) -> None:
    whole = field.read_bytes()
    assert text(field) == A
    for size in range(len(whole)):
        os.truncate(field, size)
        with pytest.raises(ModelFileError, match=f"^{field}: "):
            text(field)
        field.write_bytes(whole)
    assert text(field) == A
