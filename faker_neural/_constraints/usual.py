"""What a model usually draws: whether plain draws meet options, and how long they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from faker_neural._errors import OptionError
from faker_neural._model_file.card import Card
from faker_neural._options import Options

__all__ = [
    "FIRST_ATTEMPTS",
    "USUAL_TEXTS",
    "check_min_length",
    "plain_attempts",
    "unconstrained",
]

FIRST_ATTEMPTS = 8
"""How often a text is drawn again before `plain_attempts` is asked."""


USUAL_TEXTS = 512
"""How many plain draws tell what is usual."""

_LONGER = 6  # so many of them are longer than usual
_OFTEN = 13  # if fewer meet a pattern, steering gives such texts sooner
_ATTEMPTS, _ATTEMPTS_AT_LENGTH = 80, 180


def unconstrained(options: Options) -> Options:
    """Return the options without those that reject texts.

    Args:
        options: checked options.
    """
    return replace(
        options,
        min_length=None,
        max_length=None,
        pattern=None,
        alphabet=None,
        verbatim="allowed",
        blocked="",
    )


def plain_attempts(options: Options, matches: Callable[[str], bool], texts: Sequence[str]) -> int:
    """Return how often to draw a text again before it is steered.

    Steering cannot tell well which beginnings lead to a short or a long text, so that for lengths,
    plain draws are worth more attempts.

    Args:
        options: checked options.
        matches: returns whether a text meets the options, apart from `verbatim` and `blocked`.
        texts: texts drawn with `unconstrained` options.
    """
    meet = sum(map(matches, texts))
    if options.pattern is options.alphabet is None:
        return _ATTEMPTS_AT_LENGTH if meet else FIRST_ATTEMPTS
    return _ATTEMPTS if meet >= _OFTEN else FIRST_ATTEMPTS


def check_min_length(card: Card, options: Options, texts: Sequence[str]) -> None:
    """Check that `min_length` is not longer than texts usually get.

    Args:
        card: the model's card.
        options: checked options with a `min_length`.
        texts: texts drawn with `unconstrained` options.

    Raises:
        OptionError: few texts are so long, so that longer ones would not read well.
    """
    usual = sorted(map(len, texts))[-_LONGER]
    if options.min_length is not None and options.min_length > usual:
        rule = f"must be at most {usual}: longer texts of {card.name} hardly occur"
        raise OptionError("min_length", options.min_length, rule)
