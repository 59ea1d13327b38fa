"""Learn a column, or convert a Keras model, into a model file that `faker_neural` runs.

Names are imported when first used: the first one loads TensorFlow.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faker_neural import MissingExtraError, OptionError

if TYPE_CHECKING:
    from ._convert import convert
    from ._settings import Settings
    from ._training import Epoch, Monitor, train

if "keras" not in sys.modules:
    os.environ["KERAS_BACKEND"] = "tensorflow"  # tf2onnx converts no other
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what matters it raises; notes break the bar
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its sums depend on the processor

__all__ = ["Epoch", "Monitor", "Settings", "convert", "train"]

_EXTRA = ("keras", "onnx", "polars", "tensorflow", "tf2onnx", "tokenizers")
_HOMES = dict.fromkeys(__all__, "._training") | {
    "convert": "._convert",
    "Settings": "._settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    keras = sys.modules.get("keras")
    if keras is not None and keras.config.backend() != "tensorflow":
        raise OptionError("KERAS_BACKEND", keras.config.backend(), "must be tensorflow")
    try:
        return getattr(import_module(_HOMES[name], __name__), name)
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in _EXTRA:
            raise
        raise MissingExtraError("export", module) from None
