"""TensorFlow's notes are left out, in however many threads it is imported."""

from __future__ import annotations

import os

import pytest

from faker_neural_export.quiet import quiet


def test_overlapping_blocks_restore_the_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    first, second = quiet(), quiet()
    first.__enter__()
    second.__enter__()
    os.write(2, b"a note")
    first.__exit__(None, None, None)
    os.write(2, b"another")
    second.__exit__(None, None, None)
    os.write(2, b"an error")
    assert capfd.readouterr().err == "an error"


def test_a_process_without_a_standard_error_stays_without() -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        with quiet():
            pass
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(2, b"")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
