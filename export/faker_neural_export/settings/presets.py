"""The settings of the Keras tutorials' text generators, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from faker_neural import OptionError

from .training import Settings

__all__ = ["PRESETS", "PresetName", "preset"]

PresetName = Literal["keras-example", "char-rnn", "tutorial", "review"]

_ONE_HOT = {"text": "running", "input": "one-hot", "dropout": 0.0}

PRESETS: Mapping[PresetName, Mapping[str, Any]] = {
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
        "end": "line",
        "window": 256,
        "units": (1024, 512),
        "batch": 16,
        "learning_rate": 0.001,
    },
}


def preset(name: PresetName, **changes: Any) -> Settings:
    """Return the settings of a tutorial's text generator.

    Each preset has the network of its tutorial. It learns the next token at every position of a
    window. The tutorials learn only the token after the whole window, and move the window by one or
    three tokens. The result is the same, with 40 to 100 times less work.

    Args:
        name: "keras-example", the Keras example `lstm_text_generation`; "char-rnn", the two-layer
            character network; "tutorial", the three-layer network whose input is the token id
            divided by the number of tokens, for text without stop words; "review", the network of
            reviews, with one review per line.
        changes: settings that differ from the preset.

    Raises:
        OptionError: the preset does not exist, or a value is not allowed.
    """
    if name not in PRESETS:
        raise OptionError("preset", name, f"must be one of {', '.join(PRESETS)}")
    return Settings(**{**PRESETS[name], **changes})
