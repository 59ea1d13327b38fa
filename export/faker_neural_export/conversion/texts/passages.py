"""The running text of a model trained elsewhere, as openings and as passages to measure on."""

from __future__ import annotations

import os
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from faker_neural import ColumnError
from faker_neural._encoding import Encoder
from faker_neural_export.data.columns import read_values
from faker_neural_export.data.windows import Windows
from faker_neural_export.settings.conversion import Samples

from .model_tokens import ModelTokens

__all__ = ["read_passages"]

_OPENINGS, _PASSAGE, _FEWEST = 64, 400, 8
_LEAST_HELD_OUT = 40  # tokens
_SHOWN = 3  # characters or words without a token


def read_passages(
    path: str | os.PathLike[str], tokens: ModelTokens, window: int
) -> tuple[list[str], Samples, list[str]]:
    """Read a text and return openings and passages from it.

    Args:
        path: the file of the text. It is written with the model's tokens, see `TextWriter`.
        tokens: the model's tokens.
        window: the number of tokens in an opening, or half the text if that is shorter.

    Returns:
        Up to 64 openings of `window` tokens, from the first nine tenths of the text. A word begins
        after each opening. Then the passages, of up to 400 tokens: those of the first nine tenths
        to calibrate with, those of the last tenth to measure on; if that has fewer than 40 tokens,
        passages of the whole text are both. Then lines that say what was changed or is missing.

    Raises:
        MissingFileError: the file does not exist.
        ColumnError: the file cannot be read, most of it has no token, or fewer than two
            tokens are left.
    """
    name, writer = PurePath(path).name, tokens.writer()
    text = "\n".join(read_values(path, None)[0]).replace("\r\n", "\n").strip()
    if not text:
        raise ColumnError(path, "is empty")
    written = writer.write(text)
    unit, count = ("words", len(text.split())) if tokens.separator else ("characters", len(text))
    if (missing := writer.left_out.total()) > count / 2:
        shown = ", ".join(repr(found) for found, _ in writer.left_out.most_common(_SHOWN))
        rule = f"{missing:,} of its {count:,} {unit} have no token"
        raise ColumnError(path, f"is no text of this model: {rule} ({shown}, ...)")
    ids = _encoded(path, tokens, written)
    cut = len(ids) - len(ids) // 10
    learn, size = ids[:cut], window
    notes = [writer.note(name)]
    if len(learn) <= window:
        size = len(learn) // 2
        notes.append(f"{name} has {len(ids):,} tokens: openings are of {size}, not of {window}")
    openings = _windows(learn, tokens, size).openings(_OPENINGS, np.random.default_rng(0))
    if len(ids) - cut < _LEAST_HELD_OUT:
        notes.append(f"{name} has {len(ids):,} tokens, too few to hold a tenth out: it is measured")
        notes[-1] += " on what it is calibrated with"
        passages = _passages(ids, tokens)
        samples = Samples(passages, passages, f"passages of {name}, none of them held out")
    else:
        kind = f"held-out passages (of the last tenth of {name})"
        samples = Samples(_passages(learn, tokens), _passages(ids[cut:], tokens), kind)
    return openings, samples, [*filter(None, notes)]


def _encoded(path: str | os.PathLike[str], tokens: ModelTokens, text: str) -> NDArray[np.int32]:
    try:
        ids = np.array(Encoder(tokens.strings)(text), dtype=np.int32)
    except ValueError as error:
        raise ColumnError(path, f"cannot be written with the model's tokens: {error}") from None
    if len(ids) < 2:
        unit = "words" if tokens.separator else "characters"
        rule = f"of its {unit} are tokens of the model; there must be at least two"
        raise ColumnError(path, f"{len(ids) or 'none'} {rule}")
    return ids


def _windows(ids: NDArray[np.int32], tokens: ModelTokens, size: int) -> Windows:
    return Windows(ids, tokens.strings, size, size, "")


def _passages(ids: NDArray[np.int32], tokens: ModelTokens) -> list[str]:
    return _windows(ids, tokens, 1).passages(min(_PASSAGE, len(ids) // _FEWEST + 1))
