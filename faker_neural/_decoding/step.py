"""The `step` contract: a graph that takes one token and its states a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from faker_neural._keys import Keys, draws
from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .drawing import TokenDecoder
from .graph_drawing import Asked, GraphDrawing
from .ranking import ranks
from .session import ROWS, Floats, GraphError, Ids, Openings, Rows, digest, run

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

_DIGEST_STEPS = 4
_MOST_DRAWINGS = 16


class Decoder(TokenDecoder):
    """Draws strings from a graph of the `step` contract.

    Args:
        session: of a graph that fits the card, with the output `next`.
        card: of the model.
        with_logits: makes a session with the output `logits` and without `next`, for texts that
            are masked, and where `session` has no logits.
    """

    def __init__(
        self,
        session: InferenceSession,
        card: Card,
        with_logits: Callable[[], InferenceSession] | None = None,
    ) -> None:
        super().__init__(session, card)
        self._with_logits = with_logits
        whole = with_logits is None or not card.exact
        self._for_logits = session if whole else None  # made when texts are masked
        self._successors = {state.successor: (state.size,) for state in card.states}
        self._opened: tuple[Openings, list[Floats]] | None = None  # of the last openings
        self._drawings: dict[Asked, GraphDrawing] = {}

    def texts(
        self, keys: Keys, options: Options, constraint: Constraint | None = None
    ) -> list[str]:
        """Draw the string of each key; see `TokenDecoder.texts`."""
        if not self.card.exact or constraint or ranks(options, len(self.card.tokens)):
            return super().texts(keys, options, constraint)
        most = options.max_length
        try:
            drawing = self._drawing(Asked(options.temperature, options.label, options.length))
            if len(keys) == 1:
                return [drawing.alone(int(keys[0]), most)]
            return drawing.batch(keys, most)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None

    def memory(self, rows: int, openings: Openings) -> States:
        """Make the states of so many rows."""
        self._session_with_logits()
        last = self._opened
        if last is None or last[0] != openings:
            last = self._opened = openings, self.opened(openings)
        return States(self, rows, last[1])

    def digest(self) -> str:
        """Hash the card's part in drawing, and logits, states and next tokens of four steps an id.

        Raises:
            GraphError: the graph cannot be run.
        """
        return digest(self.card.drawing(), self._probed())

    def zero_states(self, rows: int) -> list[Floats]:
        """Return the states before the first step, each float32 [rows, size]."""
        return [np.zeros((rows, state.size), dtype=np.float32) for state in self.card.states]

    def step(self, token: Ids, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Feed one token a row; return the logits float32 [rows, logits] and the next states."""
        session = self._for_logits
        if session is None:
            session = self._session_with_logits() if self.card.classes else self.session
        feeds = self._feeds(token, states)
        if session is self.session and self.card.exact:
            feeds |= {"draw": np.zeros((len(token), 2)), "temperature": _ONE}
        outputs = {"logits": (self.card.logits,), **self._successors}
        logits, *states = run(session, outputs, feeds)
        return logits, states

    def next(
        self, token: Ids, states: list[Floats], drawn: NDArray[np.float64], temperature: Floats
    ) -> tuple[Ids, list[Floats]]:
        """Feed one token a row; let the graph choose the next, and return it and the next states.

        Args:
            token: int64 [rows].
            states: float32 [rows, size] each.
            drawn: float64 [rows, 2], from 0 to below 1.
            temperature: float32 [].
        """
        feeds = self._feeds(token, states) | {"draw": drawn, "temperature": temperature}
        following, *states = run(self.session, {"next": (), **self._successors}, feeds)
        return following, states

    def opened(self, openings: Openings) -> list[Floats]:
        """Return the states after all but the last token of each opening, [openings, size]."""
        states = self.zero_states(len(openings))
        for at in range(max(map(len, openings)) - 1):
            rows = [i for i, opening in enumerate(openings) if len(opening) > at + 1]
            token = np.array([openings[row][at] for row in rows])
            _, following = self.step(token, [state[rows] for state in states])
            for state, successor in zip(states, following, strict=True):
                state[rows] = successor
        return states

    def _session_with_logits(self) -> InferenceSession:
        """Return the session for masked texts, made when it is first needed."""
        if self._for_logits is None and self._with_logits is not None:
            self._for_logits = self._with_logits()
        return self._for_logits or self.session

    def _drawing(self, asked: Asked) -> GraphDrawing:
        """Return how texts are drawn by the graph, kept for the last options."""
        drawing = self._drawings.get(asked)
        if drawing is None:
            drawing = GraphDrawing(self, asked)
            if len(self._drawings) >= _MOST_DRAWINGS:
                self._drawings = {}
            self._drawings[asked] = drawing
        return drawing

    def _feeds(self, token: Ids, states: list[Floats]) -> dict[str, NDArray[Any]]:
        feeds: dict[str, NDArray[Any]] = {"token": token}
        feeds |= zip((state.name for state in self.card.states), states, strict=True)
        return feeds

    def _probed(self) -> Iterator[NDArray[Any]]:
        tokens, ids = len(self.card.tokens), self.card.ids
        for first in range(0, ids, ROWS):
            token = np.arange(first, min(first + ROWS, ids))
            states = self.zero_states(len(token))
            for step in range(_DIGEST_STEPS):
                if self.card.exact:
                    drawn = draws(token.astype(np.uint64), np.array([step], dtype=np.uint64))
                    yield self.next(token, states, drawn, _ONE)[0]
                logits, states = self.step(token, states)
                yield from (logits, *states)
                token = (token * 5 + 1) % tokens


_ONE = np.array(1, dtype=np.float32)


class States:
    """The recurrent states of each row's text, float32 [rows, size] each."""

    def __init__(self, decoder: Decoder, rows: int, opened: list[Floats]) -> None:
        self._decoder, self._opened = decoder, opened
        self._states = decoder.zero_states(rows)

    def start(self, rows: Rows, openings: Rows, keys: Keys) -> None:
        """Begin a text in each of these rows, after all but the last token of its opening."""
        for state, opened in zip(self._states, self._opened, strict=True):
            state[rows] = opened[openings]

    def keep(self, rows: Rows) -> None:
        """Go on with these rows alone."""
        self._states = [state[rows] for state in self._states]

    def logits(self, token: Ids) -> Floats:
        """Add a token [rows] to each text; return the logits [rows, logits] of the next."""
        logits, self._states = self._decoder.step(token, self._states)
        return logits
