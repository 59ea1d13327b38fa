"""Text from files and other strangers, made fit to be printed."""

from __future__ import annotations

from unicodedata import category

__all__ = ["one_line", "shortened", "visible"]

_LONGEST = 400  # characters of text from a file in an error
_QUOTED = 200  # characters of a value in an error
_JOINERS = "\u200c\u200d"  # they shape letters and emoji and do nothing else
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    r"""Return a text with escapes in the place of what steers a terminal.

    Control characters, line breaks, direction overrides, invisible characters and lone surrogates
    are shown as in a Python literal, such as \x1b.

    Args:
        text: a text from anywhere.
    """
    if text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if _is_hidden(c) else c for c in text)


def _is_hidden(character: str) -> bool:
    return category(character) in _HIDDEN and character not in _JOINERS


def shortened(text: str, most: int = _QUOTED) -> str:
    """Return the beginning of a text that is too long for an error, with an ellipsis at its end.

    Args:
        text: a text of any length.
        most: the most characters.
    """
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def one_line(text: str) -> str:
    """Return untrusted text as one visible line of at most 400 characters; breaks become spaces.

    Args:
        text: a text from anywhere.
    """
    return shortened(visible(" ".join(text[: 2 * _LONGEST].split())), _LONGEST)
