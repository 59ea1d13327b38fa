"""Keras 3 models, built from a plan and the arrays of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from .layers import Layers
from .plan.fields import ReadError
from .plan.inbound_nodes import Call, TensorReference
from .plan.network import Layer, Member, Network
from .weights.assign import Weights

__all__ = ["build"]

Tensor = Any
Values = dict[TensorReference, Tensor]


def build(network: Network, weights: Weights, version: str) -> keras.Model:
    """Build a Keras 3 model with the arrays of a file as its weights.

    Args:
        network: the plan of the model.
        weights: the arrays of each layer.
        version: the version of Keras that wrote the file.

    Returns:
        A Functional model in float32 for every batch size. The layers of nested models become
        layers of this model, except inside a wrapper. A stateful layer starts from a zero state.

    Raises:
        ReadError: the layers do not fit one another, or the arrays do not fit the layers.
    """
    layers = Layers(weights, version, _model)
    found = _model(network, layers)
    layers.check_all_used()
    return found


def _model(network: Network, layers: Layers, shape: Sequence[int | None] | None = None) -> Any:
    """Build a model; `shape`, if given, replaces its input shape (batch included)."""
    inputs = [_input(network.members[ref.member], layers, shape) for ref in network.inputs]
    outputs = _NetworkBuilder(network, layers, inputs).outputs()
    return keras.Model(_one_or_all(inputs), _one_or_all(outputs), name=layers.unique(network.name))


def _input(layer: Member, layers: Layers, shape: Sequence[int | None] | None) -> Tensor:
    assert isinstance(layer, Layer)  # the plan has checked it
    shape = shape or layer.batch_shape
    if shape is None:
        raise ReadError("it has no input shape: set it on the first layer and save the model again")
    return keras.Input(
        tuple(shape[1:]), dtype=layer.arguments["dtype"], name=layers.unique(layer.name)
    )


class _NetworkBuilder:
    """Calls the members of a network, each once its inputs exist.

    Args:
        network: the network whose members are called.
        layers: makes the layers.
        inputs: one tensor for each input of the network.
    """

    def __init__(self, network: Network, layers: Layers, inputs: Sequence[Tensor]) -> None:
        if len(inputs) != len(network.inputs):
            raise ReadError(
                f"model {network.name!r} takes {len(network.inputs)} tensors, not {len(inputs)}"
            )
        self.network, self.layers = network, layers
        self.values: Values = dict(zip(network.inputs, inputs, strict=True))
        self.numbers: dict[str, int] = {}

    def outputs(self) -> list[Tensor]:
        """Call all members and return the outputs of the network."""
        waiting = self.network.calls
        while waiting:
            later = self._call_ready(waiting)
            if len(later) == len(waiting):
                key, missing = later[0].member, self._missing(later[0])
                raise ReadError(
                    f"layer {key!r} needs the output of {missing!r}, which is never computed"
                )
            waiting = later
        if absent := [ref.member for ref in self.network.outputs if ref not in self.values]:
            raise ReadError(f"no layer computes its output {absent[0]!r}")
        return [self.values[ref] for ref in self.network.outputs]

    def _call_ready(self, waiting: Sequence[Call]) -> list[Call]:
        """Make the calls whose inputs exist, in order for each member; return the other calls."""
        later: list[Call] = []
        blocked: set[str] = set()
        for call in waiting:
            if call.member in blocked or self._missing(call) is not None:
                later.append(call)
                blocked.add(call.member)
            else:
                self._call(call)
        return later

    def _missing(self, call: Call) -> str | None:
        sources = (*call.sources, *call.states)
        return next((ref.member for ref in sources if ref not in self.values), None)

    def _call(self, call: Call) -> None:
        """Call a member once and store its outputs."""
        member, number = self.network.members[call.member], self.numbers.get(call.member, 0)
        self.numbers[call.member] = number + 1
        sources = [self.values[ref] for ref in call.sources]
        if not sources:
            raise ReadError(f"layer {member.name!r} is called with nothing")
        if isinstance(member, Network):
            outputs = _NetworkBuilder(member, self.layers, sources).outputs()
        else:
            states = [self.values[ref] for ref in call.states]
            outputs = self.layers.call(
                member, sources, states, masked=bool(call.masks), causal=call.causal
            )
        for i, output in enumerate(outputs):
            self.values[TensorReference(call.member, number, i)] = output


def _one_or_all(tensors: list[Tensor]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors
