from __future__ import annotations

import numpy as np
import pytest

from faker_neural._constraints.rejection import distinct, resample
from faker_neural._keys import (
    Keys,
    attempt_keys,
    choice,
    draft_keys,
    draw,
    draws,
    normal,
    picks,
    row_keys,
    split_mix,
)

# Computed by a few lines of Python's own integers that share no code with the package.
KEYS = np.array([0, 1, 99, 2**64 - 1], dtype=np.uint64)
ATTEMPTS_OF_99 = {
    1: 16815983295264003434,
    2: 1075588148859292627,
    201: 18131625899287830839,
    202: 589877118871275706,
}


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


def test_draws_have_their_known_answers() -> None:
    steps = np.array([0, 1, 7, 9999], dtype=np.uint64)
    assert (draws(KEYS, steps) * 2**32).astype(int).tolist() == [
        [3793791033, 2065550767],
        [3203108257, 1703865447],
        [3124554940, 1894652355],
        [2167787481, 931222888],
    ]


@pytest.mark.parametrize(
    ("count", "chosen"), [(2, [0, 1, 0, 0]), (7, [1, 6, 1, 1]), (1000, [281, 860, 149, 165])]
)
def test_choices_have_their_known_answers(count: int, chosen: list[int]) -> None:
    assert choice(KEYS, count).tolist() == chosen


def test_picks_have_their_known_answers() -> None:
    cumulated = np.arange(10.0, 101.0, 10.0)
    assert picks(KEYS, cumulated).tolist() == [0, 8, 7, 5]


def test_normal_numbers_have_their_known_answers() -> None:
    wanted = [[-20266, 2435], [13855, 83853], [-23321, 74139], [-135365, 5029]]
    assert (normal(KEYS, 2) * 2**16).astype(int).tolist() == wanted


def test_derived_keys_have_their_known_answers() -> None:
    assert attempt_keys(KEYS, [1, 2, 200]).tolist() == [
        [17323712989283698184, 3579753328714431185, 4060230030035157211],
        [1415458194210027907, 14736107262195872774, 13563393284881345739],
        [16815983295264003434, 1075588148859292627, 1929056774432823529],
        [13966954748482132121, 8269568554974516883, 15164112064159300578],
    ]
    assert draft_keys(KEYS, 1).ravel().tolist() == [
        9441660319364070098,
        7509671402591472779,
        17286944144097388542,
        13465145984113145423,
    ]
    assert row_keys(2026, 0, 3).tolist() == [
        15824617304438902051,
        8699989649721214301,
        12310341597754734734,
    ]
    assert row_keys(2**64 - 1, 10**12, 1).tolist() == [16091484694707276405]


def test_a_refused_text_is_drawn_again_from_attempt_1_on() -> None:
    asked: list[int] = []

    def resampled(keys: Keys) -> list[str]:
        asked.extend(keys.tolist())
        return ["bad" if len(asked) == 1 else "good"] * len(keys)

    texts = ["bad"]
    resample(texts, KEYS[2:3], lambda text: text == "bad", resampled, range(1, 201))
    assert texts == ["good"]
    assert asked[:2] == [ATTEMPTS_OF_99[1], ATTEMPTS_OF_99[2]]


def test_a_repeated_text_is_drawn_again_from_attempt_201_on() -> None:
    asked: list[int] = []

    def resampled(keys: Keys) -> list[str]:
        asked.extend(keys.tolist())
        return ["same" if len(asked) == 1 else "other"] * len(keys)

    found = distinct(["same", "same"], KEYS[[0, 2]], resampled)
    assert found == ["same", "other"]
    assert asked[:2] == [ATTEMPTS_OF_99[201], ATTEMPTS_OF_99[202]]
