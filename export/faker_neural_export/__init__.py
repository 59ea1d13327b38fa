"""Learn a column, or convert a Keras model, into a model file that `faker_neural` runs.

Names are imported when first used: the first one loads TensorFlow.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faker_neural import MissingExtraError, OptionError

from .quiet import quiet

if TYPE_CHECKING:
    from .conversion.convert import convert
    from .conversion.textgenrnn import import_textgenrnn
    from .data.database_table import DatabaseTable
    from .data.files.column_file import ColumnFile
    from .data.files.options import ReadingOptions
    from .detector.train import DetectorMonitor, train_detector
    from .evaluation.evaluate import Evaluation, EvaluationMonitor, evaluate
    from .evaluation.figures import Figures
    from .evaluation.report import write_report, write_row_report
    from .evaluation.rows import RowEvaluation, RowFigures, evaluate_rows
    from .gan.train import GanFigures, GanMonitor, GanProgress, train_gan
    from .keras_file.checkpoint.load_checkpoint import load_checkpoint
    from .keras_file.load import read_keras
    from .settings.conversion import Calibration, CardFacts, Generation, Learned, Samples
    from .settings.detector import DetectorSettings
    from .settings.gan import GanSettings
    from .settings.presets import preset
    from .settings.training import Settings
    from .training.epochs import Epoch, Monitor
    from .training.start_from import settings_of
    from .training.train import train

if "keras" not in sys.modules:
    os.environ["KERAS_BACKEND"] = "tensorflow"  # tf2onnx converts no other
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # what matters it raises; notes break the bar
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its sums depend on the processor

__all__ = [
    "Calibration",
    "CardFacts",
    "ColumnFile",
    "DatabaseTable",
    "DetectorMonitor",
    "DetectorSettings",
    "Epoch",
    "Evaluation",
    "EvaluationMonitor",
    "Figures",
    "GanFigures",
    "GanMonitor",
    "GanProgress",
    "GanSettings",
    "Generation",
    "Learned",
    "Monitor",
    "ReadingOptions",
    "RowEvaluation",
    "RowFigures",
    "Samples",
    "Settings",
    "convert",
    "evaluate",
    "evaluate_rows",
    "import_textgenrnn",
    "load_checkpoint",
    "preset",
    "read_keras",
    "settings_of",
    "train",
    "train_detector",
    "train_gan",
    "write_report",
    "write_row_report",
]

_EXTRA = (
    "h5py",
    "jinja2",
    "keras",
    "matplotlib",
    "onnx",
    "polars",
    "python_calamine",
    "rapidfuzz",
    "scipy",
    "sklearn",
    "tensorflow",
    "tf2onnx",
    "tokenizers",
)
_HOMES = {
    "Calibration": ".settings.conversion",
    "CardFacts": ".settings.conversion",
    "ColumnFile": ".data.files.column_file",
    "DatabaseTable": ".data.database_table",
    "ReadingOptions": ".data.files.options",
    "DetectorMonitor": ".detector.train",
    "DetectorSettings": ".settings.detector",
    "Epoch": ".training.epochs",
    "Evaluation": ".evaluation.evaluate",
    "EvaluationMonitor": ".evaluation.evaluate",
    "Figures": ".evaluation.figures",
    "GanFigures": ".gan.train",
    "GanMonitor": ".gan.train",
    "GanProgress": ".gan.train",
    "GanSettings": ".settings.gan",
    "Generation": ".settings.conversion",
    "Learned": ".settings.conversion",
    "Monitor": ".training.epochs",
    "RowEvaluation": ".evaluation.rows",
    "RowFigures": ".evaluation.rows",
    "Samples": ".settings.conversion",
    "Settings": ".settings.training",
    "convert": ".conversion.convert",
    "evaluate": ".evaluation.evaluate",
    "evaluate_rows": ".evaluation.rows",
    "import_textgenrnn": ".conversion.textgenrnn",
    "load_checkpoint": ".keras_file.checkpoint.load_checkpoint",
    "preset": ".settings.presets",
    "read_keras": ".keras_file.load",
    "settings_of": ".training.start_from",
    "train": ".training.train",
    "train_detector": ".detector.train",
    "train_gan": ".gan.train",
    "write_report": ".evaluation.report",
    "write_row_report": ".evaluation.report",
}


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    keras = sys.modules.get("keras")
    if keras is not None and keras.config.backend() != "tensorflow":
        raise OptionError("KERAS_BACKEND", keras.config.backend(), "must be tensorflow")
    try:
        with quiet():
            module = import_module(_HOMES[name], __name__)
        return getattr(module, name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        raise MissingExtraError("export", missing) from None
