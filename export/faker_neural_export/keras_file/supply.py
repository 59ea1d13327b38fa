"""A layer's weights come from the file at the moment it makes them, or it is not built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from .plan.fields import ReadError
from .weights.hdf5 import Array

__all__ = ["Supply"]


class Supply:
    """Stands in for a layer's `add_weight` until the layer is built.

    The layer says which shape it needs, and nothing is allocated before an array of that very
    shape is there.

    Args:
        name: what the layer is called in errors.
        layer: whose weights they are.
        given: the arrays, by the names that the layer gives its weights.
    """

    def __init__(self, name: str, layer: Any, given: Mapping[str, Array]) -> None:
        self.name, self.layer, self.left = name, layer, dict(given)
        self.make = layer.add_weight
        object.__setattr__(layer, "add_weight", self)  # past the layer's own bookkeeping

    def __call__(
        self, shape: tuple[int, ...] = (), initializer: Any = None, *, name: str, **options: Any
    ) -> Any:
        """Make a weight of the array of its name."""
        array = self.left.pop(name, None)
        if array is None:
            raise ReadError(f"it needs a weight {name!r}, which the file does not have")
        if tuple(shape) != array.shape:
            raise ReadError(
                f"by the configuration its {name} is {list(shape)}, and {list(array.shape)} in the "
                "file; they must be of one model"
            )
        options["initializer"] = lambda shape, dtype: keras.ops.convert_to_tensor(array, dtype)
        return self.make(shape=shape, name=name, **options)

    def end(self) -> None:
        """Return the layer its own way back.

        Raises:
            ReadError: there is an array that it did not ask for.
        """
        object.__delattr__(self.layer, "add_weight")
        if self.left:
            raise ReadError(
                f"layer {self.name!r} has no use for {', '.join(self.left)} of the file"
            )
