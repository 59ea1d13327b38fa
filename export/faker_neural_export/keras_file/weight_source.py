"""The arrays of a file, passed to a layer at the moment it makes its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from .plan.fields import ReadError
from .weights.hdf5 import Array

__all__ = ["WeightSource"]


class WeightSource:
    """Replaces a layer's `add_weight` until the layer is built.

    The layer asks for a shape. Memory is allocated only if the file has an array of that shape;
    otherwise the layer is not built.

    Args:
        name: the layer's name in error messages.
        layer: the layer that makes the weights.
        given: the arrays, by the layer's names of its weights.
    """

    def __init__(self, name: str, layer: Any, given: Mapping[str, Array]) -> None:
        self.name, self.layer, self.left = name, layer, dict(given)
        self.make = layer.add_weight
        object.__setattr__(layer, "add_weight", self)  # Keras must not track it

    def __call__(
        self, shape: tuple[int, ...] = (), initializer: Any = None, *, name: str, **options: Any
    ) -> Any:
        """Make a weight from the array of the same name.

        Args:
            shape: the shape that the layer needs.
            initializer: ignored; the array is the initial value.
            name: the layer's name of the weight.
            options: other keyword arguments of `add_weight`.

        Raises:
            ReadError: the file has no array of this name, or it has another shape.
        """
        array = self.left.pop(name, None)
        if array is None:
            raise ReadError(f"weight {name!r} is missing in the file")
        if tuple(shape) != array.shape:
            raise ReadError(
                f"by the configuration its {name} is {list(shape)}, and {list(array.shape)} in the "
                "file; use weights and configuration of the same model"
            )
        options["initializer"] = lambda shape, dtype: keras.ops.convert_to_tensor(array, dtype)
        return self.make(shape=shape, name=name, **options)

    def check_all_used(self) -> None:
        """Restore the layer's own `add_weight`.

        Raises:
            ReadError: the layer did not use one of the arrays.
        """
        object.__delattr__(self.layer, "add_weight")
        if self.left:
            raise ReadError(
                f"layer {self.name!r} does not use {', '.join(self.left)}, which the file has"
            )
