"""The hashes of offensive words that the option `blocked` knows.

python fields/offensive.py   writes them to offensive_words.bin

The words are the English words of the package glin-profanity (MIT licence), which is maintained.
The repository and the wheel hold only the hashes.
"""

from __future__ import annotations

import importlib.resources
import json
import struct
from pathlib import Path

from faker_neural._blocked import word_number

FILE = Path(__file__).parents[1] / "faker_neural" / "offensive_words.bin"


def offensive_words() -> frozenset[str]:
    """Return the words in lower case; entries with other characters than letters are left out."""
    folder = importlib.resources.files("glin_profanity") / "data" / "dictionaries"
    entries = json.loads((folder / "english.json").read_text(encoding="utf-8"))["words"]
    return frozenset(entry.casefold() for entry in entries if entry.isalpha())


def numbers() -> bytes:
    """Return the content of the file: the sorted hashes as little-endian uint64."""
    found = sorted(map(word_number, offensive_words()))
    return struct.pack(f"<{len(found)}Q", *found)


if __name__ == "__main__":
    FILE.write_bytes(numbers())
