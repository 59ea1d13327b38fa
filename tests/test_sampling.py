from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import numpy as np
import pytest

from faker_neural._decoding import sampling
from faker_neural._decoding.sampling import STEPS_A_NAT, Sampler


@pytest.fixture(autouse=True)
def overflow_is_expected() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


def logits(rows: int, tokens: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (rows, tokens)).astype(np.float32)


def test_the_exp_table_is_rounded_correctly() -> None:
    with localcontext() as context:
        context.prec = 40
        exact = [Decimal(2**24) * (Decimal(-i) / STEPS_A_NAT).exp() for i in range(4500)]
    expected = [int(value.to_integral_value()) for value in exact]
    table = sampling._WEIGHTS.tolist()
    assert table == expected[: len(table)]
    assert not any(expected[len(table) :])


def test_tokens_come_as_often_as_softmax_says() -> None:
    row = logits(1, 20)
    draws = np.arange(0, 2**32, 2**16, dtype=np.uint64)
    chosen = Sampler(len(draws), 20)(np.repeat(row, len(draws), axis=0), draws, 0.8)
    wanted = np.exp(row[0] / 0.8) / np.exp(row[0] / 0.8).sum()
    shares = np.bincount(chosen, minlength=20) / len(draws)
    assert np.abs(shares - wanted).max() < 0.002


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_a_choice_is_the_one_of_whole_numbers(temperature: float) -> None:
    some, draws = logits(200, 1500), np.random.default_rng(1).integers(2**32, size=200)
    draws = draws.astype(np.uint64)
    sampler = Sampler(200, 1500)
    chosen = sampler(some, draws, temperature).tolist()
    weights = sampler.weights(some, temperature).tolist()
    for row, draw, token in zip(weights, draws.tolist(), chosen, strict=True):
        threshold = sum(row) * draw >> 32
        assert sum(row[:token]) <= threshold < sum(row[: token + 1])


def test_a_choice_does_not_depend_on_the_rows_beside_it() -> None:
    some, draws = logits(64, 300), np.arange(64, dtype=np.uint64) << np.uint64(26)
    together = Sampler(64, 300)(some, draws, 0.7)
    alone = [Sampler(1, 300)(some[i : i + 1], draws[i : i + 1], 0.7)[0] for i in range(64)]
    assert together.tolist() == alone


@pytest.mark.parametrize("temperature", [1e-320, 0.3, 1.0, 2.5])
def test_a_row_alone_is_chosen_as_among_others(temperature: float) -> None:
    some, draws = logits(64, 300), np.arange(64, dtype=np.uint64) << np.uint64(26)
    some[::7, :200] = -np.inf
    together = Sampler(64, 300)(some, draws, temperature).tolist()
    one = Sampler(1, 300).one
    assert [one(some[i], int(draws[i]), temperature) for i in range(64)] == together


def test_a_tiny_temperature_takes_the_likeliest() -> None:
    some = logits(50, 40)
    draws = np.full(50, 2**32 - 1, dtype=np.uint64)
    assert Sampler(50, 40)(some, draws, 1e-320).tolist() == some.argmax(axis=1).tolist()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_no_numbers_are_refused(bad: float) -> None:
    some = logits(3, 10)
    some[1, 4] = bad
    with pytest.raises(FloatingPointError, match="not a finite"):
        Sampler(3, 10)(some, np.zeros(3, dtype=np.uint64), 1.0)
    with pytest.raises(FloatingPointError, match="not a finite"):
        Sampler(1, 10).one(some[1], 0, 1.0)


def test_an_impossible_token_never_comes() -> None:
    some = logits(400, 3)
    some[:, 1] = -np.inf
    draws = np.linspace(0, 2**32 - 1, 400).astype(np.uint64)
    assert 1 not in Sampler(400, 3)(some, draws, 1.0)


def test_logits_as_far_apart_as_floats_can_be_are_no_error() -> None:
    some = np.array([[3e38, -3e38, 1e30]], dtype=np.float32)
    assert Sampler(1, 3)(some, np.zeros(1, dtype=np.uint64), 1.0).tolist() == [0]
