"""Tokens and the sizes of their model: ids that the list leaves out, or that the model has not."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import keras

from faker_neural import ConversionError

from .listed import ListedTokens

__all__ = ["ModelSizes", "fit_tokens", "sizes_of"]


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """The numbers of ids of a model.

    Args:
        outputs: the number of ids that it predicts.
        inputs: the number of ids that it is fed, if it has an Embedding; else None.
        least: the first or the last id if its bias in the last layer is the lowest, as of an id
            that training never predicts; None if neither is.
    """

    outputs: int
    inputs: int | None
    least: int | None = None


def sizes_of(model: keras.Model) -> ModelSizes | None:
    """Return the sizes of a model; None if its last size is open or it has several outputs.

    Args:
        model: a built model.
    """
    found = getattr(model, "outputs", None) or []
    if len(found) != 1 or not found[0].shape or found[0].shape[-1] is None:
        return None
    outputs = found[0]
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    inputs = next((x.input_dim for x in layers if isinstance(x, keras.layers.Embedding)), None)
    biases = [x.bias for x in layers if isinstance(x, keras.layers.Dense) and x.use_bias]
    count, least = int(outputs.shape[-1]), None
    if biases and biases[-1].shape == (count,):
        order = keras.ops.convert_to_numpy(biases[-1]).argsort(stable=True)
        bias = keras.ops.convert_to_numpy(biases[-1])[order]
        least = int(order[0]) if count > 1 and bias[0] < bias[1] else None
    return ModelSizes(count, inputs, least if least in (0, count - 1) else None)


def fit_tokens(
    path: str | os.PathLike[str], listed: ListedTokens, sizes: ModelSizes
) -> tuple[ListedTokens, str]:
    """Fit tokens to a model that has one id more or less, where it is plain which one.

    Args:
        path: the model's name in errors.
        listed: the tokens.
        sizes: the sizes of the model.

    Returns:
        The tokens, and a line that says what was done; "" if nothing was.

    Raises:
        ConversionError: the model has another number of ids, or one more or less and nothing tells
            which one; then the message says what to write. Or the Embedding has too few ids; it
            may have more, which are never fed.
    """
    if listed.num_words in (sizes.outputs, sizes.outputs - 1):
        listed = replace(listed, tokens=listed.tokens[: listed.num_words])
    match sizes.outputs - len(listed.tokens):
        case 0:
            if sizes.inputs is not None and sizes.inputs < sizes.outputs:
                rule = f"and {listed.source} lists {sizes.outputs:,} tokens"
                raise ConversionError(path, f"its Embedding has {sizes.inputs:,} ids, {rule}")
            return listed, ""
        case 1:
            return _longer(path, listed, sizes)
        case -1:
            return _shorter(path, listed, sizes)
    raise ConversionError(path, _of_other_sizes(listed, sizes))


def _of_other_sizes(listed: ListedTokens, sizes: ModelSizes) -> str:
    said = (
        f"predicts {sizes.outputs:,} ids, and {listed.source} lists {len(listed.tokens):,} tokens"
    )
    words = any(len(token.strip()) > 1 for token in listed.tokens)
    if words and listed.first == 1 and sizes.outputs < len(listed.tokens):
        said += f" with id 0: if the Tokenizer had num_words={sizes.outputs}, leave out the ids "
        return said + f"from {sizes.outputs:,} on; else they are not of one model"
    return f"{said}: they are not of one model"


def _longer(
    path: str | os.PathLike[str], listed: ListedTokens, sizes: ModelSizes
) -> tuple[ListedTokens, str]:
    """Add an id: the last one, or before a list the first one."""
    last = len(listed.tokens)
    where = last if listed.first == 1 or "" in listed.tokens else sizes.least
    if listed.first == 0:
        where = None if sizes.least == 0 else last  # ids from 0, unless training moved them by one
    if where is None:
        raise ConversionError(
            path,
            f"predicts {sizes.outputs} ids, and {listed.source} lists {last} tokens: if id 0 is "
            'padding, begin the list with ""; if the last id is unused, end the list with ""',
        )
    if where == 0:
        said = f"{listed.name} lists the tokens from id 1: id 0 is padding, never drawn"
        return replace(listed, tokens=("", *listed.tokens), first=1), said
    name = f"<{last}>" if "" in listed.tokens else ""
    said = f"id {last} has no token in {listed.name} and is never drawn"
    masked = listed.masked | {last}
    return replace(listed, tokens=(*listed.tokens, name), masked=masked), said


def _shorter(
    path: str | os.PathLike[str], listed: ListedTokens, sizes: ModelSizes
) -> tuple[ListedTokens, str]:
    """Leave out the padding, if the model's ids begin with the first token."""
    if listed.tokens[0] == "" and sizes.inputs in (None, sizes.outputs):
        said = f"the model has no padding: its id 0 is {listed.tokens[1]!r}"
        return replace(listed, tokens=listed.tokens[1:], first=0), said
    raise ConversionError(
        path,
        f"predicts {sizes.outputs} ids, and {listed.source} lists {len(listed.tokens)} tokens, "
        f"with id 0: if the last one, {listed.tokens[-1]!r}, is unused, leave it out; if the "
        f"first one, {listed.tokens[0]!r}, is, write a list of the others",
    )
