"""Figures that compare generated texts with real texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from faker_neural_export.evaluation.figures import trigram_divergence

__all__ = ["GanFigures", "measure"]


@dataclass(frozen=True, slots=True)
class GanFigures:
    """Figures that compare generated texts with held-out texts.

    Args:
        unique_share: share of distinct texts among the generated texts, 0 to 1.
        new_share: share of generated texts that are not training values, 0 to 1.
        trigram_divergence: of generated from held-out texts, in bits, 0 to 1; see
            `trigram_divergence`.
        untrained_divergence: the same for texts of an untrained generator.
        real_divergence: the same for as many training values; no generator can be expected to go
            below it.
        texts: number of generated texts.
    """

    unique_share: float
    new_share: float
    trigram_divergence: float
    untrained_divergence: float
    real_divergence: float
    texts: int

    def facts(self) -> dict[str, float]:
        """Return the figures by name, for a card."""
        return asdict(self)


def measure(
    generated: Sequence[str],
    untrained: Sequence[str],
    learned: Sequence[str],
    held_out: Sequence[str],
) -> GanFigures:
    """Compare generated texts with held-out texts.

    Args:
        generated: texts of the trained generator, at most as many as held-out texts.
        untrained: as many texts of an untrained generator.
        learned: the training values.
        held_out: the held-out values.
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
