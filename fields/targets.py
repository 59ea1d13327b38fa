"""What a bundled field is to reach, and by how much it misses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["misses"]

MOST_AUC, MOST_KS, LEAST_UNIQUE, LEAST_NEW = 0.60, 0.06, 0.97, 0.95


def misses(found: Mapping[str, Any], sentences: bool) -> str:
    """Say which targets were missed, with the figures; "none" where none was.

    Args:
        found: the evaluation in a card.
        sentences: whether the field's texts are like sentences, so that hardly any is to be a
            training line.
    """
    return "; ".join(_misses(found, sentences)) or "none"


def _misses(found: Mapping[str, Any], sentences: bool) -> Iterator[str]:
    auc, their_auc = found["auc"], found["ngram_auc"]
    if found["bits_per_character"] >= found["ngram_bits_per_character"]:
        yield f"bits a character not below the 6-gram's {found['ngram_bits_per_character']:.3f}"
    if auc > min(their_auc, MOST_AUC):
        over = f"the 6-gram's {their_auc:.3f}" if auc > their_auc else f"{MOST_AUC}"
        yield f"AUC {auc:.3f} over {over}"
    if found["length_ks"] > MOST_KS:
        floor = f"other real lines {found['real_length_ks']:.3f}"
        yield f"length KS {found['length_ks']:.3f} over {MOST_KS} ({floor})"
    if found["unique"] < LEAST_UNIQUE:
        yield f"unique {found['unique']:.3f} under {LEAST_UNIQUE}"
    if sentences and found["new"] < LEAST_NEW:
        yield f"new {found['new']:.3f} under {LEAST_NEW}"
