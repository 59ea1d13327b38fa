"""The settings of `convert`: how texts are generated, calibration data, and facts for the card."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from faker_neural import Card, OptionError
from faker_neural._described import described
from faker_neural._model_file.row_columns import RowColumn

from .checks import check_choice

__all__ = [
    "Calibration",
    "CardFacts",
    "Contract",
    "ConversionSettings",
    "Facts",
    "Generation",
    "Learned",
    "Samples",
]

Contract = Literal["step", "window", "latent"]
Facts = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How a converted model generates a text.

    Args:
        contract: "step" runs a model of recurrent and pointwise layers one token at a time;
            "window" feeds it the last tokens for each new token, from an empty state, as
            tutorials do; "latent" is for a model from noise to a text. None for "latent" or
            "step" where the model allows it and reads no padding in front of a text, else
            "window".
        window: number of tokens in a window, 1 to 10,000; 0 if the model's input fixes it.
        start: the token before the first token of a text; None for one such as "<start>" if there
            is an end such as "<end>", else a line break, else a space, else the first token.
        end: the token that ends a text; "" for none, unless the token "" is also `start` or the
            text is made from noise. None for one such as "<end>", else a line break, else none.
        max_tokens: maximum number of tokens in a text, 1 to 10,000.
        separator: white space before each word of a text whose tokens are words; "" for none. None
            for a space if the tokens are words by their file or by their looks, else "".
        openings: texts of which the key of a string picks one, which is fed before the string
            begins.

    Raises:
        OptionError: a value is out of range, or the separator is something else.
    """

    contract: Contract | None = described(
        None, "How the graph is run; default: step if the model allows it, else window."
    )
    window: int = described(0, "Number of tokens in a window, if the model does not fix it.")
    start: str | None = described(
        None, "Token before the first one; default: line break, else space."
    )
    end: str | None = described(
        None, "Token that ends a text, '' for none; default: line break if any."
    )
    max_tokens: int = described(200, "Maximum number of tokens in a text.")
    separator: str | None = described(
        None, "White space between tokens that are words, '' for none; default: ' ' for words."
    )
    openings: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.contract is not None:
            check_choice("contract", self.contract, Contract)
        if self.separator and not self.separator.isspace():
            raise OptionError(
                "separator", self.separator, "must be white space, such as ' ', or ''"
            )
        for name, least in (("max_tokens", 1), ("window", 0)):
            if getattr(self, name) not in range(least, Card.most_tokens + 1):
                rule = f"must be a whole number, {least} to {Card.most_tokens}"
                raise OptionError(name, getattr(self, name), rule)


@dataclass(frozen=True, slots=True)
class Samples:
    """Texts to calibrate a graph with and to measure it on.

    Args:
        lines: texts for calibration.
        held_out: texts to measure on.
        kind: what the held-out texts are, for the card.
        labels: the labels of `lines` and of `held_out`; "" for none.
    """

    lines: Sequence[str]
    held_out: Sequence[str]
    kind: str
    labels: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The texts that show which values a network takes; the model's own texts if none are given.

    Args:
        lines: a file of real texts, in any format that `train` reads, or samples. Nine tenths of
            the lines show the range of each value of the network; the held-out tenth measures
            the cost of exact arithmetic.
        column: the column of `lines`; None if there is only one.
        text: instead of `lines` and `Generation.openings`, the running text that the model
            learned: strings continue places in it and do not end at a line break.

    Raises:
        OptionError: `column` without `lines`, or `text` with `lines`.
    """

    lines: str | os.PathLike[str] | Samples | None = described(
        None, "Real values for calibration, in any format that train reads."
    )
    column: str | None = described(None, "Column of --lines, if it is a table.")
    text: str | os.PathLike[str] | None = described(
        None, "Training text of a running-text model, instead of --lines."
    )

    def __post_init__(self) -> None:
        if self.column is not None and self.lines is None:
            raise OptionError("column", self.column, "needs the lines that it is a column of")
        if self.text is not None and self.lines is not None:
            raise OptionError("text", os.fspath(self.text), "takes the place of lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the card of a model file says beside the network.

    Args:
        name: what the strings are, such as "product"; the output's name if not given.
        options: the model's own defaults of `Options`, by name.
        data: the name, licence and source of the training data.
        training: the settings of the training.
        evaluation: figures on held-out lines.
    """

    name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    data: Facts = field(default_factory=dict)
    training: Facts = field(default_factory=dict)
    evaluation: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What the training of a model knows and its Keras model does not say.

    Args:
        labels: the labels that a text may be asked for; the model's Embedding has an id for each
            label behind the ids of the tokens.
        classes: number of tokens in each class, if the output is a factored softmax: the last
            layer gives the logits of the tokens within their class, then those of the classes.
        pieces: word models only: how many tokens, the last ones, are pieces that spell rare words.
        lines: the training lines, for the option `verbatim`, which becomes "rejected" unless
            `CardFacts.options` say otherwise.
        columns: for a model of rows, the columns.
    """

    labels: Sequence[str] = ()
    classes: Sequence[int] = ()
    pieces: int = 0
    lines: Sequence[str] = ()
    columns: Sequence[RowColumn] = ()


class ConversionSettings(TypedDict):
    """The keyword arguments of `convert` for a model that `train` learned."""

    generation: Generation
    calibration: Calibration
    facts: CardFacts
    learned: Learned
