"""Keras layers with the arrays of a file as weights; each layer is made once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from faker_neural._interrupts import let_interrupts_through

from .multi_head import built_attention
from .plan.fields import ReadError
from .plan.layer_specs import ATTENTION, LAYER_SPECS, MERGING, POINTWISE, RECURRENT
from .plan.network import Layer, Member, Network
from .weight_source import WeightSource
from .weights.assign import Weights

__all__ = ["Layers"]

Tensor = Any
Shape = Sequence[int | None]

_MAX_CALLS = 2000
_LONGEST_UNROLLED = 1000  # steps; TimeDistributed of Keras 3 calls its layer for each
_MASK_OPERATIONS = re.compile(  # Keras 3 names the operations that pass a mask on like this
    r"(all|any|concatenate|equal|expand_dims|logical_\w+|not_equal|ones_like|zeros_like)(_\d+)?$"
)
_MASKED_OTHERWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


class Layers:
    """Makes each Keras layer at its first call, from the plan and the arrays of the file.

    Args:
        weights: the arrays of each layer.
        version: the version of Keras that wrote the file.
        model: builds a model inside a wrapper, from its plan, these layers and its input shape.
    """

    def __init__(
        self, weights: Weights, version: str, model: Callable[[Network, Layers, Shape], Any]
    ) -> None:
        self.weights, self.model = weights, model
        self.made: dict[Layer, Any] = {}
        self.names: set[str] = set()
        self.supplies: list[WeightSource] = []
        self.calls = 0
        self.unsure = re.match(r"2\.[23]\.\d+-tf$", version) is not None  # TensorFlow 1.13 to 2.2
        self.unmasked = re.match(r"2\.[4-9]\.", version) is not None
        self.standalone = re.match(r"1|2\.[0-3]\.\d+$", version) is not None  # not tf.keras

    def call(
        self,
        layer: Layer,
        sources: list[Tensor],
        states: list[Tensor],
        *,
        masked: bool,
        causal: bool,
    ) -> list[Tensor]:
        """Call a layer, and make it if this is its first call.

        Args:
            layer: the layer to call.
            sources: its input tensors, at least one. Those after the first are initial states of a
                recurrent layer too.
            states: the initial states of a recurrent layer; empty for zero states.
            masked: whether the call in the file has an explicit mask.
            causal: whether the call in the file lets attention only look back.

        Returns:
            The output tensors, as a flat list.

        Raises:
            ReadError: there are more than 2,000 calls, or Keras 3 cannot make the layer or call
                it in this way.
        """
        self.calls += 1
        if self.calls > _MAX_CALLS:
            raise ReadError(f"it calls its layers more than {_MAX_CALLS:,} times")
        try:
            self._check_masks(layer, sources, masked)
            if layer not in self.made:
                self.made[layer] = self._make(
                    layer, self.unique(layer.name), [source.shape for source in sources]
                )
            outputs = _called(self.made[layer], layer, sources, states, causal)
        except Exception as error:  # Keras raises whatever its layers raise
            let_interrupts_through(error)
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ReadError(f"layer {layer.name!r} ({layer.saved_as}): {reason}") from None
        return list(keras.tree.flatten(outputs))

    def check_all_used(self) -> None:
        """Check that every array was used.

        Raises:
            ReadError: a layer did not use one of its arrays.
        """
        for supply in self.supplies:
            supply.check_all_used()

    def unique(self, name: str) -> str:
        """Return a similar name that Keras allows and that no other layer has.

        Args:
            name: the name in the file.
        """
        name = re.sub(r"[^A-Za-z0-9_.\-]", "_", name) or "layer"
        name = f"layer_{name}" if _MASK_OPERATIONS.match(name) else name
        found = next(
            each
            for i in range(len(self.names) + 1)
            if (each := f"{name}_{i}" if i else name) not in self.names
        )
        self.names.add(found)
        return found

    def _make(self, layer: Layer, name: str, shapes: Sequence[Shape]) -> Any:
        match layer.kind:
            case "TimeDistributed":
                return self._distributed(layer, name, shapes[0])
            case "Bidirectional":
                return self._bidirectional(layer, name)
            case "MultiHeadAttention":
                made = _new(layer, name)
                parts = [each for each in layer.inner if isinstance(each, Layer)]
                arrays = [self.weights.get(each, {}) for each in parts]
                return built_attention(made, layer.arguments, shapes, arrays)
        made = _new(layer, name)
        self._supply(layer, made)
        return made

    def _supply(self, layer: Layer, made: Any) -> None:
        for each, owner in _owners(layer, made):
            self.supplies.append(WeightSource(each.name, owner, self.weights.get(each, {})))

    def _distributed(self, layer: Layer, name: str, shape: Shape) -> Any:
        """Make a TimeDistributed layer, or only its inner layer if that treats each step alone."""
        inner = layer.inner[0]
        if isinstance(inner, Layer) and inner.kind in POINTWISE:
            return self._make(inner, name, [shape])
        if len(shape) > 1 and (shape[1] or 0) > _LONGEST_UNROLLED:
            raise ReadError(
                f"is distributed over {shape[1]:,} steps; at most {_LONGEST_UNROLLED:,}"
            )
        step = (shape[0], *shape[2:])
        if isinstance(inner, Network):
            made = self.model(inner, self, step)
        else:
            made = self._make(inner, self.unique(inner.name), [step])
        return keras.layers.TimeDistributed(made, name=name)

    def _bidirectional(self, layer: Layer, name: str) -> Any:
        forward, backward = (
            _new(each, each.name) for each in layer.inner if isinstance(each, Layer)
        )
        made = keras.layers.Bidirectional(
            forward, backward_layer=backward, name=name, **layer.arguments
        )
        for each, half in zip(layer.inner, (made.forward_layer, made.backward_layer), strict=True):
            assert isinstance(each, Layer)  # the plan has checked it
            self._supply(each, half)
            # Keras 3 outputs zeros at masked steps here; standalone Keras repeated the last output.
            if self.standalone:
                half.zero_output_for_mask = each.arguments["zero_output_for_mask"]
        return made

    def _check_masks(self, layer: Layer, sources: list[Tensor], masked: bool) -> None:
        """Raise ReadError if Keras 3 masks the call differently from the file's Keras."""
        masks = {id(getattr(x, "_keras_mask", None)): x for x in sources}
        some = any(getattr(x, "_keras_mask", None) is not None for x in sources)
        if masked and not some:
            raise ReadError("is called with an explicit mask, but its input has none")
        if some and self.unmasked and layer.kind == "MultiHeadAttention":
            raise ReadError("reads masked steps, which Keras before 2.10 did not skip here")
        if some and self.unsure and any(map(_may_repeat, layer.inner)):
            raise ReadError(
                "outputs masked steps, which TensorFlow 1 and 2.0 to 2.2 compute differently, "
                "and the file does not say which version saved it"
            )
        if layer.kind in _MASKED_OTHERWISE and some and len(masks) > 1:
            raise ReadError("merges inputs with different masks, which Keras 3 handles differently")


def _may_repeat(inner: Member) -> bool:
    """Return whether this half of a Bidirectional layer may repeat outputs at masked steps."""
    return (
        isinstance(inner, Layer)
        and bool(inner.arguments.get("return_sequences"))
        and inner.implementation != 1  # the default of TensorFlow 1
    )


def _new(layer: Layer, name: str) -> Any:
    """Make a layer, with the layers inside it but without its weights."""
    make, inner = LAYER_SPECS[layer.kind].make, layer.inner
    match layer.kind:
        case "RNN" | "StackedRNNCells":
            cells = [_new(each, each.name) for each in inner if isinstance(each, Layer)]
            return make(cells[0] if layer.kind == "RNN" else cells, **layer.arguments, name=name)
    return make(**layer.arguments, name=name)


def _owners(layer: Layer, made: Any) -> Iterator[tuple[Layer, Any]]:
    """Yield each layer of the plan that has weights of its own, with its Keras layer."""
    match layer.kind:
        case "RNN":
            made_inside = [made.cell]
        case "StackedRNNCells":
            made_inside = made.cells
        case _:
            yield layer, made.cell if layer.kind in RECURRENT else made
            return
    for inner, each in zip(layer.inner, made_inside, strict=True):
        assert isinstance(inner, Layer)  # the plan has checked it
        yield from _owners(inner, each)


def _called(
    made: Any, layer: Layer, sources: list[Tensor], states: list[Tensor], causal: bool
) -> Any:
    options = {"use_causal_mask": True} if causal else {}
    if causal and layer.kind not in ATTENTION:
        raise ReadError("is called with use_causal_mask, which only attention has")
    if layer.kind == "MultiHeadAttention":
        return made(*sources, **options)
    if layer.kind in MERGING or layer.kind in ATTENTION:
        return made(sources, **options)
    states = [*sources[1:], *states]
    return made(sources[0], initial_state=states) if states else made(sources[0])
