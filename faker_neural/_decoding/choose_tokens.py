"""A text whose tokens somebody else chooses, such as Hypothesis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from faker_neural._constraints.constraint import Constraint
from faker_neural._options import Options

from .choice.ranking import sampler_of
from .choice.token_sampler import Mask
from .drawing import TokenDecoder
from .session import Floats

__all__ = ["Choose", "compose"]

Choose = Callable[[NDArray[np.uint64]], int]
"""Is given the weights of what there is to choose from, and gives a place among them."""

_LARGEST = np.uint64(2**63)
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
    sampler = sampler_of(len(card.tokens), card.classes, options)
    end = card.end if options.length is None else None

    def token(logits: Floats, mask: Mask | None) -> int:
        if options.temperature == 0:
            return int(sampler(logits, np.zeros((1, 2)), 0, mask)[0])
        weights = sampler.weights(logits, options.temperature, mask)[0]
        ids = np.lexsort((np.arange(len(weights)), _LARGEST - weights))  # the likeliest first
        if end is not None and (mask is None or not mask[0, end]):
            weights[end] = max(weights[end], 1)  # so that any text may be shortened
            ids = np.concatenate([[end], ids[ids != end]])
        ids = ids[weights[ids] > 0]
        return int(ids[choose(weights[ids])])

    return decoder.composed(lambda: _key(choose), options, constraint, token)


def _key(choose: Choose) -> int:
    return sum(choose(_DIGIT) << bits for bits in range(0, 64, 16))
