"""Reads the card of a model file from JSON, and refuses what is not valid."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

from faker_neural._blocked import OFFENSIVE
from faker_neural._errors import OptionError
from faker_neural._options import Options

from .card import CONTRACTS, FORMAT, Card, Golden, Scalar, State
from .row_columns import MOST_COLUMNS, ColumnKind, RowColumn, has_marker, marker
from .training_lines import TrainingLines

__all__ = ["read_card"]

_MOST_CHARACTERS = 2**24  # in a card; three bytes of JSON may take sixty bytes in memory
_MOST_NUMBERS = 2**24  # that a card may make a decoder keep
_MOST_STATES = 2**18  # numbers for each text of a batch
_MOST_IDS = 2**20
_OF_TEXTS = ("min_length", "max_length", "prefix", "pattern", "alphabet", "label", "length")
_TAKEN_NAMES = ("token", "draw", "temperature", "logits", "next")
_LONGEST_TOKEN = 2**8  # characters; a text may have ten thousand tokens
_FED_TEXT, _WITH_WINDOW = ("step", "window"), ("window", "score")


def read_card(text: str) -> Card:
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
            masked=self.masked(token_id),
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
        if card.classes and card.never_drawn:
            rule = "padding or masked ids, which a factored model has not"
            raise ValueError(f"{self.where} has {rule}")
        if len(card.never_drawn) == len(card.tokens):
            raise ValueError(f"{self.where}'s field 'masked' leaves no token")
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

    def masked(self, allowed: range) -> tuple[int, ...]:
        ids = self.get("masked", list) if "masked" in self.raw else []
        if not all(type(i) is int and i in allowed for i in ids):
            raise ValueError(f"{self.where}'s field 'masked' holds an id that no token has")
        return tuple(ids)

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
