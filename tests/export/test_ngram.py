from __future__ import annotations

import math
from collections import Counter

import pytest

nltk_lm = pytest.importorskip("nltk.lm")

from nltk.lm.preprocessing import everygrams  # noqa: E402

from faker_neural_export.evaluation.ngram import NGrams  # noqa: E402

LINES = ["abracadabra", "abba", "cab", "barb", "a bad cab"]


def test_the_probabilities_after_a_context_sum_to_one() -> None:
    model = NGrams(LINES)
    characters = {*"".join(LINES), "\n", "z"}  # z stands for all that was never seen
    for context in ("", "\n", "\nab", "cadab", "zzzzz", "\na ba"):
        assert sum(model.probability(context, c) for c in characters) == pytest.approx(1)


def test_it_interpolates_as_nltk_does() -> None:
    """NLTK has no uniform distribution below its unigrams; above them the two are the same."""
    order = 4
    theirs = nltk_lm.WittenBellInterpolated(order)
    texts = [list(f"\n{line}\n") for line in LINES]
    grams = [[g for g in everygrams(t, max_len=order) if g != ("\n",)] for t in texts]
    theirs.fit(grams, vocabulary_text=[c for text in texts for c in text])
    ours, smoothing = NGrams(LINES, order), theirs.estimator
    for context in ("ab", "bra", "\nab", "zab", "cad"):
        for character in "abcdr \n":
            wanted = ours.probability("", character)
            for start in range(len(context) - 1, -1, -1):
                seen = tuple(context[start:])
                if theirs.counts[seen]:
                    alpha, gamma = smoothing.alpha_gamma(character, seen)
                    wanted = alpha + gamma * wanted
            assert ours.probability(context, character) == pytest.approx(wanted)


def test_bits_count_the_end_of_a_line_as_a_character() -> None:
    model = NGrams(["aa", "aa"], order=1)
    a, end = (4 + 2 / 3) / 8, (2 + 2 / 3) / 8
    assert model.bits_per_character(["a"]) == pytest.approx(-(math.log2(a) + math.log2(end)) / 2)


def test_it_draws_what_it_learned() -> None:
    lines = ["cat", "cat", "cat", "dog"] * 50
    drawn = Counter(NGrams(lines).generate(2000, seed=1))
    assert drawn["cat"] / 2000 == pytest.approx(0.75, abs=0.05)
    assert min(map(len, drawn)) > 0


def test_what_it_draws_depends_on_the_seed_alone() -> None:
    model = NGrams(LINES)
    assert model.generate(20, seed=3) == model.generate(20, seed=3)
    assert model.generate(20, seed=3) != model.generate(20, seed=4)


def test_no_line_is_longer_than_asked() -> None:
    assert max(map(len, NGrams(["a" * 50]).generate(20, longest=9))) == 9
