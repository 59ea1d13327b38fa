"""The choice of a contract for a Keras model that generates text."""

from __future__ import annotations

import os

import keras

from faker_neural import ConversionError

from .input_output import with_one_output
from .step import NotStepwiseError, StepNetwork
from .window import LatentNetwork, ScoreNetwork, WindowNetwork

__all__ = ["Network", "choose"]

Network = StepNetwork | WindowNetwork | LatentNetwork | ScoreNetwork


def choose(
    path: str | os.PathLike[str],
    model: keras.Model,
    tokens: int,
    contract: str | None,
    window: int,
    labels: int = 0,
    classes: int = 0,
) -> tuple[Network, str]:
    """Prepare a model that generates text for a contract, or for the contract that fits it.

    Args:
        path: the model's name in errors.
        model: a Sequential or Functional model. Of several outputs, the only one with `tokens` as
            its last size is used.
        tokens: the number of tokens.
        contract: a `Contract`. None chooses `latent` if the model maps noise to a text, `step`
            if it can run one token at a time, else `window`.
        window: the number of tokens in a window, if the model's input has no fixed length; else 0.
        labels: the number of label ids after the token ids. Only a `step` model may have labels.
        classes: the number of class logits after the token logits. Only a `step` model may have
            classes.

    Returns:
        The network, and the reason for `window` if `contract` is None and `step` is not possible,
        else "".

    Raises:
        ConversionError: the model does not fit `contract`, or fits none if that is None.
    """
    model = with_one_output(model, tokens)
    if contract == "latent" or (contract is None and _makes_texts(model)):
        return LatentNetwork(path, model, tokens), ""
    if contract == "window":
        return WindowNetwork(path, model, tokens, window), ""
    try:
        return StepNetwork(path, model, tokens, labels, classes), ""
    except NotStepwiseError as error:
        if contract == "step" or labels or classes:
            raise ConversionError(path, error.problem) from None
        because = error.problem
    try:
        return WindowNetwork(path, model, tokens, window), because
    except ConversionError as error:
        raise ConversionError(path, f"{because}, and as a window it {error.problem}") from None


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
