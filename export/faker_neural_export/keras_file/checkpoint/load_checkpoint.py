"""The weights of a rebuilt model, from a file that holds arrays and no layers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import keras

from faker_neural import ConversionError, MissingFileError
from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.weights.hdf5 import read_hdf5

from .stored import Shape, Stored, StoredLayer, differ_in_number, natural, printable, stored_in_hdf5
from .tensorflow_checkpoint import prefix_of, read_checkpoint

__all__ = ["load_checkpoint"]

Signature = tuple[object, ...]


def load_checkpoint(model: keras.Model, path: str | os.PathLike[str]) -> keras.Model:
    """Load the weights of a TensorFlow checkpoint into a model of the same layers.

    The model need not be of the class that was saved: a Sequential of the same layers takes the
    weights of the subclassed models of TensorFlow's tutorials. Nothing in the file is executed.

    Args:
        model: a built model; its weights are replaced.
        path: a checkpoint (its name, one of its files, or its folder, whose last checkpoint is
            used), a SavedModel, or a .weights.h5 or .keras file of a subclassed model.

    Returns:
        The model.

    Raises:
        MissingFileError: there is no such checkpoint.
        ConversionError: an array of the file belongs to no layer, a layer has no arrays in the
            file, or two layers have arrays of equal shapes and other names than in the file.
    """
    path = Path(path)
    try:
        stored = _stored(path)
        pairs = list(_pairs(_layers_of(model), stored.layers))
        arrays = {
            id(weight): stored.read(keys)
            for layer, found in pairs
            for weight, keys in zip(layer.weights, _in_order(layer, found), strict=True)
        }
        model.set_weights([arrays[id(weight)] for weight in model.weights])
    except ReadError as problem:
        raise ConversionError(path, str(problem)) from None
    return model


def _stored(path: Path) -> Stored:
    prefix = prefix_of(path)
    if prefix is not None:
        return read_checkpoint(prefix)
    if path.is_dir():
        raise ReadError("is a folder without a checkpoint; it needs a file NAME.index")
    if not path.exists():
        raise MissingFileError(path, "there is no such checkpoint")
    return stored_in_hdf5(read_hdf5(path))


class _ModelLayer:
    """The weights that one layer of the model owns, of a cell or of an inner layer.

    Args:
        name: the name of the layer that the user gave.
    """

    def __init__(self, name: str) -> None:
        self.name, self.weights = name, list[keras.Variable]()

    @property
    def shapes(self) -> Mapping[str, Shape]:
        return {weight.name: tuple(weight.shape) for weight in self.weights}


def _layers_of(model: keras.Model) -> list[_ModelLayer]:
    if not model.weights:
        raise ReadError("the model has no weights yet: begin it with keras.Input")
    names = {id(weight): layer.name for layer in model.layers for weight in layer.weights}
    found: dict[str, _ModelLayer] = {}
    for weight in model.weights:
        path = weight.path.rpartition("/")[0]
        layer = _ModelLayer(names.get(id(weight), path))
        found.setdefault(path, layer).weights.append(weight)
    return list(found.values())


def _pairs(
    layers: Sequence[_ModelLayer], stored: Sequence[StoredLayer]
) -> Iterator[tuple[_ModelLayer, StoredLayer]]:
    """Yield each layer of the model with the layer of the file that has its arrays."""
    named = any(layer.named for layer in stored)
    ours: dict[Signature, list[_ModelLayer]] = {}
    theirs: dict[Signature, list[StoredLayer]] = {}
    for layer in layers:
        ours.setdefault(_signature(layer.shapes, named), []).append(layer)
    for each in stored:
        theirs.setdefault(_signature(each.shapes, named), []).append(each)
    for signature, some in ours.items():
        found = theirs.pop(signature, [])
        if len(found) < len(some):
            raise ReadError(
                f"holds no arrays for the layer {some[len(found)].name!r} "
                f"({_described(some[0].shapes)}); it holds {_rest(theirs)}"
            )
        yield from _paired(some, found)
    if theirs:
        raise ReadError(f"holds {_rest(theirs)}, and the model has no such layer")


def _signature(shapes: Mapping[str, Shape], named: bool) -> Signature:
    return tuple(sorted(shapes.items())) if named else tuple(shapes.values())


def _paired(
    layers: Sequence[_ModelLayer], stored: Sequence[StoredLayer]
) -> Iterator[tuple[_ModelLayer, StoredLayer]]:
    """Yield pairs of layers that have arrays of equal shapes: by name, else by number."""
    if len(stored) > len(layers):
        paths = ", ".join(repr(each.path) for each in stored)
        raise ReadError(f"holds {paths} of equal shapes, and the model has {len(layers)} of them")
    by_name = [[s for s in stored if layer.name in s.path.split("/")] for layer in layers]
    once = all(len(each) == 1 for each in by_name)
    if once and len({each[0].path for each in by_name}) == len(layers):
        yield from zip(layers, (each[0] for each in by_name), strict=True)
    elif differ_in_number(stored):
        yield from zip(layers, sorted(stored, key=lambda each: natural(each.path)), strict=True)
    else:
        paths = ", ".join(repr(each.path) for each in stored)
        raise ReadError(
            f"holds {paths} of equal shapes; give the model's layers these names, such as "
            f"name={stored[0].name!r}"
        )


def _in_order(layer: _ModelLayer, stored: StoredLayer) -> list[str]:
    """Return the key of the array of each weight of the layer."""
    if stored.named:
        return [stored.keys[weight.name] for weight in layer.weights]
    return list(stored.keys.values())


def _rest(theirs: dict[Signature, list[StoredLayer]]) -> str:
    rest = [each for some in theirs.values() for each in some]
    listed = [f"{each.path or 'its root'!r} ({_described(each.shapes)})" for each in rest]
    return ", ".join(listed[:6]) + (", ..." if len(rest) > 6 else "") or "nothing else"


def _described(shapes: Mapping[str, Shape]) -> str:
    return ", ".join(f"{printable(name)} {list(shape)}" for name, shape in shapes.items())
