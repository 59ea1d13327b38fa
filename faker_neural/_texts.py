"""Texts of one model that meet the options: plain draws while some do, then steered ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ._constraints.option_checks import OptionChecks, ends_by_token
from ._constraints.rejection import ATTEMPTS, cut, distinct, refusal, resample
from ._constraints.usual import (
    FIRST_ATTEMPTS,
    USUAL_TEXTS,
    check_min_length,
    plain_attempts,
    unconstrained,
)
from ._decoding.session import NO_PROMPT, Prompt
from ._errors import ExhaustedError
from ._keys import Keys, row_keys
from ._model_file.card import Card
from ._options import Options

if TYPE_CHECKING:
    from ._constraints.constraint import Constraint

__all__ = ["TextDrawer"]

_MOST_USUAL = 32  # options whose usual texts are kept


class DrawingModel(Protocol):
    """The part of a model that texts are drawn from; see `TextModel`."""

    path: Path

    @property
    def card(self) -> Card:
        """The model's card."""

    def draw_unchecked(
        self,
        keys: Keys,
        options: Options,
        prompt: Prompt = NO_PROMPT,
        threads: int = 1,
        constraint: Constraint | None = None,
    ) -> list[str]:
        """Draw texts without rejection; a mask holds them to the constraint, if there is one."""

    def draw_steered(self, keys: Keys, options: Options, constraint: Constraint) -> list[str]:
        """Draw texts that meet a constraint and end where texts end."""


class TextDrawer:
    """Draws the texts of one model.

    Args:
        model: the model.
        checks: makes the constraints that options need.
    """

    def __init__(self, model: DrawingModel, checks: OptionChecks) -> None:
        self._model, self._checks = model, checks
        self._usual: dict[Options, list[str]] = {}

    def check(self, options: Options) -> None:
        """Check that texts usually get as long as the options ask for.

        Args:
            options: checked options.

        Raises:
            OptionError: few texts have `min_length` characters.
        """
        card = self._model.card
        checked = options.min_length is not None and options.pattern is None
        if checked and ends_by_token(card, options):
            check_min_length(card, options, self._usual_texts(options))

    def texts(self, keys: Keys, options: Options, threads: int = 1) -> list[str]:
        """Draw the text of each key.

        What meets the options by nature reads best. So a text that they reject is first drawn
        again, and steered only where that is hopeless.

        Args:
            keys: uint64 [texts].
            options: checked options.
            threads: the number of threads of the first draws.

        Raises:
            ModelFileError: the graph cannot be run.
            ExhaustedError: the model gave only texts that the options reject.
        """
        must, model = self._checks.needed_constraint(options), self._model
        steers = must is not None and ends_by_token(model.card, options)

        def plain(keys: Keys, threads: int = 1) -> list[str]:
            masks = None if steers else must
            texts = model.draw_unchecked(keys, options, threads=threads, constraint=masks)
            return texts if ends_by_token(model.card, options) else cut(texts, options)

        def steered(keys: Keys) -> list[str]:
            return model.draw_steered(keys, options, must) if must and steers else plain(keys)

        def matches(text: str) -> bool:
            return must.matches(text) if must and steers else text.startswith(options.prefix or "")

        texts, tried = plain(keys, threads), FIRST_ATTEMPTS
        refused = refusal(options, matches, model.card.training_lines, texts)
        if resample(texts, keys, refused, plain, range(1, tried + 1)) and steers:
            tried = plain_attempts(options, matches, self._usual_texts(options))
            resample(texts, keys, refused, plain, range(FIRST_ATTEMPTS + 1, tried + 1))
        left = resample(texts, keys, refused, steered, range(tried + 1, ATTEMPTS + 1))
        if left:
            raise ExhaustedError(model.path, _rejected(options, left[0]))
        return texts

    def distinct(self, texts: list[str], keys: Keys, options: Options) -> list[str]:
        """Draw each text again that equals an earlier text.

        Args:
            texts: the text of each key.
            keys: uint64 [texts].
            options: checked options.

        Raises:
            ExhaustedError: there are fewer different texts than keys.
        """
        found = distinct(texts, keys, lambda keys: self.texts(keys, options))
        if len(found) < len(texts):
            raise ExhaustedError(
                self._model.path,
                f"gave {len(found):,} different strings of {len(texts):,}, and then nothing new in "
                f"{ATTEMPTS} attempts; fewer strings, a higher temperature or longer ones may do",
            )
        return found

    def _usual_texts(self, options: Options) -> list[str]:
        """Return plain draws that tell what is usual with these options, from a cache."""
        free = unconstrained(options)
        found = self._usual.get(free)
        if found is None:
            found = self._model.draw_unchecked(row_keys(0, 0, USUAL_TEXTS), free)
            while len(self._usual) >= _MOST_USUAL:
                self._usual.pop(next(iter(self._usual)), None)
            self._usual[free] = found
        return found


def _rejected(options: Options, text: str) -> str:
    """Return what an error says of texts that the options rejected."""
    if options.verbatim == "rejected":
        what, remedy = "lines that it learned from", "verbatim='allowed' gives them"
    elif options.blocked:
        what, remedy = "texts with a blocked word", "blocked='' gives them"
    else:
        return f"gave only texts that the options reject in {ATTEMPTS} attempts, such as {text!r}"
    return (
        f"gave only {what} in {ATTEMPTS} attempts, such as {text!r}; a higher temperature wanders "
        f"further, {remedy}"
    )
