from __future__ import annotations

import numpy as np
import pytest

from faker_neural._keys import draw, draws, row_keys, split_mix


def test_split_mix_gives_the_published_numbers() -> None:
    seed = np.array([1234567], dtype=np.uint64)
    published = [  # https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert split_mix(seed, np.arange(5, dtype=np.uint64)).tolist() == published


def test_a_draw_depends_on_its_key_and_step_alone() -> None:
    keys, steps = row_keys(5, 0, 40), np.arange(40, dtype=np.uint64)
    together = draws(keys, steps)
    assert draws(keys[[7, 3]], steps[[7, 3]]).tolist() == together[[7, 3]].tolist()


def test_the_two_numbers_are_the_halves_of_one_output() -> None:
    key, step = np.array([99], dtype=np.uint64), np.array([4], dtype=np.uint64)
    output = int(split_mix(key, step)[0])
    assert draws(key, step).tolist() == [[(output >> 32) / 2**32, output % 2**32 / 2**32]]


def test_a_single_key_draws_what_it_draws_among_others() -> None:
    keys, steps = row_keys(7, 0, 50), np.arange(50, dtype=np.uint64) * np.uint64(13)
    alone = [draw(key, step) for key, step in zip(keys.tolist(), steps.tolist(), strict=True)]
    assert list(map(list, alone)) == draws(keys, steps).tolist()
    assert draw(2**64 - 1, 9999) == tuple(
        draws(np.array([2**64 - 1], "u8"), np.array([9999], "u8"))[0]
    )


@pytest.mark.parametrize("half", [0, 1])
def test_draws_are_even(half: int) -> None:
    steps = np.arange(200, dtype=np.uint64)
    drawn = np.concatenate([draws(np.full(200, k), steps) for k in row_keys(1, 0, 500)])
    counts = np.bincount((drawn[:, half] * 16).astype(np.int64), minlength=16)
    assert len(counts) == 16
    assert np.abs(counts - 6250).max() < 6 * 6250**0.5


def test_a_row_has_the_same_key_in_every_slice() -> None:
    whole = row_keys(2**64 - 1, 0, 100)
    assert row_keys(2**64 - 1, 40, 20).tolist() == whole[40:60].tolist()


def test_keys_of_rows_and_seeds_differ() -> None:
    keys = np.concatenate([row_keys(seed, 0, 1000) for seed in range(10)])
    assert len(set(keys.tolist())) == 10_000
