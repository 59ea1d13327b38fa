"""A Keras file of any age as a Keras 3 model that gives the same numbers.

The configuration and the arrays are read, the layers are made here: nothing in a file is executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from faker_neural import ConversionError, MissingFileError
from faker_neural_export.keras_file.build import build
from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.plan.network import Network
from faker_neural_export.keras_file.plan.plan import plan
from faker_neural_export.keras_file.source import SAVE_ANEW, KerasSource, parsed, read_source
from faker_neural_export.keras_file.weights.saved import weights_of

__all__ = ["read_keras"]


def read_keras(
    path: str | os.PathLike[str],
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
) -> keras.Model:
    """Read a model that Keras 1, 2 or 3 saved.

    Args:
        path: what `model.save` or `model.save_weights` wrote: HDF5 or a .keras file, told by its
            content.
        config: what `model.to_json()` gave, as the path of a file or parsed. Needed where `path`
            holds only weights; where it holds a configuration too, this one is taken.

    Returns:
        A built Functional model for inference, in float32, for batches of any size. Layers that
        did nothing but in training do nothing; models inside the model are taken apart; a
        stateful layer begins from zero, since its state was never saved.

    Raises:
        MissingFileError: there is no such file.
        ConversionError: a file is no such model, is damaged, names a layer that is not known, or
            the configuration and the weights are of different models.
    """
    path = Path(path)
    _check_is_file(path)
    given = None if config is None else _given(config)
    try:
        source = read_source(path)
        network, version = given or _own(source)
        return build(network, weights_of(network, source.arrays), version)
    except ReadError as problem:
        raise ConversionError(path, str(problem)) from None
    except Exception as error:  # zipfile raises what it likes where a file is damaged
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConversionError(path, f"is damaged and cannot be read ({reason})") from None


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise ConversionError(
            path, f"is a folder, as TensorFlow writes for a SavedModel or checkpoint; {SAVE_ANEW}"
        )
    if not path.exists():
        if path.with_name(f"{path.name}.index").exists():
            raise ConversionError(path, f"is a TensorFlow checkpoint; {SAVE_ANEW}")
        raise MissingFileError(path, "there is no such Keras model")


def _given(config: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[Network, str]:
    """Read a configuration that was given beside the weights."""
    path = Path("config") if isinstance(config, Mapping) else Path(config)
    try:
        found = config if isinstance(config, Mapping) else parsed(path.read_text("utf-8"))
        return _planned(dict(found) if isinstance(found, Mapping) else found, None)
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such configuration") from None
    except ReadError as problem:
        raise ConversionError(path, str(problem)) from None
    except Exception:  # no text, no permission, or a shape of JSON that nobody thought of
        raise ConversionError(path, "cannot be read as a configuration in JSON") from None


def _own(source: KerasSource) -> tuple[Network, str]:
    """Read the configuration that a file brings."""
    if source.config is None:
        raise ReadError(
            "holds only weights; give the model's configuration too, as model.to_json() writes it"
        )
    return _planned(source.config, source.version)


def _planned(config: object, version: str | None) -> tuple[Network, str]:
    version = _version(config, version)
    return plan(config, int(version.partition(".")[0])), version


def _version(config: object, said: str | None) -> str:
    """Find out which Keras wrote a configuration: Keras 3 is silent in JSON, and so was Keras 1."""
    inner = config.get("keras_version") if isinstance(config, dict) else None
    version = inner if isinstance(inner, str) else said
    if version is None:
        version = "3" if isinstance(config, dict) and "module" in config else "1"
    if not re.match(r"\d+(\.|$)", version):
        raise ReadError(f"is of Keras {version!r:.40}, which is no version")
    return version
