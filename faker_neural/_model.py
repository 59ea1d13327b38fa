"""One model file: opened, checked against its card, and asked for strings."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Unpack
from weakref import WeakSet

import numpy as np
from onnxruntime import InferenceSession

from ._blocked import BlockedWords
from ._constraints.fitting import OptionChecks, asks_for_a_prefix_alone, ends
from ._constraints.rejection import ATTEMPTS, cut, distinct, enforce
from ._decoding.contracts import latent, step, window
from ._decoding.session import GraphError
from ._errors import ContractError, ExhaustedError, GoldenError, ModelFileError, OptionError
from ._keys import Keys, prefix_keys, row_keys
from ._model_file.card import Card
from ._model_file.file import open_file, open_logits
from ._options import Options, OptionValues, check_count

if TYPE_CHECKING:
    from ._constraints.constraint import Constraint
    from ._decoding.choose_tokens import Choose

__all__ = ["TextModel"]

_A_TASK = 2**13  # strings that a thread draws at a time
_STREAMED = 2**14  # strings drawn at a time

Decoder = step.Decoder | window.Decoder | latent.Decoder
_DECODERS: dict[str, type[Decoder]] = {
    "step": step.Decoder,
    "window": window.Decoder,
    "latent": latent.Decoder,
}


class TextModel:
    """A learned column of text, read from one model file.

    A string depends on the file, the options and a 64-bit key alone. No white space stands at its
    ends, and it is not empty, unless the model has no other tokens. Where the option `verbatim` is
    "rejected", a string that equals a training line is drawn again under a key derived from its
    own. `faker_neural.load` opens a model and shares it within the process.

    Args:
        path: a file written by `faker-neural train` or `faker-neural export`.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used; the message names the field.
        OldVersionError: onnxruntime is older than 1.20.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._card, session, self._content_hash = open_file(self.path)
        if self._card.contract not in _DECODERS:
            raise ContractError(self.path, "is a detector: faker_neural.load_detector opens it")
        self._checks = OptionChecks(self._card)
        self._decoder: Decoder | None = self._new_decoder(session)
        _ALIVE.add(self)

    @property
    def card(self) -> Card:
        """What the file says about itself: tokens, data, licence, figures."""
        return self._card

    def generate(
        self,
        n: int,
        *,
        seed: int = 0,
        start: int = 0,
        threads: int = 1,
        unique: bool = False,
        **options: Unpack[OptionValues],
    ) -> list[str]:
        """Draw the strings of rows `start` to `start + n` of the column that `seed` names.

        Args:
            n: how many strings, 0 to 2**40 - 1.
            seed: 0 to 2**64 - 1.
            start: the first row, 0 to 2**63 - n - 1; a row's string depends on neither of them.
            threads: how many to draw with, 1 to 256; the strings are the same.
            unique: whether to draw again, row by row, what equals the string of an earlier row of
                these, so that a row's string depends on those from `start` on too.
            options: see `Options`.

        Raises:
            OptionError: an argument is out of range.
            ExhaustedError: fewer different strings came out; the error says how many.
        """
        n = check_count("n", n, below=2**40)
        start = check_count("start", start, below=2**63 - n)
        seed = check_count("seed", seed, below=2**64)
        threads = check_count("threads", threads, least=1, below=257)
        if not isinstance(unique, bool):
            raise OptionError("unique", unique, f"must be a bool, not {type(unique).__name__}")
        wanted, keys = self.options(**options), row_keys(seed, start, n)
        texts = self._decode(keys, wanted, threads)
        return self._distinct(texts, keys, wanted) if unique else texts

    def stream(
        self,
        n: int,
        *,
        seed: int = 0,
        start: int = 0,
        threads: int = 1,
        **options: Unpack[OptionValues],
    ) -> Iterator[str]:
        """Draw the strings of `generate` a few thousand at a time, in memory that does not grow.

        Args:
            n: how many strings, 0 to 2**40 - 1.
            seed: 0 to 2**64 - 1.
            start: the first row, 0 to 2**63 - n - 1.
            threads: how many to draw with, 1 to 256; the strings are the same.
            options: see `Options`.

        Raises:
            OptionError: an argument is out of range; at once, not at the first string.
        """
        n = check_count("n", n, below=2**40)
        start = check_count("start", start, below=2**63 - n)
        self.generate(0, seed=seed, threads=threads, **options)  # checks the rest
        ends = itertools.chain(range(start, start + n, _STREAMED), [start + n])
        chunks = (
            self.generate(end - begin, seed=seed, start=begin, threads=threads, **options)
            for begin, end in itertools.pairwise(ends)
        )
        return itertools.chain.from_iterable(chunks)

    def texts(self, keys: Iterable[int], **options: Unpack[OptionValues]) -> list[str]:
        """Draw the string of each key.

        Args:
            keys: 64-bit integers, 0 to 2**64 - 1.
            options: see `Options`.

        Raises:
            OptionError: an argument is out of range.
        """
        wanted = self.options(**options)
        checked = [check_count("key", key, below=2**64) for key in keys]
        return self._decode(np.array(checked, dtype=np.uint64), wanted)

    def compose(self, choose: Choose, **options: Unpack[OptionValues]) -> str:
        """Make one string whose tokens somebody else chooses; training lines may come out.

        Args:
            choose: is given the weights of the tokens that may follow, uint64 [tokens], the end's
                first where the string may end and then from the largest on, and gives a place
                among them. The key of a beginning or of noise is asked for so too.
            options: see `Options`. The lengths are held to at every token.

        Raises:
            OptionError: an argument is out of range.
        """
        from ._decoding.choose_tokens import compose

        wanted = self.options(**options)
        must = self._checks.constraint(wanted, lengths=ends(self._card, wanted))
        try:
            text = compose(self._current_decoder(), wanted, must, choose)
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None
        return text if ends(self._card, wanted) else cut([text], wanted)[0]

    def verify(self) -> None:
        """Draw the card's golden strings, and for an exact file its logits, and compare.

        Raises:
            GoldenError: one differs, named with both strings, or there is none to compare.
        """
        if not self._card.golden:
            raise GoldenError(self.path, "has no golden strings to compare with")
        for golden in self._card.golden:
            text = self.texts([golden.key], **golden.options)[0]
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
                "this machine computes otherwise; get the file again, or else report this",
            )

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of what decides the strings.

        That is what the card says of drawing (tokens, start, end, length, options), and what the
        graph gives: from every token the logits and states of four steps, or the logits of a
        window; or those of some noise. A weight that is changed by a step of its grid
        gives another digest; so does another arithmetic.
        """
        try:
            return self._current_decoder().digest()
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None

    def options(self, **given: Unpack[OptionValues]) -> Options:
        """Return the model's own options with these in their place.

        Raises:
            OptionError: one is unknown, out of range, not for a model of this kind, or no text of
                the model meets them together.
        """
        if not isinstance(given.get("blocked", ""), str | os.PathLike | frozenset | None):
            given["blocked"] = BlockedWords.of(given["blocked"])  # can be looked up
        return self._checks.options(given)

    def __reduce__(self) -> tuple[type[TextModel], tuple[Path]]:
        return TextModel, (self.path,)

    def __repr__(self) -> str:
        return f"<TextModel {self._card.name!r} from {os.fspath(self.path)!r}>"

    def _distinct(self, texts: list[str], keys: Keys, options: Options) -> list[str]:
        found = distinct(texts, keys, lambda keys: self._decode(keys, options))
        if len(found) < len(texts):
            raise ExhaustedError(
                self.path,
                f"gave {len(found):,} different strings of {len(texts):,}, and then nothing new in "
                f"{ATTEMPTS} attempts; fewer strings, a higher temperature or longer ones may do",
            )
        return found

    def _decode(self, keys: Keys, options: Options, threads: int = 1) -> list[str]:
        free, held = self._checks.constraints(options)

        def draw(keys: Keys, threads: int = 1) -> list[str]:
            if not ends(self._card, options):
                return cut(self._draw(keys, options, free, threads), options)
            if not asks_for_a_prefix_alone(options):
                return self._draw(keys, options, free, threads)
            texts = self._draw(keys, options, None, threads)  # some of which may begin with it
            again = [i for i, text in enumerate(texts) if not text.startswith(options.prefix or "")]
            others = prefix_keys(keys[again])  # what missed the prefix says nothing of the rest
            found = self._draw(others, options, free, threads) if again else []
            for i, text in zip(again, found, strict=True):
                texts[i] = text
            return texts

        texts = draw(keys, threads)
        left = enforce(
            texts,
            keys,
            options,
            self._card.training_lines,
            draw,
            draw if held is None else lambda keys: self._draw(keys, options, held),
        )
        if left:
            raise ExhaustedError(
                self.path,
                f"gave only {_refused(options)} in {ATTEMPTS} attempts, such as {left[0]!r}; a "
                f"higher temperature wanders further, {_remedy(options)} them",
            )
        return texts

    def _draw(
        self, keys: Keys, options: Options, constraint: Constraint | None, threads: int = 1
    ) -> list[str]:
        decoder = self._current_decoder()
        try:
            if threads == 1:
                return decoder.texts(keys, options, constraint)
            return _in_threads(decoder, keys, options, constraint, threads)
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None

    def _current_decoder(self) -> Decoder:
        """Return the decoder, made again in a forked process, where a session may not work."""
        if self._decoder is None:
            _, session, content_hash = open_file(self.path)
            if content_hash != self._content_hash:
                raise ModelFileError(self.path, "has changed since this process was forked")
            self._decoder = self._new_decoder(session)
        return self._decoder

    def _new_decoder(self, session: InferenceSession) -> Decoder:
        if self._card.contract == "step":
            return step.Decoder(session, self._card, self._open_logits)
        return _DECODERS[self._card.contract](session, self._card)

    def _open_logits(self) -> InferenceSession:
        return open_logits(self.path, self._content_hash)

    def _forget_session(self) -> None:
        self._decoder = None


_ALIVE: WeakSet[TextModel] = WeakSet()


def _forget_sessions() -> None:
    for model in _ALIVE:
        model._forget_session()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_sessions)


def _refused(options: Options) -> str:
    """Say what texts are that may not come out, in an error."""
    known = "lines that it learned from" if options.verbatim == "rejected" else ""
    return known or "texts with a blocked word"


def _remedy(options: Options) -> str:
    return "verbatim='allowed' gives" if options.verbatim == "rejected" else "blocked='' gives"


def _in_threads(
    decoder: Decoder, keys: Keys, options: Options, constraint: Constraint | None, threads: int
) -> list[str]:
    from concurrent.futures import ThreadPoolExecutor  # brings logging, which few need

    tasks = np.array_split(keys, max(threads, len(keys) // _A_TASK))
    pool = ThreadPoolExecutor(threads)
    try:
        parts = pool.map(lambda keys: decoder.texts(keys, options, constraint), tasks)
        return list(itertools.chain.from_iterable(parts))
    finally:
        pool.shutdown(cancel_futures=True)  # so that Ctrl-C need not wait for the whole job
