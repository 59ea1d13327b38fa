"""A detector: the probability that a text was generated and is not real."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ._decoding.session import ROWS, Floats, GraphError, Ids, digest, digest_windows, run
from ._errors import ContractError, GoldenError, ModelFileError, OptionError
from ._model_file.card import Card
from ._model_file.file import open_file

__all__ = ["Detector", "load_detector"]

UNKNOWN = "\ufffd"
"""The token for each character that is not a token itself."""


class Detector:
    """A classifier that learned how generated text differs from real text.

    Args:
        path: a file written by `faker-neural detect train`, or the file that
            `faker-neural train --gan` writes beside its model.

    Raises:
        MissingFileError: the file does not exist.
        ModelFileError: the file cannot be used; the message says why.
        ContractError: the file holds a text model, not a detector.
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
        """The card of the file: its tokens, data, licence and figures."""
        return self._card

    def score(self, texts: Iterable[str]) -> Floats:
        """Return the probability that each text was generated, as far as the detector can tell.

        Args:
            texts: texts of any length; only the first `card.window` characters of each are read.

        Returns:
            float32 [texts], from 0 (surely real) to 1 (surely generated).

        Raises:
            OptionError: an item is not a str, or `texts` itself is a str.
            ModelFileError: the graph cannot be run, or returns scores outside 0 to 1.
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
        """Convert texts to token ids, the input of the graph.

        Args:
            texts: texts of any length; only the first `card.window` characters of each are read.

        Returns:
            int64 [texts, window], with padding after each text.

        Raises:
            OptionError: an item is not a str.
        """
        windows = np.full((len(texts), self._card.window), self._card.padding or 0)
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise OptionError("texts", text, f"must hold text, not {type(text).__name__}")
            ids = [self._ids.get(c, self._unknown) for c in text[: self._card.window]]
            windows[row, : len(ids)] = ids
        return windows

    def verify(self) -> None:
        """Check an exact file against the card's digest; accept any file that is not exact.

        Raises:
            GoldenError: the digest differs.
            ModelFileError: the graph cannot be run, or returns scores outside 0 to 1.
        """
        if self._card.exact and self.digest() != self._card.digest:
            raise GoldenError(
                self.path,
                "its scores do not match its digest: the file was changed, or this machine "
                "computes different results; get the file again, and report this if it still fails",
            )

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of the card's drawing fields and of some scores.

        The scores are those of one window for each token.

        Raises:
            ModelFileError: the graph cannot be run, or returns scores outside 0 to 1.
        """
        card = self._card
        windows = digest_windows(len(card.tokens), card.window, card.padding)
        try:
            return digest(card.drawing(), map(self._run, windows))
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None

    def __repr__(self) -> str:
        return f"<Detector {self._card.name!r} from {os.fspath(self.path)!r}>"

    def __reduce__(self) -> tuple[type[Detector], tuple[Path]]:
        return Detector, (self.path,)

    def _run(self, windows: Ids) -> Floats:
        if self._process != os.getpid():  # a session may not work in a forked process
            self._session = open_file(self.path).session
            self._process = os.getpid()
        scores = run(self._session, {"score": ()}, {"tokens": windows})[0]
        if not ((scores >= 0) & (scores <= 1)).all():
            raise GraphError("the graph returns scores that are not from 0 to 1")
        return scores


def load_detector(path: str | os.PathLike[str]) -> Detector:
    """Load a detector.

    Args:
        path: a file written by `faker-neural detect train`, or the file that
            `faker-neural train --gan` writes beside its model.

    Returns:
        The detector.

    Raises:
        MissingFileError: the file does not exist.
        ModelFileError: the file cannot be used; the message says why.
        ContractError: the file holds a text model, not a detector.
        OldVersionError: onnxruntime is older than 1.20.
    """
    return Detector(path)
