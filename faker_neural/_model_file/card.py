"""The card: the description of a model, as JSON inside its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from faker_neural._options import MOST_TOKENS

from .row_columns import RowColumn, marker
from .training_lines import TrainingLines

__all__ = ["CONTRACTS", "FORMAT", "Card", "Golden", "Scalar", "State"]

FORMAT = 2
CONTRACTS = ("step", "window", "latent", "score")

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class State:
    """A recurrent state of a graph.

    Args:
        name: the graph input for the state before a step; the output after it is `name` + "_next".
        size: number of float32 values, 1 to 1,000,000.
    """

    name: str
    size: int

    @property
    def successor(self) -> str:
        """The name of the graph output that holds the state after a step."""
        return f"{self.name}_next"


@dataclass(frozen=True, slots=True)
class Golden:
    """A string that the file must always reproduce.

    Args:
        key: the key of the string, 0 to 2**64 - 1.
        options: the options that it is drawn with; see `Options`.
        text: the string.
    """

    key: int
    options: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The description of a model, stored in its file.

    Args:
        name: the kind of string that the model draws, such as "product_name".
        contract: how the graph is run. A "step" graph is fed one token and the states at each step.
            A "window" graph is fed the last tokens of the text. A "latent" graph is fed noise and
            returns the logits of a whole text. A "score" graph belongs to a detector: it is fed a
            text and returns its score.
        tokens: the string of each token id, 2 or more, all different. A text is its tokens joined.
        start: the id that is fed first; None for "latent" and "score".
        end: the id that ends a text; None if only `max_tokens` ends it.
        max_tokens: the maximum number of tokens in a text, 1 to 10,000.
        states: for "step", the recurrent states, all zero before the first step.
        window: for "window" and "score", the number of tokens that the graph is fed, 1 to 10,000;
            otherwise 0.
        padding: the id that fills the rest of a window; it is never drawn. None if `start`
            fills it, or id 0 in a detector.
        masked: other ids that are never drawn: of the token for unknown words, and ids that stand
            for no token.
        openings: lists of token ids. The key picks one of them, and it is fed before the text
            without being part of it. If there are none, `start` is fed.
        classes: for a factored model, the number of tokens in each class; class 0 has the first
            ids. The graph returns the logits of the tokens within their class, then the logits of
            the classes. Empty for a flat model.
        pieces: for a word model, the number of tokens that are pieces of rare words; they have the
            last ids. 0 if any token may be part of any word.
        labels: for "step", the allowed values of the option `label`. A text of label i begins after
            id len(tokens) + i, which stands for no text and is never drawn.
        columns: for a model of rows, the columns; a text of the model is then a row. Empty for a
            model of texts.
        training_lines: the lines that the model learned from, for `verbatim="rejected"`; an empty
            set if that option cannot be used.
        noise: for "latent", the number of normal random numbers that the graph is fed, 1 to 10,000;
            otherwise 0.
        options: the model's own defaults of `Options`.
        exact: whether each operation of the graph has the same result on every machine.
        data: name, licence and source of the training data.
        training: the training recipe: sizes, epochs, seed.
        evaluation: figures measured on held-out lines.
        check: the difference between the float graph and the Keras model that it was made from.
        arithmetic: the cost of exact arithmetic, its unit (such as bits a character) and the data
            that it was measured on; or the reason why the arithmetic is float.
        bounds: for each product of an exact graph, the largest partial sum in grid units, below
            2**24.
        golden: strings that the file must always reproduce.
        digest: SHA-256, in hexadecimal, of the outputs that an exact file must always reproduce;
            see `TextModel.digest`.
    """

    metadata_key: ClassVar[str] = "faker_neural"
    most_tokens: ClassVar[int] = MOST_TOKENS
    largest_class: ClassVar[int] = 128  # tokens in a class; also the maximum number of classes

    name: str
    contract: str
    tokens: tuple[str, ...]
    start: int | None
    end: int | None
    max_tokens: int
    states: tuple[State, ...] = ()
    window: int = 0
    padding: int | None = None
    masked: tuple[int, ...] = ()
    openings: tuple[tuple[int, ...], ...] = ()
    classes: tuple[int, ...] = ()
    pieces: int = 0
    labels: tuple[str, ...] = ()
    columns: tuple[RowColumn, ...] = ()
    training_lines: TrainingLines = field(default_factory=TrainingLines)
    noise: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = False
    data: Mapping[str, Scalar] = field(default_factory=dict)
    training: Mapping[str, Scalar] = field(default_factory=dict)
    evaluation: Mapping[str, Scalar] = field(default_factory=dict)
    check: Mapping[str, Scalar] = field(default_factory=dict)
    arithmetic: Mapping[str, Scalar] = field(default_factory=dict)
    bounds: Mapping[str, int] = field(default_factory=dict)
    golden: tuple[Golden, ...] = ()
    digest: str = ""

    def to_json(self) -> str:
        """Return the card as JSON text."""
        return json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False)

    def drawing(self) -> str:
        """Return the fields that, with the graph, decide the strings, as JSON text."""
        names = (
            "contract",
            "tokens",
            "start",
            "end",
            "max_tokens",
            "states",
            "window",
            "padding",
            "openings",
            "classes",
            "labels",
            "training_lines",
            "noise",
            "options",
            "exact",
        )
        fields = asdict(self)
        listed = [fields[name] for name in names]
        listed += [fields[name] for name in ("columns", "masked") if fields[name]]
        return json.dumps(listed, sort_keys=True)

    @property
    def ids(self) -> int:
        """The number of ids that the graph may be fed: one for each token, then for each label."""
        return len(self.tokens) + len(self.labels)

    @property
    def logits(self) -> int:
        """The number of logits for the next token: one for each token, then for each class."""
        return len(self.tokens) + len(self.classes)

    @property
    def never_drawn(self) -> frozenset[int]:
        """The ids that are never drawn: padding, and the ids in `masked`."""
        return frozenset(self.masked if self.padding is None else (*self.masked, self.padding))

    @property
    def fill(self) -> int:
        """The id in front of a text in a window that it does not fill."""
        return (self.start or 0) if self.padding is None else self.padding

    @property
    def words_begin_with_space(self) -> bool:
        """Whether each token with a letter or digit begins with white space, but for the end."""
        tokens = (token for i, token in enumerate(self.tokens) if i != self.end)
        return not any(token[:1].strip() and any(map(str.isalnum, token)) for token in tokens)

    @property
    def word_separator(self) -> str:
        """The white space that all words begin with; "" if they do not."""
        tokens = (t for i, t in enumerate(self.tokens) if i != self.end)
        first = next((token for token in tokens if any(map(str.isalnum, token))), "")
        return first[:1] if self.words_begin_with_space else ""

    def values_of(self, column: int) -> list[str]:
        """Return the values of a column that are one token each, in the order of their ids.

        Args:
            column: the index of the column, in a model of rows.
        """
        begin = marker(column)
        return [token[1:] for token in self.tokens if token[:1] == begin and len(token) > 1]

    def prompts_of(self, label: str | None) -> tuple[tuple[int, ...], ...]:
        """Return the prompts, each a sequence of ids, after which texts begin.

        Args:
            label: one of `labels`; None for the prompts of texts without a label.

        Raises:
            ValueError: the card has no such label.
        """
        start = 0 if self.start is None else self.start
        if label is None:
            return self.openings or ((start,),)
        return ((self.label_id(label),),)

    def label_id(self, label: str) -> int:
        """Return the id that is fed before a text of a label.

        Args:
            label: one of `labels`.

        Raises:
            ValueError: the card has no such label.
        """
        return len(self.tokens) + self.labels.index(label)
