"""The variables of a TensorFlow checkpoint or SavedModel, by the object graph in it."""

from __future__ import annotations

import glob
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow
from tensorflow.core.protobuf import trackable_object_graph_pb2

from faker_neural._interrupts import let_interrupts_through
from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.source import HOW_TO_PULL, LFS_POINTER
from faker_neural_export.keras_file.weights.hdf5 import Array

from .stored import Stored, StoredLayer, natural

__all__ = ["prefix_of", "read_checkpoint"]

_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_PART = re.compile(r"\.(index|data-\d{5}-of-\d{5}|meta)$")
_ASIDE = ("optimizer", "keras_api", "signatures", "save_counter")
_MAX_DEPTH = 50
_FIRST = ("embeddings", "kernel", "gamma")  # the weights that a layer makes first


def prefix_of(path: Path) -> Path | None:
    """Return the name of a checkpoint without its endings.

    Args:
        path: a folder of checkpoints, a SavedModel, a file of either, or the name itself.

    Returns:
        None if there is no checkpoint.
    """
    if path.name in ("checkpoint", "saved_model.pb", "keras_metadata.pb") and path.is_file():
        path = path.parent
    if path.is_dir():
        return _in_folder(path / "variables") or _in_folder(path)
    path = path.with_name(_PART.sub("", path.name))
    return path if path.with_name(f"{path.name}.index").is_file() else None


def read_checkpoint(prefix: Path) -> Stored:
    """Return the layers of a checkpoint, without the state of the optimizer.

    Args:
        prefix: the name of the checkpoint without its endings.

    Raises:
        ReadError: it is damaged, a file of it is missing, or TensorFlow 1 wrote it.
    """
    _check_data(prefix)
    try:
        reader = tensorflow.train.load_checkpoint(str(prefix))
        shapes, kinds = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
        graph = trackable_object_graph_pb2.TrackableObjectGraph()
        graph.ParseFromString(reader.get_tensor(_GRAPH) if _GRAPH in shapes else b"")
    except Exception as error:  # TensorFlow raises many types
        raise _damaged(error) from None
    if _GRAPH not in shapes:
        raise ReadError("has no layers of Keras: TensorFlow 1 wrote it")
    floats = {key: tuple(shapes[key]) for key, kind in kinds.items() if kind.is_floating}
    layers = [
        StoredLayer(path, {name: floats[key] for name, key in keys.items()}, keys)
        for path, keys in _Walk(graph, floats).layers()
    ]

    def read(key: str) -> Array:
        try:
            array = np.asarray(reader.get_tensor(key), dtype=np.float32)
        except Exception as error:  # a block with a wrong checksum
            raise _damaged(error) from None
        if not np.isfinite(array).all():
            raise ReadError(f"{key!r} holds numbers that are not finite")
        return array

    return Stored(layers, read, in_order=True)


def _damaged(error: Exception) -> ReadError:
    let_interrupts_through(error)
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return ReadError(f"is damaged and cannot be read ({reason})")


def _in_folder(folder: Path) -> Path | None:
    """Return the checkpoint that the file `checkpoint` names, else the one of the last number."""
    found = sorted((path.stem for path in folder.glob("*.index")), key=natural)
    if not found:
        return None
    state, named = folder / "checkpoint", None
    if state.is_file() and state.stat().st_size < 2**20:
        text = state.read_text("utf-8", "replace")
        quoted = re.match(r'model_checkpoint_path: "(.*)"', text)
        named = quoted and Path(quoted[1]).name  # the folder may have moved
    return folder / (named if named in found else found[-1])


def _check_data(prefix: Path) -> None:
    data = sorted(prefix.parent.glob(f"{glob.escape(prefix.name)}.data-*"))
    if not data:
        raise ReadError(f"lacks its file {prefix.name}.data-00000-of-00001")
    for path in (*data, prefix.with_name(f"{prefix.name}.index")):
        with path.open("rb") as file:
            if file.read(len(LFS_POINTER)) == LFS_POINTER:
                raise ReadError(f"has only a pointer of Git LFS as {path.name}: {HOW_TO_PULL}")


class _Walk:
    """A walk over an object graph, from the root, by the shortest path to each object.

    Args:
        graph: the object graph.
        floats: the keys of the arrays of floats.
    """

    def __init__(self, graph: Any, floats: Any) -> None:
        self.nodes, self.floats = graph.nodes, floats
        self.named: dict[str, dict[str, str]] = {}
        self.listed: dict[str, list[tuple[str, str]]] = {}
        self._visit()

    def layers(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the path of each layer, and the keys of its arrays by name."""
        if self.named or not self.listed:
            yield from self.named.items()
            return
        chosen = "variables" if "variables" in self.listed else next(iter(self.listed))
        keys: dict[str, str] = {}
        for i, (name, key) in enumerate(self.listed[chosen]):
            if keys and (name in _FIRST or name in keys):
                yield f"{chosen}/{i}", keys
                keys = {}
            keys[name] = key
        yield f"{chosen}/{len(self.listed[chosen])}", keys

    def _visit(self) -> None:
        seen, waiting = {0}, deque([(0, "")])
        while waiting:
            node, path = waiting.popleft()
            for child in self._children(node):
                if child.node_id in seen or child.local_name in _ASIDE:
                    continue
                variable = self._variable(child.node_id)
                if variable is None:
                    if path.count("/") >= _MAX_DEPTH:
                        raise ReadError(f"is damaged: it nests more than {_MAX_DEPTH} objects")
                    seen.add(child.node_id)
                    waiting.append((child.node_id, f"{path}/{child.local_name}".strip("/")))
                elif variable[1] in self.floats:
                    self._add(path, child, variable, seen)

    def _add(self, path: str, child: Any, variable: tuple[str, str], seen: set[int]) -> None:
        full_name, key = variable
        if not self.floats[key] or "seed_generator" in full_name:
            return
        if child.local_name.isdigit():  # an element of a list such as `variables`
            self.listed.setdefault(path, []).append((full_name.rpartition("/")[2], key))
        else:
            seen.add(child.node_id)
            self.named.setdefault(path, {})[child.local_name.lstrip("_")] = key

    def _children(self, node: int) -> list[Any]:
        children = self.nodes[node].children if node < len(self.nodes) else []
        return [child for child in children if 0 <= child.node_id < len(self.nodes)]

    def _variable(self, node: int) -> tuple[str, str] | None:
        """Return the full name and the key of a variable, None for another object."""
        for attribute in self.nodes[node].attributes:
            if attribute.name == "VARIABLE_VALUE":
                return attribute.full_name, attribute.checkpoint_key
        return None
