from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from faker_neural import Options, load
from faker_neural._decoding.sampling.factored import new_sampler
from faker_neural._decoding.sampling.ranking import RankedSampler, sampler_of

CLASSES = pytest.mark.parametrize("classes", [(), (1, 7, 12)], ids=["flat", "classes"])


@pytest.fixture(autouse=True)
def overflow_is_expected() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


def logits(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (rows, columns)).astype(np.float32)


def spread(side: int) -> np.ndarray:
    places = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)


def chosen(row: np.ndarray, options: Options, classes: tuple[int, ...] = ()) -> np.ndarray:
    """Choose 65,536 times, with draws evenly spread; return how often each token came."""
    draws, tokens = spread(256), len(row) - len(classes)
    sampler = RankedSampler(new_sampler(tokens, classes), options)
    rows = np.repeat(row[None], len(draws), axis=0)
    found = sampler(rows, draws, options.temperature)
    return np.bincount(found, minlength=tokens) / len(draws)


def probabilities(row: np.ndarray, temperature: float, classes: tuple[int, ...]) -> np.ndarray:
    tokens = len(row) - len(classes)
    weights = new_sampler(tokens, classes).weights(row[None], temperature)[0]
    return weights / weights.sum()


@CLASSES
@pytest.mark.parametrize("top_k", [1, 3, 19])
def test_top_k_leaves_the_likeliest_in_their_proportions(
    top_k: int, classes: tuple[int, ...]
) -> None:
    row = logits(1, 20 + len(classes))[0]
    wanted = probabilities(row, 0.8, classes)
    wanted[np.argsort(-wanted)[top_k:]] = 0
    shares = chosen(row, Options(top_k=top_k, temperature=0.8), classes)
    assert np.abs(shares - wanted / wanted.sum()).max() < 0.005


@CLASSES
@pytest.mark.parametrize("top_p", [1e-9, 0.5, 0.9])
def test_top_p_leaves_the_fewest_that_reach_the_probability(
    top_p: float, classes: tuple[int, ...]
) -> None:
    row = logits(1, 20 + len(classes))[0]
    wanted = probabilities(row, 1.3, classes)
    order = np.argsort(-wanted)
    kept = int((wanted[order].cumsum() < top_p - 1e-9).sum()) + 1
    wanted[order[kept:]] = 0
    shares = chosen(row, Options(top_p=top_p, temperature=1.3), classes)
    assert np.abs(shares - wanted / wanted.sum()).max() < 0.005


def test_of_equal_tokens_the_first_are_kept() -> None:
    shares = chosen(np.zeros(5, dtype=np.float32), Options(top_k=2))
    assert shares.tolist() == [0.5, 0.5, 0, 0, 0]


@CLASSES
def test_a_row_alone_is_chosen_as_among_others(classes: tuple[int, ...]) -> None:
    some, draws = logits(64, 20 + len(classes)), spread(8)
    mask = np.zeros((64, 20), dtype=np.bool_)
    mask[::7, :12] = True
    sampler = RankedSampler(new_sampler(20, classes), Options(top_k=9, top_p=0.8))
    together = sampler(some, draws, 0.7, mask).tolist()
    rows = [slice(i, i + 1) for i in range(64)]
    assert [sampler(some[i], draws[i], 0.7, mask[i])[0] for i in rows] == together


def test_at_temperature_0_it_is_the_likeliest() -> None:
    some, draws = logits(9, 30), np.zeros((9, 2))
    ranked = RankedSampler(new_sampler(30, ()), Options(top_k=5))(some, draws, 0)
    assert ranked.tolist() == some.argmax(axis=1).tolist()


@pytest.mark.parametrize("options", [{"top_k": 30}, {"top_p": 1.0}, {"top_k": 99, "top_p": 1.0}])
def test_what_can_exclude_nothing_is_not_ranked(options: dict[str, float]) -> None:
    assert not isinstance(sampler_of(30, (), Options(**options)), RankedSampler)  # type: ignore[arg-type]
    assert isinstance(sampler_of(30, (), Options(top_k=29)), RankedSampler)


def test_less_of_the_tail_repeats_more() -> None:
    model = load("company")
    distinct = [len({text[:4] for text in model.generate(500, top_p=p)}) for p in (0.1, 0.5, 1.0)]
    assert distinct == sorted(distinct)
    assert distinct[0] < distinct[2] / 2
    assert len(set(model.generate(20, top_k=1))) == 1
