"""What a configuration describes: layers, and networks of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .inbound_nodes import Call, TensorReference

__all__ = ["Layer", "Member", "Network"]


@dataclass(eq=False)
class Layer:
    """A layer as its configuration describes it, in today's words.

    Args:
        name: its own.
        saved_as: the name of its class in the file.
        kind: the name of its class today, a key of `LAYER_SPECS`.
        trainable: false if it was frozen.
        arguments: read and checked.
        batch_shape: the shape of its input, where it says so.
        inner: what a wrapper holds.
        implementation: 1 or 2, as older recurrent layers say it; the default was TensorFlow's age.
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
    """Members and how they feed one another.

    Args:
        name: its own.
        saved_as: the name of its class in the file.
        members: by key, in the file's order.
        calls: of the members, in any order.
        inputs: the tensors that come in, in order.
        outputs: the tensors that go out, in order.
        flat: its members were saved as if they were its parent's (Keras 1, branches of a Merge).
    """

    name: str
    saved_as: str
    members: dict[str, Member] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    inputs: list[TensorReference] = field(default_factory=list)
    outputs: list[TensorReference] = field(default_factory=list)
    flat: bool = False

    def begin(self, member: Member) -> TensorReference:
        """Add a member that the inputs feed, and return what it gives."""
        key = self._add(member)
        if isinstance(member, Layer):
            self.inputs.append(TensorReference(key, 0, 0))
            return TensorReference(key, 0, 0)
        entries = []
        for ref in member.inputs:
            entry = member.members[ref.member]
            assert isinstance(entry, Layer)  # as the plan has found: a model's inputs are layers
            entries.append(self.begin(copy.copy(entry)))
        self.calls.append(Call(key, tuple(entries)))
        return TensorReference(key, 0, 0)

    def append(self, member: Member, sources: tuple[TensorReference, ...] | None = None) -> None:
        """Add a member that is fed by the last one, or by the sources."""
        key = self._add(member)
        self.calls.append(Call(key, tuple(self.outputs) if sources is None else sources))
        self.outputs = [TensorReference(key, 0, 0)]

    def saved(self) -> Iterator[Member]:
        """Return the members as they were saved."""
        for member in self.members.values():
            if isinstance(member, Network) and member.flat:
                yield from member.saved()
            else:
                yield member

    def _add(self, member: Member) -> str:
        key = f"{len(self.members)}/{member.name}"
        self.members[key] = member
        return key


Member: TypeAlias = Layer | Network
