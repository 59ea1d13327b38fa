"""The weights of a network that need an array, in the orders in which Keras saved them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from faker_neural_export.keras_file.plan.layer_specs import LAYER_SPECS, RECURRENT
from faker_neural_export.keras_file.plan.network import Layer, Member

from .layouts import GATES

__all__ = [
    "WeightSlot",
    "as_saved_by_keras_1",
    "name_their_layers",
    "names_match",
    "orders",
    "slots_of",
]

_STATISTICS = ("moving_mean", "moving_variance")
_FORMER = {
    "W": ("kernel", "embeddings"),
    "U": ("recurrent_kernel",),
    "b": ("bias",),
    "alphas": ("alpha",),
    "running_mean": ("moving_mean",),
    "running_std": ("moving_variance",),
}
_PARTS = [f"{part}_{gate}" for gates in GATES.values() for gate in gates for part in "WUb"]
_KNOWN = {*_FORMER, *_PARTS, *(name for kind in LAYER_SPECS.values() for name in kind.weights)}


class WeightSlot(NamedTuple):
    """A weight that needs an array.

    Args:
        layer: the layer that owns the weight.
        weight: the layer's name of the weight.
        trainable: whether the weight, its layer and the wrappers around the layer were trainable.
    """

    layer: Layer
    weight: str
    trainable: bool


def slots_of(owner: Member, trainable: bool = True) -> list[WeightSlot]:
    """Return the weights of a layer or a network, in the order of its layers.

    Args:
        owner: the layer or network.
        trainable: whether the wrappers around the owner were trainable.
    """
    if not isinstance(owner, Layer):
        return [slot for each in owner.saved_members() for slot in slots_of(each, trainable)]
    trainable = trainable and owner.trainable
    own = [
        WeightSlot(owner, name, trainable and name not in _STATISTICS)
        for name, needs in LAYER_SPECS[owner.kind].weights.items()
        if needs is None or owner.arguments[needs]
    ]
    return own + [slot for each in owner.inner for slot in slots_of(each, trainable)]


def as_saved_by_keras_1(slots: Sequence[WeightSlot]) -> list[WeightSlot]:
    """Return the weights as Keras 1 saved them: each gate of an LSTM or GRU separately.

    Args:
        slots: the weights in the order of their layers.
    """
    return list(_by_gates(slots))


def orders(slots: Sequence[WeightSlot]) -> Iterator[list[WeightSlot]]:
    """Yield the orders in which Keras versions save the same weights, the likeliest first.

    Args:
        slots: the weights in the order of their layers.
    """
    yield sorted(slots, key=lambda slot: not slot.trainable)
    yield sorted(slots, key=lambda slot: not slot.trainable and slot.layer.kind not in RECURRENT)
    yield sorted(slots, key=lambda slot: slot.weight in _STATISTICS)
    yield list(slots)


def names_match(slots: Sequence[WeightSlot], paths: Sequence[str]) -> bool:
    """Return whether no array has the name of a weight other than its own.

    Args:
        slots: the weights.
        paths: the path of the array of each weight.
    """
    return all(
        (meant := _meant(path)) is None or slot.weight in meant
        for slot, path in zip(slots, paths, strict=True)
    )


def name_their_layers(slots: Sequence[WeightSlot], paths: Sequence[str]) -> bool:
    """Return whether each path names the layer of its weight, or none of these layers.

    Args:
        slots: the weights.
        paths: the path of the array of each weight.
    """
    names = {slot.layer.name for slot in slots}
    return all(
        slot.layer.name in parts or not names & parts
        for slot, parts in zip(slots, (set(path.split("/")) for path in paths), strict=True)
    )


def _by_gates(slots: Sequence[WeightSlot]) -> Iterator[WeightSlot]:
    for slot in slots:
        gates = GATES.get(slot.layer.kind)
        if gates is None:
            yield slot
        elif slot.weight == "kernel":
            for gate in gates:
                yield from (slot._replace(weight=f"{part}_{gate}") for part in "WUb")


def _meant(path: str) -> tuple[str, ...] | None:
    """Return the weights that the name of an array may mean, None for an unknown name."""
    name = path.rpartition("/")[2].partition(":")[0]
    known = [each for each in _KNOWN if name == each or name.endswith(f"_{each}")]
    if not known:
        return None
    longest = max(known, key=len)
    return _FORMER.get(longest, (longest,))
