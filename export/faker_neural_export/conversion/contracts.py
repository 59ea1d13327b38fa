"""Which contract a Keras model is to have, and what it is then."""

from __future__ import annotations

import os

import keras

from faker_neural import ConversionError

from .step import AcrossTimeError, Stack
from .window import Latent, Score, Window

__all__ = ["CONTRACTS", "Network", "choose"]

Network = Stack | Window | Latent | Score
CONTRACTS = ("step", "window", "latent")  # of a model that writes text


def choose(
    path: str | os.PathLike[str],
    model: keras.Model,
    tokens: int,
    contract: str | None,
    window: int,
    labels: int = 0,
    classes: int = 0,
) -> tuple[Network, str]:
    """Take a model that writes text by a contract, or by the one that suits it.

    Args:
        path: what the model is called in errors.
        model: a Sequential or Functional model.
        tokens: how many tokens there are.
        contract: one of CONTRACTS; None for `latent` where the model makes a text of noise, `step`
            where a model can be taken a token at a time, else `window`.
        window: how many tokens a `window` has, if the model does not say; else 0.
        labels: how many ids of labels there are behind the tokens; a `step` model may have some.
        classes: how many logits of classes there are behind the tokens'; the same.

    Returns:
        The network, and why it is a window if nobody asked for one, else "".

    Raises:
        ConversionError: the model cannot be taken so.
    """
    if contract == "latent" or (contract is None and _makes_texts(model)):
        return Latent(path, model, tokens), ""
    if contract == "window":
        return Window(path, model, tokens, window), ""
    try:
        return Stack(path, model, tokens, labels, classes), ""
    except AcrossTimeError as error:
        if contract == "step" or labels or classes:
            raise ConversionError(path, error.problem) from None
        because = error.problem
    try:
        return Window(path, model, tokens, window), because
    except ConversionError as error:
        raise ConversionError(path, f"{because}, and as a window it {error.problem}") from None


def _makes_texts(model: keras.Model) -> bool:
    """Say whether a model maps float vectors to sequences."""
    if len(getattr(model, "inputs", None) or ()) != 1 or len(model.outputs) != 1:
        return False
    given, made = model.inputs[0], model.outputs[0]
    ids = any(
        isinstance(layer, keras.layers.Embedding)
        for layer in model._flatten_layers(include_self=False, recursive=True)
    )
    return len(given.shape) == 2 and len(made.shape) == 3 and not ids
