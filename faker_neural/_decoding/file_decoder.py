"""The decoder of a model file: opened once, and again in a forked process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import TypeVar
from weakref import WeakSet

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._errors import ContractError, ModelFileError
from faker_neural._keys import Keys
from faker_neural._model_file.file import open_file, open_logits

from .contracts import latent, step, window
from .session import GraphError

__all__ = ["Decoder", "FileDecoder", "in_threads"]

_TASK = 2**13  # strings that a thread draws at a time

_T = TypeVar("_T")
Decoder = step.Decoder | window.Decoder | latent.Decoder
_DECODERS: dict[str, type[Decoder]] = {
    "step": step.Decoder,
    "window": window.Decoder,
    "latent": latent.Decoder,
}


class FileDecoder:
    """Runs actions with the decoder of a model file.

    Args:
        path: the file.

    Attributes:
        card: the card of the file.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used; the message names the field.
        ContractError: the file holds a detector.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.card, session, self._content_hash = open_file(path)
        if self.card.contract not in _DECODERS:
            raise ContractError(path, "is a detector: faker_neural.load_detector opens it")
        self._decoder: Decoder | None = self._new(session)
        _ALIVE.add(self)

    def run(self, action: Callable[[Decoder], _T]) -> _T:
        """Run an action with the decoder; return its result.

        Args:
            action: a function of the decoder.

        Raises:
            ModelFileError: the graph cannot be run, or the file has changed since a fork.
        """
        try:
            return action(self._current())
        except GraphError as error:
            raise ModelFileError(self._path, str(error)) from None

    def forget(self) -> None:
        """Open the file again before the next action."""
        self._decoder = None

    def _current(self) -> Decoder:
        """Return the decoder, opened again in a forked process, where a session may not work."""
        if self._decoder is None:
            _, session, content_hash = open_file(self._path)
            if content_hash != self._content_hash:
                raise ModelFileError(self._path, "has changed since this process was forked")
            self._decoder = self._new(session)
        return self._decoder

    def _new(self, session: InferenceSession) -> Decoder:
        if self.card.contract == "step":
            return step.Decoder(session, self.card, self._open_logits)
        return _DECODERS[self.card.contract](session, self.card)

    def _open_logits(self) -> InferenceSession:
        return open_logits(self._path, self._content_hash)


_ALIVE: WeakSet[FileDecoder] = WeakSet()


def _forget_all() -> None:
    for decoder in _ALIVE:
        decoder.forget()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_all)


def in_threads(draw: Callable[[Keys], list[str]], keys: Keys, threads: int) -> list[str]:
    """Draw the string of each key in several threads.

    Args:
        draw: draws the strings of some of the keys.
        keys: uint64 [strings].
        threads: the number of threads.

    Raises:
        Exception: what the first task that failed has raised.
    """
    shared = _SharedTasks(draw, np.array_split(keys, max(threads, len(keys) // _TASK)))
    # Daemons, for which a process that ends does not wait; those of concurrent.futures are none.
    workers = [Thread(target=shared.work, daemon=True) for _ in range(threads)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        shared.leave()  # Ctrl-C does not wait for the whole job
    return shared.texts()


class _SharedTasks:
    """Tasks that several threads share."""

    def __init__(self, draw: Callable[[Keys], list[str]], tasks: Sequence[Keys]) -> None:
        self._draw, self._tasks = draw, tasks
        self._places = iter(range(len(tasks)))
        self._drawn: dict[int, list[str]] = {}
        self._failures: dict[int, BaseException] = {}

    def work(self) -> None:
        """Do tasks until none is left."""
        for place in self._places:
            try:
                self._drawn[place] = self._draw(self._tasks[place])
            except BaseException as error:
                self._failures[place] = error
                self.leave()

    def leave(self) -> None:
        """Leave the tasks that no thread has begun."""
        for _ in self._places:
            pass

    def texts(self) -> list[str]:
        """Return the texts of all tasks in their order, or raise the first failure."""
        if self._failures:
            raise self._failures[min(self._failures)]
        return [text for place in range(len(self._tasks)) for text in self._drawn[place]]
