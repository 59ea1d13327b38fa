"""Distances between texts and real texts, and copies of training lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_union

__all__ = [
    "ROWS",
    "Figures",
    "auc",
    "copied_run",
    "length_distance",
    "nearest",
    "trigram_divergence",
]

ROWS = {
    "bits_per_character": ("bits a character", "lower", ".3f"),
    "auc": ("AUC against real lines", "0.5", ".3f"),
    "length_ks": ("lengths, KS distance", "lower", ".3f"),
    "trigram_divergence": ("trigrams, JS divergence", "lower", ".3f"),
    "new_words": ("with a word in no training line", "as real", ".1%"),
    "unknown_words": ("with an unknown word", "as real", ".1%"),
    "unseen_pairs": ("pairs of words in no training line", "as real", ".1%"),
    "unique": ("unique", "higher", ".1%"),
    "new": ("not a training line", "higher", ".1%"),
    "near_copies": ("near copies of a training line", "lower", ".1%"),
    "copied_run": ("copied run, median", "lower", ".0f"),
    "longest_copied_run": ("copied run, longest", "lower", ".0f"),
}
"""The title of each figure, its better direction, and its format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of a set of texts; None for figures that cannot be measured.

    Args:
        bits_per_character: cross-entropy of the real lines under the model; the end of a line
            counts as a character. A lower value means a better model of the lines.
        auc: AUC of a logistic regression that separates the texts from as many real lines; see
            `auc`.
        length_ks: Kolmogorov-Smirnov distance between the lengths of the texts and of the real
            lines.
        trigram_divergence: divergence from as many real lines; see `trigram_divergence`.
        new_words: share of texts with a word of three letters or more that is in no training line.
        unknown_words: share of texts with a word that is in no training line and not in the lexicon
            of the language.
        unseen_pairs: share of pairs of neighbouring words that no training line has. It shows how
            often a sentence breaks. Real lines do not reach 0 either.
        unique: share of distinct texts.
        new: share of texts that are not a training line, after case and white space are folded.
        near_copies: share of texts whose nearest training line has a Levenshtein similarity of 0.9
            or more.
        copied_run: number of characters in the longest part of a text that is also in a training
            line; the median over texts.
        longest_copied_run: the maximum over texts instead of the median.
    """

    bits_per_character: float | None = None
    auc: float | None = None
    length_ks: float | None = None
    trigram_divergence: float | None = None
    new_words: float | None = None
    unknown_words: float | None = None
    unseen_pairs: float | None = None
    unique: float | None = None
    new: float | None = None
    near_copies: float | None = None
    copied_run: float | None = None
    longest_copied_run: int | None = None

    def facts(self, prefix: str = "") -> dict[str, float]:
        """Return the figures that were measured, by name.

        Args:
            prefix: is put before each name.
        """
        return {f"{prefix}{k}": v for k, v in asdict(self).items() if v is not None}


_BEFORE, _AFTER = "\x02\x02", "\x03"
_FOLDS = 5
_HASHED: Mapping[str, Any] = {"n_features": 2**18, "lowercase": False}


def auc(texts: Sequence[str], real: Sequence[str]) -> float:
    """Measure how well a logistic regression separates texts from real texts.

    Its features are hashed character 1- to 4-grams and words.

    Args:
        texts: at least five texts.
        real: as many real texts.

    Returns:
        The mean area under the ROC curve of five folds: 0.5 if the regression cannot separate them,
        1 if it always can.
    """
    features = make_union(
        HashingVectorizer(**_HASHED, analyzer="char", ngram_range=(1, 4)),
        HashingVectorizer(**_HASHED, token_pattern=r"\S+"),
    ).transform([*texts, *real])
    labels = np.repeat([1, 0], [len(texts), len(real)])
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    regression = LogisticRegression(solver="liblinear")  # the fastest solver of equal quality
    scores = cross_val_score(regression, features, labels, cv=folds, scoring="roc_auc")
    return float(scores.mean())


def length_distance(texts: Sequence[str], real: Sequence[str]) -> float:
    """Return the Kolmogorov-Smirnov distance of the lengths in characters, 0 to 1.

    Args:
        texts: at least one text.
        real: at least one real text.
    """
    sides = ([len(text) for text in side] for side in (texts, real))
    return float(ks_2samp(*sides, method="asymp").statistic)  # the p-value is not used


def trigram_divergence(texts: Sequence[str], others: Sequence[str]) -> float:
    """Measure how much the character trigrams of two sets of texts differ.

    The beginning and the end of a text count as characters.

    Source: Lin, "Divergence measures based on the Shannon entropy", 1991.

    Args:
        texts: the first set.
        others: the second set.

    Returns:
        The Jensen-Shannon divergence in bits: 0 if the frequencies are equal, 1 if no trigram is in
        both sets.
    """
    ours, theirs = _trigrams(texts), _trigrams(others)
    every = sorted(ours | theirs)  # fixes the order of the sums
    return float(jensenshannon([ours[t] for t in every], [theirs[t] for t in every], base=2) ** 2)


def nearest(text: str, lines: Sequence[str]) -> tuple[str, float]:
    """Find the line that is nearest to a text.

    Args:
        text: the text.
        lines: at least one line.

    Returns:
        The line and its Levenshtein similarity, 0 to 1: one minus the number of edits divided by
        the length of the longer string.
    """
    line, similarity, _ = process.extractOne(text, lines, scorer=Levenshtein.normalized_similarity)
    return line, similarity


def copied_run(text: str, joined: str) -> int:
    """Return the number of characters in the longest part of a text that is also in a line.

    Args:
        text: a text without a line break.
        joined: the lines, joined with line breaks.
    """
    longest = 0
    for start in range(len(text)):
        while start + longest < len(text) and text[start : start + longest + 1] in joined:
            longest += 1
    return longest


def _trigrams(texts: Sequence[str]) -> Counter[str]:
    return Counter(
        whole[i : i + 3]
        for text in texts
        if (whole := f"{_BEFORE}{text}{_AFTER}")
        for i in range(len(whole) - 2)
    )
