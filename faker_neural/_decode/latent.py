"""The `latent` contract: a graph that turns noise into a whole text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from onnxruntime import InferenceSession

from faker_neural._card import Card
from faker_neural._keys import Keys, normal, uniform
from faker_neural._options import Options
from faker_neural._sampling import Sampler

from . import ROWS, Floats, GraphError, digest, rows_at_once, run
from .drawing import barred_at_the_start, joined


class Decoder:
    """Draws strings from one session; several threads may use it at once.

    Args:
        session: of a graph that fits the card.
        card: of the model.
    """

    def __init__(self, session: InferenceSession, card: Card) -> None:
        self.session, self.card = session, card
        self.outputs = {"logits": (card.max_tokens, len(card.tokens))}
        self.barred = barred_at_the_start(card)

    def texts(self, keys: Keys, options: Options) -> list[str]:
        """Draw the string of each key.

        Raises:
            GraphError: the graph cannot be run, or gives logits that are not numbers.
        """
        card, texts = self.card, list[str]()
        rows = min(rows_at_once(card.max_tokens * len(card.tokens)), len(keys))
        sampler = Sampler(rows * card.max_tokens, len(card.tokens))
        try:
            with np.errstate(over="ignore"):  # see Sampler
                for first in range(0, len(keys), max(1, rows)):
                    texts += self._batch(keys[first : first + rows], options, sampler)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None
        return texts

    def digest(self) -> str:
        """Hash the card's part in drawing, and the logits of the first 256 keys' noise.

        Raises:
            GraphError: the graph cannot be run.
        """
        return digest(self.card.drawing(), self._probed())

    def logits(self, keys: Keys) -> Floats:
        """Feed each key's noise; give the logits float32 [keys, length, tokens]."""
        noise = normal(keys, self.card.noise)
        return run(self.session, self.outputs, {"noise": noise})[0]

    def _batch(self, keys: Keys, options: Options, sampler: Sampler) -> list[str]:
        logits = self.logits(keys)
        logits[:, 0, self.barred] = -np.inf
        rows, length, tokens = logits.shape
        draws = uniform(keys, length).reshape(-1)
        ids = sampler(logits.reshape(-1, tokens), draws, options.temperature)
        return [self._text(row) for row in ids.reshape(rows, length).tolist()]

    def _text(self, ids: list[int]) -> str:
        end = self.card.end
        return joined(self.card, ids[: ids.index(end) + 1] if end in ids else ids)

    def _probed(self) -> Iterator[Floats]:
        rows = rows_at_once(self.card.max_tokens * len(self.card.tokens))
        keys = np.arange(ROWS, dtype=np.uint64)
        yield from (self.logits(keys[first : first + rows]) for first in range(0, ROWS, rows))
