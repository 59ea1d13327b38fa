"""A distribution that is drawn from again and again: that of the first token, for one."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from .token_sampler import Draws, Floats, GroupSampler, Mask
from .weights import reached

__all__ = ["Distribution"]


class Distribution:
    """The tokens that may follow, with the sums of their weights ready.

    It chooses what the sampler would choose from the same logits.

    Args:
        sampler: weighs the tokens.
        logits: float32 [1, tokens], and classes of a factored model.
        temperature: 0 or more.
        mask: bool [1, tokens]; None for nothing.

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
        """Choose a token for each of the draws, float64 [strings, 2]."""
        group = self._groups.searchsorted(self._groups[-1] * draws[:, 0], side="right")
        chosen: NDArray[np.int64] = self._first[group] + reached(self._members[group], draws[:, 1])
        return chosen

    def token(self, draws: tuple[float, float]) -> int:
        """Choose one token."""
        group = bisect_right(self._sums, self._sums[-1] * draws[0])
        sums = self._members[group].cumsum(dtype=np.float64)
        return int(self._first[group] + sums.searchsorted(sums[-1] * draws[1], side="right"))
