"""The loader of Keras files of any version, as Keras 3 models with the same outputs.

It reads the configuration and the arrays, and makes the layers itself. Nothing in a file is
executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from faker_neural import ConversionError, MissingFileError
from faker_neural._interrupts import let_interrupts_through
from faker_neural_export.keras_file.build import build
from faker_neural_export.keras_file.checkpoint.rebuild import lines_that_rebuild
from faker_neural_export.keras_file.checkpoint.stored import stored_in_hdf5
from faker_neural_export.keras_file.checkpoint.tensorflow_checkpoint import (
    prefix_of,
    read_checkpoint,
)
from faker_neural_export.keras_file.plan.fields import ReadError
from faker_neural_export.keras_file.plan.network import Network
from faker_neural_export.keras_file.plan.parse import own_class, parse_config
from faker_neural_export.keras_file.source import (
    HOW_TO_RESAVE,
    KerasSource,
    parse_json,
    read_source,
)
from faker_neural_export.keras_file.weights.assign import assign_weights

__all__ = ["read_keras"]


def read_keras(
    path: str | os.PathLike[str],
    config: str | os.PathLike[str] | Mapping[str, Any] | None = None,
) -> keras.Model:
    """Load a model that Keras 1, 2 or 3 saved.

    Args:
        path: the file that `model.save` or `model.save_weights` wrote, HDF5 or .keras. The format
            is recognised by the content, not by the name.
        config: the result of `model.to_json()`, as a file's path or parsed. Needed if `path`
            holds only weights. If `path` holds a configuration too, `config` replaces it.

    Returns:
        A built Functional model for inference, in float32, for batches of any size. Layers that
        act only in training do nothing. The layers of nested models become layers of this model,
        except inside a wrapper. A stateful layer starts from a zero state, because Keras does not
        save its state.

    Raises:
        MissingFileError: the file `path` or `config` does not exist.
        ConversionError: a file is not a Keras model or configuration, is damaged or has a layer
            that is not supported, or the configuration and the weights are of different models.
    """
    path = Path(path)
    _check_is_file(path)
    given = None if config is None else _given(config)
    try:
        source = read_source(path)
        network, version = given or _own(path, source)
        return build(network, assign_weights(network, source.arrays), version)
    except ReadError as problem:
        raise ConversionError(path, str(problem)) from None
    except Exception as error:  # a damaged file makes zipfile raise many types
        let_interrupts_through(error)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConversionError(path, f"is damaged and cannot be read ({reason})") from None


def _check_is_file(path: Path) -> None:
    prefix = prefix_of(path)
    if prefix is not None:
        raise ConversionError(path, _of_tensorflow(path, prefix))
    if path.is_dir():
        raise ConversionError(
            path,
            f"is a folder, as TensorFlow writes for a SavedModel or checkpoint; {HOW_TO_RESAVE}",
        )
    if not path.exists():
        raise MissingFileError(path, "there is no such Keras model")


def _of_tensorflow(path: Path, prefix: Path) -> str:
    try:
        stored = read_checkpoint(prefix)
    except ReadError as problem:
        return f"is a TensorFlow checkpoint and {problem}"
    lines = lines_that_rebuild(path, stored)
    return f"is a TensorFlow checkpoint, whose layers are code that is not in it; {lines}"


def _given(config: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[Network, str]:
    """Read the configuration that the caller passed."""
    path = Path("config") if isinstance(config, Mapping) else Path(config)
    try:
        found = config if isinstance(config, Mapping) else parse_json(path.read_text("utf-8"))
        return _planned(dict(found) if isinstance(found, Mapping) else found, None)
    except FileNotFoundError:
        raise MissingFileError(path, "there is no such configuration") from None
    except ReadError as problem:
        raise ConversionError(path, str(problem)) from None
    except Exception as error:  # not text, no permission, or JSON of an unexpected form
        let_interrupts_through(error)
        raise ConversionError(path, "cannot be read as a configuration in JSON") from None


def _own(path: Path, source: KerasSource) -> tuple[Network, str]:
    """Read the configuration inside the model file."""
    if source.config is None:
        raise ReadError(
            "holds only weights; give the model's configuration too, as model.to_json() writes "
            f"it, or {lines_that_rebuild(path, stored_in_hdf5(source.arrays))}"
        )
    if own := own_class(source.config):
        lines = lines_that_rebuild(path, stored_in_hdf5(source.arrays))
        raise ReadError(f"is of the class {own}, whose code is not in the file; {lines}")
    return _planned(source.config, source.version)


def _planned(config: object, version: str | None) -> tuple[Network, str]:
    version = _version(config, version)
    return parse_config(config, int(version.partition(".")[0])), version


def _version(config: object, said: str | None) -> str:
    """Return the version of a configuration, inferred where Keras 1 or 3 does not state it."""
    inner = config.get("keras_version") if isinstance(config, dict) else None
    version = inner if isinstance(inner, str) else said
    if version is None:
        version = "3" if isinstance(config, dict) and "module" in config else "1"
    if not re.match(r"\d+(\.|$)", version):
        raise ReadError(f"has the Keras version {version!r:.40}, which is not one")
    return version
