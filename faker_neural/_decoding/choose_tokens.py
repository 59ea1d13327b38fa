"""A text whose tokens the caller chooses, for example Hypothesis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from faker_neural._constraints.constraint import Constraint
from faker_neural._options import Options

from .drawing import TokenDecoder
from .sampling.ranking import sampler_of
from .sampling.token_sampler import Mask
from .session import Floats

__all__ = ["Choose", "compose"]

Choose = Callable[[NDArray[np.uint64]], int]
"""Takes the weights of the candidates, uint64 [candidates]; returns the index of its choice."""

_LARGEST = np.uint64(2**63)
_DIGIT = np.ones(2**16, dtype=np.uint64)


def compose(decoder: TokenDecoder, options: Options, constraint: Constraint, choose: Choose) -> str:
    """Return a text whose tokens `choose` chooses.

    Args:
        decoder: the model's decoder.
        options: how the text is drawn. At temperature 0 the likeliest token is taken, and `choose`
            is not called for it.
        constraint: the constraint on the text.
        choose: chooses each token among those that may follow. The end token comes first if the
            text may end, then the others, the likeliest first. Also chooses the digits of a key,
            if the text needs a key.

    Raises:
        GraphError: the graph cannot be run, or returns logits that are not finite.
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
            weights[end] = max(weights[end], 1)  # so that the text can always be ended here
            ids = np.concatenate([[end], ids[ids != end]])
        ids = ids[weights[ids] > 0]
        return int(ids[choose(weights[ids])])

    return decoder.composed(lambda: _key(choose), options, constraint, token)


def _key(choose: Choose) -> int:
    return sum(choose(_DIGIT) << bits for bits in range(0, 64, 16))
