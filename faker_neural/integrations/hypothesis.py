"""Hypothesis strategies that draw learned text and rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Unpack

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st
from numpy.typing import NDArray

from faker_neural import Options, OptionValues, load
from faker_neural._blocked import BlockedWords

__all__ = ["neural_row", "neural_text"]

_DIGIT = st.integers(0, 127)  # in a wider range Hypothesis prefers small numbers


def neural_text(
    model: str | os.PathLike[str] = "product_name", **options: Unpack[OptionValues]
) -> st.SearchStrategy[str]:
    """Return a strategy for learned text, in which Hypothesis chooses every token.

    So failures can be replayed, and they shrink toward short and likely text: among the tokens that
    may follow, the end token comes first, then the likeliest. A mask enforces the lengths at every
    token. Errors are raised when an example is drawn.

    Args:
        model: a model's name, or the path of a model file.
        options: see `faker_neural.Options`.

    Raises:
        OptionError: an option is out of range, or does not go with another or the model.
        UnknownModelError: no model has the name.
        ModelFileError: the file cannot be used.
    """
    return _composed(model, options)


def neural_row(
    model: str | os.PathLike[str] = "us_place",
    *,
    given: Mapping[str, str] | None = None,
    columns: Mapping[str, Options] | None = None,
    **options: Unpack[OptionValues],
) -> st.SearchStrategy[dict[str, str]]:
    """Return a strategy for rows of several columns that fit together.

    Hypothesis chooses the key of a row. So a failure can be replayed; it shrinks to another row
    with a smaller key, not to shorter values. Errors are raised when an example is drawn.

    Args:
        model: a model's name, or the path of a model file.
        given: values of columns by name, which every row has.
        columns: options of columns by name.
        options: options of whole rows, see `TextModel.rows`.

    Raises:
        ContractError: the model draws texts, not rows.
        OptionError: an option is out of range, or a column or a value is not possible.
        UnknownModelError: no model has the name.
        ModelFileError: the file cannot be used.
    """

    def row(key: int) -> dict[str, str]:
        return load(model).rows_of([key], given=given, columns=columns, **options)[0]

    return st.integers(0, 2**64 - 1).map(row)


@st.composite
def _composed(draw: st.DrawFn, model: str | os.PathLike[str], options: OptionValues) -> str:
    def choose(weights: NDArray[np.uint64]) -> int:
        if len(weights) == 1:
            return 0
        reached = weights.cumsum()
        drawn = draw(_DIGIT) << 7 | draw(_DIGIT)
        return int(reached.searchsorted(int(reached[-1]) * drawn >> 14, side="right"))

    opened = load(model)
    text = opened.compose(choose, **options)
    asked = opened.options(**options)
    if asked.verbatim == "rejected" and text in opened.card.training_lines:
        reject()
    if text in BlockedWords.of(asked.blocked):
        reject()
    return text
