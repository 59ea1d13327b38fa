"""The arrays of a file without layers, grouped by the layer that they were saved for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from faker_neural_export.keras_file.weights.hdf5 import Array, Hdf5

__all__ = [
    "Shape",
    "Stored",
    "StoredLayer",
    "differ_in_number",
    "natural",
    "printable",
    "stored_in_hdf5",
]

Shape = tuple[int, ...]

_ASIDE = re.compile(r"(^|/)(optimizer(_weights)?|metrics|_?(seed|random)_generator)/")


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """The arrays of one layer.

    Args:
        path: the names from the model down to the layer, joined by "/".
        shapes: the shape of each array, by the name of the weight: a number, in the order of the
            layer's weights, if the file does not have the names.
        keys: the name of each array in the file, by the name of the weight.
    """

    path: str
    shapes: Mapping[str, Shape]
    keys: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the last name of the path that is the layer's own, "" if there is none."""
        parts = [part for part in self.path.split("/") if part != "cell" and not part.isdigit()]
        return parts[-1] if parts else ""

    @property
    def named(self) -> bool:
        """Return whether the file has the names of the weights."""
        return not all(name.isdigit() for name in self.shapes)


@dataclass(frozen=True, slots=True)
class Stored:
    """The layers of a file.

    Args:
        layers: the layers that have arrays.
        read: returns the array of a key.
        in_order: whether the layers are in the order in which the model made them.
    """

    layers: Sequence[StoredLayer]
    read: Callable[[str], Array]
    in_order: bool = False


def natural(text: str) -> list[tuple[str, int]]:
    """Return a key that sorts "lstm", "lstm_1", "lstm_2", "lstm_10" in this order.

    Args:
        text: the text to sort by.
    """
    found = re.findall(r"(\D*?)_?(\d+|$)", text)
    return [(letters, int(digits or 0)) for letters, digits in found]


def printable(name: str) -> str:
    """Return a name of a file with escapes for what would change the line or the terminal.

    Args:
        name: the name.
    """
    return repr(name)[1:-1]


def differ_in_number(layers: Sequence[StoredLayer]) -> bool:
    """Return whether the paths of layers are equal but for numbers, so that these order them.

    Args:
        layers: the layers.
    """
    return len({re.sub(r"_?\d+", "", each.path) for each in layers}) == 1


def stored_in_hdf5(file: Hdf5) -> Stored:
    """Return the layers of an HDF5 file of weights, without those of the optimizer and metrics.

    Args:
        file: the content of the file.

    Raises:
        ReadError: an array cannot be read.
    """
    grouped: dict[str, dict[str, str]] = {}
    for key in sorted(file.paths(), key=natural):
        if not _ASIDE.search(key) and file.array(key).shape:
            path, _, name = key.rpartition("/")
            grouped.setdefault(path.removesuffix("/vars"), {})[name.partition(":")[0]] = key
    layers = [
        StoredLayer(path, {name: file.array(key).shape for name, key in keys.items()}, keys)
        for path, keys in grouped.items()
    ]
    return Stored(layers, file.array)
