"""Strings that may not come out are drawn again, each under the key of its next attempt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from faker_neural._blocked import BlockedWords
from faker_neural._keys import Keys, attempt_keys
from faker_neural._model_file.training_lines import TrainingLines
from faker_neural._options import Options

__all__ = ["ATTEMPTS", "Draw", "at_last_word", "cut", "distinct", "enforce", "resample"]

ATTEMPTS = 200
"""Of a string; `distinct` counts on from here, so its strings depend on the number."""

_LENGTH_ATTEMPTS = 20  # before a text is ended where its length asks for it
_TOGETHER = 16  # attempts of one string drawn together at most: most need one, a few need many

Draw = Callable[[Keys], list[str]]
"""Gives the string of each key, uint64 [strings]."""


def enforce(
    texts: list[str], keys: Keys, options: Options, known: TrainingLines, free: Draw, held: Draw
) -> list[str]:
    """Replace the texts that may not come out.

    A text of another length than asked for is drawn again up to 20 times, then ended at its last
    whole word, then drawn with the lengths held to at every token.

    Args:
        texts: of each key; changed in place.
        keys: uint64 [texts].
        options: `min_length`, `max_length`, `verbatim` and `blocked` of them.
        known: the lines that `verbatim` may reject.
        free: draws without regard to the lengths.
        held: draws what has the lengths.

    Returns:
        The texts that are refused still after 200 attempts, empty where all is well.
    """
    least, most = options.min_length or 0, options.max_length or float("inf")
    rejects, blocked = options.verbatim == "rejected", BlockedWords.of(options.blocked)
    clean = frozenset(texts) if blocked and not blocked.in_any(texts) else frozenset()

    def refused(text: str) -> bool:
        if not least <= len(text) <= most or (rejects and text in known):
            return True
        return bool(blocked) and text not in clean and text in blocked

    if options.min_length is None and options.max_length is None:
        return resample(texts, keys, refused, free, range(1, ATTEMPTS + 1))
    resample(texts, keys, refused, free, range(1, _LENGTH_ATTEMPTS + 1))
    if options.pattern is None and options.max_length is not None:
        for i, text in enumerate(texts):
            if len(text) > most:
                texts[i] = at_last_word(text, options.max_length, options.prefix or "") or text
    return resample(texts, keys, refused, held, range(_LENGTH_ATTEMPTS + 1, ATTEMPTS + 1))


def resample(
    texts: list[str],
    keys: Keys,
    refused: Callable[[str], bool],
    draw: Draw,
    attempts: Sequence[int],
) -> list[str]:
    """Replace the refused texts by the first of these attempts that is not.

    Args:
        texts: of each key; changed in place, to the last attempt's where all are refused.
        keys: uint64 [texts].
        refused: whether a text may not come out.
        draw: gives the texts of keys.
        attempts: their numbers, each at least 1.

    Returns:
        The texts that are refused still, empty where all is well.
    """
    again, together = [i for i, text in enumerate(texts) if refused(text)], 1
    while again and attempts:
        count = max(1, together // len(again))
        some, attempts = attempts[:count], attempts[count:]
        together = min(2 * together, _TOGETHER)
        drawn = draw(attempt_keys(keys[again], some).ravel())
        for place, i in enumerate(again):
            tried = drawn[place * len(some) : (place + 1) * len(some)]
            texts[i] = next((text for text in tried if not refused(text)), tried[-1])
        again = [i for i in again if refused(texts[i])]
    return [texts[i] for i in again]


def distinct(texts: list[str], keys: Keys, draw: Draw) -> list[str]:
    """Draw again, from the first to the last, what equals an earlier text.

    Args:
        texts: of each key.
        keys: uint64 [texts].
        draw: gives the texts of keys.

    Returns:
        As many different texts, of which each depends on its key and on those before it; fewer,
        where 200 attempts of the next one gave nothing new.
    """
    found = dict[str, None]()  # in order
    for place, text in enumerate(texts):
        one = [text]
        attempts = range(ATTEMPTS + 1, 2 * ATTEMPTS + 1)  # others than `enforce` makes
        if resample(one, keys[place : place + 1], found.__contains__, draw, attempts):
            break
        found[one[0]] = None
    return list(found)


def at_last_word(text: str, most: int, prefix: str = "") -> str:
    """End a text that is longer than `most` characters at its last whole word past the prefix.

    Returns:
        "" where there is none.
    """
    *whole, _ = re.split(r"\s", text[: most + 1])
    ended = text[: len(" ".join(whole))].rstrip()
    return ended if len(ended) >= len(prefix) else ""


def cut(texts: list[str], options: Options) -> list[str]:
    """End texts that do not end by themselves at `max_length`: at a whole word, else anywhere."""
    most, prefix = options.max_length, options.prefix or ""
    if most is None:
        return texts
    ended = ((text, at_last_word(text, most, prefix)) for text in texts)
    return [text if len(text) <= most else whole or text[:most] for text, whole in ended]
