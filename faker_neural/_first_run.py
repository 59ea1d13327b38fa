"""Opens a model file and draws from it, in a child process that a bad graph may end.

`_model_file/known_files.py` starts the child process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from ._detector import Detector
from ._errors import ContractError, FakerNeuralError
from ._model import TextModel
from ._model_file.known_files import in_child_process

__all__ = ["main", "run_once"]

_TEXTS, _SECONDS = 32, 2.0


def main() -> None:
    """Run the file that the command line names, with the SHA-256 of its bytes."""
    path, content_hash = sys.argv[1:]
    with suppress(ImportError):  # Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    in_child_process(bytes.fromhex(content_hash))
    with suppress(FakerNeuralError):  # the parent process raises the same error
        run_once(path)


def run_once(path: str) -> None:
    """Open a file, and draw from it in each way that runs another part of its graph.

    Args:
        path: the file.

    Raises:
        FakerNeuralError: the file cannot be opened.
    """
    try:
        draws = _draws(TextModel(path))
    except ContractError:
        draws = iter([partial(Detector(path).score, ["", "a text", "another text"])])
    for draw in draws:
        with suppress(FakerNeuralError):
            draw()


def _draws(model: TextModel) -> Iterator[Callable[[], object]]:
    """Yield draws of a batch, with logits, and of single texts until the time is over."""
    draw = model.rows_of if model.card.columns else model.texts
    began = time.monotonic()
    yield partial(draw, [0])
    yield partial(draw, range(2))
    if not model.card.columns:
        yield partial(model.texts, range(2), top_k=2)
    for key in range(1, _TEXTS):
        if time.monotonic() - began > _SECONDS:
            break
        yield partial(draw, [key])
