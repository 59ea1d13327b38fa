"""A graph of the `step` contract, run with one token and the states of each row."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from faker_neural._decoding.mask import mask_by_card
from faker_neural._decoding.session import Floats, Ids, Prompts, Rows, run
from faker_neural._keys import Keys
from faker_neural._model_file.card import Card

__all__ = ["ONE", "StepGraph", "StepState"]

ONE = np.array(1, dtype=np.float32)


class StepGraph:
    """Runs a graph of the `step` contract; several threads may use it at once.

    Args:
        session: a session of a graph that fits the card. Its outputs include `next` if the card is
            exact, and `logits` if the card is not exact or has no classes.
        card: the model's card.
        with_logits: creates a session with the output `logits` and without `next`, for exact
            graphs: it computes the logits for masked texts, and all logits if `session` has none.
            None if `session` has both outputs.
    """

    def __init__(
        self,
        session: InferenceSession,
        card: Card,
        with_logits: Callable[[], InferenceSession] | None = None,
    ) -> None:
        self.session, self.card = session, card
        self._with_logits = with_logits
        whole = with_logits is None or not card.exact
        self._for_logits = session if whole else None  # None until needed
        self._successors = {state.successor: (state.size,) for state in card.states}
        self.masks = cache(partial(mask_by_card, card))  # see `mask_by_card`

    def zero_states(self, rows: int) -> list[Floats]:
        """Return the states before the first step, float32 [rows, size] each.

        Args:
            rows: the number of rows.
        """
        return [np.zeros((rows, state.size), dtype=np.float32) for state in self.card.states]

    def step(self, token: Ids, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        """Feed one token in each row; return the logits and the next states.

        Args:
            token: int64 [rows].
            states: float32 [rows, size] each.

        Returns:
            The logits, float32 [rows, logits], and the states, float32 [rows, size] each.
        """
        session = self._for_logits
        if session is None:
            session = self.session_with_logits() if self.card.classes else self.session
        feeds = self._feeds(token, states)
        if session is self.session and self.card.exact:
            feeds |= {"draw": np.zeros((len(token), 2)), "temperature": ONE}
        outputs = {"logits": (self.card.logits,), **self._successors}
        logits, *states = run(session, outputs, feeds)
        return logits, states

    def next(
        self, token: Ids, states: list[Floats], drawn: NDArray[np.float64], temperature: Floats
    ) -> tuple[Ids, list[Floats]]:
        """Feed one token in each row; return the tokens that the graph chooses and the next states.

        Args:
            token: int64 [rows].
            states: float32 [rows, size] each.
            drawn: float64 [rows, 2], from 0 to below 1; 0 at temperature 0.
            temperature: float32 [], 0 or more.

        Returns:
            The chosen tokens, int64 [rows], and the states, float32 [rows, size] each.
        """
        feeds = self._feeds(token, states) | {"draw": drawn, "temperature": temperature}
        following, *states = run(self.session, {"next": (), **self._successors}, feeds)
        return following, states

    def opened(self, prompts: Prompts) -> list[Floats]:
        """Return the states after all ids of each prompt.

        Args:
            prompts: the prompts, at least one.

        Returns:
            float32 [prompts, size] each.
        """
        states = self.zero_states(len(prompts))
        for at in range(max(map(len, prompts))):
            rows = [i for i, prompt in enumerate(prompts) if len(prompt) > at]
            token = np.array([prompts[row][at] for row in rows])
            following = self._fed(token, [state[rows] for state in states])
            for state, successor in zip(states, following, strict=True):
                state[rows] = successor
        return states

    def _fed(self, token: Ids, states: list[Floats]) -> list[Floats]:
        """Feed one token in each row; return the next states without the cost of logits."""
        if not states:
            return []
        feeds = self._feeds(token, states)
        if self.card.exact:
            feeds |= {"draw": np.zeros((len(token), 2)), "temperature": ONE}
        return run(self.session, self._successors, feeds)

    def session_with_logits(self) -> InferenceSession:
        """Return the session for masked texts; create it when it is first needed."""
        if self._for_logits is None and self._with_logits is not None:
            self._for_logits = self._with_logits()
        return self._for_logits or self.session

    def _feeds(self, token: Ids, states: list[Floats]) -> dict[str, NDArray[Any]]:
        feeds: dict[str, NDArray[Any]] = {"token": token}
        feeds |= zip((state.name for state in self.card.states), states, strict=True)
        return feeds


class StepState:
    """The recurrent states of each row's text, float32 [rows, size] each.

    Args:
        graph: the graph that computes them.
        rows: the number of rows.
        opened: the states after each prompt, see `StepGraph.opened`.
    """

    def __init__(self, graph: StepGraph, rows: int, opened: list[Floats]) -> None:
        self._graph, self._opened = graph, opened
        self._states = graph.zero_states(rows)

    def start(self, rows: Rows, prompts: Rows, keys: Keys) -> None:
        """Start a text in each of these rows, after all ids of its prompt."""
        for state, opened in zip(self._states, self._opened, strict=True):
            state[rows] = opened[prompts]

    def keep(self, rows: Rows) -> None:
        """Keep only these rows."""
        self._states = [state[rows] for state in self._states]

    def logits(self, token: Ids) -> Floats:
        """Feed a token [rows] of each text; return the logits [rows, logits] of the next token."""
        logits, self._states = self._graph.step(token, self._states)
        return logits
