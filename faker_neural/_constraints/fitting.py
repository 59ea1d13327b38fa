"""Whether options fit a model, and what they make of its texts."""

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

__all__ = ["OptionChecks", "asks_for_a_prefix_alone", "check_fit", "ends"]

_SHOWN = 5  # labels in an error


def check_fit(card: Card, options: Options) -> None:
    """Refuse what is not for a model of this kind.

    Raises:
        OptionError: the option, and what it needs.
    """
    if options.length is not None and (why := _no_running_text(card)):
        raise OptionError("length", options.length, f"is not for {card.name}, {why}")
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


def asks_for_a_prefix_alone(options: Options) -> bool:
    """Tell whether a prefix is all that constrains a text, apart from its length."""
    return options.prefix is not None and options.pattern is options.alphabet is None


def ends(card: Card, options: Options) -> bool:
    """Say whether texts end by themselves."""
    return card.end is not None and options.length is None


class OptionChecks:
    """Checks options against one model, each combination once.

    Args:
        card: of the model.
    """

    def __init__(self, card: Card) -> None:
        self.card = card

    def options(self, given: OptionValues) -> Options:
        """Return the model's own options with these in their place.

        Raises:
            OptionError: see `TextModel.options`.
        """
        try:
            return _checked(self, **given)  # type: ignore[arg-type]  # or it raises
        except TypeError:  # a value that is not hashable, and wrong
            return _checked.__wrapped__(self, **given)

    def constraints(self, options: Options) -> tuple[Constraint | None, Constraint | None]:
        """Return the constraint without and with lengths; None means unconstrained.

        Raises:
            OptionError: no text meets the options.
        """
        return _constraints(self, options)

    def constraint(self, options: Options, *, lengths: bool) -> Constraint:
        """Return the constraint with or without regard to lengths.

        Raises:
            OptionError: no text meets the options.
        """
        other = dict.fromkeys(("top_k", "top_p", "label"))
        asked = replace(options, temperature=1.0, verbatim="allowed", blocked=(), **other)
        return _constraint(self, asked, lengths)


@lru_cache(maxsize=64, typed=True)  # True is not 1
def _checked(checks: OptionChecks, /, **given: Unpack[OptionValues]) -> Options:
    values = {name: value for name, value in given.items() if value is not None}
    options = Options.from_mapping({**checks.card.options, **values})
    check_fit(checks.card, options)
    checks.constraints(options)
    return options


@lru_cache(maxsize=32)
def _constraints(
    checks: OptionChecks, options: Options
) -> tuple[Constraint | None, Constraint | None]:
    plain = options.pattern is options.alphabet is options.prefix is None
    lengths = not options.min_length is options.max_length is None
    held = lengths and ends(checks.card, options)
    return (
        None if plain else checks.constraint(options, lengths=False),
        checks.constraint(options, lengths=True) if held else None,
    )


@lru_cache(maxsize=32)  # of some MB, each
def _constraint(checks: OptionChecks, options: Options, lengths: bool) -> Constraint:
    from .constraint import constrain  # brings re's parser, which few need

    return constrain(checks.card, options, lengths=lengths)


def _labels_there_are(card: Card, label: str) -> str:
    labels = card.labels
    if not labels:
        return f"is not for {card.name}, which was trained without labels"
    shown = get_close_matches(label, labels) or labels[:_SHOWN]
    more = f" and {len(labels) - len(shown):,} more" if len(labels) > len(shown) else ""
    return f"is no label of {card.name}: {', '.join(map(repr, shown))}{more}"


def _no_running_text(card: Card) -> str:
    """Say why the model has no running text, if it has none."""
    if card.contract == "latent":
        return "which draws a whole text at once"
    if card.end is not None and not card.tokens[card.end]:
        return "which learned values one by one and not running text"
    return ""
