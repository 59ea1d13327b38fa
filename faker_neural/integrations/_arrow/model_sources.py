"""Texts of models, and rows of a model, as sources of rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from faker_neural import OptionError, OptionValues, load
from faker_neural._seeds import Seed, seed_number

from .installed import pa
from .sources import Source

__all__ = ["Draw", "Model", "RowTexts", "Texts", "model_name", "model_source"]

Model = str | os.PathLike[str]
"""A model's name, or the path of a model file."""

_BATCH = 2**14  # rows of a batch of texts


def _within(part: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the first row and the number of rows of each batch of a slice."""
    start, stop = part
    for begin in range(start, stop, _BATCH):
        yield begin, min(_BATCH, stop - begin)


@dataclass(frozen=True)
class Draw:
    """How the texts of a column are drawn.

    Args:
        model: the name or the path of the model.
        seed: the seed of the column.
        options: see `faker_neural.Options`.
    """

    model: str
    seed: int
    options: OptionValues


@dataclass(frozen=True)
class Texts(Source):
    """Columns of texts, each of a model.

    Args:
        draws: how each column is drawn, by name.
        rows: the number of rows.
    """

    draws: Mapping[str, Draw]
    rows: int

    @property
    def schema(self) -> pa.Schema:
        """The columns, all of text."""
        return pa.schema([(name, pa.string()) for name in self.draws])

    def batches(self, part: tuple[int, int], threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        for start, count in _within(part):
            columns = [
                load(draw.model).generate(
                    count, seed=draw.seed, start=start, threads=threads, **draw.options
                )
                for draw in self.draws.values()
            ]
            yield pa.record_batch(
                [pa.array(texts, pa.string()) for texts in columns], schema=self.schema
            )


@dataclass(frozen=True)
class RowTexts(Source):
    """The columns of a model of rows.

    Args:
        model: the name or the path of the model.
        seed: the seed of the rows.
        rows: the number of rows.
        given: values of columns by name, which every row has.
        options: the options of whole rows.
    """

    model: str
    seed: int
    rows: int
    given: Mapping[str, str] = field(default_factory=dict)
    options: OptionValues = field(default_factory=lambda: cast(OptionValues, {}))

    @property
    def schema(self) -> pa.Schema:
        """The columns of the model, all of text."""
        names = [column.name for column in load(self.model).card.columns]
        return pa.schema([(name, pa.string()) for name in names])

    def batches(self, part: tuple[int, int], threads: int = 1) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice in batches."""
        schema = self.schema
        for start, count in _within(part):
            rows = load(self.model).rows(
                count,
                seed=self.seed,
                start=start,
                threads=threads,
                given=self.given,
                **self.options,
            )
            arrays = [pa.array([row[name] for row in rows], pa.string()) for name in schema.names]
            yield pa.record_batch(arrays, schema=schema)


def model_source(
    model: Model, rows: int, seed: Seed, given: Mapping[str, str] | None, options: OptionValues
) -> Source:
    """Return the rows of a model; its options are checked here.

    Args:
        model: see `arrow.model_reader`.
        rows: the number of rows from 0 on.
        seed: see `arrow.model_reader`.
        given: see `arrow.model_reader`.
        options: see `arrow.model_reader`.
    """
    opened, name, number = load(model), model_name(model), seed_number(seed)
    if opened.card.columns:
        opened.row_request(given, None, **options)
        return RowTexts(name, number, rows, given or {}, options)
    if given:
        raise OptionError("given", dict(given), f"needs a model of rows; {model} draws texts")
    opened.text_options(**options)
    return Texts({opened.card.name: Draw(name, number, options)}, rows)


def model_name(model: Model) -> str:
    """Return a model's name, or its path so that it is found from any folder.

    Args:
        model: a model's name, or the path of a model file.
    """
    text = os.fspath(model)
    is_path = not isinstance(model, str) or text.endswith(".onnx") or os.sep in text
    return str(Path(text).absolute()) if is_path else text
