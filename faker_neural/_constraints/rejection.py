"""Rejection sampling: a rejected string is drawn again, with the key of its next attempt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from faker_neural._blocked import BlockedWords
from faker_neural._keys import Keys, attempt_keys
from faker_neural._model_file.training_lines import TrainingLines
from faker_neural._options import Options

__all__ = ["ATTEMPTS", "Draw", "cut", "distinct", "refusal", "resample", "truncate_at_word"]

ATTEMPTS = 200
"""Maximum attempts for each string. `distinct` numbers its attempts from here on, so a change of
this number changes the strings of `unique`."""

_ATTEMPTS_PER_BATCH = 16  # at one string: most strings need one, a few need many

Draw = Callable[[Keys], list[str]]
"""Draws the string of each key, uint64 [strings]."""


def refusal(
    options: Options, matches: Callable[[str], bool], known: TrainingLines, texts: Sequence[str]
) -> Callable[[str], bool]:
    """Return a function that returns whether the options reject a text.

    Args:
        options: `verbatim` and `blocked` reject texts.
        matches: returns whether a text meets all other options.
        known: the training lines, which `verbatim` may reject.
        texts: some of the texts, which are searched for blocked words all at once.
    """
    rejects, blocked = options.verbatim == "rejected", BlockedWords.of(options.blocked)
    clean = frozenset(texts) if blocked and not blocked.in_any(texts) else frozenset()

    def refused(text: str) -> bool:
        if not matches(text) or (rejects and text in known):
            return True
        return bool(blocked) and text not in clean and text in blocked

    return refused


def resample(
    texts: list[str],
    keys: Keys,
    refused: Callable[[str], bool],
    draw: Draw,
    attempts: Sequence[int],
) -> list[str]:
    """Replace each rejected text by the first attempt that is not rejected.

    Args:
        texts: the text of each key; changed in place. If all attempts are rejected, the last
            attempt replaces the text.
        keys: uint64 [texts].
        refused: returns whether a text is rejected.
        draw: draws the text of each key.
        attempts: the numbers of the attempts, each at least 1.

    Returns:
        The texts that are still rejected; empty if there are none.
    """
    pending, batch = [i for i, text in enumerate(texts) if refused(text)], 1
    while pending and attempts:
        count = max(1, batch // len(pending))
        some, attempts = attempts[:count], attempts[count:]
        batch = min(2 * batch, _ATTEMPTS_PER_BATCH)
        drawn = draw(attempt_keys(keys[pending], some).ravel())
        for place, i in enumerate(pending):
            tried = drawn[place * len(some) : (place + 1) * len(some)]
            texts[i] = next((text for text in tried if not refused(text)), tried[-1])
        pending = [i for i in pending if refused(texts[i])]
    return [texts[i] for i in pending]


def distinct(texts: list[str], keys: Keys, draw: Draw) -> list[str]:
    """Draw each text again that equals an earlier text, from the first to the last.

    Args:
        texts: the text of each key.
        keys: uint64 [texts].
        draw: draws the text of each key.

    Returns:
        One text for each key, all different. A text depends on its key and on the texts before it.
        If 200 attempts give no new text for a key, the list ends before that key.
    """
    found = dict[str, None]()  # a set that keeps its order
    for place, text in enumerate(texts):
        one = [text]
        attempts = range(ATTEMPTS + 1, 2 * ATTEMPTS + 1)  # `enforce` uses the numbers below
        if resample(one, keys[place : place + 1], found.__contains__, draw, attempts):
            break
        found[one[0]] = None
    return list(found)


def truncate_at_word(text: str, most: int, prefix: str = "") -> str:
    """Cut a text at its last whole word that ends within `most` characters.

    Args:
        text: a text of more than `most` characters.
        most: maximum number of characters in the result.
        prefix: the prefix of the text, which must stay whole.

    Returns:
        The text up to that word; "" if no whole word fits, or if the cut would shorten the prefix.
    """
    *whole, _ = re.split(r"\s", text[: most + 1])
    ended = text[: len(" ".join(whole))].rstrip()
    return ended if len(ended) >= len(prefix) else ""


def cut(texts: list[str], options: Options) -> list[str]:
    """Cut texts to `max_length`: after the last whole word that fits, or else inside a word.

    Args:
        texts: texts that do not end by themselves.
        options: `max_length` and `prefix` are used.

    Returns:
        Texts of at most `max_length` characters.
    """
    most, prefix = options.max_length, options.prefix or ""
    if most is None:
        return texts
    ended = ((text, truncate_at_word(text, most, prefix)) for text in texts)
    return [text if len(text) <= most else whole or text[:most] for text, whole in ended]
