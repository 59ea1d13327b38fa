"""The reader of configurations: layers and calls, the same form for every Keras version."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from faker_neural_export.keras_file.activations import hard_sigmoid

from .arguments import arguments
from .entries import (
    Entry,
    batch_shape,
    built_shape,
    is_of_keras,
    is_operation,
    name_of,
    parts,
    unknown,
)
from .fields import ReadError
from .inbound_nodes import Call, TensorReference, calls_of, numbered_from_zero, read_references
from .layer_specs import CELLS, LAYER_SPECS, RECURRENT, WRAPPERS
from .network import Layer, Member, Network
from .old_names import to_keras_3

__all__ = ["own_class", "parse_config"]

_MAX_DEPTH = 8
_MAX_LAYERS = 1000
_MODELS = ("Sequential", "Model", "Functional")


def parse_config(config: object, major: int) -> Network:
    """Read the configuration of a whole model.

    Args:
        config: the result of a model's `to_json()`, parsed.
        major: the major version of the Keras that wrote the configuration, at least 1.

    Raises:
        ReadError: this is not the configuration of a model, it has a layer that is not supported,
            or it has more than 1,000 layers or 8 levels of nesting.
    """
    found = _ConfigReader(major).member(config)
    if not isinstance(found, Network):
        raise ReadError(f"is a layer ({found.saved_as}) and no model of {', '.join(_MODELS)}")
    return found


def own_class(config: object) -> str | None:
    """Return the name of the class of a model that is neither Sequential nor Functional.

    Args:
        config: the configuration of a whole model, parsed.
    """
    kind = config.get("class_name") if isinstance(config, dict) else None
    known = not isinstance(kind, str) or kind in _MODELS or kind in LAYER_SPECS
    return None if known else f"{kind!r:.80}"


class _ConfigReader:
    """Reads one configuration, and limits its layers and its depth.

    Args:
        major: the major version of the Keras that wrote the configuration.
    """

    def __init__(self, major: int) -> None:
        self.major, self.count, self.depth = major, 0, 0

    def member(self, entry: object) -> Member:
        """Read a layer or a model."""
        kind, config = parts(entry)
        self.count, self.depth = self.count + 1, self.depth + 1
        if self.count > _MAX_LAYERS or self.depth > _MAX_DEPTH:
            raise ReadError(f"has more than {_MAX_LAYERS} layers or {_MAX_DEPTH} nested models")
        assert isinstance(entry, dict)  # parts() has checked it
        if kind == "Sequential":
            found: Member = self._sequential(entry, config)
        elif kind in _MODELS:
            found = self._functional(entry, config)
        else:
            found = self._layer(kind, entry, config)
        self.depth -= 1
        return found

    def _layer(self, kind: str, entry: Entry, config: object) -> Layer:
        name = name_of(entry, config, kind)
        if not isinstance(config, dict):
            raise ReadError(f"layer {name!r} ({kind}) has no configuration")
        try:
            modern, config = to_keras_3(kind, config)
        except ReadError as problem:
            raise ReadError(f"layer {name!r} ({kind}) {problem}") from None
        if modern not in LAYER_SPECS or not is_of_keras(modern, entry.get("module")):
            raise ReadError(unknown(name, kind))
        found = Layer(name, kind, modern, trainable=config.get("trainable") is not False)
        found.batch_shape = batch_shape(name, config)
        found.implementation = config.get("implementation")
        found.inner = self._inner(found, config) if modern in WRAPPERS else ()
        found.arguments = arguments(found, config)
        if modern == "MultiHeadAttention":
            found.inner = _projections(found)
        if self.major < 3:
            _give_old_meaning(found.arguments)
        return found

    def _inner(self, wrapper: Layer, config: dict[str, Any]) -> tuple[Member, ...]:
        """Read the layers inside a wrapper, and remove them from its configuration."""
        if wrapper.kind in ("RNN", "StackedRNNCells"):
            return self._cells(wrapper, config)
        inner = self.member(config.pop("layer", None))
        backward = config.pop("backward_layer", None)
        if wrapper.kind != "Bidirectional":
            return (inner,)
        forward = _layer_of(wrapper, inner, [*RECURRENT, "RNN"])
        wrapper.batch_shape = wrapper.batch_shape or forward.batch_shape
        if backward is None:
            return (forward, _reversed(forward))
        return (forward, _layer_of(wrapper, self.member(backward), [*RECURRENT, "RNN"]))

    def _cells(self, wrapper: Layer, config: dict[str, Any]) -> tuple[Layer, ...]:
        """Read the cell of an RNN or the cells of a stack."""
        stacked = wrapper.kind == "StackedRNNCells"
        entries = config.pop("cells", None) if stacked else [config.pop("cell", None)]
        allowed = [*CELLS] if stacked else [*CELLS, "StackedRNNCells"]
        if not isinstance(entries, list) or not entries:
            raise ReadError(f"layer {wrapper.name!r} ({wrapper.kind}) must have a list of cells")
        cells = [self.member(entry) for entry in entries]
        return tuple(_layer_of(wrapper, cell, allowed) for cell in cells)

    def _sequential(self, entry: Entry, config: object) -> Network:
        listed = config.get("layers") if isinstance(config, dict) else config
        if not isinstance(listed, list) or not listed:
            raise ReadError("a Sequential model must have a list of layers")
        found = Network(name_of(entry, config, "sequential"), "Sequential")
        if parts(listed[0])[0] == "Merge" and isinstance(listed[0].get("config"), dict):
            self._merged(found, listed[0])
        else:
            self._first(found, self.member(listed[0]), built_shape(entry, config))
        for each in listed[1:]:
            found.append(self.member(each))
        return found

    def _merged(self, network: Network, entry: Entry) -> None:
        """Start a Sequential model of Keras 1 with the branches that its first layer merges."""
        branches = entry["config"].get("layers")
        if not isinstance(branches, list) or not branches:
            raise ReadError("a Merge that begins a model must have a list of layers")
        ends = []
        for branch in branches:
            member = self.member(branch)
            if not isinstance(member, Network):
                raise ReadError(f"layer {member.name!r}: a Merge that begins a model merges models")
            member.flat = True
            ends.append(network.add_input(member))
        network.append(self._layer("Merge", entry, entry["config"]), tuple(ends))

    def _first(self, network: Network, first: Member, built: Any) -> None:
        if isinstance(first, Network) or first.kind == "InputLayer":
            network.outputs = [network.add_input(first)]
            return
        entry = Layer(f"{first.name}_input", "InputLayer", "InputLayer")
        entry.batch_shape = first.batch_shape or built
        entry.arguments = {"dtype": "float32"}
        network.outputs = [network.add_input(entry)]
        network.append(first)

    def _functional(self, entry: Entry, config: object) -> Network:
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise ReadError("a Functional model must have a list of layers")
        found = Network(name_of(entry, config, "model"), "Functional")
        calls: list[Call] = []
        aside: dict[str, str] = {}
        for each in config["layers"]:
            kind, inner = parts(each)
            key = name_of(each, inner, kind)
            if self.major >= 3 and is_operation(kind, each, inner):
                aside[key] = kind
                continue
            self._add(found, key, each)
            calls += calls_of(key, each.get("inbound_nodes", []))
        outputs = read_references(config.get("output_layers"))
        _check_sources(calls, outputs, aside)
        found.calls, found.outputs = numbered_from_zero(calls, outputs)
        found.inputs = read_references(config.get("input_layers"))
        _check_inputs(found)
        return found

    def _add(self, network: Network, key: str, entry: Entry) -> None:
        if key in network.members:
            raise ReadError(f"has two layers that are called {key!r}")
        network.members[key] = self.member(entry)


def _check_sources(
    calls: Sequence[Call], outputs: Sequence[TensorReference], aside: Mapping[str, str]
) -> None:
    for ref in (*outputs, *(ref for call in calls for ref in call.sources)):
        if ref.member in aside:
            raise ReadError(unknown(ref.member, aside[ref.member]))


def _check_inputs(network: Network) -> None:
    for ref in network.inputs:
        first = network.members.get(ref.member)
        if not isinstance(first, Layer) or first.kind != "InputLayer":
            raise ReadError(f"its input {ref.member!r} is not an InputLayer")


def _layer_of(wrapper: Layer, inner: Member, allowed: Sequence[str]) -> Layer:
    if not isinstance(inner, Layer) or inner.kind not in allowed:
        held = ", ".join(allowed)
        raise ReadError(f"layer {wrapper.name!r} ({wrapper.kind}) must hold one of {held}")
    return inner


def _projections(attention: Layer) -> tuple[Layer, ...]:
    """Return the layers that a MultiHeadAttention makes, in the order of their weights."""
    biased = {"bias_axes": attention.arguments["use_bias"]}
    return tuple(
        Layer(name, "EinsumDense", "EinsumDense", attention.trainable, dict(biased))
        for name in ("query", "key", "value", "attention_output")
    )


def _reversed(layer: Layer) -> Layer:
    """Return a copy of the layer that reads in the opposite direction."""
    found = copy.deepcopy(layer)
    found.name = f"backward_{layer.name}"
    found.arguments = {**layer.arguments, "go_backwards": not layer.arguments["go_backwards"]}
    return found


def _give_old_meaning(values: dict[str, Any]) -> None:
    for name in ("activation", "recurrent_activation"):
        if values.get(name) == "hard_sigmoid":
            values[name] = hard_sigmoid
