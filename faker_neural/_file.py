"""A model file, opened: its session, and the card once it fits the graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from ._card import Card
from ._errors import MissingFileError, ModelFileError, OldVersionError

__all__ = ["open_session", "read_card", "read_file"]

MAX_FILE_BYTES = 256 * 2**20
_OLDEST_ONNXRUNTIME = [1, 20]
_FATAL_ONLY = 4  # an error is raised, and need not be printed too


def read_file(path: Path) -> bytes:
    """Read a file of a size that is allowed.

    Raises:
        MissingFileError: there is no such file.
        ModelFileError: it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelFileError(path, f"is larger than {MAX_FILE_BYTES >> 20} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such model file") from None
    except OSError as error:
        raise ModelFileError(path, f"cannot be read ({error.strerror})") from None


def open_session(path: Path, content: bytes) -> onnxruntime.InferenceSession:
    """Make a session of one thread.

    Raises:
        ModelFileError: the content is no ONNX model.
        OldVersionError: onnxruntime is older than what is supported.
    """
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


def read_card(path: Path, session: onnxruntime.InferenceSession) -> Card:
    """Read the card of a graph and hold its inputs and outputs against it.

    Raises:
        ModelFileError: there is no card, or it does not fit the graph.
    """
    text = session.get_modelmeta().custom_metadata_map.get(Card.metadata_key)
    if text is None:
        raise ModelFileError(
            path, f"has no card (metadata {Card.metadata_key!r}); `faker-neural export` writes one"
        )
    try:
        card = Card.from_json(text)
    except ValueError as error:
        raise ModelFileError(path, str(error)) from None
    inputs, outputs = _expected(card)
    _compare(path, "inputs", inputs, _signature(session.get_inputs()))
    _compare(path, "outputs", outputs, _signature(session.get_outputs()))
    return card


_Signature = dict[str, tuple[str, tuple[int | str, ...]]]
"""Name to element type and sizes; every size that the graph leaves open is "batch"."""

_FLOAT, _INT = "tensor(float)", "tensor(int64)"


def _signature(nodes: Sequence[onnxruntime.NodeArg]) -> _Signature:
    return {
        node.name: (
            node.type,
            tuple(size if isinstance(size, int) else "batch" for size in node.shape),
        )
        for node in nodes
    }


def _expected(card: Card) -> tuple[_Signature, _Signature]:
    """Give the inputs and outputs that the card's contract asks for."""
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
    states = {state.name: state.size for state in card.states}
    successors = {state.successor: state.size for state in card.states}
    return (
        {"token": (_INT, ("batch",))} | {n: (_FLOAT, ("batch", s)) for n, s in states.items()},
        {
            name: (_FLOAT, ("batch", size))
            for name, size in {"logits": tokens, **successors}.items()
        },
    )


def _compare(path: Path, what: str, expected: _Signature, found: _Signature) -> None:
    for name in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(name, "nothing"), found.get(name, "nothing")
        if wanted != got:
            raise ModelFileError(
                path, f"the graph's {what} do not fit the card: {name!r} is {got}, not {wanted}"
            )
