"""Figures of a model's rows, of real rows and of rows whose columns are drawn independently."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from faker_neural import ColumnError, ContractError, OptionError, TextModel, load
from faker_neural._model_file.row_columns import RowColumn, split_row
from faker_neural_export.data.columns import read_rows
from faker_neural_export.vocabulary.rows import is_number

from .evaluate import EvaluationMonitor
from .figures import auc, length_distance

__all__ = ["RowEvaluation", "RowFigures", "evaluate_rows", "pair_figures", "row_figures"]

COUNT = 2_000
FEWEST = 20
_GIVEN = 200  # real rows of which one value each is given, at most
_FIGURES = {
    "auc": ("AUC of whole rows against real rows", "0.5", ".3f"),
    "new": ("not a training row", "higher", ".1%"),
    "unique": ("unique", "higher", ".1%"),
}
_PREFIX = 3  # digits of a number that decide where it belongs, as in a zip code

Values = tuple[str, ...]
Pair = tuple[str, str]
_View = tuple[str, int, int | None]  # a title, the index of a column, and how many characters


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFigures:
    """Figures of a set of rows.

    Args:
        agreement: for each pair of columns, among the rows whose value of the first column occurs
            in a training row, the share of rows whose pair of values occurs in a training row.
            The second column is a category. "zip[:3]" is the first three digits of a number.
        column_auc: for each column, the AUC of a classifier of values against real values.
        column_length_ks: for each column, the Kolmogorov-Smirnov distance of the lengths.
        auc: the AUC of a classifier of whole rows against real rows; see `figures.auc`.
        new: the share of rows that are not training rows.
        unique: the share of distinct rows.
    """

    agreement: dict[Pair, float]
    column_auc: dict[str, float]
    column_length_ks: dict[str, float]
    auc: float
    new: float
    unique: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEvaluation:
    """The result of `evaluate_rows`.

    Args:
        model: the model.
        model_figures: the figures of its rows.
        real_figures: the figures of the real rows, against other real rows: a floor.
        independent_figures: the figures of rows whose columns come from different training rows.
        given_figures: by the name of a column, the figures of rows to which the values of this
            column in half of the real rows, 200 at most, were given, and the others drawn; they
            are compared with the other half. Columns of which fewer than 10 values can be given
            are left out.
        rows: the model's rows.
        real: the real rows.
    """

    model: TextModel
    model_figures: RowFigures
    real_figures: RowFigures
    independent_figures: RowFigures
    given_figures: dict[str, RowFigures]
    rows: list[Values]
    real: list[Values]

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles of the figures."""
        return self.model.card.name, "real", "independent"

    @property
    def figures(self) -> tuple[RowFigures, ...]:
        """The figures of the model's rows, of real rows and of independent rows."""
        return self.model_figures, self.real_figures, self.independent_figures

    def facts(self) -> dict[str, float]:
        """Return the figures for a card, with the number of real rows.

        The figures of real and of independent rows have the prefixes "real_" and "independent_",
        those of rows with a given column "given NAME: ".
        """
        found: dict[str, float] = {"held_out_lines": len(self.real)}
        given = {f"given {name}: ": figures for name, figures in self.given_figures.items()}
        each = {
            "": self.model_figures,
            "real_": self.real_figures,
            "independent_": self.independent_figures,
        }
        for prefix, figures in (each | given).items():
            found |= {f"{prefix}{name}": getattr(figures, name) for name in _FIGURES}
            for (first, second), share in figures.agreement.items():
                if share == share:  # NaN if no row could be compared
                    found[f"{prefix}{first} > {second}"] = share
        return found | {f"{name} auc": auc for name, auc in self.model_figures.column_auc.items()}


def row_figures(figures: Sequence[RowFigures]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the title, the better direction and the formatted values of the figures of whole rows.

    Args:
        figures: the figures of several sets of rows.
    """
    for name, (title, better, form) in _FIGURES.items():
        yield title, better, [format(getattr(each, name), form) for each in figures]


def pair_figures(figures: Sequence[RowFigures]) -> Iterator[tuple[str, list[str]]]:
    """Yield a title and the formatted agreements of each pair of columns that all have.

    Args:
        figures: the figures of several sets of rows.
    """
    for pair in dict.fromkeys(pair for each in figures for pair in each.agreement):
        shares = [format(each.agreement[pair], ".3f") for each in figures]
        if "nan" not in shares:
            yield " fits ".join(pair), shares


def evaluate_rows(
    model: str | os.PathLike[str],
    real: str | os.PathLike[str],
    *,
    train: str | os.PathLike[str] | None = None,
    split: bool = False,
    seed: int = 0,
    monitor: EvaluationMonitor | None = None,
) -> RowEvaluation:
    """Measure how well the columns of a model's rows fit together, and how near rows are to real.

    Args:
        model: the name of a bundled model of rows, or the path of a model file.
        real: a table with the model's columns, with at least 20 rows.
        train: the table that the model was trained on; needed unless `split` is given.
        split: whether `real` is the table that the model was trained on. The tenth that `train`
            held out becomes the real rows, and the rest the training rows.
        seed: seed of the 2,000 rows of the model, and of the independent rows.
        monitor: receives the progress.

    Returns:
        The figures of the model's rows, of real rows and of independent rows, and the rows.

    Raises:
        UnknownModelError, MissingFileError, ModelFileError: a file cannot be read.
        ContractError: the model draws texts, not rows.
        ColumnError: a table cannot be read or has too few rows.
        OptionError: `split` and `train` are both given, or neither.
    """
    opened = load(model)
    columns = opened.card.columns
    if not columns:
        raise ContractError(opened.path, "draws texts, not rows")
    if split == (train is not None):
        raise OptionError("train", train, "is needed unless split is given, which takes its place")
    learned, held_out = _sides(real, train, [column.name for column in columns])
    if min(len(learned), len(held_out)) < FEWEST:
        path, rows = (real, held_out) if len(held_out) < FEWEST else (train or real, learned)
        raise ColumnError(path, f"has {len(rows)} rows; at least {FEWEST} are needed")
    random = np.random.default_rng(seed)
    monitor, steps = monitor or EvaluationMonitor(), len(columns) + 2
    monitor.step("drawing rows", 0, steps)
    rows = [tuple(row.values()) for row in opened.rows(COUNT, seed=seed)]
    shuffled = [
        random.permutation(np.array(values, dtype=object)) for values in zip(*learned, strict=True)
    ]
    independent = [tuple(row) for row in zip(*shuffled, strict=True)][:COUNT]
    known = _Training(learned, columns)
    others = [learned[i] for i in random.permutation(len(learned))[: len(held_out)]]
    monitor.step("figures of the rows", 1, steps)
    model_figures = known.figures(rows, held_out, rows)
    given: dict[str, RowFigures] = {}
    for i, column in enumerate(columns):
        monitor.step(f"rows with {column.name} given", i + 2, steps)
        drawn = _given(opened, column.name, [row[i] for row in held_out[::2]], seed)
        if len(drawn) >= FEWEST // 2:
            given[column.name] = known.figures(drawn, held_out[1::2], drawn)
    monitor.step("done", steps, steps)
    return RowEvaluation(
        model=opened,
        model_figures=model_figures,
        real_figures=known.figures(others, held_out, held_out),
        independent_figures=known.figures(independent, held_out, independent),
        given_figures=given,
        rows=rows,
        real=held_out,
    )


def _given(model: TextModel, column: str, values: Sequence[str], seed: int) -> list[Values]:
    """Return a row for each value of a column; values that cannot be given are left out."""
    rows = list[Values]()
    for i, value in enumerate(values[:_GIVEN]):
        with suppress(OptionError):  # a character that the model does not have
            (row,) = model.rows(1, seed=seed, start=i, given={column: value})
            rows.append(tuple(row.values()))
    return rows


def _sides(
    real: str | os.PathLike[str], train: str | os.PathLike[str] | None, names: list[str]
) -> tuple[list[Values], list[Values]]:
    """Return the training rows and the real rows."""
    table = read_rows(real, names, max_length=100_000)
    if train is None:
        learned, held_out = table.split()
    else:
        learned = list(read_rows(train, names, max_length=100_000).values)
        seen = set(learned)
        held_out = [row for row in table.values if row not in seen]
    return [_values(row) for row in learned], [_values(row) for row in held_out]


def _values(row: str) -> Values:
    return tuple(value for _, value in split_row(row))


class _Training:
    """The training rows, and the pairs of values that occur in them."""

    def __init__(self, rows: Sequence[Values], columns: Sequence[RowColumn]) -> None:
        self._rows, self._names = set(rows), [column.name for column in columns]
        views: list[_View] = [(column.name, i, None) for i, column in enumerate(columns)]
        numbers = [i for i, values in enumerate(zip(*rows, strict=True)) if is_number(values)]
        views += [(f"{self._names[i]}[:{_PREFIX}]", i, _PREFIX) for i in numbers]
        categories = {i for i, column in enumerate(columns) if column.kind == "category"}
        self._pairs = {
            (first, second): {_pair(row, first, second) for row in self._rows}
            for first in views
            for second in views
            if second[1] in categories and first[1] != second[1]
        }

    def figures(
        self, rows: Sequence[Values], real: Sequence[Values], agreeing: Sequence[Values]
    ) -> RowFigures:
        """Return the figures of rows.

        Args:
            rows: the rows that are compared with real rows.
            real: the real rows.
            agreeing: the rows whose columns are compared with each other and with training rows.
        """
        count = min(len(rows), len(real))
        some, held_out = rows[:count], real[:count]
        columns = list(
            zip(self._names, zip(*some, strict=True), zip(*held_out, strict=True), strict=True)
        )
        return RowFigures(
            agreement={(a[0], b[0]): self._agreement(a, b, agreeing) for a, b in self._pairs},
            column_auc={name: auc(ours, theirs) for name, ours, theirs in columns},
            column_length_ks={
                name: length_distance(ours, theirs) for name, ours, theirs in columns
            },
            auc=auc(list(map(" | ".join, some)), list(map(" | ".join, held_out))),
            new=sum(row not in self._rows for row in agreeing) / len(agreeing),
            unique=len(set(agreeing)) / len(agreeing),
        )

    def _agreement(self, first: _View, second: _View, rows: Sequence[Values]) -> float:
        """Return the share of rows whose pair of values occurs in a training row."""
        pairs = self._pairs[first, second]
        known = {value for value, _ in pairs}
        found = [_pair(row, first, second) for row in rows]
        compared = [pair for pair in found if pair[0] in known]
        return sum(pair in pairs for pair in compared) / len(compared) if compared else float("nan")


def _pair(row: Values, first: _View, second: _View) -> Pair:
    return row[first[1]][: first[2]], row[second[1]][: second[2]]
