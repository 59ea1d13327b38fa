"""The assignment of a file's arrays to weights: one array to each weight, none left over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.plan.network import Layer, Member, Network

from .hdf5 import Array, Hdf5
from .layouts import modern_layout
from .slots import WeightSlot, as_saved_by_keras_1, name_their_layers, names_match, orders, slots_of
from .tree import arrays_of_tree, tree_in

__all__ = ["Weights", "assign_weights"]

Weights = dict[Layer, dict[str, Array]]
"""The arrays of each layer, by the layer's names of its weights."""


def assign_weights(network: Network, file: Hdf5) -> Weights:
    """Return the array of every weight of a network.

    Args:
        network: the network that owns the weights.
        file: the content of an HDF5 file, in the layout of any Keras version.

    Returns:
        The arrays in the layout of Keras 3.

    Raises:
        ReadError: an array belongs to no weight, a weight has no array, or the names of arrays
            contradict those of the weights.
    """
    root = "model_weights" if file.has("model_weights") else ""
    names = file.texts(root, "layer_names")
    flipped = False
    if names is not None:
        listed = {name: _paths(file, _joined(root, name)) for name in names}
        flipped = _is_of_theano(file, root, listed.values())
        slots, paths = _of_layers(network, {name: each for name, each in listed.items() if each})
    elif tree := tree_in(file):
        slots, paths = arrays_of_tree(network, file, tree)
    else:
        raise ReadError("it holds no weights of Keras: neither 'layer_names' nor 'layers' is there")
    found: Weights = {}
    for slot, path in zip(slots, paths, strict=True):
        found.setdefault(slot.layer, {})[slot.weight] = file.array(path)
    return {layer: _laid_out(layer, given, flipped) for layer, given in found.items()}


def _laid_out(layer: Layer, given: dict[str, Array], flipped: bool) -> dict[str, Array]:
    try:
        return modern_layout(layer, given, flipped)
    except ReadError as problem:
        raise ReadError(f"layer {layer.name!r}: {problem}") from None


def _paths(file: Hdf5, group: str) -> list[str]:
    return [f"{group}/{name}" for name in file.texts(group, "weight_names") or []]


def _joined(group: str, name: str) -> str:
    return f"{group}/{name}" if group else name


def _is_of_theano(file: Hdf5, root: str, paths: Iterable[list[str]]) -> bool:
    """Return whether Theano was the backend.

    If the file does not state the backend, it was TensorFlow if a weight name has its ":0".
    """
    backend = file.text(root, "backend") or file.text("", "backend")
    if backend is not None:
        return backend == "theano"
    return not any(":" in path for each in paths for path in each)


def _of_layers(
    network: Network, listed: dict[str, list[str]]
) -> tuple[list[WeightSlot], list[str]]:
    """Match the layout of Keras 1, 2 and the .h5 files of 3: a list of arrays for each layer."""
    members = [each for each in network.saved_members() if slots_of(each)]
    if {each.name for each in members} == set(listed):
        members.sort(key=lambda each: list(listed).index(each.name))
    _check_same_number(members, listed)
    slots: list[WeightSlot] = []
    for each, paths in zip(members, listed.values(), strict=True):  # by position: names may differ
        slots += _matched(each, paths)
    return slots, [path for paths in listed.values() for path in paths]


def _check_same_number(members: Sequence[Member], listed: dict[str, list[str]]) -> None:
    if len(members) == len(listed):
        return
    ours, theirs = [each.name for each in members], list(listed)
    alone = [name for name in ours if name not in theirs] or ours
    other = [name for name in theirs if name not in ours] or theirs
    raise ReadError(
        f"{len(ours)} layers have weights by the configuration and {len(theirs)} in the file "
        f"(only in the configuration: {', '.join(alone[:5])}; only in the file: "
        f"{', '.join(other[:5])}); "
        "use weights and configuration of the same model"
    )


def _matched(owner: Member, paths: list[str]) -> list[WeightSlot]:
    """Return the order of a layer's weights that fits the number and the names of the arrays."""
    slots = slots_of(owner)
    candidates = [
        order
        for way in (slots, as_saved_by_keras_1(slots))
        if len(way) == len(paths)
        for order in orders(way)
    ]
    if not candidates:
        raise ReadError(
            f"layer {owner.name!r} has {len(slots)} weights by its configuration and "
            f"{len(paths)} in the file; use weights and configuration of the same model"
        )
    agreeing = [order for order in candidates if names_match(order, paths)]
    if not agreeing:
        raise ReadError(
            f"layer {owner.name!r}: the file has {', '.join(paths[:6])} where "
            f"{', '.join(slot.weight for slot in candidates[0][:6])} must be"
        )
    return next((order for order in agreeing if name_their_layers(order, paths)), agreeing[0])
