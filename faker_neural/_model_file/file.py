"""A model file, opened: the card once it fits the graph, and then a session of the graph."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import onnxruntime
from onnxruntime import InferenceSession, SessionOptions

from faker_neural._catalog.bundled import bundled
from faker_neural._errors import MissingFileError, ModelFileError, OldVersionError, one_line

from .card import Card
from .selection import metadata, select

if TYPE_CHECKING:
    from .protobuf import Message

__all__ = ["Opened", "open_file", "open_logits"]

MAX_FILE_BYTES = 256 * 2**20
MOST_MEMORY = 2 * 2**30
"""What the graphs of a process may take together while they run, in bytes."""

_OLDEST_ONNXRUNTIME = [1, 20]
_FATAL_ONLY = 4  # an error is raised, and need not be printed too
_FLOAT, _INT, _DOUBLE = "tensor(float)", "tensor(int64)", "tensor(double)"
_TYPES = {1: _FLOAT, 7: _INT, 11: _DOUBLE}

_Signature = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name to element type and sizes; every size that the graph leaves open is "batch"."""


class Opened(NamedTuple):
    """What a file holds, its session, and the SHA-256 of its bytes."""

    card: Card
    session: InferenceSession
    hash: bytes


def open_file(path: Path) -> Opened:
    """Open a model file. Nothing is built of a file before all that it says is checked.

    A bundled file is no stranger's: its first string need not wait until protobuf is imported.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: it cannot be used; the message says what was found and what is allowed.
        OldVersionError: onnxruntime is older than what is supported.
    """
    _check_version()
    content = _read(path)
    try:
        card, runnable, folding = _checked(path, content)
        session = _session(_selected(runnable, _drawing(card)), folding)
    except ValueError as error:
        raise ModelFileError(path, one_line(str(error))) from None
    return Opened(card, session, sha256(content).digest())


def open_logits(path: Path, content_hash: bytes) -> InferenceSession:
    """Make a session of a `step` file that gives logits and does not draw.

    Args:
        path: of a file that was opened before.
        content_hash: SHA-256 of what it held then.

    Raises:
        ModelFileError: the file cannot be read any more, or has changed.
    """
    content = _read(path)
    if sha256(content).digest() != content_hash:
        raise ModelFileError(path, "has changed since it was opened")
    try:
        card, runnable, folding = _checked(path, content)
        successors = [state.successor for state in card.states]
        return _session(_selected(runnable, ["logits", *successors]), folding)
    except ValueError as error:
        raise ModelFileError(path, one_line(str(error))) from None


def _drawing(card: Card) -> list[str] | None:
    """Return the outputs that a session for drawing has; None for all of them.

    Of a flat model the logits are on the way to the next token. Those of a factored model are not.
    A graph that may give no numbers does not draw: it could not say so.
    """
    if card.contract != "step" or (card.exact and not card.classes):
        return None
    return ["next" if card.exact else "logits", *(state.successor for state in card.states)]


def _selected(content: bytes, outputs: Sequence[str] | None) -> bytes:
    return content if outputs is None else select(content, outputs, ("draw", "temperature"))


def _check_version() -> None:
    installed = onnxruntime.__version__
    if [int(number) for number in installed.split(".")[:2]] < _OLDEST_ONNXRUNTIME:
        raise OldVersionError("onnxruntime", installed, ".".join(map(str, _OLDEST_ONNXRUNTIME)))


def _read(path: Path) -> bytes:
    """Read a file of a kind and a size that are allowed."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device may never end
            raise ModelFileError(path, "cannot be read (it is no regular file)")
        if status.st_size > MAX_FILE_BYTES:
            raise ModelFileError(path, f"is larger than {MAX_FILE_BYTES >> 20} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such model file") from None
    except OSError as error:
        raise ModelFileError(path, f"cannot be read ({error.strerror})") from None


def _checked(path: Path, content: bytes) -> tuple[Card, bytes, bool]:
    """Read the card, and hold it and the graph of a stranger's file against what is allowed.

    Returns:
        The card, the model to run, and whether constants may be computed beforehand.
    """
    if path in bundled().values():
        return _card(metadata(content, Card.metadata_key)), content, True
    from .graph import check_graph, cut_scans
    from .protobuf import parse

    model = parse(content)
    texts = [entry.value for entry in model.metadata_props if entry.key == Card.metadata_key]
    card = _card(texts)
    _fit(card, _of_values(model.graph.input), _of_values(model.graph.output))
    constants_are_known = check_graph(model)
    runnable = model.SerializeToString() if cut_scans(model) else content
    return card, runnable, constants_are_known


def _session(content: bytes, folding: bool) -> InferenceSession:
    """Make a session of one thread, in which constants are computed beforehand or in each run."""
    try:
        return InferenceSession(
            content,
            _options(),
            ["CPUExecutionProvider"],
            disabled_optimizers=None if folding else ["ConstantFolding"],
            enable_fallback=False,  # it would print what failed
        )
    except Exception as error:  # onnxruntime's own classes share no narrower base
        reason = str(error) or type(error).__name__
        raise ValueError(f"onnxruntime cannot open the graph ({one_line(reason)})") from None


def _options() -> SessionOptions:
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    options.add_session_config_entry("session.load_model_format", "ONNX")  # whatever it looks like
    if _sharing_process() == os.getpid():  # forked, it may find the memory's lock held for ever
        options.add_session_config_entry("session.use_env_allocators", "1")
    return options


@cache
def _sharing_process() -> int:
    """Make the memory that sessions share, which has a limit; return the process that does."""
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    arena = onnxruntime.OrtArenaCfg({"max_mem": MOST_MEMORY})
    with suppress(Exception):  # another library has made one, and that is shared
        onnxruntime.create_and_register_allocator(memory, arena)
    return os.getpid()


def _card(texts: Sequence[str]) -> Card:
    """Read the one card that there must be."""
    if len(texts) > 1:
        raise ValueError(f"has {len(texts)} cards (metadata {Card.metadata_key!r}), not one")
    for text in texts:
        return Card.from_json(text)
    raise ValueError(
        f"has no card (metadata {Card.metadata_key!r}); `faker-neural export` writes one"
    )


def _of_values(values: Sequence[Message]) -> _Signature:
    tensors = {value.name: value.type.tensor_type for value in values}
    return {
        name: (
            _TYPES.get(tensor.elem_type, f"data type {tensor.elem_type}"),
            tuple(size.dim_value or "batch" for size in tensor.shape.dim),
        )
        for name, tensor in tensors.items()
    }


def _fit(card: Card, inputs: _Signature, outputs: _Signature) -> None:
    expected_inputs, expected_outputs = _expected(card)
    _compare("inputs", expected_inputs, inputs)
    _compare("outputs", expected_outputs, outputs)


def _expected(card: Card) -> tuple[_Signature, _Signature]:
    """Return the inputs and outputs that the card's contract asks for."""
    tokens = len(card.tokens)
    windows: _Signature = {"tokens": (_INT, ("batch", card.window))}
    match card.contract:
        case "window":
            return windows, {"logits": (_FLOAT, ("batch", tokens))}
        case "score":
            return windows, {"score": (_FLOAT, ("batch",))}
        case "latent":
            logits = (_FLOAT, ("batch", card.max_tokens, tokens))
            return {"noise": (_FLOAT, ("batch", card.noise))}, {"logits": logits}
    states: _Signature = {s.name: (_FLOAT, ("batch", s.size)) for s in card.states}
    successors: _Signature = {s.successor: (_FLOAT, ("batch", s.size)) for s in card.states}
    drawing: _Signature = {"draw": (_DOUBLE, ("batch", 2)), "temperature": (_FLOAT, ())}
    return (
        {"token": (_INT, ("batch",))} | states | drawing,
        {"logits": (_FLOAT, ("batch", card.logits)), "next": (_INT, ("batch",))} | successors,
    )


def _compare(what: str, expected: _Signature, found: _Signature) -> None:
    for name in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(name, "nothing"), found.get(name, "nothing")
        if wanted != got:
            raise ValueError(
                f"the graph's {what} do not fit the card: {name!r} is {got}, not {wanted}"
            )
