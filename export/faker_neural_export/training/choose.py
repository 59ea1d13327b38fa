"""Settings that are chosen for a column, where the user gives none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import name

from faker_neural._encoding import is_word, split
from faker_neural_export.settings.training import Settings

__all__ = ["SettingsChoice", "choose", "choose_rows"]

_MOST_STEPS = 4000  # training steps, ten minutes on two cores
_FEWEST_EPOCHS, _MOST_EPOCHS = 5, 16
_BATCH = 64
_ROW_STEPS, _FEWEST_ROW_EPOCHS, _MOST_ROW_EPOCHS = 7_000, 15, 100
_SMALL = 3_000  # values; a smaller column has characters instead of pieces
_KNOWN = 0.5  # share of words that must be known: in training values, or in the base
_OF_LETTERS = 0.5  # share of letters in the characters, and of spaceless scripts in the letters
_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_KNOWN_WORDS = 0.8  # share of held-out words in training values; below it, values are names
_TEMPERATURE, _OF_INVENTED = 0.8, 0.9  # if words are tokens; with more, texts lose their subject
_LONG_WORD = 12  # mean letters; a column of longer words has pieces instead of characters


@dataclass(frozen=True, slots=True)
class SettingsChoice:
    """The settings to train a column with.

    Args:
        settings: all settings.
        from_base: whether to start from the network in the package.
        temperature: the temperature at which to draw values.
        reason: one line for the user: what was chosen, and why.
    """

    settings: Settings
    from_base: bool
    temperature: float
    reason: str


def choose(
    learn: Sequence[str],
    held_out: Sequence[str],
    by_hand: Mapping[str, Any],
    base: Settings,
    base_tokens: Sequence[str],
) -> SettingsChoice:
    """Choose settings for a column, for about ten minutes of training on two cores.

    The number of epochs is at least 5 and at most 16. So a column of more than 51,200 values takes
    longer.

    Args:
        learn: the training values.
        held_out: the held-out values.
        by_hand: settings by name that the user chose; they are kept.
        base: settings of the network in the package. It is used only if the sizes are equal.
        base_tokens: the tokens of that network.

    Raises:
        OptionError: a setting in `by_hand` is not allowed.
    """
    known = _known(held_out, {word.strip() for value in learn for word in split(value)})
    kind, why = _kind(learn, known)
    if "tokens" in by_hand:
        kind, why = by_hand["tokens"], "as asked for"
    names = known < _KNOWN_WORDS
    of_kind: dict[str, Any] = {
        "word": _OF_WORDS | (_OF_NAMES if names else _OF_KNOWN_WORDS),
        "piece": {"vocabulary": 1000, "units": 128, "embedding": 64, "match_length": True},
        "char": {"units": 128, "embedding": 48, "dropout": 0.2, "match_length": True},
    }[kind]
    settings = Settings(**{"tokens": kind, "epochs": _epochs(len(learn)), **of_kind, **by_hand})
    same = ("embedding", "units", "projection", "input", "text")
    fits = settings.composed and all(getattr(settings, n) == getattr(base, n) for n in same)
    from_base = fits and _known(learn, set(base_tokens)) > _KNOWN
    tokens = {"word": "words", "piece": "pieces of words", "char": "characters"}[kind]
    begin = ", starting from the base" if from_base else ""
    temperature = (_OF_INVENTED if names else _TEMPERATURE) if settings.composed else 1.0
    return SettingsChoice(settings, from_base, temperature, f"learning {tokens}{begin}: {why}")


def choose_rows(rows: int, given: Mapping[str, Any]) -> SettingsChoice:
    """Choose settings for the rows of a table.

    That the columns of a row fit together is learned long after their words. So rows are trained
    for many steps, and the last epoch is kept.

    Args:
        rows: the number of training rows.
        given: settings by name that the user chose; they are kept.

    Raises:
        OptionError: a setting in `given` is not allowed.
    """
    epochs = min(max(_ROW_STEPS * _BATCH // rows, _FEWEST_ROW_EPOCHS), _MOST_ROW_EPOCHS)
    settings = Settings(**{"tokens": "word", "epochs": epochs, **_OF_ROWS, **given})
    reason = f"learning rows for {settings.epochs} epochs, until their columns fit together"
    return SettingsChoice(settings, False, _TEMPERATURE, reason)


def _kind(learn: Sequence[str], known: float) -> tuple[str, str]:
    """Return the kind of tokens and why; `known` is the share of held-out words in `learn`."""
    text = "".join(learn)
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _OF_LETTERS * len(text.replace(" ", "")):
        return "char", f"{len(letters) / len(text):.0%} of the characters are letters"
    spaceless = sum(name(letter, "").startswith(_WITHOUT_SPACES) for letter in letters)
    if spaceless > _OF_LETTERS * len(letters):
        return "piece", "the script has no spaces between words"
    if known >= _KNOWN:
        return "word", f"of the words in values held out, {known:.0%} occur in the others"
    why = f"of the words in values held out, only {known:.0%} occur in the others"
    words = [word.strip() for value in learn for word in split(value) if is_word(word)]
    long = len(words) > 0 and sum(map(len, words)) > _LONG_WORD * len(words)
    repeats = len(learn) >= _SMALL or long
    return ("piece" if repeats else "char"), why


def _known(values: Sequence[str], words: set[str]) -> float:
    """Return the share of the words of values that are in `words`."""
    bare = {word.strip() for word in words}
    found = [word.strip() in bare for value in values for word in split(value) if is_word(word)]
    return sum(found) / len(found) if found else 0.0


_OF_WORDS: dict[str, Any] = {
    "vocabulary": 10_000,
    "embedding": 64,
    "units": 128,
    "match_length": True,
    "batch": _BATCH,
}
# Texts of known words read best if they are memorised; memorised names would only be copied.
_OF_KNOWN_WORDS = {"spelling": 0.05, "dropout": 0.05, "keep": "last"}
_OF_NAMES = {"dropout": 0.45, "noising": 0.1}


_OF_ROWS: dict[str, Any] = {
    "vocabulary": 12_000,
    "phrases": 400,
    "embedding": 64,
    "units": 192,
    "dropout": 0.1,
    "spelling": 0.03,
    "keep": "last",
    "batch": _BATCH,
}


def _epochs(values: int) -> int:
    """Return the number of epochs for a number of values."""
    return min(max(_MOST_STEPS * _BATCH // values, _FEWEST_EPOCHS), _MOST_EPOCHS)
