"""Rows of a model: drawn as one text, checked, and divided into columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol, Unpack
from unicodedata import category

from ._blocked import BlockedWords
from ._constraints.rejection import ATTEMPTS, distinct, resample
from ._decoding.session import NO_PROMPT, Prompt
from ._encoding import RowEncoder, encoder_of
from ._errors import ContractError, ExhaustedError, OptionError
from ._keys import Keys
from ._model_file.card import Card
from ._model_file.row_columns import RowColumn, has_marker, join_row, marker, split_row
from ._options import Options, OptionValues

__all__ = ["Row", "RowDrawer", "RowRequest", "drawer_of"]

Row = dict[str, str]
"""The values of a row by the names of its columns, in the order of the columns."""

_OF_ROWS = ("temperature", "top_k", "top_p", "verbatim", "blocked")
_OF_COLUMNS = ("min_length", "max_length", "pattern", "alphabet", "verbatim", "blocked")
_MOST_REQUESTS = 256  # whose prompts and checks are kept
_FREE_ATTEMPTS = 20  # then a mask lets each column be drawn once
_COOL_ATTEMPTS = 100  # then less likely values are drawn, where the likely ones are all rejected
_HOT = 1.5  # their temperature


class RowModel(Protocol):
    """The part of a model that rows are drawn from; see `TextModel`."""

    path: Path

    @property
    def card(self) -> Card:
        """The model's card."""

    def options(self, **given: Unpack[OptionValues]) -> Options:
        """Return the model's own options, overridden by the given ones."""

    def draw_unchecked(
        self, keys: Keys, options: Options, prompt: Prompt = NO_PROMPT, threads: int = 1
    ) -> list[str]:
        """Draw texts without a constraint, and without rejection of any."""


@dataclass(frozen=True, slots=True)
class RowRequest:
    """How rows are drawn.

    Args:
        options: the options of whole rows.
        given: the index and the value of each given column, by index.
        columns: the index and the options of each column that has options, by index.
    """

    options: Options
    given: tuple[tuple[int, str], ...] = ()
    columns: tuple[tuple[int, Options], ...] = ()


class RowDrawer:
    """Draws the rows of one model.

    Args:
        model: the model.
    """

    def __init__(self, model: RowModel) -> None:
        self._model, self._card = model, model.card
        self._places = {column.name: i for i, column in enumerate(self._card.columns)}
        self._values = [self._card.values_of(i) for i in range(len(self._places))]
        self._requests: dict[RowRequest, tuple[Prompt, _Check]] = {}

    def request(
        self,
        given: Mapping[str, str] | None,
        columns: Mapping[str, Options] | None,
        options: OptionValues,
    ) -> RowRequest:
        """Check how rows are to be drawn.

        Args:
            given: values of columns by name, which every row has; the other columns are drawn.
            columns: options of columns by name.
            options: options of whole rows; see `Options`.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: a column does not exist, or a value or an option is not possible.
        """
        if not self._card.columns:
            raise ContractError(
                self._model.path, "draws texts, not rows: use generate or neural_text"
            )
        for name, value in options.items():
            if value is not None and name not in _OF_ROWS and name in OptionValues.__annotations__:
                rule = f"is for a column of a row: columns={{...: Options({name}={value!r})}}"
                raise OptionError(name, value, rule)
        given, columns = _mapping("given", given), _mapping("columns", columns)
        for name in given:
            self._check_name("given", name)
        for name in columns:
            self._check_name("columns", name)
            if name in given:
                raise OptionError("columns", name, "is given, so options of it do nothing")
        if len(given) == len(self._places):
            raise OptionError("given", dict(given), "names all columns; leave out at least one")
        return RowRequest(
            self._model.options(**options),
            tuple(
                (i, self._value(name, given[name]))
                for name, i in self._places.items()
                if name in given
            ),
            tuple(
                (i, self._options(name, columns[name]))
                for name, i in self._places.items()
                if name in columns
            ),
        )

    def rows(self, keys: Keys, request: RowRequest, threads: int = 1) -> list[Row]:
        """Draw the row of each key.

        Args:
            keys: uint64 [rows].
            request: how the rows are drawn.
            threads: the number of threads.

        Raises:
            ExhaustedError: the model gave only rows that the options reject.
        """
        return [self._row(text) for text in self._texts(keys, request, threads)]

    def distinct(self, keys: Keys, request: RowRequest, threads: int = 1) -> list[Row]:
        """Draw the row of each key; draw a row again that equals an earlier one.

        Args:
            keys: uint64 [rows].
            request: how the rows are drawn.
            threads: the number of threads.

        Raises:
            ExhaustedError: there are fewer different rows than keys.
        """
        texts = self._texts(keys, request, threads)
        found = distinct(texts, keys, lambda keys: self._texts(keys, request))
        if len(found) < len(texts):
            raise ExhaustedError(
                self._model.path,
                f"gave {len(found):,} different rows of {len(texts):,}, and then nothing new in "
                f"{ATTEMPTS} attempts",
            )
        return [self._row(text) for text in found]

    def _texts(self, keys: Keys, request: RowRequest, threads: int = 1) -> list[str]:
        prompt, check = self._prepared(request)

        def draw(keys: Keys, threads: int = 1) -> list[str]:
            drawn = self._model.draw_unchecked(keys, request.options, prompt, threads)
            return [check.row(text) for text in drawn]

        def draw_whole(keys: Keys, options: Options = request.options) -> list[str]:
            drawn = self._model.draw_unchecked(keys, options, prompt._replace(whole_rows=True))
            return [check.row(text) for text in drawn]

        own = request.options.temperature
        hot = replace(request.options, temperature=max(own, _HOT) if own else own)
        texts = draw(keys, threads)
        places = check.refused(texts)
        again, keys = [texts[i] for i in places], keys[places]
        resample(again, keys, check.refuses, draw, range(1, _FREE_ATTEMPTS + 1))
        attempts = range(_FREE_ATTEMPTS + 1, _COOL_ATTEMPTS + 1)
        resample(again, keys, check.refuses, draw_whole, attempts)
        attempts = range(_COOL_ATTEMPTS + 1, ATTEMPTS + 1)
        if resample(again, keys, check.refuses, lambda keys: draw_whole(keys, hot), attempts):
            raise ExhaustedError(
                self._model.path,
                f"gave only rows that the options reject in {ATTEMPTS} attempts; other values in "
                "given, fewer options of columns or verbatim='allowed' leave more",
            )
        for i, text in zip(places, again, strict=True):
            texts[i] = text
        return texts

    def _prepared(self, request: RowRequest) -> tuple[Prompt, _Check]:
        """Return the prompt and the check of a request, from a cache."""
        found = self._requests.get(request)
        if found is None:
            if len(self._requests) >= _MOST_REQUESTS:
                self._requests = {}
            found = self.prompt(request.given), _Check(self._card, request, self._values)
            self._requests[request] = found
        return found

    def _row(self, text: str) -> Row:
        return {self._card.columns[i].name: value for i, value in split_row(text)}

    def prompt(self, given: tuple[tuple[int, str], ...] = ()) -> Prompt:
        """Return the prompt of rows: the given columns, and the column that is drawn first.

        Args:
            given: the index and the value of each given column.
        """
        ids = [i for column, value in given for i in self._encoder.column(column, value)]
        columns, known = self._card.columns, {column for column, _ in given}
        first = [i for i, column in enumerate(columns) if column.draws_first and i not in known]
        begin = marker(first[0]) if first else ""
        start = self._card.start or 0
        return Prompt((start, *ids) if ids else (), begin, tuple(sorted(known)))

    @cached_property
    def _encoder(self) -> RowEncoder:
        encoder = encoder_of(self._card)
        assert isinstance(encoder, RowEncoder)
        return encoder

    def _check_name(self, argument: str, name: object) -> None:
        if name not in self._places:
            near = get_close_matches(str(name), self._places)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(self._places)}"
            raise OptionError(argument, name, f"is no column of {self._card.name}; {hint}")

    def _value(self, name: str, value: object) -> str:
        """Check a given value."""
        place, where = self._places[name], f"given {name}"
        if not isinstance(value, str):
            raise OptionError(where, value, f"must be text, not {type(value).__name__}")
        if has_marker(value) or any(category(character) == "Cc" for character in value):
            raise OptionError(where, value, "must have no control or private-use character")
        column, value = self._card.columns[place], value.strip()
        if not value:
            if not column.may_be_empty:
                raise OptionError(where, value, "must not be empty")
            return value
        known = self._values[place] if column.kind == "category" else []
        if known and value not in known:
            near = get_close_matches(value, known)
            hint = f"the nearest are {', '.join(near)}" if near else f"such as {known[0]}"
            raise OptionError(where, value, f"is not a value that {name} can have; {hint}")
        try:
            ids = self._encoder.column(place, value)
        except ValueError as error:
            raise OptionError(where, value, f"cannot be given: {error}") from None
        if len(ids) > self._card.max_tokens:
            rule = f"has {len(ids)} tokens; a row of {self._card.name} has {self._card.max_tokens}"
            raise OptionError(where, value, rule)
        return value

    def _options(self, name: str, options: object) -> Options:
        """Check the options of a column."""
        if not isinstance(options, Options):
            kind = type(options).__name__
            raise OptionError(f"columns {name}", options, f"must be Options(...), not {kind}")
        for field in fields(Options):
            value = getattr(options, field.name)
            if field.name not in _OF_COLUMNS and value != field.default:
                rule = f"is not for a column; a column has {', '.join(_OF_COLUMNS)}"
                raise OptionError(field.name, value, rule)
        column = self._card.columns[self._places[name]]
        if options.verbatim == "rejected" and not column.training_values:
            rule = f"needs a model that knows the training values of {name}"
            raise OptionError("verbatim", options.verbatim, rule)
        return options


class _Check:
    """Puts the columns of drawn rows in order, and rejects rows that a request does not allow."""

    def __init__(self, card: Card, request: RowRequest, values: Sequence[list[str]]) -> None:
        self._columns, self._known = card.columns, card.training_lines
        self._given, self._options = dict(request.given), dict(request.columns)
        self._verbatim = request.options.verbatim
        self._blocked = BlockedWords.of(request.options.blocked)
        self._values = values
        self._tests = [self._test(i, column) for i, column in enumerate(card.columns)]
        self._decided = list(self._decisions())

    def row(self, text: str) -> str:
        """Return the text of a whole row, its columns in order; "" if a column lacks or repeats.

        Args:
            text: the drawn columns, in any order.
        """
        drawn = list(split_row(text))
        values = {i: value.strip() for i, value in drawn} | self._given
        if len(drawn) + len(self._given) != len(values) or len(values) != len(self._columns):
            return ""
        return join_row([values[i] for i in range(len(values))])

    def refused(self, texts: Sequence[str]) -> list[int]:
        """Return the indices of the rows that are rejected.

        Args:
            texts: the texts of rows, or "".
        """
        clean = not (self._blocked and self._blocked.in_any(texts))
        return [i for i, text in enumerate(texts) if self.refuses(text, clean)]

    def refuses(self, text: str, clean: bool = False) -> bool:
        """Return whether a row is rejected.

        Args:
            text: the text of a row, or "".
            clean: whether the row is known to have no blocked word.
        """
        if not text or (self._verbatim == "rejected" and text in self._known):
            return True
        row = dict(split_row(text))
        drawn = [(i, value) for i, value in row.items() if i not in self._given]
        if not clean and any(value in self._blocked for _, value in drawn):
            return True
        return any(self._tests[i](value) for i, value in drawn) or any(
            decided.get(row[i], row[j]) != row[j] for i, j, decided in self._decided
        )

    def _decisions(self) -> Iterator[tuple[int, int, dict[str, str]]]:
        """Yield the indices of two columns of which at least one is drawn, and what decides what.

        The dictionary has the one value of the second column for values of the first.
        """
        places = {column.name: i for i, column in enumerate(self._columns)}
        for i, column in enumerate(self._columns):
            for name, values in column.decides.items():
                if not {i, places[name]} <= set(self._given):
                    decided = {one: other for other, several in values.items() for one in several}
                    yield i, places[name], decided

    def _test(self, place: int, column: RowColumn) -> Callable[[str], bool]:
        """Return a function that returns whether a drawn value is rejected."""
        options = self._options.get(place, Options())
        least, most = options.min_length or 0, options.max_length or float("inf")
        pattern = options.pattern and re.compile(options.pattern)
        alphabet = frozenset(options.alphabet or "")
        blocked = BlockedWords.of(options.blocked)
        known, closed = frozenset(self._values[place]), column.kind == "category"
        numbers = bool(known) and not closed and all(map(str.isdigit, known))
        private = column.training_values and "rejected" in (self._verbatim, options.verbatim)

        def refuses(value: str) -> bool:
            if not value and (not column.may_be_empty or least > 0):
                return True
            if value and (value not in known if closed else numbers and not value.isdigit()):
                return True
            return (
                not least <= len(value) <= most
                or (pattern is not None and not re.fullmatch(pattern, value))
                or (bool(alphabet) and not alphabet.issuperset(value))
                or (bool(blocked) and value in blocked)
                or bool(private and value in column.training_values)
            )

        return refuses


@lru_cache(maxsize=64)
def drawer_of(model: RowModel) -> RowDrawer:
    """Return the drawer of a model's rows.

    Args:
        model: the model.
    """
    return RowDrawer(model)


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise OptionError(name, value, f"must be a dict of columns, not {type(value).__name__}")
    return value or {}
