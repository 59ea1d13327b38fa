"""The layers and networks that a configuration describes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .inbound_nodes import Call, TensorReference

__all__ = ["Layer", "Member", "Network"]


@dataclass(eq=False)
class Layer:
    """A layer as its configuration describes it, in the names of Keras 3.

    Args:
        name: the name of the layer.
        saved_as: the name of its class in the file.
        kind: the name of its class in Keras 3, a key of `LAYER_SPECS`.
        trainable: False if the layer was frozen.
        arguments: the arguments of the Keras 3 layer, checked.
        batch_shape: the input shape, batch included; None if the configuration does not state it.
        inner: the layers or the model inside a wrapper.
        implementation: 1 or 2 in older recurrent layers, else None. The default was 1 in
            TensorFlow 1 and 2 in TensorFlow 2.
    """

    name: str
    saved_as: str
    kind: str
    trainable: bool = True
    arguments: dict[str, Any] = field(default_factory=dict)
    batch_shape: tuple[int | None, ...] | None = None
    inner: tuple[Member, ...] = ()
    implementation: object = None


@dataclass(eq=False)
class Network:
    """A model: its members and the calls that connect them.

    Args:
        name: the name of the model.
        saved_as: the name of its class in the file.
        members: the layers and nested networks, by key, in the order of the file.
        calls: the calls of the members, in any order.
        inputs: the input tensors, in order.
        outputs: the output tensors, in order.
        flat: whether the members were saved as members of the parent, as Keras 1 did with the
            branches of a Merge.
    """

    name: str
    saved_as: str
    members: dict[str, Member] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    inputs: list[TensorReference] = field(default_factory=list)
    outputs: list[TensorReference] = field(default_factory=list)
    flat: bool = False

    def add_input(self, member: Member) -> TensorReference:
        """Add a member at the start of the network, and return its first output.

        Args:
            member: an input layer, or a network; copies of its input layers become inputs of
                this network.
        """
        key = self._add(member)
        if isinstance(member, Layer):
            self.inputs.append(TensorReference(key, 0, 0))
            return TensorReference(key, 0, 0)
        entries = []
        for ref in member.inputs:
            entry = member.members[ref.member]
            assert isinstance(entry, Layer)  # the plan has checked it
            entries.append(self.add_input(copy.copy(entry)))
        self.calls.append(Call(key, tuple(entries)))
        return TensorReference(key, 0, 0)

    def append(self, member: Member, sources: tuple[TensorReference, ...] | None = None) -> None:
        """Add a member and its call; its first output becomes the output of the network.

        Args:
            member: a layer or network.
            sources: its input tensors; None for the current outputs of this network.
        """
        key = self._add(member)
        self.calls.append(Call(key, tuple(self.outputs) if sources is None else sources))
        self.outputs = [TensorReference(key, 0, 0)]

    def saved_members(self) -> Iterator[Member]:
        """Yield the members in the order of saving; a flat network is replaced by its members."""
        for member in self.members.values():
            if isinstance(member, Network) and member.flat:
                yield from member.saved_members()
            else:
                yield member

    def _add(self, member: Member) -> str:
        key = f"{len(self.members)}/{member.name}"
        self.members[key] = member
        return key


Member: TypeAlias = Layer | Network
