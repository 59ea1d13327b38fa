from __future__ import annotations

import numpy as np

from faker_neural._keys import row_keys, split_mix, uniform


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
    keys = row_keys(5, 0, 40)
    draws = uniform(keys, 30)
    assert uniform(keys[[7, 3]], 12).tolist() == draws[[7, 3], :12].tolist()


def test_draws_fill_32_bits_evenly() -> None:
    draws = uniform(row_keys(1, 0, 500), 200)
    counts = np.bincount((draws >> np.uint64(28)).ravel().astype(np.int64), minlength=16)
    assert len(counts) == 16
    assert np.abs(counts - 6250).max() < 6 * 6250**0.5


def test_a_row_has_the_same_key_in_every_slice() -> None:
    whole = row_keys(2**64 - 1, 0, 100)
    assert row_keys(2**64 - 1, 40, 20).tolist() == whole[40:60].tolist()


def test_keys_of_rows_and_seeds_differ() -> None:
    keys = np.concatenate([row_keys(seed, 0, 1000) for seed in range(10)])
    assert len(set(keys.tolist())) == 10_000
