"""A model file, checked against its card, and the strings that it generates."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ._blocked import BlockedWords
from ._constraints.option_checks import OptionChecks, ends_by_token
from ._constraints.rejection import cut
from ._decoding.file_decoder import Decoder, FileDecoder, in_threads
from ._decoding.session import NO_PROMPT, Prompt
from ._errors import ContractError, GoldenError, ModelFileError, OptionError
from ._keys import Keys, row_keys
from ._model_file.card import Card
from ._model_file.row_columns import join_row
from ._options import Options, OptionValues, check_count
from ._pseudonyms import Value, keyed
from ._rows import Row, RowDrawer, RowRequest, drawer_of
from ._seeds import Seed, seed_number
from ._texts import TextDrawer

if TYPE_CHECKING:
    from ._constraints.constraint import Constraint
    from ._decoding.choose_tokens import Choose

__all__ = ["TextModel"]

_CHUNK = 2**14  # strings that `stream` draws at a time


class TextModel:
    """A learned column of text, read from one model file.

    A string depends only on the file, the options and a 64-bit key. It has no white space at
    either end, and it is not empty unless the model has no other tokens. If the option `verbatim`
    is "rejected", a string that equals a training line is drawn again with a key derived from its
    own key. `faker_neural.load` opens a model and shares it within the process.

    Args:
        path: a file written by `faker-neural train` or `faker-neural export`.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used; the message names the field.
        OldVersionError: onnxruntime is older than 1.20.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = FileDecoder(self.path)
        self._card = self._file.card
        self._checks = OptionChecks(self._card)
        self._drawer = TextDrawer(self, self._checks)

    @property
    def card(self) -> Card:
        """The card of the file: tokens, data, licence and figures."""
        return self._card

    def generate(
        self,
        n: int,
        *,
        seed: Seed = 0,
        start: int = 0,
        threads: int = 1,
        unique: bool = False,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw the strings of the rows `start` to `start + n` of a column.

        Examples:
            >>> from faker_neural import load
            >>> names = load("product_name")
            >>> names.generate(2) == [names.generate(1)[0], names.generate(1, start=1)[0]]
            True
            >>> all(len(name) <= 20 for name in names.generate(5, max_length=20))
            True

        Args:
            n: number of strings, 0 to 2**40 - 1.
            seed: the seed of the column: an integer, a float, text or bytes.
            start: number of the first row, 0 to 2**63 - n - 1. The string of a row depends
                neither on `start` nor on `n`.
            threads: number of threads, 1 to 256; the strings do not depend on it.
            unique: whether to draw a string again if it equals the string of an earlier row from
                `start` on. The string of a row then also depends on these rows.
            options: see `Options`; None, like leaving an option out, means the model's own.

        Returns:
            The `n` strings in the order of their rows.

        Raises:
            OptionError: an argument is out of range.
            ExhaustedError: there are fewer different strings than asked for.
        """
        keys = _keys_of_rows(n, seed, start)
        threads = check_count("threads", threads, least=1, below=257)
        unique, wanted = _checked_flag("unique", unique), self.text_options(**options)
        texts = self._decode(keys, wanted, threads)
        return self._drawer.distinct(texts, keys, wanted) if unique else texts

    def stream(
        self,
        n: int,
        *,
        seed: Seed = 0,
        start: int = 0,
        threads: int = 1,
        **options: Unpack[OptionValues],
    ) -> Iterator[str]:
        """Draw the strings of `generate` a few thousand at a time, in constant memory.

        Args:
            n: number of strings, 0 to 2**40 - 1.
            seed: the seed of the column: an integer, a float, text or bytes.
            start: number of the first row, 0 to 2**63 - n - 1.
            threads: number of threads, 1 to 256; the strings do not depend on it.
            options: see `Options`; None, like leaving an option out, means the model's own.

        Returns:
            An iterator over the `n` strings in the order of their rows.

        Raises:
            OptionError: an argument is out of range; raised at once, not at the first string.
        """
        n = check_count("n", n, below=2**40)
        seed, start = seed_number(seed), check_count("start", start, below=2**63 - n)
        threads = check_count("threads", threads, least=1, below=257)
        wanted = self.text_options(**options)
        ends = itertools.chain(range(start, start + n, _CHUNK), [start + n])
        chunks = (
            self._decode(row_keys(seed, begin, end - begin), wanted, threads)
            for begin, end in itertools.pairwise(ends)
        )
        return itertools.chain.from_iterable(chunks)

    def texts(self, keys: Iterable[int], **options: Unpack[OptionValues]) -> list[str]:
        """Draw the string of each key.

        Args:
            keys: 64-bit integers, 0 to 2**64 - 1.
            options: see `Options`; None, like leaving an option out, means the model's own.

        Returns:
            The strings in the order of the keys.

        Raises:
            OptionError: an argument is out of range.
            ExhaustedError: the model gave only strings that the options reject.
        """
        wanted = self.text_options(**options)
        return self._decode(_checked_keys(keys), wanted)

    def like(
        self,
        values: Iterable[Value],
        secret: str | bytes,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw a pseudonym for each value: the same value and secret always give the same text.

        The key of a text is the HMAC-SHA256 of its value, so without the secret nobody can compute
        which text a value gets. Equal values stay equal, so frequencies remain, and two values may
        get the same text. This is no anonymity.

        Examples:
            >>> from faker_neural import load
            >>> names = load("person_name")
            >>> first, second, again = names.like(["Ann", "Bob", "Ann"], "a secret of many letters")
            >>> first == again, first == second
            (True, False)

        Args:
            values: texts, or whole numbers, which count as their decimal digits. Letters of another
                case and white space make another value.
            secret: at least 16 bytes; text is its bytes in UTF-8.
            options: see `Options`; None, like leaving an option out, means the model's own.

        Returns:
            The texts in the order of the values.

        Raises:
            OptionError: an argument is out of range; the message does not show the secret.
            ExhaustedError: the model gave only strings that the options reject.
        """
        wanted = self.text_options(**options)
        keys, places = np.unique(keyed(values, secret), return_inverse=True)
        texts = self._decode(keys, wanted)
        return [texts[place] for place in places.tolist()]

    def rows(
        self,
        n: int,
        *,
        seed: Seed = 0,
        start: int = 0,
        threads: int = 1,
        unique: bool = False,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> list[Row]:
        """Draw the rows `start` to `start + n` of a model of several columns.

        Examples:
            >>> from faker_neural import load
            >>> places = load("us_place")
            >>> list(places.card.columns[0].name for place in places.rows(1))
            ['street']
            >>> {place["state"] for place in places.rows(3, given={"state": "TX"})}
            {'TX'}

        Args:
            n: number of rows, 0 to 2**40 - 1.
            seed: the seed of the rows: an integer, a float, text or bytes.
            start: number of the first row, 0 to 2**63 - n - 1. A row depends neither on `start`
                nor on `n`.
            threads: number of threads, 1 to 256; the rows do not depend on it.
            unique: whether to draw a row again if it equals an earlier row from `start` on.
            given: values of columns by name. Every row has them; the other columns are drawn to
                fit.
            columns: options of columns by name, such as {"city": Options(max_length=20)}: of
                `min_length`, `max_length`, `pattern`, `alphabet`, `blocked` and `verbatim`.
            options: options of whole rows: `temperature`, `top_k`, `top_p`, `verbatim` and
                `blocked`. With `verbatim="rejected"` no row equals a training row.

        Returns:
            The `n` rows, each a dict of the values by the columns' names.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: an argument is out of range, or a column or a value is not possible.
            ExhaustedError: the model gave only rows that the options reject.
        """
        keys = _keys_of_rows(n, seed, start)
        threads = check_count("threads", threads, least=1, below=257)
        drawer, request = self.row_request(given, columns, **options)
        draw = drawer.distinct if _checked_flag("unique", unique) else drawer.rows
        return draw(keys, request, threads)

    def rows_of(
        self,
        keys: Iterable[int],
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> list[Row]:
        """Draw the row of each key.

        Args:
            keys: 64-bit integers, 0 to 2**64 - 1.
            given: see `rows`.
            columns: see `rows`.
            options: see `rows`.

        Returns:
            The rows in the order of the keys.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: an argument is out of range, or a column or a value is not possible.
            ExhaustedError: the model gave only rows that the options reject.
        """
        drawer, request = self.row_request(given, columns, **options)
        return drawer.rows(_checked_keys(keys), request)

    def row_request(
        self,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> tuple[RowDrawer, RowRequest]:
        """Return the drawer of the model's rows and a checked request.

        Args:
            given: see `rows`.
            columns: see `rows`.
            options: see `rows`.

        Raises:
            ContractError: the model draws texts, not rows.
            OptionError: an argument is out of range, or a column or a value is not possible.
        """
        drawer = drawer_of(self)
        return drawer, drawer.request(given, columns, options)

    def compose(self, choose: Choose, **options: Unpack[OptionValues]) -> str:
        """Make one string whose tokens the caller chooses; it may equal a training line.

        Args:
            choose: a function of the weights of the possible next tokens, uint64 [tokens], that
                returns the position of one of them. The end comes first where the string may end;
                the tokens follow from the likeliest on. The key of an opening or of noise is
                also asked for this way.
            options: see `Options`. Every token respects the lengths.

        Returns:
            The string.

        Raises:
            OptionError: an argument is out of range.
        """
        from ._decoding.choose_tokens import compose

        wanted = self.text_options(**options)
        must = self._checks.constraint(wanted)
        text = self._file.run(lambda decoder: compose(decoder, wanted, must, choose))
        return text if ends_by_token(self._card, wanted) else cut([text], wanted)[0]

    def verify(self) -> None:
        """Check that the golden strings, and the digest of an exact file, come out here.

        Raises:
            GoldenError: a string or the digest differs, or the card has no golden strings.
        """
        if not self._card.golden:
            raise GoldenError(self.path, "has no golden strings to compare with")
        for golden in self._card.golden:
            text = self.draw_golden(golden.key, golden.options)
            if text != golden.text:
                given = "".join(f", {name}={value}" for name, value in golden.options.items())
                raise GoldenError(
                    self.path,
                    f"the string of key {golden.key}{given} is {text!r}; it must be "
                    f"{golden.text!r}",
                )
        if self._card.exact and self.digest() != self._card.digest:
            raise GoldenError(
                self.path,
                "its golden strings come out right, but not its digest: the file was changed, or "
                "this machine computes different results; get the file again, and report this if "
                "it still fails",
            )

    def draw_golden(self, key: int, options: Mapping[str, Any]) -> str:
        """Return the text of a golden string; of a model of rows, the text of a row.

        Args:
            key: the key of the string.
            options: the options of the string.
        """
        if self._card.columns:
            drawer, request = self.row_request(**options)
            return join_row(list(drawer.rows(_checked_keys([key]), request)[0].values()))
        return self.texts([key], **options)[0]

    def draw_unchecked(
        self,
        keys: Keys,
        options: Options,
        prompt: Prompt = NO_PROMPT,
        threads: int = 1,
        constraint: Constraint | None = None,
    ) -> list[str]:
        """Return texts drawn without rejection of any.

        Args:
            keys: uint64 [texts].
            options: how the texts are drawn.
            prompt: a prompt for all texts, instead of the card's prompts.
            threads: the number of threads.
            constraint: a mask holds each token to it; None for no constraint.

        Raises:
            ModelFileError: the graph cannot be run.
        """

        def draw(decoder: Decoder) -> list[str]:
            texts = partial(decoder.texts, options=options, constraint=constraint, prompt=prompt)
            return texts(keys) if threads == 1 else in_threads(texts, keys, threads)

        return self._file.run(draw)

    def draw_steered(self, keys: Keys, options: Options, constraint: Constraint) -> list[str]:
        """Return texts that meet a constraint and end where texts end.

        Args:
            keys: uint64 [texts].
            options: how the texts are drawn; `length` is None.
            constraint: the constraint on the texts.

        Raises:
            ModelFileError: the graph cannot be run.
        """
        return self._file.run(lambda decoder: decoder.steered_texts(keys, options, constraint))

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of everything that decides the strings.

        It covers the card's part in drawing (tokens, start, end, length, options) and the graph's
        outputs: from every token the logits and states of four steps, or the logits of a window,
        or the logits of some noise. A weight that changes by one step of its grid changes the
        digest; so does another arithmetic.
        """
        return self._file.run(lambda decoder: decoder.digest())

    def options(self, **given: Unpack[OptionValues]) -> Options:
        """Return the model's own options, overridden by the given ones.

        Raises:
            OptionError: an option is unknown, out of range or not for this kind of model, or no
                text of the model can satisfy the options together.
        """
        if not isinstance(given.get("blocked", ""), str | os.PathLike | frozenset | None):
            given["blocked"] = BlockedWords.of(
                given["blocked"]
            )  # hashable, so the checks are cached
        return self._checks.options(given)

    def text_options(self, **given: Unpack[OptionValues]) -> Options:
        """Return the model's own options, overridden by the given ones, to draw texts.

        Raises:
            ContractError: the model draws rows.
            OptionError: see `options`.
            ModelFileError: no text of the model can satisfy its card's own options.
        """
        if self._card.columns:
            names = ", ".join(column.name for column in self._card.columns)
            raise ContractError(
                self.path, f"draws rows of {names}: use rows, neural_row or mock_row"
            )
        try:
            return self._drawable(given)
        except OptionError as error:
            self._check_own(error, given)
            raise

    def _drawable(self, given: OptionValues) -> Options:
        options = self.options(**given)
        self._drawer.check(options)
        return options

    def _check_own(self, error: OptionError, given: OptionValues) -> None:
        """Raise a ModelFileError if the option of an error is the card's own, and not to be met."""
        if given.get(error.name) is None and error.name in self._card.options:
            try:
                self._drawable({})
            except OptionError as own:
                raise ModelFileError(self.path, f"its card's options: {own}") from None

    def __reduce__(self) -> tuple[type[TextModel], tuple[Path]]:
        return TextModel, (self.path,)

    def __repr__(self) -> str:
        return f"<TextModel {self._card.name!r} from {os.fspath(self.path)!r}>"

    def _decode(self, keys: Keys, options: Options, threads: int = 1) -> list[str]:
        return self._drawer.texts(keys, options, threads)


def _keys_of_rows(n: int, seed: Seed, start: int) -> Keys:
    """Check the numbers of some rows and return the keys of their strings."""
    n = check_count("n", n, below=2**40)
    start = check_count("start", start, below=2**63 - n)
    return row_keys(seed_number(seed), start, n)


def _checked_keys(keys: Iterable[int]) -> Keys:
    return np.array([check_count("key", key, below=2**64) for key in keys], dtype=np.uint64)


def _checked_flag(name: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise OptionError(name, value, f"must be a bool, not {type(value).__name__}")
    return value
