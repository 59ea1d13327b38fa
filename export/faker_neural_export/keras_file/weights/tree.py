"""The layout of .keras and .weights.h5 files: one group per layer, named by class and number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.plan.layer_specs import RECURRENT
from faker_neural_export.keras_file.plan.network import Layer, Member, Network

from .hdf5 import Hdf5
from .slots import WeightSlot, slots_of

__all__ = ["arrays_of_tree", "tree_in"]

_OLDER = "_layer_checkpoint_dependencies"  # Keras 2.12 and 2.13 count a layer with weights twice
_TREES = ("layers", _OLDER)
_NO_WEIGHTS = re.compile(r"(^|/)_?(seed|random)_generator/")
_PROJECTION = re.compile(r"/(\w+_dense/vars)")  # Keras 2 begins these names with "_"
_INNER: Mapping[str, tuple[str, ...]] = {
    "RNN": ("cell",),
    "MultiHeadAttention": ("query_dense", "key_dense", "value_dense", "output_dense"),
    "TimeDistributed": ("layer",),
    "Bidirectional": ("forward_layer", "backward_layer"),
}


def tree_in(file: Hdf5) -> str | None:
    """Return the name of the group that holds the layers, or None if there is none.

    Args:
        file: the content of an HDF5 file.
    """
    return next((name for name in _TREES if file.has(name)), None)


def arrays_of_tree(network: Network, file: Hdf5, tree: str) -> tuple[list[WeightSlot], list[str]]:
    """Return the weights of a network, and the path of the array of each.

    Args:
        network: the network that owns the weights.
        file: the content of an HDF5 file.
        tree: the name of the group that holds the layers.

    Raises:
        ReadError: a weight has no array, or an array belongs to no weight.
    """
    slots, paths = [], []
    for owner, group in _layers(network, tree, tree):
        for i, slot in enumerate(slot for slot in slots_of(owner) if slot.layer is owner):
            slots.append(slot)
            paths.append(f"{group}/vars/{i}")
    saved = set(file.below(tree))
    paths = [path if path in saved else _PROJECTION.sub(r"/_\1", path) for path in paths]
    for slot, path in zip(slots, paths, strict=True):
        if path not in saved:
            raise ReadError(
                f"layer {slot.layer.name!r} ({slot.layer.saved_as}): its {slot.weight} must be at "
                f"{path!r}, and there is none; use weights and configuration of the same model"
            )
    left = sorted(path for path in saved - set(paths) if not _NO_WEIGHTS.search(path))
    if left:
        raise ReadError(f"it has {left[0]!r}, which belongs to no layer of its configuration")
    return slots, paths


def _layers(owner: Member, path: str, tree: str) -> Iterator[tuple[Layer, str]]:
    """Yield each layer, layers inside wrappers included, with the path of its group."""
    if isinstance(owner, Network):
        yield from _layers_of_network(owner, path, tree)
        return
    yield owner, f"{path}/cell" if owner.kind in RECURRENT else path
    names = _INNER.get(owner.kind) or [f"cells/{name}" for name in _numbered(owner.inner, tree)]
    for inner, name in zip(owner.inner, names, strict=True):
        yield from _layers(inner, _inside(inner, f"{path}/{name}", tree), tree)


def _layers_of_network(network: Network, path: str, tree: str) -> Iterator[tuple[Layer, str]]:
    members = list(network.members.values())
    for each, name in zip(members, _numbered(members, tree), strict=True):
        yield from _layers(each, _inside(each, f"{path}/{name}", tree), tree)


def _numbered(members: Iterable[Member], tree: str) -> Iterator[str]:
    """Yield the group of each member of a list: its class, and a number after the first."""
    used: Counter[str] = Counter()
    for each in members:
        name = _snake(each.saved_as)
        yield f"{name}_{used[name]}" if used[name] else name
        used[name] += 2 if tree == _OLDER and slots_of(each) else 1


def _inside(owner: Member, path: str, tree: str) -> str:
    return f"{path}/{tree}" if isinstance(owner, Network) else path


def _snake(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
