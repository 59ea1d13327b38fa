"""The targets of a bundled field, and which of them it misses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["misses"]

MOST_AUC, ABOVE_NGRAM, MOST_KS, LEAST_UNIQUE = 0.57, 0.02, 0.06, 0.97
LEAST_NEW, LEAST_NEW_OF_SENTENCES, MORE_UNKNOWN = 0.85, 0.95, 0.03


def misses(found: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    """Return the missed targets with the figures, or "none".

    Args:
        found: the evaluation in the card of the field.
        recipe: the recipe of the field. With `sentences`, 95 % of the texts must be new; else 85 %.
    """
    return "; ".join((*_likeness(found), *_words(found), *_copies(found, recipe))) or "none"


def _likeness(found: Mapping[str, Any]) -> Iterator[str]:
    auc, their_auc = found["auc"], found["ngram_auc"]
    if found["bits_per_character"] >= found["ngram_bits_per_character"]:
        yield f"bits a character not below the 6-gram's {found['ngram_bits_per_character']:.3f}"
    if auc > MOST_AUC:
        yield f"AUC {auc:.3f} over {MOST_AUC}"
    if auc > their_auc + ABOVE_NGRAM:
        yield f"AUC {auc:.3f} over the 6-gram's {their_auc:.3f} + {ABOVE_NGRAM}"
    if found["length_ks"] > MOST_KS:
        floor = f"other real lines {found['real_length_ks']:.3f}"
        yield f"length KS {found['length_ks']:.3f} over {MOST_KS} ({floor})"


def _words(found: Mapping[str, Any]) -> Iterator[str]:
    for name, more in (("new_words", 0.0), ("unknown_words", MORE_UNKNOWN)):
        if found.get(name, 0) > found.get(f"real_{name}", 0) + more:
            floor = f"real lines' {found[f'real_{name}']:.3f}" + (f" + {more}" if more else "")
            yield f"{name.replace('_', ' ')} {found[name]:.3f} over {floor}"


def _copies(found: Mapping[str, Any], recipe: Mapping[str, Any]) -> Iterator[str]:
    if found["unique"] < LEAST_UNIQUE:
        yield f"unique {found['unique']:.3f} under {LEAST_UNIQUE}"
    least = LEAST_NEW_OF_SENTENCES if recipe.get("sentences") else LEAST_NEW
    if found["new"] < least:
        yield f"new {found['new']:.3f} under {least}"
