"""The calls of layers and the tensors between them, from files of every Keras version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .fields import IN_PYTHON, ReadError

__all__ = ["Call", "TensorReference", "calls_of", "numbered_from_zero", "read_references"]

_MAX_NODES = 1000
_INPUTS = ("query", "value", "key")  # of attention, in the order of its arguments
_MASKS = ("mask", "query_mask", "value_mask", "key_mask")


class TensorReference(NamedTuple):
    """A reference to one output tensor of one call of a member.

    Args:
        member: the member's key in the network.
        call: the number of the call of this member, from 0.
        output: the number of the output of this call, from 0.
    """

    member: str
    call: int
    output: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a member.

    Args:
        member: the member's key in the network.
        sources: the input tensors.
        states: the initial states of a recurrent layer; empty for zero states.
        masks: the tensors passed as masks.
        causal: whether attention may only look back.
    """

    member: str
    sources: tuple[TensorReference, ...]
    states: tuple[TensorReference, ...] = ()
    masks: tuple[TensorReference, ...] = ()
    causal: bool = False


def read_references(value: object) -> list[TensorReference]:
    """Read the input or output tensors of a model: one reference or a list.

    Args:
        value: `input_layers` or `output_layers` of the configuration.

    Raises:
        ReadError: the value is not of this form, or is empty.
    """
    found = _nested_refs(value)
    if not found:
        raise ReadError("its configuration names no inputs or no outputs")
    return found


def calls_of(member: str, nodes: object) -> list[Call]:
    """Read the calls of one member.

    Args:
        member: the member's key in the network.
        nodes: `inbound_nodes` of its entry; an empty node is skipped.

    Raises:
        ReadError: `nodes` is not a list of at most 1,000, or a node is malformed.
    """
    if not isinstance(nodes, list) or len(nodes) > _MAX_NODES:
        raise ReadError(f"layer {member!r}: inbound_nodes must be a list of at most {_MAX_NODES}")
    return [_call(member, node) for node in nodes if node]


def numbered_from_zero(
    calls: Sequence[Call], outputs: Sequence[TensorReference]
) -> tuple[list[Call], list[TensorReference]]:
    """Return the calls and the outputs with call numbers that start from 0.

    A nested model counted its creation as its call 0, so that its first use has number 1.

    Args:
        calls: all calls of the network.
        outputs: the outputs of the network.
    """
    shifted = _counted_from_one(calls, outputs)
    moved = [
        replace(call, sources=_shift(call.sources, shifted), states=_shift(call.states, shifted))
        for call in calls
    ]
    return moved, list(_shift(outputs, shifted))


def _counted_from_one(calls: Sequence[Call], outputs: Sequence[TensorReference]) -> frozenset[str]:
    used: dict[str, set[int]] = {}
    for ref in (*outputs, *(ref for call in calls for ref in (*call.sources, *call.states))):
        used.setdefault(ref.member, set()).add(ref.call)
    made = [call.member for call in calls]
    return frozenset(
        member
        for member, numbers in used.items()
        if member in made and numbers == set(range(1, made.count(member) + 1))
    )


def _shift(
    found: Sequence[TensorReference], shifted: frozenset[str]
) -> tuple[TensorReference, ...]:
    return tuple(ref._replace(call=ref.call - 1) if ref.member in shifted else ref for ref in found)


def _call(member: str, node: object) -> Call:
    if isinstance(node, dict):  # Keras 3
        arguments, options = node.get("args"), node.get("kwargs", {})
        _check_options(member, options)

        def tensors(value: object) -> list[TensorReference]:
            return list(_tensors(member, value))

        found = tensors(arguments)
    else:
        found, options = _old_node(member, node)
        _check_options(member, options)
        tensors = _nested_refs
    return Call(
        member,
        (*found, *(ref for name in _INPUTS for ref in tensors(options.get(name)))),
        tuple(tensors(options.get("initial_state"))),
        tuple(ref for name in _MASKS for ref in tensors(options.get(name))),
        options.get("use_causal_mask") is True,
    )


def _old_node(member: str, node: Any) -> tuple[list[TensorReference], Mapping[str, Any]]:
    """Read a node of Keras 1 or 2: a list of [layer, call, output] or [..., options]."""
    parts = [node] if _is_ref(node) else node
    if not isinstance(parts, list) or not all(map(_is_ref, parts)):
        raise ReadError(f"layer {member!r}: inbound_nodes must hold lists of [layer, call, output]")
    options: dict[str, Any] = {}
    for part in parts:
        options |= part[3] if len(part) > 3 else {}
    return [TensorReference(*part[:3]) for part in parts], options


def _check_options(member: str, options: object) -> None:
    if not isinstance(options, dict):
        raise ReadError(f"layer {member!r}: the options of its call must be an object")
    for name, value in options.items():
        if name == "use_causal_mask" and isinstance(value, bool):
            continue
        if name not in ("initial_state", *_INPUTS, *_MASKS) and value:
            raise ReadError(
                f"layer {member!r} is called with {name}={value!r:.80}; "
                "supported: tensors, initial_state, mask, use_causal_mask"
            )


def _tensors(member: str, value: object) -> Iterator[TensorReference]:
    """Yield the tensors among the arguments of a call in a Keras 3 file."""
    if isinstance(value, list):
        for each in value:
            yield from _tensors(member, each)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        history: Any = config.get("keras_history") if isinstance(config, dict) else None
        if not _is_ref(history):
            raise ReadError(f"layer {member!r}: a tensor does not say which layer gave it")
        yield TensorReference(*history[:3])
    elif value is not None:
        what = "a constant" if _is_constant(value) else f"{value!r:.80}, which is not a tensor"
        raise ReadError(f"layer {member!r} is called with {what}; {IN_PYTHON}")


def _is_constant(value: object) -> bool:
    """Return whether a value is a number or an array, such as the vectors of positions."""
    kind = value.get("class_name") if isinstance(value, dict) else None
    return kind in ("__tensor__", "__numpy__") or isinstance(value, int | float)


def _nested_refs(value: Any) -> list[TensorReference]:
    if _is_ref(value):
        return [TensorReference(*value[:3])]
    if isinstance(value, dict):
        value = list(value.values())
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_ref, value)):
        raise ReadError("its tensors must be given as [layer, call, output]")
    return [TensorReference(*each[:3]) for each in value]


def _is_ref(value: object) -> Any:
    return (
        isinstance(value, list)
        and [type(part) for part in value] in ([str, int, int], [str, int, int, dict])
        and value[1] >= 0
        and value[2] >= 0
    )
