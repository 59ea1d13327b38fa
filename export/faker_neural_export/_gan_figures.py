"""How far generated texts are from real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from scipy.spatial.distance import jensenshannon

__all__ = ["GanFigures", "measure", "trigram_divergence"]

_BEFORE, _AFTER = "\x02\x02", "\x03"


@dataclass(frozen=True, slots=True)
class GanFigures:
    """How generated texts compare with as many that were held out.

    Args:
        unique_share: distinct texts among the generated ones.
        new_share: generated texts that are no value that was learned from.
        trigram_divergence: of generated from held-out texts; see `trigram_divergence`.
        untrained_divergence: of the texts of a generator that has learned nothing.
        real_divergence: of other real texts, as many: nothing can be expected to be below it.
        texts: how many there were of each.
    """

    unique_share: float
    new_share: float
    trigram_divergence: float
    untrained_divergence: float
    real_divergence: float
    texts: int

    def facts(self) -> dict[str, float]:
        """Give them for a card."""
        return asdict(self)


def measure(
    generated: Sequence[str],
    untrained: Sequence[str],
    learned: Sequence[str],
    held_out: Sequence[str],
) -> GanFigures:
    """Compare texts, of each as many as there are held-out ones.

    Args:
        generated: by the generator that learned.
        untrained: by one that did not.
        learned: the values that were learned from.
        held_out: the others.
    """
    known, count = set(learned), len(generated)
    return GanFigures(
        len(set(generated)) / count,
        sum(text not in known for text in generated) / count,
        trigram_divergence(generated, held_out),
        trigram_divergence(untrained, held_out),
        trigram_divergence(learned[:: max(1, len(learned) // count)][:count], held_out),
        count,
    )


def trigram_divergence(texts: Sequence[str], others: Sequence[str]) -> float:
    """Give the Jensen-Shannon divergence of two texts' character trigrams, in bits, 0 to 1.

    Beginnings and ends of texts are part of trigrams. Source: Lin, "Divergence measures based on
    the Shannon entropy", 1991.
    """
    ours, theirs = _trigrams(texts), _trigrams(others)
    every = sorted(ours.keys() | theirs.keys())
    distance = jensenshannon([ours[t] for t in every], [theirs[t] for t in every], base=2)
    return float(distance) ** 2


def _trigrams(texts: Sequence[str]) -> Counter[str]:
    marked = (f"{_BEFORE}{text}{_AFTER}" for text in texts)
    return Counter(text[i : i + 3] for text in marked for i in range(len(text) - 2))
