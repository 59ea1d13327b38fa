"""Preparation of texts for training."""

from __future__ import annotations

import re
from collections.abc import Callable

from faker_neural import MissingExtraError
from faker_neural_export.settings.training import Settings

__all__ = ["preparation"]

Preparation = Callable[[str], str]

_WORD = re.compile(r"\w+")


def preparation(settings: Settings) -> Preparation:
    """Return the function that prepares a text, as the settings say.

    Args:
        settings: `lower` makes the text lower case; `words_only` keeps only its words, with spaces
            between them; `drop_stop_words` also drops the English stop words of scikit-learn.

    Raises:
        MissingExtraError: `words_only` needs scikit-learn, which is not installed.
    """
    words = _words(settings.drop_stop_words) if settings.words_only else str
    return (lambda text: words(text.lower())) if settings.lower else words


def _words(drop_stop_words: bool) -> Preparation:
    """Return the function that keeps the words of a text and joins them with spaces."""
    try:
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    except ModuleNotFoundError as error:
        raise MissingExtraError("export", (error.name or "sklearn").partition(".")[0]) from None
    dropped = ENGLISH_STOP_WORDS if drop_stop_words else frozenset()
    return lambda text: " ".join(
        word for word in _WORD.findall(text) if word.lower() not in dropped
    )
