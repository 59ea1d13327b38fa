"""The tokens of rows: a token for each value of a category or number, and markers of the columns.

The token of a value begins with the marker of its column, so equal values of two columns are two
tokens. A column of text begins with the marker alone, and then has words and pieces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from faker_neural._encoding import Encoder, RowEncoder
from faker_neural._model_file.row_columns import MOST_COLUMNS, RowColumn, marker, split_row
from faker_neural_export.vocabulary.words import TrainingWordEncoder, token_kind

__all__ = [
    "FEW_WORDS",
    "TrainingRowEncoder",
    "has_value_tokens",
    "is_number",
    "row_token_kind",
    "row_tokens",
    "texts_of_rows",
]

_MOST_NUMBERS = 6_000  # distinct numbers of a column that are tokens
_LONGEST_NUMBER = 12  # digits
FEW_WORDS = 2.5  # in a value, on average
_HARDLY_REPEATED = 0.9  # distinct values of a column of free text, as a share
_SWAPPED = 0.5  # share of the free texts of a batch that come from another row
_SPELLED_NUMBERS = 0.15  # share of the numbers that are read digit by digit, and not learned so


def is_number(values: Collection[str]) -> bool:
    """Return whether all values of a column that are not empty are digits, 12 at most.

    Args:
        values: the values of the column.
    """
    return all(v.isascii() and v.isdigit() and len(v) <= _LONGEST_NUMBER for v in values if v)


def has_value_tokens(column: RowColumn, values: Collection[str]) -> bool:
    """Return whether each training value of a column is one token.

    Values of a category are, and up to 6,000 different numbers, unless they are private: tokens are
    readable in the model file.

    Args:
        column: the column.
        values: its training values.
    """
    if column.kind == "category":
        return True
    few = not column.training_values and len(set(values)) <= _MOST_NUMBERS
    return few and is_number(values)


def row_token_kind(token: str) -> int:
    """Return the kind of a token: see `token_kind`, or below 0 one kind for each column.

    Args:
        token: the string of the token.
    """
    for column, _ in split_row(token):
        return column - MOST_COLUMNS
    return token_kind(token)


def row_tokens(
    learn: Sequence[str], held_out: Sequence[str], columns: Sequence[RowColumn]
) -> tuple[str, ...]:
    """Return the markers of the columns and the tokens of whole values, in the order of columns.

    Args:
        learn: the texts of the training rows.
        held_out: the texts of the held-out rows. Their categories are tokens too, as characters
            are in a column of text; their numbers are not.
        columns: the columns.
    """
    seen, others = _values_of_columns(learn), _values_of_columns(held_out)
    tokens: list[str] = []
    for i, column in enumerate(columns):
        counts = Counter(seen.get(i, ()))
        values = [value for value, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
        if column.kind == "category":
            values += sorted(set(others.get(i, ())) - set(counts))
        elif not has_value_tokens(column, values):
            values = []
        tokens += [marker(i), *(marker(i) + value for value in values if value)]
    return tuple(tokens)


def texts_of_rows(rows: Iterable[str], columns: Sequence[RowColumn]) -> list[str]:
    """Return the values of the columns of text, to learn words from.

    Args:
        rows: the texts of rows.
        columns: the columns.
    """
    return [
        value for row in rows for i, value in split_row(row) if value and columns[i].kind == "text"
    ]


class TrainingRowEncoder(RowEncoder):
    """Encodes training rows with their columns in a random order, and some with another free text.

    So a model learns to continue a row from any columns that are given. It would learn by heart
    which zip code has which street, and then draw training rows and little else. Therefore half of
    the rows get the free text of another row, one with the same value in the category that has the
    most values: the street of another address in the state. A column is free text, such as
    streets, if its values have 2.5 words or more on average and hardly repeat.

    Args:
        encoder: encodes the values that are not a token.
        tokens: the string of each id.
        rows: the texts of the training rows.
        columns: the columns.
    """

    def __init__(
        self,
        encoder: TrainingWordEncoder | Encoder,
        tokens: Sequence[str],
        rows: Iterable[str],
        columns: Sequence[RowColumn],
    ) -> None:
        super().__init__(encoder, tokens)
        self._words = encoder if isinstance(encoder, TrainingWordEncoder) else None
        values = _values_of_columns(rows)
        categories = [i for i in values if columns[i].kind == "category"]
        self._alike = max(categories, key=lambda i: len(set(values[i])), default=None)
        # for each column of free text, its values by the value of the category
        self._free: dict[int, dict[str, list[str]]] = {}
        for i in (i for i, found in values.items() if _is_free_text(found)):
            by = self._free[i] = defaultdict(list)
            for at, value in enumerate(values[i]):
                by["" if self._alike is None else values[self._alike][at]].append(value)
        self._numbers = {
            i for i, found in values.items() if columns[i].kind == "text" and is_number(found)
        }

    def encode_for_training(
        self, text: str, rare: Collection[str], share: float, draw: np.random.Generator
    ) -> tuple[list[int], list[bool]]:
        """Encode a training row; see `TrainingWordEncoder.encode_for_training`.

        Args:
            text: the text of the row.
            rare: words to spell sometimes although they are tokens.
            share: the probability that a rare word is spelled, and that a word that is not a token
                is a training target, 0 to 1.
            draw: the random generator; it also orders the columns.

        Returns:
            The token ids, and for each id whether it is a training target.
        """
        parts = list(split_row(text))
        alike = "" if self._alike is None else dict(parts)[self._alike]
        ids: list[int] = []
        learned: list[bool] = []
        for at in draw.permutation(len(parts)).tolist():
            column, value = parts[at]
            if column in self._free and draw.random() < _SWAPPED:
                others = self._free[column].get(alike) or [value]
                value = others[int(draw.integers(len(others)))]
            found = self.column(column, value)
            targets = [True] * len(found)
            spells = len(found) == 1 and column in self._numbers
            if spells and draw.random() < _SPELLED_NUMBERS:
                found = self.spell(column, value)  # so that a number may be given that has no token
                targets = [False] * len(found)
            elif len(found) > 1 and self._words is not None:
                spelled, of_value = self._words.encode_for_training(value, rare, share, draw)
                found, targets = [found[0], *spelled], [True, *of_value]
            ids += found
            learned += targets
        return ids, learned

    def has_all(self, text: str, without: Collection[str] = ()) -> bool:
        """Return False: the order of the columns differs each time.

        Args:
            text: ignored.
            without: ignored.
        """
        return False


def _values_of_columns(rows: Iterable[str]) -> dict[int, list[str]]:
    """Return the values of each column by its index."""
    values: dict[int, list[str]] = {}
    for row in rows:
        for i, value in split_row(row):
            values.setdefault(i, []).append(value)
    return values


def _is_free_text(values: Sequence[str]) -> bool:
    words = sum(len(value.split()) for value in values)
    repeated = len(set(values)) <= _HARDLY_REPEATED * len(values)
    return not repeated and words >= FEW_WORDS * len(values)
