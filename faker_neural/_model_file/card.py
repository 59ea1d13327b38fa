"""The card: the description of a model, as JSON inside its file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, get_args

from faker_neural._blocked import OFFENSIVE
from faker_neural._errors import OptionError
from faker_neural._options import MOST_TOKENS, Options

from .row_columns import MOST_COLUMNS, ColumnKind, RowColumn, has_marker, marker
from .training_lines import TrainingLines

__all__ = ["Card", "Golden", "State"]

FORMAT = 2
CONTRACTS = ("step", "window", "latent", "score")
_MOST_CHARACTERS = 2**24  # in a card; three bytes of JSON may take sixty bytes in memory
_MOST_NUMBERS = 2**24  # that a card may make a decoder keep
_MOST_STATES = 2**18  # numbers for each text of a batch
_MOST_IDS = 2**20
_OF_TEXTS = ("min_length", "max_length", "prefix", "pattern", "alphabet", "label", "length")
_TAKEN_NAMES = ("token", "draw", "temperature", "logits", "next")
_LONGEST_TOKEN = 2**8  # characters; a text may have ten thousand tokens
_FED_TEXT, _WITH_WINDOW = ("step", "window"), ("window", "score")

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
        if self.columns:
            listed.append(fields["columns"])
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
    def words_begin_with_space(self) -> bool:
        """Whether each token with a letter or digit begins with white space, but for the end."""
        tokens = (token for i, token in enumerate(self.tokens) if i != self.end)
        return not any(token[:1].strip() and any(map(str.isalnum, token)) for token in tokens)

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

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read and check a card.

        Args:
            text: the card as JSON text.

        Raises:
            ValueError: the text is not a valid card; the message names the field, what was found
                and what is allowed.
        """
        if len(text) > _MOST_CHARACTERS:
            raise ValueError(f"the card has more than {_MOST_CHARACTERS:,} characters")
        try:
            text.encode()
            raw = json.loads(text)
            if "\\u" in text:  # an escape may be a lone surrogate
                json.dumps(raw, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("the card holds broken Unicode") from None
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the card is not JSON ({error})") from None
        return _FieldReader(raw).card()


class _FieldReader:
    """Reads the fields of a decoded card one by one and checks each."""

    def __init__(self, raw: object, where: str = "the card") -> None:
        if not isinstance(raw, dict):
            raise ValueError(f"{where} is {_type(raw)}, not an object")
        self.raw, self.where = raw, where

    def card(self) -> Card:
        if (version := self.get("format", int)) != FORMAT:
            rule = f"this version reads {FORMAT}: train or convert it again"
            raise ValueError(f"{self.where} has format {version}; {rule}")
        contract = self.get("contract", str)
        if contract not in CONTRACTS:
            raise ValueError(f"{self.where} has contract {contract!r}; known: {CONTRACTS}")
        tokens = self.strings("tokens")
        token_id, counts = range(len(tokens)), range(1, Card.most_tokens + 1)
        card = Card(
            name=self.get("name", str),
            contract=contract,
            tokens=tokens,
            start=self.number("start", token_id) if contract in _FED_TEXT else None,
            end=self.number_or_none("end", token_id),
            max_tokens=self.number("max_tokens", counts),
            states=tuple(
                State(r.get("name", str), r.number("size", range(1, 1_000_001)))
                for r in self.objects("states")
            ),
            window=self.number("window", counts if contract in _WITH_WINDOW else range(1)),
            padding=self.number_or_none("padding", token_id),
            openings=self.id_lists("openings", token_id),
            classes=self.classes(len(tokens), contract),
            pieces=self.number("pieces", range(len(tokens))),
            labels=self.strings("labels", least=0),
            columns=tuple(r.column() for r in self.objects("columns", needed=False)),
            training_lines=self.training_lines(),
            noise=self.number("noise", counts if contract == "latent" else range(1)),
            options=self.options(),
            exact=self.get("exact", bool),
            data=self.facts("data"),
            training=self.facts("training"),
            evaluation=self.facts("evaluation"),
            check=self.facts("check"),
            arithmetic=self.facts("arithmetic"),
            bounds=self.bounds(),
            golden=tuple(
                Golden(r.number("key", range(2**64)), r.options(), r.get("text", str))
                for r in self.objects("golden")
            ),
            digest=self.get("digest", str),
        )
        self.check_sizes(card)
        self.check_contract(card)
        return card

    def check_sizes(self, card: Card) -> None:
        """Refuse a card that needs too much memory, or allows a string of gigabytes."""
        states = sum(state.size for state in card.states)
        kept = (len(card.openings) + len(card.labels)) * max(card.window, states)
        logits = card.max_tokens * len(card.tokens) if card.contract == "latent" else 0
        for what, numbers, most in (
            ("openings", kept, _MOST_NUMBERS),
            ("max_tokens", logits, _MOST_NUMBERS),
            ("states", states, _MOST_STATES),
            ("tokens", card.ids, _MOST_IDS),
        ):
            if numbers > most:
                rule = f"needs {numbers:,} numbers, more than {most:,}"
                raise ValueError(f"{self.where}'s field {what!r} {rule}")
        if (longest := max(map(len, card.tokens))) > _LONGEST_TOKEN:
            rule = f"a string of {longest:,} characters, more than {_LONGEST_TOKEN}"
            raise ValueError(f"{self.where}'s field 'tokens' holds {rule}")

    def check_contract(self, card: Card) -> None:
        """Refuse fields that do not fit the contract or each other."""
        self.check_columns(card)
        if card.contract == "latent" and card.options.get("length") is not None:
            raise ValueError(f"{self.where}'s options: length is not for a whole text at once")
        if card.contract != "step" and card.labels:
            raise ValueError(f"{self.where} has labels, which contract {card.contract!r} has not")
        if card.classes and card.padding is not None:
            raise ValueError(f"{self.where} has padding, which a factored model has not")
        names = [state.name for state in card.states]
        if len({*_TAKEN_NAMES, *names}) < len(_TAKEN_NAMES) + len(names):
            raise ValueError(f"{self.where}'s states are called {names}, which is ambiguous")

    def check_columns(self, card: Card) -> None:
        """Refuse columns that the tokens do not fit, or that are ambiguous."""
        names = {column.name for column in card.columns}
        if len(names) < len(card.columns) or len(card.columns) > MOST_COLUMNS:
            rule = f"must hold up to {MOST_COLUMNS} columns with different names"
            raise ValueError(f"{self.where}'s field 'columns' {rule}")
        if card.columns and (card.contract != "step" or card.end is None or card.labels):
            rule = "is for contract 'step' with an end and without labels only"
            raise ValueError(f"{self.where}'s field 'columns' {rule}")
        if card.columns:
            self.check_row_tokens(card)

    def check_row_tokens(self, card: Card) -> None:
        """Refuse tokens that begin other columns, and options that rows do not have."""
        if any(card.options.get(name) is not None for name in _OF_TEXTS):
            raise ValueError(f"{self.where}'s options must have none of {', '.join(_OF_TEXTS)}")
        begun = {token[0] for token in card.tokens if has_marker(token)}
        within = any(has_marker(token[1:]) for token in card.tokens)
        if within or not begun <= set(map(marker, range(len(card.columns)))):
            raise ValueError(f"{self.where}'s tokens begin other columns than it has")
        for i, column in enumerate(card.columns):
            where = f"{self.where}'s column {column.name!r}"
            if marker(i) not in card.tokens:
                raise ValueError(f"{where} has no token that begins it")
            if column.kind == "category" and not card.values_of(i):
                raise ValueError(f"{where} is a category without values")
            for name in column.decides:
                if not any(other.name == name != column.name for other in card.columns):
                    raise ValueError(f"{where} decides {name!r}, which is no other column")

    def column(self) -> RowColumn:
        kind = self.get("kind", str)
        if kind not in get_args(ColumnKind):
            raise ValueError(f"{self.where} has kind {kind!r}; known: {get_args(ColumnKind)}")
        return RowColumn(
            name=self.get("name", str),
            kind=kind,
            max_length=self.number("max_length", range(Card.most_tokens + 1)),
            may_be_empty=self.get("may_be_empty", bool),
            draws_first=self.get("draws_first", bool),
            training_values=self.training_lines("training_values"),
            decides=self.decides(),
        )

    def decides(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = self.get("decides", dict)
        for name, values in found.items():
            if not isinstance(values, dict) or not all(map(_is_strings, values.values())):
                rule = "must hold lists of values by the values of other columns"
                raise ValueError(f"{self.where}'s field 'decides' {rule}, not for {name!r}")
        return found

    def get(self, name: str, kind: type[Any]) -> Any:
        value = self.raw.get(name)
        if type(value) is not kind:
            found = "missing" if name not in self.raw else _type(value)
            raise ValueError(f"{self.where}'s field {name!r} is {found}, not {kind.__name__}")
        return value

    def number(self, name: str, allowed: range) -> int:
        value: int = self.get(name, int)
        if value not in allowed:
            first, last = allowed.start, allowed.stop - 1
            raise ValueError(f"{self.where}'s field {name!r} is {value}, not {first} to {last}")
        return value

    def number_or_none(self, name: str, allowed: range) -> int | None:
        return None if self.raw.get(name, 0) is None else self.number(name, allowed)

    def id_lists(self, name: str, allowed: range) -> tuple[tuple[int, ...], ...]:
        lists = self.get(name, list)
        for ids in lists:
            if not isinstance(ids, list) or not ids or len(ids) > Card.most_tokens:
                raise ValueError(f"{self.where}'s field {name!r} must hold lists of token ids")
            if not all(type(i) is int and i in allowed for i in ids):
                raise ValueError(f"{self.where}'s field {name!r} holds an id that no token has")
        return tuple(map(tuple, lists))

    def classes(self, tokens: int, contract: str) -> tuple[int, ...]:
        sizes = self.get("classes", list)
        if not all(type(size) is int and 0 < size <= Card.largest_class for size in sizes):
            rule = f"must hold numbers of tokens, 1 to {Card.largest_class}"
            raise ValueError(f"{self.where}'s field 'classes' {rule}")
        if sizes and (
            contract != "step" or len(sizes) > Card.largest_class or sum(sizes) != tokens
        ):
            rule = (
                f"must be up to {Card.largest_class} classes of {tokens} tokens in all, of a step"
            )
            raise ValueError(f"{self.where}'s field 'classes' {rule}")
        return tuple(sizes)

    def strings(self, name: str, least: int = 2) -> tuple[str, ...]:
        values = self.get(name, list)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{self.where}'s field {name!r} holds something that is no string")
        if len(values) < least or len(set(values)) < len(values):
            rule = f"must hold {least} or more different strings"
            raise ValueError(f"{self.where}'s field {name!r} {rule}")
        return tuple(values)

    def objects(self, name: str, needed: bool = True) -> list[_FieldReader]:
        found = self.get(name, list) if needed or name in self.raw else []
        return [_FieldReader(raw, f"{self.where}'s {name}") for raw in found]

    def facts(self, name: str) -> dict[str, Scalar]:
        facts: dict[str, Scalar] = self.get(name, dict)
        for key, value in facts.items():
            if not isinstance(value, Scalar):
                raise ValueError(f"{self.where}'s field {name!r} has {key!r}: {_type(value)}")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{self.where}'s field {name!r} has {key!r}: {value}")
        return facts

    def bounds(self) -> dict[str, int]:
        bounds = _FieldReader(self.get("bounds", dict), f"{self.where}'s bounds")
        return {name: bounds.number(name, range(2**24)) for name in bounds.raw}

    def training_lines(self, name: str = "training_lines") -> TrainingLines:
        found = _FieldReader(self.get(name, dict), f"{self.where}'s {name}")
        try:
            return TrainingLines(found.get("range", int), found.get("gaps", str))
        except ValueError as error:
            raise ValueError(f"{found.where}: {error}") from None

    def options(self) -> dict[str, Any]:
        values: dict[str, Any] = self.get("options", dict)
        blocked = values.get("blocked", [])
        if not isinstance(blocked, list) and blocked != OFFENSIVE:  # a card must not name a file
            rule = f"blocked is {blocked!r}, not {OFFENSIVE!r} or a list of words"
            raise ValueError(f"{self.where}'s options: {rule}")
        try:
            Options.from_mapping(values)
        except OptionError as error:
            raise ValueError(f"{self.where}'s options: {error}") from None
        return values


def _is_strings(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _type(value: object) -> str:
    return "null" if value is None else type(value).__name__
