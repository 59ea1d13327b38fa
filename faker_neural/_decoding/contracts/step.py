"""The `step` contract: a graph that takes one token and the states at each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from faker_neural._decoding.drawing import TokenDecoder
from faker_neural._decoding.prompts import token_prefixes
from faker_neural._decoding.sampling.ranking import ranks
from faker_neural._decoding.session import (
    NO_PROMPT,
    ROWS,
    Floats,
    GraphError,
    Prompt,
    Prompts,
    digest,
)
from faker_neural._keys import Keys, draws
from faker_neural._model_file.card import Card
from faker_neural._options import Options

from .graph_decoder import DrawingOptions, GraphDecoder, Prefixes
from .step_graph import ONE, StepGraph, StepState

if TYPE_CHECKING:
    from faker_neural._constraints.constraint import Constraint

_DIGEST_STEPS = 4
_MOST_DRAWINGS = 64


class Decoder(TokenDecoder):
    """Draws strings from a graph of the `step` contract.

    Args:
        session: see `StepGraph`.
        card: the model's card.
        with_logits: see `StepGraph`.
    """

    def __init__(
        self,
        session: InferenceSession,
        card: Card,
        with_logits: Callable[[], InferenceSession] | None = None,
    ) -> None:
        super().__init__(session, card)
        self.graph = StepGraph(session, card, with_logits)
        self._opened: tuple[Prompts, list[Floats]] | None = None  # for the last prompts
        self._drawings: dict[DrawingOptions, GraphDecoder] = {}

    def texts(
        self,
        keys: Keys,
        options: Options,
        constraint: Constraint | None = None,
        prompt: Prompt = NO_PROMPT,
    ) -> list[str]:
        """Draw the string of each key; see `TokenDecoder.texts`.

        An exact graph chooses the tokens itself if no constraint, `top_k` or `top_p` limits them.
        """
        masked = constraint or prompt.whole_rows or ranks(options, len(self.card.tokens))
        if not self.card.exact or masked:
            return super().texts(keys, options, constraint, prompt)
        most = options.max_length
        try:
            drawing = self._drawing(
                DrawingOptions(options.temperature, options.label, options.length, prompt)
            )
            prefixes = self._prefixes(options, prompt)
            if len(keys) == 1:
                return [drawing.alone(int(keys[0]), most, prefixes)]
            return drawing.batch(keys, most, prefixes)
        except FloatingPointError as error:
            raise GraphError(f"the graph gives logits of which {error}") from None

    def new_state(self, rows: int, prompts: Prompts) -> StepState:
        """Return the state of a new batch.

        Args:
            rows: the number of rows.
            prompts: the prompts; each text starts after one of them.
        """
        self.graph.session_with_logits()
        return StepState(self.graph, rows, self._states_after(prompts))

    def digest(self) -> str:
        """Return a hash of the card's drawing fields and of the graph's outputs.

        The outputs are the logits and the states of four steps from each id, and the next tokens if
        the graph is exact.

        Raises:
            GraphError: the graph cannot be run.
        """
        return digest(self.card.drawing(), self._probed())

    def _prefixes(self, options: Options, prompt: Prompt) -> Prefixes | None:
        if options.prefix is None:
            return None
        found = token_prefixes(self, options, None, prompt.ids)
        return Prefixes(found, self._states_after(found.prompts))

    def _states_after(self, prompts: Prompts) -> list[Floats]:
        """Return the states after all ids of each prompt, from a cache."""
        last = self._opened
        if last is None or last[0] != prompts:
            last = self._opened = prompts, self.graph.opened(prompts)
        return last[1]

    def _drawing(self, asked: DrawingOptions) -> GraphDecoder:
        """Return the drawing for these options, from a cache."""
        drawing = self._drawings.get(asked)
        if drawing is None:
            drawing = GraphDecoder(self.graph, asked)
            while len(self._drawings) >= _MOST_DRAWINGS:
                self._drawings.pop(next(iter(self._drawings)), None)
            self._drawings[asked] = drawing
        return drawing

    def _probed(self) -> Iterator[NDArray[Any]]:
        tokens, ids = len(self.card.tokens), self.card.ids
        for first in range(0, ids, ROWS):
            token = np.arange(first, min(first + ROWS, ids))
            states = self.graph.zero_states(len(token))
            for step in range(_DIGEST_STEPS):
                if self.card.exact:
                    drawn = draws(token.astype(np.uint64), np.array([step], dtype=np.uint64))
                    yield self.graph.next(token, states, drawn, ONE)[0]
                logits, states = self.graph.step(token, states)
                yield from (logits, *states)
                token = (token * 5 + 1) % tokens
