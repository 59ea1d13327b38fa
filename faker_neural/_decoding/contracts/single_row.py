"""One row of a `step` graph, run with arrays that all steps share.

onnxruntime reads its inputs from these arrays and writes its outputs into them. So a step creates
no array and looks up no name, which is a fifth of a step's time for one row.
"""

from __future__ import annotations

import numpy as np
from onnxruntime import InferenceSession, IOBinding, OrtValue

from faker_neural._decoding.session import Floats, GraphError, failed
from faker_neural._model_file.card import Card
from faker_neural._model_file.ending import begin_run, end_run

__all__ = ["SingleRow"]


class SingleRow:
    """Runs the steps of one text; only one thread may use it at a time.

    Args:
        session: a session of a graph with the output `next`.
        card: the model's card.
        temperature: float32 [].
    """

    def __init__(self, session: InferenceSession, card: Card, temperature: Floats) -> None:
        self._session, self._tokens = session, len(card.tokens)
        self._draw = np.zeros((1, 2))
        shared = {"draw": self._draw, "temperature": temperature}
        self._shared = {name: OrtValue.ortvalue_from_numpy(a) for name, a in shared.items()}
        self._sides = [_Side(card), _Side(card)]
        first, second = self._sides
        self._steps = [self._bound(first, second, card), self._bound(second, first, card)]
        self._at = 0  # the side with the last token, and with the states before it is fed

    def start(self, token: int, states: list[Floats]) -> None:
        """Set the last token, and the states before it is fed.

        Args:
            token: the id of the last token.
            states: float32 [1, size] each.
        """
        side = self._sides[self._at]
        side.token[0] = token
        for array, state in zip(side.states, states, strict=True):
            array[:] = state

    def next(self, draws: tuple[float, float]) -> int:
        """Feed the last token; return the token that the graph chooses.

        Args:
            draws: two numbers from 0 to below 1.

        Raises:
            GraphError: the graph cannot be run, returns another shape, or returns an id that no
                token has.
        """
        self._draw[0] = draws
        begin_run()
        try:
            self._session.run_with_iobinding(self._steps[self._at])
        except Exception as error:  # onnxruntime's errors share no narrower base
            raise failed(error) from None
        finally:
            end_run()
        self._at = 1 - self._at
        token = int(self._sides[self._at].token[0])
        if not 0 <= token < self._tokens:
            raise GraphError("the graph returns ids that no token has")
        return token

    def _bound(self, before: _Side, after: _Side, card: Card) -> IOBinding:
        """Return a binding that reads one side and writes the other."""
        binding = self._session.io_binding()
        for name, value in self._shared.items():
            binding.bind_ortvalue_input(name, value)
        names = ["token", *(state.name for state in card.states)]
        for name, value in zip(names, before.values, strict=True):
            binding.bind_ortvalue_input(name, value)
        names = ["next", *(state.successor for state in card.states)]
        for name, value in zip(names, after.values, strict=True):
            binding.bind_ortvalue_output(name, value)
        return binding


class _Side:
    """A token and its states, as NumPy arrays and as OrtValues of the same memory."""

    def __init__(self, card: Card) -> None:
        self.token = np.zeros(1, dtype=np.int64)
        self.states = [np.zeros((1, state.size), dtype=np.float32) for state in card.states]
        self.values = [OrtValue.ortvalue_from_numpy(a) for a in (self.token, *self.states)]
