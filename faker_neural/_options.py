"""What a caller may ask of a model, checked once where it enters."""

from __future__ import annotations

import math
import operator
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from difflib import get_close_matches
from numbers import Real
from typing import SupportsIndex, TypedDict
from unicodedata import category

from ._blocked import BlockedWords
from ._errors import OptionError

__all__ = ["MOST_TOKENS", "VERBATIM", "OptionValues", "Options", "check_count"]

MOST_TOKENS = 10_000
"""Tokens in a text; a card from a stranger asks for no more memory than that takes."""

VERBATIM = ("allowed", "rejected")


class OptionValues(TypedDict, total=False):
    """Keyword arguments of everything that draws text, see `Options`.

    None, like leaving an argument out, means the model's own default.
    """

    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_length: int | None
    max_length: int | None
    prefix: str | None
    pattern: str | None
    alphabet: str | None
    label: str | None
    verbatim: str | None
    blocked: BlockedWords | Collection[str] | str | os.PathLike[str] | None
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How strings are drawn from a model.

    Args:
        temperature: 0 or more, and finite. 1 draws from the learned distribution, less keeps to
            what is likely, more wanders from it; 0 always takes the likeliest token. In a factored
            model a class is drawn so, and then a token in it.
        top_k: draw among so many of the likeliest tokens, 1 or more (Fan et al. 2018); None for
            all.
        top_p: draw among the likeliest tokens that together have this probability, above 0 and at
            most 1 (nucleus sampling, Holtzman et al. 2020); None for all.
        min_length: the fewest characters of a text, 0 or more; None for any number.
        max_length: the most characters of a text, 1 or more; None for any number. A text that is
            longer is drawn again up to 20 times and then ended at its last whole word.
        prefix: what a text begins with; it counts as part of the text.
        pattern: a regular expression that the whole text matches, as `re.fullmatch` has it. There
            may be no reference to a group, no anchor or look-behind inside of it, and no
            look-ahead inside a group.
        alphabet: the characters that a text may have; None for any.
        label: one of the model's labels; None for any.
        verbatim: "rejected" to draw again what equals a line that the model learned from, case
            and white space aside; "allowed" to let it come out.
        blocked: words and phrases that a text must not have, case aside, or the path of a file with
            one on each line; "@offensive", alone or among them, stands for the shipped list of
            offensive words, and "" for none. A text that has one is drawn again.
        length: how many tokens of running text to draw, 1 to 10,000, past what else would end a
            text; None for a text that ends by itself.

    Raises:
        OptionError: a value is out of range or of the wrong type, or two do not go together.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    prefix: str | None = None
    pattern: str | None = None
    alphabet: str | None = None
    label: str | None = None
    verbatim: str = "allowed"
    blocked: BlockedWords | Collection[str] | str | os.PathLike[str] = ""
    length: int | None = None

    def __post_init__(self) -> None:
        _check_temperature(self)
        _check_top_p(self)
        for name, least, below in _COUNTS:
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, check_count(name, value, least=least, below=below))
        for name in ("prefix", "pattern", "alphabet", "label"):
            _check_text(name, getattr(self, name))
        if self.verbatim not in VERBATIM:
            raise OptionError("verbatim", self.verbatim, f"must be {' or '.join(VERBATIM)}")
        object.__setattr__(self, "blocked", BlockedWords.of(self.blocked))
        _check_pattern(self)
        _check_alphabet(self)
        _check_lengths(self)
        _check_prefix(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Options:
        """Check options that arrive by name.

        Raises:
            OptionError: also for a name that is no option.
        """
        for name, value in values.items():
            if name not in _TYPES:
                raise OptionError(name, value, f"is no option; {_nearest(name)}")
        return cls(**values)  # type: ignore[arg-type]  # __post_init__ checks each type

    @staticmethod
    def parse(text: str) -> tuple[str, object]:
        """Read "NAME=VALUE", as it stands in an ini file; numbers become numbers.

        Raises:
            OptionError: there is no "=", or the name is no option's.
        """
        name, equals, value = text.partition("=")
        name, value = name.strip(), value.lstrip()
        if not equals:
            raise OptionError("option", text, "must be NAME=VALUE")
        if name not in _TYPES:
            raise OptionError(name, value, f"is no option; {_nearest(name)}")
        for kind in (int, float):
            if kind.__name__ in _TYPES[name]:
                with suppress(ValueError):
                    return name, kind(value)
        return name, value


_TYPES = {field.name: str(field.type) for field in fields(Options)}
_COUNTS = (
    ("top_k", 1, None),
    ("min_length", 0, None),
    ("max_length", 1, None),
    ("length", 1, MOST_TOKENS + 1),
)


def _nearest(name: str) -> str:
    near = get_close_matches(name, _TYPES)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(_TYPES)}"


def _check_temperature(options: Options) -> None:
    temperature = _number("temperature", options.temperature)
    if not 0 <= temperature < math.inf:
        raise OptionError("temperature", options.temperature, "must be 0 or more, and finite")
    object.__setattr__(options, "temperature", temperature)


def _check_top_p(options: Options) -> None:
    if options.top_p is None:
        return
    probability = _number("top_p", options.top_p)
    if not 0 < probability <= 1:
        raise OptionError("top_p", options.top_p, "must be above 0 and at most 1")
    object.__setattr__(options, "top_p", probability)


def _check_text(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise OptionError(name, value, f"must be text, not {_kind(value)}")
    if not value and name != "label":
        raise OptionError(name, value, "must not be empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise OptionError(name, value, "must be Unicode without lone surrogates") from None


def _check_pattern(options: Options) -> None:
    if options.pattern is None:
        return
    try:
        re.compile(options.pattern)
    except (re.error, RecursionError, OverflowError) as error:
        rule = f"is no regular expression: {error}"
        raise OptionError("pattern", options.pattern, rule) from None


def _check_alphabet(options: Options) -> None:
    if options.alphabet is None:
        return
    object.__setattr__(options, "alphabet", "".join(sorted(set(options.alphabet))))
    if not options.alphabet.strip():
        raise OptionError("alphabet", options.alphabet, "must hold more than white space")


def _check_lengths(options: Options) -> None:
    least, most = options.min_length, options.max_length
    if least is not None and most is not None and least > most:
        raise OptionError("min_length", least, f"must be at most max_length={most}")
    for name in ("min_length", "pattern"):
        value = getattr(options, name)
        if value is not None and options.length is not None:
            rule = f"does not go with length={options.length}, which is running text"
            raise OptionError(name, value, rule)


def _check_prefix(options: Options) -> None:
    prefix, most, alphabet = options.prefix, options.max_length, options.alphabet
    if prefix is None:
        return
    if most is not None and len(prefix) > most:
        raise OptionError("prefix", prefix, f"is longer than max_length={most}")
    if alphabet is not None and (other := sorted(set(prefix).difference(alphabet))):
        raise OptionError("prefix", prefix, f"has {other[0]!r}, which is not in alphabet")
    if options.length is None and any(category(character) == "Cc" for character in prefix):
        raise OptionError("prefix", prefix, "must have no line break or other control character")
    if options.length is None and not prefix[0].strip():
        raise OptionError("prefix", prefix, "must not begin with white space, as no text does")


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise OptionError(name, value, f"must be a number, not {_kind(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _kind(value: object) -> str:
    return type(value).__name__


def check_count(
    name: str, value: SupportsIndex, *, least: int = 0, below: int | None = None
) -> int:
    """Return `value` as an int of at least `least` (and under `below`), or raise OptionError."""
    try:
        count = operator.index(None if isinstance(value, bool) else value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(name, value, f"must be an int, not {_kind(value)}") from None
    if count < least:
        raise OptionError(name, value, f"must be at least {least}")
    if below is not None and count >= below:
        raise OptionError(name, value, f"must be below {below}")
    return count
