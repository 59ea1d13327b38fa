"""One model file: opened, checked against its card, and asked for strings."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import onnxruntime

from ._card import Card
from ._decode import GraphError
from ._decode.step import Decoder
from ._errors import GoldenError, MissingFileError, ModelFileError, OldVersionError
from ._keys import Keys, row_keys
from ._options import Options, check_count

__all__ = ["TextModel"]

MAX_FILE_BYTES = 256 * 2**20
_A_TASK = 2**13  # strings that a thread draws at a time
_STREAMED = 2**14  # strings drawn at a time
_OLDEST_ONNXRUNTIME = [1, 20]
_FATAL_ONLY = 4  # an error is raised, and need not be printed too


class TextModel:
    """A learned column of text, read from one model file.

    A string depends on the file, the options and a 64-bit key alone. No white space stands at its
    ends, and it is not empty, unless the model has no other tokens. `faker_neural.load` opens a
    model and shares it within the process.

    Args:
        path: a file written by `faker-neural train` or `faker-neural export`.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: the file cannot be used; the message names the field.
        OldVersionError: onnxruntime is older than 1.20.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        content = _read(self.path)
        session = _open(self.path, content)
        self._content_hash = sha256(content).digest()
        self._card = _read_card(self.path, session)
        self._defaults = dict(self._card.options)
        self._decoder: Decoder | None = Decoder(session, self._card)
        _ALIVE.add(self)

    @property
    def card(self) -> Card:
        """What the file says about itself: tokens, data, licence, figures."""
        return self._card

    def generate(
        self, n: int, *, seed: int = 0, start: int = 0, threads: int = 1, **options: Any
    ) -> list[str]:
        """Draw the strings of rows `start` to `start + n` of the column that `seed` names.

        Args:
            n: how many strings, 0 to 2**40 - 1.
            seed: 0 to 2**64 - 1.
            start: the first row, 0 to 2**63 - n - 1; a row's string depends on neither of them.
            threads: how many to draw with, 1 to 256; the strings are the same.
            options: see `Options`.

        Raises:
            OptionError: an argument is out of range.
        """
        n = check_count("n", n, below=2**40)
        start = check_count("start", start, below=2**63 - n)
        seed = check_count("seed", seed, below=2**64)
        threads = check_count("threads", threads, least=1, below=257)
        return self._decode(row_keys(seed, start, n), self.options(**options), threads)

    def stream(
        self, n: int, *, seed: int = 0, start: int = 0, threads: int = 1, **options: Any
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

    def texts(self, keys: Iterable[int], **options: Any) -> list[str]:
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
        """Give the SHA-256, in hexadecimal, of what decides the strings.

        That is what the card says of drawing (tokens, start, end, length, options), and the logits
        and states of four steps from every token. A weight that is changed by a step of its grid
        gives another digest; so does another arithmetic.
        """
        try:
            return self._current_decoder().digest()
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None

    def options(self, **given: Any) -> Options:
        """Give the model's own options with these in their place.

        Raises:
            OptionError: one is unknown or out of range.
        """
        return Options.from_mapping(self._defaults | given)

    def __reduce__(self) -> tuple[type[TextModel], tuple[Path]]:
        return TextModel, (self.path,)

    def __repr__(self) -> str:
        return f"<TextModel {self._card.name!r} from {os.fspath(self.path)!r}>"

    def _decode(self, keys: Keys, options: Options, threads: int = 1) -> list[str]:
        decoder = self._current_decoder()
        try:
            if threads == 1:
                return decoder.texts(keys, options)
            return _in_threads(decoder, keys, options, threads)
        except GraphError as error:
            raise ModelFileError(self.path, str(error)) from None

    def _current_decoder(self) -> Decoder:
        """Give the decoder, made again in a forked process, where a session may not work."""
        if self._decoder is None:
            content = _read(self.path)
            if sha256(content).digest() != self._content_hash:
                raise ModelFileError(self.path, "has changed since this process was forked")
            self._decoder = Decoder(_open(self.path, content), self._card)
        return self._decoder

    def _forget_session(self) -> None:
        self._decoder = None


_ALIVE: WeakSet[TextModel] = WeakSet()


def _forget_sessions() -> None:
    for model in _ALIVE:
        model._forget_session()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_sessions)


def _in_threads(decoder: Decoder, keys: Keys, options: Options, threads: int) -> list[str]:
    from concurrent.futures import ThreadPoolExecutor  # brings logging, which few need

    tasks = np.array_split(keys, max(threads, len(keys) // _A_TASK))
    pool = ThreadPoolExecutor(threads)
    try:
        parts = pool.map(decoder.texts, tasks, itertools.repeat(options))
        return list(itertools.chain.from_iterable(parts))
    finally:
        pool.shutdown(cancel_futures=True)  # so that Ctrl-C need not wait for the whole job


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelFileError(path, f"is larger than {MAX_FILE_BYTES >> 20} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such model file") from None
    except OSError as error:
        raise ModelFileError(path, f"cannot be read ({error.strerror})") from None


def _open(path: Path, content: bytes) -> onnxruntime.InferenceSession:
    installed = onnxruntime.__version__
    if [int(number) for number in installed.split(".")[:2]] < _OLDEST_ONNXRUNTIME:
        raise OldVersionError("onnxruntime", installed, ".".join(map(str, _OLDEST_ONNXRUNTIME)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    try:
        return onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes share no narrower base
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelFileError(path, f"is truncated or no ONNX model ({reason})") from None


def _read_card(path: Path, session: onnxruntime.InferenceSession) -> Card:
    text = session.get_modelmeta().custom_metadata_map.get(Card.metadata_key)
    if text is None:
        raise ModelFileError(
            path, f"has no card (metadata {Card.metadata_key!r}); `faker-neural export` writes one"
        )
    try:
        card = Card.from_json(text)
    except ValueError as error:
        raise ModelFileError(path, str(error)) from None
    _compare(path, "inputs", _expected_inputs(card), _signature(session.get_inputs()))
    _compare(path, "outputs", _expected_outputs(card), _signature(session.get_outputs()))
    return card


_Signature = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name to element type and sizes; every size that the graph leaves open is "batch"."""


def _signature(nodes: Sequence[onnxruntime.NodeArg]) -> _Signature:
    return {
        node.name: (
            node.type,
            tuple(size if isinstance(size, int) else "batch" for size in node.shape),
        )
        for node in nodes
    }


def _expected_inputs(card: Card) -> _Signature:
    states = {state.name: ("tensor(float)", ("batch", state.size)) for state in card.states}
    return {"token": ("tensor(int64)", ("batch",)), **states}


def _expected_outputs(card: Card) -> _Signature:
    states = {state.successor: ("tensor(float)", ("batch", state.size)) for state in card.states}
    return {"logits": ("tensor(float)", ("batch", len(card.tokens))), **states}


def _compare(path: Path, what: str, expected: _Signature, found: _Signature) -> None:
    for name in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(name, "nothing"), found.get(name, "nothing")
        if wanted != got:
            raise ModelFileError(
                path, f"the graph's {what} do not fit the card: {name!r} is {got}, not {wanted}"
            )
