"""The choice of a contract for a Keras model that generates text."""

from __future__ import annotations

import os
from typing import NamedTuple

import keras

from faker_neural import ConversionError

from .input_output import masks, with_one_output
from .step import NotStepwiseError, StepNetwork
from .window import LatentNetwork, ScoreNetwork, WindowNetwork

__all__ = ["Choice", "Network", "choose"]

_PADDED = "no token has the id 0, which fills its windows in front of a text and is not masked"

Network = StepNetwork | WindowNetwork | LatentNetwork | ScoreNetwork


class Choice(NamedTuple):
    """A model prepared for a contract.

    Args:
        network: the model.
        because: the reason for `window`, if the caller chose no contract and `step` does not do.
        whole: the window that the model learned to read, if `network` is a `step` all the same.
    """

    network: Network
    because: str = ""
    whole: WindowNetwork | None = None


def choose(
    path: str | os.PathLike[str],
    model: keras.Model,
    tokens: int,
    contract: str | None,
    window: int,
    labels: int = 0,
    classes: int = 0,
    *,
    id_0_is_free: bool = False,
) -> Choice:
    """Prepare a model that generates text for a contract, or for the contract that fits it.

    Args:
        path: the model's name in errors.
        model: a Sequential or Functional model. Of several outputs, the only one with `tokens` as
            its last size is used.
        tokens: the number of tokens.
        contract: a `Contract`. None chooses `latent` if the model maps noise to a text, `step`
            if it can run one token at a time and its windows are not padded, else `window`.
        window: the number of tokens in a window, if the model's input has no fixed length; else 0.
        labels: the number of label ids after the token ids. Only a `step` model may have labels.
        classes: the number of class logits after the token logits. Only a `step` model may have
            classes.
        id_0_is_free: no text has the id 0, which Keras' tools reserve for padding.

    Raises:
        ConversionError: the model does not fit `contract`, or fits none if that is None.
    """
    model = with_one_output(model, tokens)
    if contract == "latent" or (contract is None and _makes_texts(model)):
        return Choice(LatentNetwork(path, model, tokens))
    if contract == "window":
        return Choice(WindowNetwork(path, model, tokens, window))
    try:
        step = StepNetwork(path, model, tokens, labels, classes, id_0_is_free=id_0_is_free)
    except NotStepwiseError as error:
        if contract == "step" or labels or classes:
            raise ConversionError(path, error.problem) from None
        return Choice(_window(path, model, tokens, window, error.problem), error.problem)
    if labels or classes or not id_0_is_free or not _pads(model, window):
        return Choice(step)
    whole = _window(path, model, tokens, window, _PADDED)
    return Choice(step, whole=whole) if contract == "step" else Choice(whole, _PADDED)


def _window(
    path: str | os.PathLike[str], model: keras.Model, tokens: int, window: int, because: str
) -> WindowNetwork:
    """Prepare a model for `window`, which the caller did not choose."""
    try:
        return WindowNetwork(path, model, tokens, window)
    except ConversionError as error:
        raise ConversionError(path, f"{because}, and as a window it {error.problem}") from None


def _pads(model: keras.Model, window: int) -> bool:
    """Return whether a model reads short texts as windows that are filled up in front.

    It predicts one token after a window of one length, and no layer masks what fills the window.
    """
    shape = model.inputs[0].shape
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    carries = any(masks(layer) or getattr(layer, "stateful", False) for layer in layers)
    return (shape[1] or window) > 1 and len(model.outputs[0].shape) == 2 and not carries


def _makes_texts(model: keras.Model) -> bool:
    """Return whether a model maps float vectors to sequences."""
    if len(getattr(model, "inputs", None) or ()) != 1 or len(model.outputs) != 1:
        return False
    given, made = model.inputs[0], model.outputs[0]
    ids = any(
        isinstance(layer, keras.layers.Embedding)
        for layer in model._flatten_layers(include_self=False, recursive=True)
    )
    return len(given.shape) == 2 and len(made.shape) == 3 and not ids
