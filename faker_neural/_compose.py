"""A text whose tokens somebody else chooses, such as Hypothesis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ._constraint import Constraint
from ._decoding import Floats
from ._decoding.drawing import TokenDecoder
from ._options import Options
from ._decoding.ranking import RankedSampler

__all__ = ["Choose", "compose"]

Choose = Callable[[NDArray[np.uint64]], int]
"""Is given the weights of what there is to choose from, and gives a place among them."""

_DIGIT = np.ones(2**16, dtype=np.uint64)


def compose(decoder: TokenDecoder, options: Options, constraint: Constraint, choose: Choose) -> str:
    """Compose one text.

    Args:
        decoder: of the model.
        options: `temperature`, `top_k`, `top_p` and `label` of them.
        constraint: what the text must be.
        choose: chooses each token. The end comes first where the text may end, then the others
            from the likeliest on; what may not follow is left out.

    Raises:
        GraphError: the graph cannot be run.
    """
    card = decoder.card
    ranking = RankedSampler(1, len(card.tokens), options)
    end = card.end if options.length is None else None

    def token(logits: Floats) -> int:
        if options.temperature == 0:
            return int(logits.argmax())
        ids, weights = (row[0] for row in ranking.ranked(logits, options.temperature))
        if end is not None and logits[0, end] > -np.inf:
            order = np.argsort(ids != end, kind="stable")
            ids, weights = ids[order], weights[order]
            weights[0] = max(weights[0], 1)  # however unlikely, so that any text may be shortened
        ids, weights = ids[weights > 0], weights[weights > 0]
        return int(ids[choose(weights)])

    return decoder.composed(lambda: _key(choose), options, constraint, token)


def _key(choose: Choose) -> int:
    return sum(choose(_DIGIT) << bits for bits in range(0, 64, 16))
