"""Notes of what a reader changed, which become one line for the user."""

from __future__ import annotations

from collections import Counter

__all__ = ["Notes", "counted"]


class Notes:
    """Counts what was changed in a file while it was read."""

    def __init__(self) -> None:
        self._counts = Counter[tuple[str, str]]()
        self._firsts: dict[tuple[str, str], str] = {}

    def say(self, text: str) -> None:
        """Add a note that counts nothing, such as "read as UTF-16"."""
        self._counts[text, ""] = 1

    def add(self, note: str, noun: str, count: int = 1, *, first: str = "") -> None:
        """Count a change.

        Args:
            note: what was done, with "{}" for the number and the noun: "dropped {}".
            noun: what is counted, in the singular.
            count: how many there are; 0 adds no note.
            first: what to show of the first one, such as "line 7"; "" shows nothing.
        """
        if count:
            self._counts[note, noun] += count
        if first:
            self._firsts.setdefault((note, noun), first)

    @property
    def text(self) -> str:
        """Return all notes in one line, in the order in which they came; "" if there are none."""
        return "; ".join(self._shown(note, noun) for note, noun in self._counts)

    def _shown(self, note: str, noun: str) -> str:
        if not noun:
            return note
        first = self._firsts.get((note, noun))
        where = f" (the first is {first})" if first else ""
        return note.format(counted(self._counts[note, noun], noun)) + where


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 cell" or "2,000 cells".

    Args:
        number: how many there are.
        noun: the noun in the singular; its plural ends in s.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
