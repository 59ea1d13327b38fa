"""Checks of options against a model, and the constraints that the options set."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Unpack

from faker_neural._errors import OptionError
from faker_neural._model_file.card import Card
from faker_neural._options import Options, OptionValues

if TYPE_CHECKING:
    from .constraint import Constraint

__all__ = ["OptionChecks", "check_fit", "ends_by_token"]

_SHOWN = 5  # labels in an error


def check_fit(card: Card, options: Options) -> None:
    """Check that a model supports the options.

    Args:
        card: the model's card.
        options: the options to check.

    Raises:
        OptionError: the model does not support an option; the error says what the option needs.
    """
    if options.length is not None and (why := _no_running_text(card)):
        raise OptionError("length", options.length, f"is not supported by {card.name}, {why}")
    if options.label is not None and options.label not in card.labels:
        raise OptionError("label", options.label, _labels_there_are(card, options.label))
    if options.verbatim == "rejected" and not card.training_lines:
        rule = f"needs a model that knows its training lines, and {card.name} does not"
        raise OptionError("verbatim", options.verbatim, rule)
    for name in ("min_length", "pattern"):
        value = getattr(options, name)
        if value is not None and card.end is None:
            rule = f"needs a model whose texts end, and those of {card.name} do not"
            raise OptionError(name, value, rule)


def ends_by_token(card: Card, options: Options) -> bool:
    """Return whether a text ends at the end token, not after a fixed number of tokens.

    Args:
        card: the model's card.
        options: `length` is used.
    """
    return card.end is not None and options.length is None


class OptionChecks:
    """Checks options against one model, and caches the results.

    Args:
        card: the model's card.
    """

    def __init__(self, card: Card) -> None:
        self.card = card

    def options(self, given: OptionValues) -> Options:
        """Return the given options, with the model's defaults for all others.

        Args:
            given: values by option name; None means the model's default.

        Raises:
            OptionError: an option is unknown or out of range, the model does not support it, or
                no text of the model meets the options together.
        """
        try:
            return _checked(self, **given)  # type: ignore[arg-type]  # a wrong type raises
        except TypeError:  # an unhashable value cannot be cached; the check refuses it
            return _checked.__wrapped__(self, **given)

    def needed_constraint(self, options: Options) -> Constraint | None:
        """Return the constraint, or None if any text of the model meets the options.

        After a prefix, a model goes on by itself, unless it draws a whole text at once.

        Args:
            options: checked options.

        Raises:
            OptionError: no text of the model meets the options.
        """
        constrains = ["pattern", "alphabet"]
        constrains += ["min_length", "max_length"] * ends_by_token(self.card, options)
        constrains += ["prefix"] * (self.card.contract == "latent")
        if all(getattr(options, name) is None for name in constrains):
            return None
        return self.constraint(options)

    def constraint(self, options: Options) -> Constraint:
        """Return the constraint; it includes the lengths if the texts end by a token.

        Args:
            options: checked options.

        Raises:
            OptionError: no text of the model meets the options.
        """
        other = dict.fromkeys(("top_k", "top_p", "label"))
        asked = replace(options, temperature=1.0, verbatim="allowed", blocked=(), **other)
        return _constraint(self, asked)


@lru_cache(maxsize=64, typed=True)  # True and 1 are different values
def _checked(checks: OptionChecks, /, **given: Unpack[OptionValues]) -> Options:
    values = {name: value for name, value in given.items() if value is not None}
    options = Options.from_mapping({**checks.card.options, **values})
    check_fit(checks.card, options)
    checks.needed_constraint(options)
    return options


@lru_cache(maxsize=32)  # each takes some MB
def _constraint(checks: OptionChecks, options: Options) -> Constraint:
    from .constraint import constrain  # imports re's parser, which few runs need

    return constrain(checks.card, options, lengths=ends_by_token(checks.card, options))


def _labels_there_are(card: Card, label: str) -> str:
    labels = card.labels
    if not labels:
        return f"is not supported by {card.name}, which was trained without labels"
    shown = get_close_matches(label, labels) or labels[:_SHOWN]
    more = f" and {len(labels) - len(shown):,} more" if len(labels) > len(shown) else ""
    return f"is no label of {card.name}: {', '.join(map(repr, shown))}{more}"


def _no_running_text(card: Card) -> str:
    """Return why the model cannot draw running text, or "" if it can."""
    if card.contract == "latent":
        return "which draws a whole text at once"
    if card.end is not None and not card.tokens[card.end]:
        return "which learned values one by one and not running text"
    return ""
