"""The lines of Python that rebuild a model whose file holds arrays and no layers."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence

from .stored import Shape, Stored, StoredLayer, differ_in_number, printable

__all__ = ["lines_that_rebuild"]

_GATED = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
_LONGEST = 12  # layers


def lines_that_rebuild(path: str | os.PathLike[str], stored: Stored) -> str:
    """Return the lines that rebuild a model as a Sequential, load its weights and save it.

    Args:
        path: the file of the weights.
        stored: its layers.

    Returns:
        Python statements in one line, joined by "; ". If the layers cannot be told from the
        shapes, a sentence that names the shapes.
    """
    code = _layers(stored)
    if code is None:
        return (
            "rebuild the model in Python, call faker_neural_export.load_checkpoint(model, "
            f"{json.dumps(os.fspath(path))}) and save it; its arrays: {_listed(stored.layers)}"
        )
    return (
        "in Python, if these are its layers: import faker_neural_export, keras; "
        f"model = keras.Sequential([{', '.join(code)}]); "
        f"faker_neural_export.load_checkpoint(model, {json.dumps(os.fspath(path))})"
        '.save("model.keras")'
    )


def _listed(layers: Sequence[StoredLayer]) -> str:
    shapes = [
        f"{printable(layer.path)}/{printable(name)} {list(shape)}"
        for layer in layers
        for name, shape in layer.shapes.items()
    ]
    return ", ".join(shapes[:_LONGEST]) + (", ..." if len(shapes) > _LONGEST else "")


def _layers(stored: Stored) -> list[str] | None:
    """Return the code of each layer from the input to the logits, None if they form no chain."""
    waiting, alike = list(stored.layers), Counter(map(_signature, stored.layers))
    begun = _begun(waiting)
    if begun is None:
        return None
    code, width = begun
    while waiting and len(code) <= _LONGEST:
        ready = [layer for layer in waiting if _fits(layer, width)]
        following = [layer for layer in ready if _recurrent(layer)] or ready
        if not following or not (stored.in_order or differ_in_number(following)):
            return None
        waiting.remove(following[0])
        name = following[0].name if alike[_signature(following[0])] > 1 else ""
        text, width = _code(following[0], name)
        code.append(text)
    return None if waiting or len(code) < 3 else code


def _begun(waiting: list[StoredLayer]) -> tuple[list[str], int] | None:
    """Return the code of the input and the embedding, which is removed, and their size."""
    embedding = next((layer for layer in waiting if _is_embedding(layer, waiting)), None)
    if embedding is not None:
        waiting.remove(embedding)
        tokens, width = _in_order(embedding)[0]
        return ["keras.Input((None,))", f"keras.layers.Embedding({tokens}, {width})"], width
    sizes = [_in_order(layer)[0][0] for layer in waiting if _recurrent(layer)]
    outputs = [_in_order(layer)[0][1] for layer in waiting if _is_dense(layer)]
    width = next((size for size in sizes if size in outputs), 0)  # one-hot tokens in and out
    return ([f"keras.Input((None, {width}))"], width) if width else None


def _signature(layer: StoredLayer) -> tuple[Shape, ...]:
    return tuple(layer.shapes.values())


def _is_embedding(layer: StoredLayer, layers: Sequence[StoredLayer]) -> bool:
    """Return whether the only array of a layer is a table of the vectors of tokens."""
    shapes = list(layer.shapes.items())
    if len(shapes) != 1 or len(shapes[0][1]) != 2:
        return False
    name, (tokens, _) = shapes[0]
    outputs = [_in_order(each)[0][1] for each in layers if _is_dense(each)]
    return name == "embeddings" or (name == "0" and "emb" in layer.path) or tokens in outputs


def _recurrent(layer: StoredLayer) -> str | None:
    """Return the class of a recurrent layer by the shapes of its weights."""
    shapes = _in_order(layer)
    if len(shapes) not in (2, 3) or any(len(shape) != 2 for shape in shapes[:2]):
        return None
    (_, columns), (units, same) = shapes[:2]
    gated = units > 0 and columns == same and columns % units == 0
    return _GATED.get(columns // units) if gated else None


def _in_order(layer: StoredLayer) -> list[Shape]:
    """Return the shapes of kernel, recurrent kernel and bias, or of all weights."""
    order = ("kernel", "recurrent_kernel", "bias")
    if layer.named and set(layer.shapes) <= set(order):
        return [layer.shapes[name] for name in order if name in layer.shapes]
    return list(layer.shapes.values())


def _fits(layer: StoredLayer, width: int) -> bool:
    known = _recurrent(layer) or _is_dense(layer)
    return bool(known) and _in_order(layer)[0][0] == width


def _is_dense(layer: StoredLayer) -> bool:
    shapes = _in_order(layer)
    one = len(shapes) == 1 and len(shapes[0]) == 2 and "embeddings" not in layer.shapes
    return one or (len(shapes) == 2 and len(shapes[0]) == 2 and shapes[1] == shapes[0][1:])


def _code(layer: StoredLayer, name: str) -> tuple[str, int]:
    """Return the code of a layer, and the size of its output."""
    shapes, named = _in_order(layer), f", name={json.dumps(name)}" if name else ""
    if kind := _recurrent(layer):
        units = shapes[1][0]
        options = ", return_sequences=True"
        if len(shapes) == 2:
            options += ", use_bias=False"
        elif kind == "GRU" and len(shapes[2]) == 1:
            options += ", reset_after=False"
        return f"keras.layers.{kind}({units}{options}{named})", units
    units = shapes[0][1]
    options = "" if len(shapes) == 2 else ", use_bias=False"
    return f"keras.layers.Dense({units}{options}{named})", units
