from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from faker_neural import Options, load
from faker_neural._decoding.ranking import RankedSampler
from faker_neural._decoding.sampling import Sampler


@pytest.fixture(autouse=True)
def overflow_is_expected() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


def logits(rows: int, tokens: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (rows, tokens)).astype(np.float32)


def chosen(row: np.ndarray, options: Options) -> np.ndarray:
    """Choose 65,536 times, with draws evenly spread; give how often each token came."""
    draws = np.arange(0, 2**32, 2**16, dtype=np.uint64)
    sampler = RankedSampler(len(draws), len(row), options)
    tokens = sampler(np.repeat(row[None], len(draws), axis=0), draws, options.temperature)
    return np.bincount(tokens, minlength=len(row)) / len(draws)


def softmax(row: np.ndarray, temperature: float) -> np.ndarray:
    weights = np.exp((row.astype(np.float64) - row.max()) / temperature)
    return weights / weights.sum()


@pytest.mark.parametrize("top_k", [1, 3, 20, 99])
def test_top_k_leaves_the_likeliest_in_their_proportions(top_k: int) -> None:
    row = logits(1, 20)[0]
    wanted = softmax(row, 0.8)
    wanted[np.argsort(-wanted)[top_k:]] = 0
    shares = chosen(row, Options(top_k=top_k, temperature=0.8))
    assert np.abs(shares - wanted / wanted.sum()).max() < 0.002


@pytest.mark.parametrize("top_p", [1e-9, 0.5, 0.9, 1.0])
def test_top_p_leaves_the_fewest_that_reach_the_probability(top_p: float) -> None:
    row = logits(1, 20)[0]
    wanted = softmax(row, 1.3)
    order = np.argsort(-wanted)
    kept = int((wanted[order].cumsum() < top_p - 1e-6).sum()) + 1
    wanted[order[kept:]] = 0
    shares = chosen(row, Options(top_p=top_p, temperature=1.3))
    assert np.abs(shares - wanted / wanted.sum()).max() < 0.002


def test_of_equal_tokens_the_first_are_kept() -> None:
    shares = chosen(np.zeros(5, dtype=np.float32), Options(top_k=2))
    assert shares.tolist() == [0.5, 0.5, 0, 0, 0]


def test_a_row_alone_is_chosen_as_among_others() -> None:
    some, draws = logits(64, 300), np.arange(64, dtype=np.uint64) << np.uint64(26)
    some[::7, :200] = -np.inf
    options = Options(top_k=9, top_p=0.8)
    together = RankedSampler(64, 300, options)(some, draws, 0.7).tolist()
    one = RankedSampler(1, 300, options).one
    assert [one(some[i], int(draws[i]), 0.7) for i in range(64)] == together


def test_at_temperature_0_it_is_the_likeliest() -> None:
    some, draws = logits(9, 30), np.zeros(9, dtype=np.uint64)
    ranked = RankedSampler(9, 30, Options(top_k=5))(some, draws, 0)
    assert ranked.tolist() == Sampler(9, 30)(some, draws, 0).tolist()


def test_less_of_the_tail_repeats_more() -> None:
    model = load("company")
    distinct = [len({text[:4] for text in model.generate(500, top_p=p)}) for p in (0.1, 0.5, 1.0)]
    assert distinct == sorted(distinct)
    assert distinct[0] < distinct[2] / 2
    assert len(set(model.generate(20, top_k=1))) == 1
