"""Keras layers with the arrays of a file, each made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import keras

from .plan.fields import ReadError
from .plan.layer_specs import LAYER_SPECS, MERGING, POINTWISE, RECURRENT
from .plan.network import Layer, Member, Network
from .supply import Supply
from .weights.saved import Weights

__all__ = ["Layers"]

Tensor = Any
Shape = Sequence[int | None]

_MOST_CALLS = 2000
_LONGEST_UNROLLED = 1000  # Keras 3 repeats a layer that is distributed over time once a step
_OF_MASKS = re.compile(  # what Keras 3 calls the operations by which it hands a mask on
    r"(all|any|concatenate|equal|expand_dims|logical_\w+|not_equal|ones_like|zeros_like)(_\d+)?$"
)
_MASKED_OTHERWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


class Layers:
    """Makes a layer where it is called first, from what the plan and the file say.

    Args:
        weights: the arrays of each layer.
        version: of the Keras that wrote them.
        model: builds a model that stands inside a wrapper.
    """

    def __init__(
        self, weights: Weights, version: str, model: Callable[[Network, Layers, Shape], Any]
    ) -> None:
        self.weights, self.model = weights, model
        self.made: dict[Layer, Any] = {}
        self.names: set[str] = set()
        self.supplies: list[Supply] = []
        self.calls = 0
        self.unsure = re.match(r"2\.[23]\.\d+-tf$", version) is not None  # TensorFlow 1.13 to 2.2
        self.standalone = re.match(r"1|2\.[0-3]\.\d+$", version) is not None  # not TensorFlow's

    def call(
        self, layer: Layer, sources: list[Tensor], states: list[Tensor], masked: bool
    ) -> list[Tensor]:
        """Call a layer.

        Args:
            layer: which.
            sources: what it is called with.
            states: what a recurrent layer begins with.
            masked: whether the file says that a mask came with it.

        Raises:
            ReadError: Keras cannot make it or call it so.
        """
        self.calls += 1
        if self.calls > _MOST_CALLS:
            raise ReadError(f"it calls its layers more than {_MOST_CALLS:,} times")
        try:
            self._check_masks(layer, sources, masked)
            if layer not in self.made:
                self.made[layer] = self._make(layer, self.unique(layer.name), sources[0].shape)
            outputs = _called(self.made[layer], layer, sources, states)
        except Exception as error:  # Keras raises whatever its layers raise
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ReadError(f"layer {layer.name!r} ({layer.saved_as}): {reason}") from None
        return list(keras.tree.flatten(outputs))

    def end(self) -> None:
        """Check that every array was used."""
        for supply in self.supplies:
            supply.end()

    def unique(self, name: str) -> str:
        """Return the name, or one like it that is not taken and that Keras allows."""
        name = re.sub(r"[^A-Za-z0-9_.\-]", "_", name) or "layer"
        name = f"layer_{name}" if _OF_MASKS.match(name) else name
        found = next(
            each
            for i in range(len(self.names) + 1)
            if (each := f"{name}_{i}" if i else name) not in self.names
        )
        self.names.add(found)
        return found

    def _make(self, layer: Layer, name: str, shape: Shape) -> Any:
        if layer.kind == "TimeDistributed":
            return self._distributed(layer, name, shape)
        if layer.kind == "Bidirectional":
            return self._bidirectional(layer, name)
        made = LAYER_SPECS[layer.kind].make(**layer.arguments, name=name)
        self._supply(layer, made)
        return made

    def _supply(self, layer: Layer, made: Any) -> None:
        owner = made.cell if layer.kind in RECURRENT else made
        self.supplies.append(Supply(layer.name, owner, self.weights.get(layer, {})))

    def _distributed(self, layer: Layer, name: str, shape: Shape) -> Any:
        """Make a layer that is applied at each step; most are so by themselves."""
        inner = layer.inner[0]
        if isinstance(inner, Layer) and inner.kind in POINTWISE:
            return self._make(inner, name, shape)
        if len(shape) > 1 and (shape[1] or 0) > _LONGEST_UNROLLED:
            raise ReadError(
                f"is distributed over {shape[1]:,} steps; at most {_LONGEST_UNROLLED:,}"
            )
        step = (shape[0], *shape[2:])
        if isinstance(inner, Network):
            made = self.model(inner, self, step)
        else:
            made = self._make(inner, self.unique(inner.name), step)
        return keras.layers.TimeDistributed(made, name=name)

    def _bidirectional(self, layer: Layer, name: str) -> Any:
        forward, backward = (
            LAYER_SPECS[each.kind].make(**each.arguments, name=each.name)
            for each in layer.inner
            if isinstance(each, Layer)
        )
        made = keras.layers.Bidirectional(
            forward, backward_layer=backward, name=name, **layer.arguments
        )
        for each, half in zip(layer.inner, (made.forward_layer, made.backward_layer), strict=True):
            assert isinstance(each, Layer)  # as the plan has found
            self._supply(each, half)
            if self.standalone:  # where a step was masked, its output was the last one's
                half.zero_output_for_mask = each.arguments["zero_output_for_mask"]
        return made

    def _check_masks(self, layer: Layer, sources: list[Tensor], masked: bool) -> None:
        """Refuse what Keras 3 would mask in another way than the file's Keras did."""
        masks = {id(getattr(x, "_keras_mask", None)): x for x in sources}
        some = any(getattr(x, "_keras_mask", None) is not None for x in sources)
        if masked and not some:
            raise ReadError("is called with a mask of its own, and not with its input's")
        if some and self.unsure and any(map(_may_repeat, layer.inner)):
            raise ReadError(
                "gives masked steps, which TensorFlow 1 did in one way and 2.0 to 2.2 in another, "
                "and the file does not say which wrote it"
            )
        if layer.kind in _MASKED_OTHERWISE and some and len(masks) > 1:
            raise ReadError("merges inputs of different masks, which Keras 3 masks otherwise")


def _may_repeat(inner: Member) -> bool:
    """Tell whether this half of a Bidirectional layer of TensorFlow may repeat masked outputs."""
    return (
        isinstance(inner, Layer)
        and bool(inner.arguments.get("return_sequences"))
        and inner.implementation != 1  # which was the default of 1.x
    )


def _called(made: Any, layer: Layer, sources: list[Tensor], states: list[Tensor]) -> Any:
    if layer.kind in MERGING:
        return made(sources)
    states = [*sources[1:], *states]
    return made(sources[0], initial_state=states) if states else made(sources[0])
