"""Many threads open a model once; a process that ends waits for none of them."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from letters import card, save

from faker_neural import ExhaustedError, TextModel, TrainingLines, load
from faker_neural._decoding.file_decoder import FileDecoder, in_threads
from faker_neural._model_file import training_lines

END = """
import threading, time
from faker_neural import bundled, load
from faker_neural._model_file.file import open_file
model = load("company")
def draw():
    while True:
        {draw}
threading.Thread(target=draw, daemon=True).start()
time.sleep(0.3)
"""
DRAWS = {
    "a batch": "model.generate(1_000_000)",
    "two threads": "model.generate(1_000_000, threads=2)",
    "a text": "model.generate(1)",
    "opening": "open_file(bundled()['company'])",
}


def test_a_thousand_threads_open_a_model_once(tmp_path: Path) -> None:
    path, gate, found = save(tmp_path, card()), threading.Barrier(1000), list[TextModel]()

    def open_it() -> None:
        gate.wait()
        found.append(load(path))

    workers = [threading.Thread(target=open_it) for _ in range(1000)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 1000
    gc.collect()
    opened = [one for one in gc.get_objects() if type(one) is FileDecoder]
    assert len([one for one in opened if one._path == path]) == 1


def test_a_file_that_cannot_be_opened_blocks_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "none.onnx"
    path.write_bytes(b"")
    failed = list[str]()

    def open_it() -> None:
        try:
            load(path)
        except ValueError as error:
            failed.append(str(error))

    workers = [threading.Thread(target=open_it) for _ in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert len(failed) == 20


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_process_that_ends_does_not_wait_for_a_daemons_draw(draw: str) -> None:
    started = time.monotonic()
    command = [sys.executable, "-c", END.format(draw=draw)]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 30


def test_no_draw_uses_what_aborts_a_process_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    unique = np.unique

    def with_more(values: Any, **asked: bool) -> Any:
        assert asked, "NumPy finds the values alone in C++, without Python's lock"
        return unique(values, **asked)

    monkeypatch.setattr(np, "unique", with_more)
    model = load("company")
    assert model.generate(200, seed=4)
    assert model.generate(5, pattern="[A-Z].*a.*", max_length=25)
    assert model.generate(5, prefix="The ", top_k=40)
    assert model.like(["a", "b"], "a secret of many letters")


def test_the_first_failure_of_threads_is_raised() -> None:
    def draw(keys: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> list[str]:
        raise ExhaustedError("a", str(keys[0]))

    with pytest.raises(ExhaustedError, match="a: 0"):
        in_threads(draw, np.arange(4, dtype=np.uint64), 4)


def test_training_lines_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_lines, "_kept", {})
    monkeypatch.setattr(training_lines, "_MOST_BYTES", 8 * 2500)
    sets = [
        TrainingLines(2**39, b64encode(np.full(1000, i + 1, "<u2").tobytes()).decode())
        for i in range(4)
    ]
    for one in (*sets, sets[1]):
        assert "x" not in one
    assert [*training_lines._kept] == [sets[3].gaps, sets[1].gaps]


def test_a_set_knows_exactly_its_lines() -> None:
    lines = TrainingLines.of(["Red Fox", "grey  heron"])
    assert [text in lines for text in ("red fox", "GREY HERON", "red", "")] == [
        True,
        True,
        False,
        False,
    ]
    assert "a" not in TrainingLines()
