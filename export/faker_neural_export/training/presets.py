"""The settings of the Keras tutorials' text generators, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faker_neural import OptionError
from faker_neural_export._settings import Settings

__all__ = ["PRESETS", "preset"]

_ONE_HOT = {"text": "running", "input": "one-hot", "dropout": 0.0}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "keras-example": {
        **_ONE_HOT,
        "lower": True,
        "window": 40,
        "units": 128,
        "learning_rate": 0.01,
        "batch": 128,
    },
    "char-rnn": {**_ONE_HOT, "window": 50, "units": (500, 500), "batch": 50},
    "tutorial": {
        "text": "running",
        "lower": True,
        "words_only": True,
        "drop_stop_words": True,
        "input": "scaled",
        "window": 100,
        "units": (256, 256, 128),
        "dropout": 0.2,
        "learning_rate": 0.007,
        "epochs": 40,
    },
    "review": {
        **_ONE_HOT,
        "end": "\n",
        "window": 256,
        "units": (1024, 512),
        "batch": 16,
        "learning_rate": 0.001,
    },
}


def preset(name: str, **changes: Any) -> Settings:
    """Return the settings of a tutorial's text generator.

    Each has the tutorial's network. What it learns is the token that follows at every position
    of a window, where the tutorials learn the one that follows the whole window and move it by a
    token or three: the same in a fortieth to a hundredth of the work.

    Args:
        name: "keras-example", the Keras example `lstm_text_generation`; "char-rnn", the two-layer
            character network; "tutorial", the three-layer network that is fed ids divided by
            their number and whose text has no stop words; "review", the network of reviews, each
            a line.
        changes: settings that differ from the preset's.

    Raises:
        OptionError: there is no such preset, or a value is not allowed.
    """
    if name not in PRESETS:
        raise OptionError("preset", name, f"must be one of {', '.join(PRESETS)}")
    return Settings(**{**PRESETS[name], **changes})
