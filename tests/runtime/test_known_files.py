"""A model file from elsewhere is opened and run in a child process before it is opened here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from letters import card, graph, save
from onnx import helper, numpy_helper

from faker_neural import Card, ModelFileError, TextModel, catalog, fields_from
from faker_neural._model_file import known_files
from faker_neural._model_file.known_files import add_known
from faker_neural_export.exact.sampling_head import add_sampling_head

OPEN_UNTRIED = """
import sys
from faker_neural import TextModel
from faker_neural._model_file import file
file.check_first_run = lambda *_: None
TextModel(sys.argv[1])
"""
COUNT = """
import os, subprocess, sys, time
from pathlib import Path
from faker_neural import TextModel
started = subprocess.run
def run(command, **options):
    Path(sys.argv[2], str(os.getpid())).touch()
    return started(command, **options)
subprocess.run = run
while time.time() < float(sys.argv[3]):
    pass
TextModel(sys.argv[1])
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a process that knows no file."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.delenv("FAKER_NEURAL_TRUST", raising=False)
    monkeypatch.setattr(known_files, "_known", set())
    return folder


@pytest.fixture
def no_child(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which no child process can be started."""
    return lambda: monkeypatch.setattr(sys, "executable", "/nonexistent/python")


def aborting(folder: Path) -> Path:
    """Write a file whose pool is larger than its input: onnxruntime aborts the process.

    No check of ours knows the size of its input.
    """
    model = add_sampling_head(graph([[0, 1, 1, 1]] * 4), card())
    made = [
        helper.make_node("Unsqueeze", ["given", "one"], ["deep"]),
        helper.make_node("MaxPool", ["deep"], ["pooled"], kernel_shape=[9]),
        helper.make_node("Slice", ["pooled", "zero", "one", "two"], ["first"]),
        helper.make_node("Reshape", ["first", "rows_of_4"], ["flat"]),
        helper.make_node("Add", ["given", "flat"], ["logits"]),
    ]
    model.graph.node[0].output[0] = "given"
    for place, node in enumerate(made, start=1):
        model.graph.node.insert(place, node)
    for name, numbers in {"zero": [0], "one": [1], "two": [2], "rows_of_4": [-1, 4]}.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(numbers), name))
    helper.set_model_props(model, {Card.metadata_key: card().to_json()})
    path = folder / "aborting.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def known(cache: Path) -> list[str]:
    return [path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_graph_that_aborts_the_process_is_one_error(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"it ended the child process that tried it \(Abor"):
        TextModel(aborting(tmp_path))
    assert known(cache) == []


def test_it_does_abort_a_process_that_opens_it_untried(cache: Path, tmp_path: Path) -> None:
    path = aborting(tmp_path)
    command = [sys.executable, "-c", OPEN_UNTRIED, path]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode < 0


def test_one_bad_file_does_not_hide_the_others(cache: Path, tmp_path: Path) -> None:
    save(aborting(tmp_path).parent, card())
    command = [Path(sys.executable).with_name("faker-neural"), "models"]
    environment = os.environ | {"FAKER_NEURAL_PATH": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "letters" in done.stdout
    assert "company" in done.stdout
    assert "onnxruntime cannot run the graph" in done.stdout


def test_a_file_is_tried_once(
    cache: Path, tmp_path: Path, no_child: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path, card())
    TextModel(path)
    assert len(known(cache)) == 1
    monkeypatch.setattr(known_files, "_known", set())  # as in another process
    no_child()
    TextModel(path)


def test_a_changed_file_is_tried_again(
    cache: Path, tmp_path: Path, no_child: Callable[[], None]
) -> None:
    TextModel(save(tmp_path, card()))
    no_child()
    with pytest.raises(ModelFileError, match="cannot be tried in a child process"):
        TextModel(save(tmp_path, card(name="other")))


def test_processes_that_start_together_try_a_file_once(cache: Path, tmp_path: Path) -> None:
    path, tries = save(tmp_path, card()), tmp_path / "tries"
    tries.mkdir()
    command = [sys.executable, "-c", COUNT, path, tries, str(time.time() + 2)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert len(list(tries.iterdir())) == 1


def test_without_memory_a_file_is_tried_by_each_process(
    cache: Path, tmp_path: Path, no_child: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKER_NEURAL_TRUST", "1")
    TextModel(save(tmp_path, card()))
    assert not cache.exists()
    monkeypatch.setattr(known_files, "_known", set())
    no_child()
    with pytest.raises(ModelFileError, match="cannot be tried in a child process"):
        TextModel(save(tmp_path, card()))


def test_a_home_that_cannot_be_written_to_skips_only_the_memory(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert TextModel(save(tmp_path, card())).generate(1)
    with pytest.raises(ModelFileError, match="ended the child process"):
        TextModel(aborting(tmp_path))


def test_a_folder_that_others_can_write_to_is_not_believed(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_child: Callable[[], None]
) -> None:
    path = save(tmp_path, card())
    TextModel(path)
    next(cache.rglob("runs-in-*")).chmod(0o777)
    monkeypatch.setattr(known_files, "_known", set())
    no_child()
    with pytest.raises(ModelFileError, match="cannot be tried in a child process"):
        TextModel(path)


def test_a_file_that_was_made_here_is_not_tried(
    cache: Path, tmp_path: Path, no_child: Callable[[], None]
) -> None:
    path = save(tmp_path, card())
    add_known(path)
    no_child()
    TextModel(path)


def test_a_child_that_takes_too_long_is_ended(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_files, "_SECONDS", 0.01)
    with pytest.raises(ModelFileError, match="does not draw its first texts within"):
        TextModel(save(tmp_path, card()))


def test_bundled_files_need_no_child(cache: Path, no_child: Callable[[], None]) -> None:
    no_child()
    TextModel(catalog()["company"].path)
    assert not cache.exists()


def test_a_field_of_a_suite_is_known_after_its_first_opening(cache: Path, tmp_path: Path) -> None:
    save(tmp_path, card())
    with fields_from(tmp_path):
        first = TextModel(catalog()["letters"].path).generate(3)
    assert first == TextModel(tmp_path / "letters.onnx").generate(3)
    assert len(known(cache)) == 1


def test_a_path_object_among_the_import_folders_does_no_harm(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, tmp_path])
    assert TextModel(save(tmp_path, card())).generate(1)


def test_an_interpreter_that_is_none_is_not_taken_for_a_bad_graph(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an embedded Python, whose sys.executable is another program."""
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho unknown option >&2\nexit 2\n")
    other.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(other))
    with pytest.raises(ModelFileError, match=r"cannot be tried in a child process \(unknown opt"):
        TextModel(save(tmp_path, card()))
