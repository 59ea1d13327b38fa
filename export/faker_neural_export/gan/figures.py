"""How far generated texts are from real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from faker_neural_export.evaluation.figures import trigram_divergence

__all__ = ["GanFigures", "measure"]


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
        """Return them for a card."""
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
