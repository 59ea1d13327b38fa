"""The lines of Python that rebuild a model whose file holds arrays and no layers."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence

from .stored import Shape, Stored, StoredLayer, natural

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
    code = _layers(stored.layers)
    if code is None:
        return (
            "rebuild the model in Python, call faker_neural_export.load_checkpoint(model, "
            f"{json.dumps(os.fspath(path))}) and save it; its arrays: {_listed(stored.layers)}"
        )
    return (
        "in Python: import faker_neural_export, keras; "
        f"model = keras.Sequential([{', '.join(code)}]); "
        f"faker_neural_export.load_checkpoint(model, {json.dumps(os.fspath(path))})"
        '.save("model.keras")'
    )


def _listed(layers: Sequence[StoredLayer]) -> str:
    shapes = [
        f"{layer.path}/{name} {list(shape)}"
        for layer in layers
        for name, shape in layer.shapes.items()
    ]
    return ", ".join(shapes[:_LONGEST]) + (", ..." if len(shapes) > _LONGEST else "")


def _layers(layers: Sequence[StoredLayer]) -> list[str] | None:
    """Return the code of each layer from the input to the logits, None if they form no chain."""
    waiting = sorted(layers, key=lambda layer: natural(layer.path))
    alike = Counter(_signature(layer) for layer in layers)
    first = next((layer for layer in waiting if _is_embedding(layer, waiting)), None)
    if first is not None:
        waiting.remove(first)
        tokens, width = _only(first)
        code = ["keras.Input((None,))", f"keras.layers.Embedding({tokens}, {width})"]
    else:
        begin = next((layer for layer in waiting if _recurrent(layer)), None)
        if begin is None:
            return None
        width = next(iter(begin.shapes.values()))[0]
        code = [f"keras.Input((None, {width}))"]
    while waiting:
        ready = [layer for layer in waiting if _fits(layer, width)]
        ready.sort(key=lambda layer: not _recurrent(layer))
        if not ready:
            return None
        waiting.remove(ready[0])
        name = _name(ready[0]) if alike[_signature(ready[0])] > 1 else ""
        text, width = _code(ready[0], name)
        code.append(text)
    return code if len(code) > 2 and len(code) <= _LONGEST else None


def _signature(layer: StoredLayer) -> tuple[Shape, ...]:
    return tuple(layer.shapes.values())


def _only(layer: StoredLayer) -> Shape:
    return next(iter(layer.shapes.values()))


def _is_embedding(layer: StoredLayer, layers: Sequence[StoredLayer]) -> bool:
    """Return whether the only array of a layer is a table of the vectors of tokens."""
    shapes = list(layer.shapes.items())
    if len(shapes) != 1 or len(shapes[0][1]) != 2:
        return False
    name, (_, width) = shapes[0]
    return name == "embeddings" or (name == "0" and any(_fits(each, width) for each in layers))


def _recurrent(layer: StoredLayer) -> str | None:
    """Return the class of a recurrent layer by the shapes of its weights."""
    shapes = _in_order(layer)
    if len(shapes) not in (2, 3) or any(len(shape) != 2 for shape in shapes[:2]):
        return None
    (_, columns), (units, same) = shapes[:2]
    return _GATED.get(columns // units) if columns == same and columns % units == 0 else None


def _in_order(layer: StoredLayer) -> list[Shape]:
    """Return the shapes of kernel, recurrent kernel and bias, or of all weights."""
    order = ("kernel", "recurrent_kernel", "bias")
    if layer.named and set(layer.shapes) <= set(order):
        return [layer.shapes[name] for name in order if name in layer.shapes]
    return list(layer.shapes.values())


def _fits(layer: StoredLayer, width: int) -> bool:
    shapes = _in_order(layer)
    if _recurrent(layer) or _is_dense(layer):
        return shapes[0][0] == width
    return len(shapes) in (2, 4) and all(shape == (width,) for shape in shapes)


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
    if _is_dense(layer):
        units = shapes[0][1]
        options = "" if len(shapes) == 2 else ", use_bias=False"
        return f"keras.layers.Dense({units}{options}{named})", units
    kind = "LayerNormalization" if len(shapes) == 2 else "BatchNormalization"
    return f"keras.layers.{kind}({named.removeprefix(', ')})", shapes[0][0]


def _name(layer: StoredLayer) -> str:
    parts = [part for part in layer.path.split("/") if part not in ("cell", "vars")]
    return parts[-1] if parts and not parts[-1].isdigit() else ""
