"""Test data that reads like the real thing and never changes.

    from faker import Faker
    from faker_neural import Provider

    fake = Faker()
    fake.add_provider(Provider)
    fake.neural_product_name()

Names are imported when first used: `import faker_neural` loads neither numpy nor onnxruntime.
It sets ORT_DISABLE_TELEMETRY=1 for the process, unless the environment has a value.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from faker_neural._catalog.bundled import bundled
from faker_neural._catalog.names import Field, catalog, fields_from
from faker_neural._load import generate, load

from ._errors import (
    ColumnError,
    ContractError,
    ConversionError,
    DatabaseError,
    ExhaustedError,
    FakerNeuralError,
    GoldenError,
    InexactModelWarning,
    MissingExtraError,
    MissingFileError,
    ModelFileError,
    OldVersionError,
    OptionError,
    PlanError,
    SettingError,
    UnknownModelError,
)
from ._options import Options, OptionValues

if TYPE_CHECKING:
    from ._detector import Detector, load_detector
    from ._faker import NeuralFaker, NeuralText
    from ._model import TextModel
    from ._model_file.card import Card, Golden, State
    from ._model_file.training_lines import TrainingLines
    from ._provider import Provider

# onnxruntime reads this when it is imported. Unset, it writes a device id under the user's home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Card",
    "ColumnError",
    "ContractError",
    "ConversionError",
    "DatabaseError",
    "Detector",
    "ExhaustedError",
    "FakerNeuralError",
    "Field",
    "Golden",
    "GoldenError",
    "InexactModelWarning",
    "MissingExtraError",
    "MissingFileError",
    "ModelFileError",
    "NeuralFaker",
    "NeuralText",
    "OldVersionError",
    "OptionError",
    "OptionValues",
    "Options",
    "PlanError",
    "Provider",
    "SettingError",
    "State",
    "TextModel",
    "TrainingLines",
    "UnknownModelError",
    "bundled",
    "catalog",
    "fields_from",
    "generate",
    "load",
    "load_detector",
]

_LAZY = {
    "Card": "._model_file.card",
    "Detector": "._detector",
    "Golden": "._model_file.card",
    "NeuralFaker": "._faker",
    "NeuralText": "._faker",
    "Provider": "._provider",
    "State": "._model_file.card",
    "TextModel": "._model",
    "TrainingLines": "._model_file.training_lines",
    "load_detector": "._detector",
}


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
