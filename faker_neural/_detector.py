"""A detector: how likely each text was generated and not real."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ._decoding.session import ROWS, Floats, GraphError, Ids, digest, probes, run
from ._errors import ContractError, GoldenError, ModelFileError, OptionError
from ._model_file.card import Card
from ._model_file.file import open_file

__all__ = ["Detector", "load_detector"]

UNKNOWN = "\ufffd"
"""The token that stands for each character that is none."""


class Detector:
    """A classifier that learned how generated text differs from real text.

    Args:
        path: a file written by `faker-neural detect train`, or beside a model by
            `faker-neural train --gan`.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used; the message names the field.
        ContractError: it is a text model.
        OldVersionError: onnxruntime is older than 1.20.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._card, self._session, _ = open_file(self.path)
        self._process = os.getpid()
        if self._card.contract != "score":
            raise ContractError(self.path, "is a text model: faker_neural.load opens it")
        self._ids = {token: i for i, token in enumerate(self._card.tokens) if len(token) == 1}
        self._unknown = self._ids.get(UNKNOWN, 0)

    @property
    def card(self) -> Card:
        """What the file says about itself."""
        return self._card

    def score(self, texts: Iterable[str]) -> Floats:
        """Return the probability that each text was generated, as far as the detector can tell.

        Args:
            texts: of any length; what is behind the first `card.window` characters is not read.

        Returns:
            float32 [texts], 0 for surely real to 1 for surely generated.

        Raises:
            OptionError: something is no text, or `texts` is one text and not several.
            ModelFileError: the graph cannot be run.
        """
        if isinstance(texts, str):
            raise OptionError("texts", texts, "must be several texts, such as a list")
        wanted = list(texts)
        some = (wanted[first : first + ROWS] for first in range(0, len(wanted), ROWS))
        try:
            scores = [self._run(self.encode(chunk)) for chunk in some]
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None
        return np.concatenate([np.zeros(0, dtype=np.float32), *scores])

    def encode(self, texts: Sequence[str]) -> Ids:
        """Return what the graph is fed for these texts: token ids, padded behind each text.

        Returns:
            int64 [texts, window].

        Raises:
            OptionError: something is no text.
        """
        windows = np.full((len(texts), self._card.window), self._card.padding or 0)
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise OptionError("texts", text, f"must hold text, not {type(text).__name__}")
            ids = [self._ids.get(c, self._unknown) for c in text[: self._card.window]]
            windows[row, : len(ids)] = ids
        return windows

    def verify(self) -> None:
        """Compare the scores of some windows with the card's digest.

        Raises:
            GoldenError: they differ.
        """
        if self._card.exact and self.digest() != self._card.digest:
            raise GoldenError(
                self.path,
                "gives other scores than its digest says: the file was changed, or this machine "
                "computes otherwise; get the file again, or else report this",
            )

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of tokens and of the scores of a window a token."""
        card = self._card
        windows = probes(len(card.tokens), card.window, card.padding)
        return digest(card.drawing(), map(self._run, windows))

    def __reduce__(self) -> tuple[type[Detector], tuple[Path]]:
        return Detector, (self.path,)

    def _run(self, windows: Ids) -> Floats:
        if self._process != os.getpid():  # a forked process, where a session may not work
            self._session = open_file(self.path).session
            self._process = os.getpid()
        scores = run(self._session, {"score": ()}, {"tokens": windows})[0]
        if not ((scores >= 0) & (scores <= 1)).all():
            raise GraphError("the graph gives scores that are not from 0 to 1")
        return scores


def load_detector(path: str | os.PathLike[str]) -> Detector:
    """Open a detector.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used.
    """
    return Detector(path)
