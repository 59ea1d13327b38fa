"""Writes the numbers of offensive words that the option `blocked` knows.

python fields/offensive.py

The words are the English ones of the package glin-profanity (MIT licence), which is maintained.
The repository and the wheel hold their hashes alone.
"""

from __future__ import annotations

import importlib.resources
import json
import struct
from pathlib import Path

from faker_neural._blocked import word_number

FILE = Path(__file__).parents[1] / "faker_neural" / "offensive_words.bin"


def offensive_words() -> frozenset[str]:
    """Return the words, in small letters; phrases are left out."""
    folder = importlib.resources.files("glin_profanity") / "data" / "dictionaries"
    entries = json.loads((folder / "english.json").read_text(encoding="utf-8"))["words"]
    return frozenset(entry.casefold() for entry in entries if entry.isalpha())


def numbers() -> bytes:
    """Return the content of the file."""
    found = sorted(map(word_number, offensive_words()))
    return struct.pack(f"<{len(found)}Q", *found)


if __name__ == "__main__":
    FILE.write_bytes(numbers())
