"""What the tests of the reader of Keras files share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from faker_neural import ConversionError
from faker_neural_export.keras_file.load import read_keras

OWN = Path(__file__).parent / "fixtures" / "legacy_keras"


def config_of(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        config: dict[str, Any] = json.loads(file.attrs["model_config"])
    return config


def with_config(path: Path, change: Callable[[list[Any]], object]) -> Path:
    """Change the layers in the configuration of a Sequential file."""
    config = config_of(path)
    change(config["config"]["layers"])
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


def refuses(path: Path, message: str, config: object = None) -> None:
    started = time.monotonic()
    with pytest.raises(ConversionError, match=message) as caught:
        read_keras(path, config)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5
