"""The options of generated text, checked once where they enter."""

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
from typing import Literal, SupportsIndex, TypedDict, get_args
from unicodedata import category
from warnings import catch_warnings, simplefilter

from ._blocked import BlockedWords
from ._described import described
from ._errors import OptionError

__all__ = ["MOST_TOKENS", "OptionValues", "Options", "Verbatim", "check_count"]

MOST_TOKENS = 10_000
"""Maximum number of tokens in a text; it limits the memory that a stranger's file can ask for."""

Verbatim = Literal["allowed", "rejected"]
"""Whether a text may equal a line that the model learned from."""


class OptionValues(TypedDict, total=False):
    """The types of the keyword arguments of everything that generates text, see `Options`.

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
    verbatim: Verbatim | None
    blocked: BlockedWords | Collection[str] | str | os.PathLike[str] | None
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How strings are drawn from a model.

    In a call that takes options by name, such as `generate(max_length=None)`, None means the
    model's own default. Here None means that there is no such limit.

    Args:
        temperature: 0 or more, and finite. 1 samples from the learned distribution; a lower
            temperature keeps to likelier tokens, a higher one takes unlikely tokens more often;
            0 always takes the likeliest token. A factored model applies it to the class and then
            to the token within the class.
        top_k: sample from this many of the likeliest tokens, 1 or more (Fan et al. 2018); None
            for all tokens.
        top_p: sample from the likeliest tokens that together have this probability, above 0 and
            at most 1 (nucleus sampling, Holtzman et al. 2020); None for all tokens.
        min_length: minimum number of characters, 0 or more; None for no minimum. A model refuses a
            minimum that is longer than its texts usually get.
        max_length: maximum number of characters, 1 or more; None for no maximum. A longer text is
            sampled again, and steered to an end if that gives none. Running text is cut after its
            last whole word.
        prefix: text that every string starts with, of up to 2,000 characters; it counts as part of
            the string. The string goes on from it as likely as the training lines do.
        pattern: regular expression that the whole string matches, as in `re.fullmatch`. It has
            at most 5,000 characters, and may have no reference to a group, no anchor or look-behind
            in its middle, no look-ahead within a group, and no POSIX class. Texts that match by
            chance come first; then texts are steered: drafted, and completed where the model would
            most likely match.
        alphabet: the allowed characters; None for any.
        label: one of the model's labels; None for any.
        verbatim: "rejected" samples again if a string equals a line that the model learned from,
            ignoring case and white space; "allowed" does not.
        blocked: words and phrases that no string may contain, ignoring case, or the path of a
            file with one of them on each line. "@offensive", alone or among them, stands for the
            shipped list of offensive words; "" for none. A string with a blocked word is sampled
            again.
        length: number of tokens of running text, 1 to 10,000; the text goes on where it would
            otherwise end. None for a text that ends by itself.

    Raises:
        OptionError: a value is out of range or of the wrong type, or two values contradict each
            other.
    """

    temperature: float = described(1.0, "Below 1: safer text; above 1: more unusual text.")
    top_k: int | None = described(None, "Sample from the K likeliest tokens.")
    top_p: float | None = described(
        None, "Sample from the likeliest tokens with this total probability."
    )
    min_length: int | None = described(None, "Minimum number of characters.")
    max_length: int | None = described(None, "Maximum number of characters.")
    prefix: str | None = described(None, "Text that every value starts with.")
    pattern: str | None = described(None, "Regular expression that every value must match.")
    alphabet: str | None = described(None, "Allowed characters.")
    label: str | None = described(None, "Label of the values, one of the model's labels.")
    verbatim: Verbatim = described("allowed", "Allow or reject values that equal a training line.")
    blocked: BlockedWords | Collection[str] | str | os.PathLike[str] = described(
        "", "File of forbidden words; @offensive: the shipped list."
    )
    length: int | None = described(None, "Generate running text of this many tokens.")

    def __post_init__(self) -> None:
        _check_temperature(self)
        _check_top_p(self)
        for name, least, below in _COUNTS:
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, check_count(name, value, least=least, below=below))
        for name in ("prefix", "pattern", "alphabet", "label"):
            _check_text(name, getattr(self, name))
        if self.verbatim not in get_args(Verbatim):
            rule = f"must be {' or '.join(get_args(Verbatim))}"
            raise OptionError("verbatim", self.verbatim, rule)
        object.__setattr__(self, "blocked", BlockedWords.of(self.blocked))
        _check_pattern(self)
        _check_alphabet(self)
        _check_lengths(self)
        _check_prefix(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Options:
        """Return options from a mapping of name to value.

        Raises:
            OptionError: a name is no option, or as for the class.
        """
        for name, value in values.items():
            if name not in _TYPES:
                raise OptionError(name, value, f"is no option; {_nearest(name)}")
        return cls(**values)  # type: ignore[arg-type]  # __post_init__ checks each type

    @staticmethod
    def parse(text: str) -> tuple[str, object]:
        """Read an option written as "NAME=VALUE", as in an ini file.

        Returns:
            The name and the value, which is a number if the option is one.

        Raises:
            OptionError: there is no "=", or no option has the name.
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
_INSTEAD = {
    "max_nb_chars": "did you mean max_length?",
    "min_nb_chars": "did you mean min_length?",
    "nb": "neural_texts and mock_text take it, neural_text draws one string",
    "n": "the number of strings is nb, of neural_texts and mock_text",
    "seed": "a Faker is seeded by seed_instance, mock_text by --mock-text-seed",
    "locale": "the field decides the language",
}
_POSIX_CLASSES = {
    "alnum": "[A-Za-z0-9]",
    "alpha": "[A-Za-z]",
    "blank": "[ ]",
    "digit": r"\d",
    "lower": "[a-z]",
    "punct": r"[^\w\s]",
    "space": r"\s",
    "upper": "[A-Z]",
    "word": r"\w",
    "xdigit": "[0-9A-Fa-f]",
}
_LONGEST = {"prefix": 2_000, "pattern": 5_000}  # characters; the work grows with them
_COUNTS = (
    ("top_k", 1, None),
    ("min_length", 0, None),
    ("max_length", 1, None),
    ("length", 1, MOST_TOKENS + 1),
)


def _nearest(name: str) -> str:
    if name in _INSTEAD:
        return _INSTEAD[name]
    near = get_close_matches(name, _TYPES, cutoff=0.7)
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
    if len(value) > _LONGEST.get(name, len(value)):
        rule = f"must have at most {_LONGEST[name]:,} characters, not {len(value):,}"
        raise OptionError(name, value, rule)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise OptionError(name, value, "must be Unicode without lone surrogates") from None


def _check_pattern(options: Options) -> None:
    if options.pattern is None:
        return
    if posix := re.search(r"\[:(\^?)(\w+):\]", options.pattern):
        what = _POSIX_CLASSES.get(posix[2], "a class such as [a-z]")
        rule = f"has {posix[0]}, which Python's expressions do not know: write {what}"
        raise OptionError("pattern", options.pattern, rule)
    try:
        with catch_warnings():
            simplefilter("error", FutureWarning)
            re.compile(options.pattern)
    except FutureWarning as warning:
        rule = f"is ambiguous: {str(warning).lower()}; put a backslash before that character"
        raise OptionError("pattern", options.pattern, rule) from None
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
    """Return `value` as an int.

    Raises:
        OptionError: it is no integer, is less than `least`, or is not less than `below`.
    """
    try:
        count = operator.index(None if isinstance(value, bool) else value)  # type: ignore[arg-type]
    except TypeError:
        raise OptionError(name, value, f"must be an int, not {_kind(value)}") from None
    if count < least:
        raise OptionError(name, value, f"must be at least {least}")
    if below is not None and count >= below:
        raise OptionError(name, value, f"must be below {below}")
    return count
