"""Opens a model file: reads its card, checks card and graph, and creates a session."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import onnxruntime
from onnxruntime import InferenceSession, SessionOptions

from faker_neural._bounded_files import read_bounded
from faker_neural._catalog.bundled import bundled
from faker_neural._errors import MissingFileError, ModelFileError, OldVersionError
from faker_neural._interrupts import let_interrupts_through
from faker_neural._shown import one_line

from .card import Card
from .card_reader import read_card
from .ending import begin_run, end_run
from .known_files import check_first_run
from .selection import metadata, select

if TYPE_CHECKING:
    from .graph_checks.protobuf import Message

__all__ = ["Opened", "open_file", "open_logits"]

MAX_FILE_BYTES = 256 * 2**20
MOST_MEMORY = 2 * 2**30
"""The memory that all graphs of a process together may use while they run, in bytes."""

_OLDEST_ONNXRUNTIME = [1, 20]
_FATAL_ONLY = 4  # errors are raised, so onnxruntime need not print them
_FLOAT, _INT, _DOUBLE = "tensor(float)", "tensor(int64)", "tensor(double)"
_TYPES = {1: _FLOAT, 7: _INT, 11: _DOUBLE}

_Signature = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name to element type and sizes; a size that the graph does not fix is "batch"."""


class Opened(NamedTuple):
    """The card of a file, its session, and the SHA-256 of its bytes."""

    card: Card
    session: InferenceSession
    hash: bytes


def open_file(path: Path) -> Opened:
    """Open a model file. The card and the graph are checked before a session is created.

    A file that is not known to run is first opened and run in a child process. The graph of a
    bundled file is trusted: the check imports protobuf, which would delay the first string.

    Args:
        path: the path of the file.

    Raises:
        MissingFileError: the file does not exist.
        ModelFileError: the file cannot be used; the message says what was found and what is
            allowed.
        OldVersionError: onnxruntime is older than 1.20.
    """
    _check_version()
    content = _read(path)
    content_hash = sha256(content).digest()
    try:
        card, runnable, folding = _checked(path, content)
        if not _is_bundled(path):
            check_first_run(path, content_hash)
        session = _session(_selected(runnable, _drawing(card)), folding)
    except ModelFileError:
        raise
    except ValueError as error:
        raise ModelFileError(path, one_line(str(error))) from None
    return Opened(card, session, content_hash)


def open_logits(path: Path, content_hash: bytes) -> InferenceSession:
    """Create a session of a `step` file that returns logits and does not choose tokens.

    Args:
        path: the path of a file that was opened before.
        content_hash: SHA-256 of the file's bytes at that time.

    Raises:
        MissingFileError: the file no longer exists.
        ModelFileError: the file cannot be read, or has changed.
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
    """Return the outputs of a session that draws; None for all outputs.

    A flat model computes its logits to choose the next token, so they cost nothing more. A factored
    model does not need all of its logits. A float graph may return NaN logits, and `next` would
    hide them, so Python chooses its tokens by the logits.
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
    """Read a file, if its kind and size are allowed."""
    try:
        return read_bounded(path, MAX_FILE_BYTES)
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such model file") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise ModelFileError(path, f"is larger than {MAX_FILE_BYTES >> 20} MB") from None
        raise ModelFileError(path, f"cannot be read ({error.strerror})") from None


def _checked(path: Path, content: bytes) -> tuple[Card, bytes, bool]:
    """Read and check the card; also check the graph of a file that is not bundled.

    Returns:
        The card, the model to run, and whether the session may fold constants.
    """
    if _is_bundled(path):
        return _card(metadata(content, Card.metadata_key)), content, True
    from .graph_checks.protobuf import parse
    from .graph_checks.walk import check_graph, cut_scans

    model = parse(content)
    texts = [entry.value for entry in model.metadata_props if entry.key == Card.metadata_key]
    card = _card(texts)
    _fit(card, _of_values(model.graph.input), _of_values(model.graph.output))
    constants_are_known = check_graph(model)
    runnable = model.SerializeToString() if cut_scans(model) else content
    return card, runnable, constants_are_known


def _is_bundled(path: Path) -> bool:
    return path in bundled().values()


def _session(content: bytes, folding: bool) -> InferenceSession:
    """Create a session of one thread, with or without constant folding."""
    begin_run()
    try:
        return InferenceSession(
            content,
            _options(),
            ["CPUExecutionProvider"],
            disabled_optimizers=None if folding else ["ConstantFolding"],
            enable_fallback=False,  # the fallback would print the error
        )
    except Exception as error:  # onnxruntime's errors share no narrower base
        let_interrupts_through(error)
        reason = str(error) or type(error).__name__
        raise ValueError(f"onnxruntime cannot open the graph ({one_line(reason)})") from None
    finally:
        end_run()


def _options() -> SessionOptions:
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    options.add_session_config_entry("session.load_model_format", "ONNX")  # do not guess it
    if _sharing_process() == os.getpid():  # after a fork, the allocator's lock may stay held
        options.add_session_config_entry("session.use_env_allocators", "1")
    return options


@cache
def _sharing_process() -> int:
    """Create the allocator that sessions share, once; return the id of the process that did."""
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    arena = onnxruntime.OrtArenaCfg({"max_mem": MOST_MEMORY})
    with suppress(Exception):  # another library has registered one, which is shared
        onnxruntime.create_and_register_allocator(memory, arena)
    return os.getpid()


def _card(texts: Sequence[str]) -> Card:
    """Read the card; there must be exactly one."""
    if len(texts) > 1:
        raise ValueError(f"has {len(texts)} cards (metadata {Card.metadata_key!r}), not one")
    for text in texts:
        return read_card(text)
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
    """Return the inputs and outputs that the card's contract requires."""
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
