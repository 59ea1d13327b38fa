"""A distribution that is used for many draws, for example that of the first token."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from .token_sampler import Draws, Floats, GroupSampler, Mask
from .weights import reached

__all__ = ["Distribution"]


class Distribution:
    """A distribution of the next token whose weights are computed and summed once.

    It chooses the same token as the sampler chooses by the same logits and draws.

    Args:
        sampler: computes the weights.
        logits: float32 [1, tokens], or [1, tokens + classes] in a factored model.
        temperature: 0 or more.
        mask: bool [1, tokens], the tokens that may not be chosen; None for no mask.

    Raises:
        FloatingPointError: the largest logit is not a finite number.
    """

    def __init__(
        self,
        sampler: GroupSampler,
        logits: Floats,
        temperature: float,
        mask: Mask | None = None,
    ) -> None:
        groups, members, first = sampler.groups(logits, temperature, mask)
        self._groups = groups[0].cumsum()  # [groups]
        self._members, self._first = members[0].copy(), first  # [groups, members], [groups]
        self._sums: list[float] = self._groups.tolist()

    def tokens(self, draws: Draws) -> NDArray[np.int64]:
        """Choose a token for each string.

        Args:
            draws: float64 [strings, 2], from 0 to below 1; 0 at temperature 0.

        Returns:
            int64 [strings].
        """
        group = self._groups.searchsorted(self._groups[-1] * draws[:, 0], side="right")
        chosen: NDArray[np.int64] = self._first[group] + reached(self._members[group], draws[:, 1])
        return chosen

    def token(self, draws: tuple[float, float]) -> int:
        """Choose one token.

        Args:
            draws: two numbers from 0 to below 1; 0 at temperature 0.
        """
        group = bisect_right(self._sums, self._sums[-1] * draws[0])
        sums = self._members[group].cumsum(dtype=np.float64)
        return int(self._first[group] + sums.searchsorted(sums[-1] * draws[1], side="right"))
