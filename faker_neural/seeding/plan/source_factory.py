"""Makes the source of a column from its plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from faker import Faker

from faker_neural import ExhaustedError, FakerNeuralError, load
from faker_neural._interrupts import let_interrupts_through
from faker_neural._pseudonyms import read_secret
from faker_neural._shown import shortened
from faker_neural.seeding.connection import first_line
from faker_neural.seeding.schema.schema import Column
from faker_neural.seeding.values.counted import Choice, Range, SequenceSource
from faker_neural.seeding.values.derived import DERIVATIONS, DerivedSource, Source
from faker_neural.seeding.values.drawn import FakerSource, NeuralSource, RandomBytes, RowSource
from faker_neural.seeding.values.pseudonym import PseudonymSource

from .hints import name_hint, spelling_hint
from .plan import ColumnPlan
from .source_limits import MOST_BYTES, check_derivation, check_faker_arguments

__all__ = ["KINDS", "make_pseudonyms", "make_source"]

_MOST_CHILDREN = 1_000_000
_TRIAL_KEYS = np.arange(3, dtype=np.uint64)  # random keys of trial draws
_OPTIONS = {
    "choice": ("values", "weights"),
    "range": ("low", "high", "step"),
    "sequence": ("start", "step"),
    "from": (
        "columns",
        "as",
        *sorted({name for one in DERIVATIONS.values() for name in one.options}),
    ),
    "uuid": (),
    "bytes": ("length",),
    "fk": ("skew", "to", "by", "per", "count"),
    "skip": (),
}


KINDS = ("neural", "faker", "row", "like", *_OPTIONS)
"""The kinds of sources: the part of a source's name before the colon."""


def make_source(column: Column, plan: ColumnPlan) -> Source | None:
    """Make the source of a column's values and check that the column accepts them.

    Args:
        column: the column.
        plan: its plan, with a source of one of `KINDS`.

    Returns:
        The source; None for "fk" and "skip".

    Raises:
        ValueError: the model, Faker method or locale does not exist, an option is unknown or
            invalid, or the column does not accept the values.
    """
    kind, _, name = plan.source.partition(":")
    if unknown := [key for key in plan.options if key not in _OPTIONS.get(kind, plan.options)]:
        known = _OPTIONS[kind]
        raise ValueError(f"{kind} has no {unknown[0]!r}{name_hint(unknown[0], known)}")
    options = dict(plan.options)
    if kind == "neural":
        return _neural(column, name, options)
    if kind == "faker":
        return _faked(column, name, options)
    if kind == "row":
        return _of_row(column, name, options)
    make = _SOURCE_BY_KIND.get(kind)
    try:
        return make(column, options) if make else None
    except (ArithmeticError, TypeError, KeyError) as error:
        raise ValueError(f"{kind} has invalid options ({first_line(error)})") from None


def make_pseudonyms(
    column: Column, plan: ColumnPlan, columns: Mapping[str, ColumnPlan], secret_file: str
) -> PseudonymSource:
    """Make the source of a column of pseudonyms.

    Args:
        column: the column.
        plan: its plan, with the source "like".
        columns: the plans of the table's columns, by name.
        secret_file: the file of the secret; "" for the environment variable.

    Raises:
        ValueError: there is no model or no secret, or the column does not accept the texts.
    """
    options = dict(plan.options)
    name = str(options.pop("column", ""))
    kind, _, model = columns.get(name, ColumnPlan("skip")).source.partition(":")
    own = columns[name].options if kind == "neural" else {}
    if "with" in options:
        model, own = str(options.pop("with")), {}
    elif kind != "neural":
        raise ValueError(
            f'like={name!r} needs a model, {{ like = "{name}", with = "person_name" }}'
        )
    texts = _neural(column, model, {**own, **options})
    try:
        secret = read_secret(secret_file or None)
    except FakerNeuralError as error:
        hint = "" if secret_file else ", or the plan's secret_file"
        raise ValueError(f"like={name!r}: {error}{hint}") from None
    return PseudonymSource(column, (name,), "like", texts=texts, secret=secret)


def _neural(column: Column, model: str, options: Mapping[str, Any]) -> NeuralSource:
    if column.kind not in ("text", "choice", "other"):
        raise ValueError(f"neural:{model} draws text, but the column is {column.of_type}")
    source = NeuralSource(column, model, options)
    try:
        source.values(_TRIAL_KEYS)
    except ExhaustedError as error:
        raise ValueError(f"neural:{model} {error.problem}") from None
    except FakerNeuralError as error:
        raise ValueError(str(error)) from None
    return source


def _of_row(column: Column, model: str, options: dict[str, Any]) -> RowSource:
    name, given = options.pop("column", None), options.pop("given", {})
    try:
        opened = load(model)
        opened.row_request(given, None, **options)
        names = [one.name for one in opened.card.columns]
        if name not in names:
            hint = name_hint(str(name), tuple(names))
            raise ValueError(f"row:{model} has no column {name!r}{hint}")
        if name in given:
            raise ValueError(f"row:{model}: column {name!r} is given, so it is not drawn")
        listed = {key: tuple(one) if isinstance(one, list) else one for key, one in options.items()}
        source = RowSource(
            column, model, name, tuple(sorted(given.items())), tuple(sorted(listed.items()))
        )
        source.values(_TRIAL_KEYS)
    except ExhaustedError as error:
        raise ValueError(f"row:{model} {error.problem}") from None
    except FakerNeuralError as error:
        raise ValueError(str(error)) from None
    except (AttributeError, TypeError) as error:
        raise ValueError(f"row:{model} has invalid options ({first_line(error)})") from None
    return source


def _faked(column: Column, method: str, options: dict[str, Any]) -> FakerSource:
    locale = options.pop("locale", None)
    check_faker_arguments(options)
    if locale is not None and not isinstance(locale, str):
        raise ValueError(f"locale={shortened(repr(locale))} must be text, such as de_DE")
    try:
        fake = Faker(locale)
    except (AttributeError, ValueError, TypeError):
        raise ValueError(f"Faker has no locale {shortened(repr(locale))}") from None
    known = _methods(fake)
    if method not in known:
        raise ValueError(f"Faker has no {method!r}{spelling_hint(method, known)}")
    source = FakerSource(column, method, options, locale)
    try:
        source.values(_TRIAL_KEYS)
    except ExhaustedError as error:
        raise ValueError(f"faker:{method} {error.problem}") from None
    except Exception as error:  # a provider may raise any error for its arguments
        let_interrupts_through(error)
        raise ValueError(f"faker:{method}: {first_line(error)}") from None
    return source


def _methods(fake: Faker) -> tuple[str, ...]:
    """Return the names of the providers' methods, without Faker's own methods for set-up."""
    return tuple(
        sorted(
            {
                name
                for provider in fake.get_providers()
                for name in dir(provider)
                if not name.startswith("_") and callable(getattr(provider, name))
            }
        )
    )


def _range(column: Column, options: Mapping[str, Any]) -> Range:
    return Range(column, options["low"], options["high"], options.get("step"))


def _check_reference(column: Column, options: Mapping[str, Any]) -> None:
    skew, to = options.get("skew", 0), options.get("to")
    if not isinstance(skew, int | float) or not 0 <= skew <= 100:
        shown = shortened(repr(skew))
        raise ValueError(f"skew={shown} must be a number, 0 or more and at most 100")
    if isinstance(to, Mapping) != ("by" in options):
        raise ValueError('by="kind" needs a column for each kind, to={ Post = "posts.id", ... }')
    if "per" in options:
        _check_count(options)
    elif "count" in options:
        raise ValueError("count goes with per, the table whose rows are counted")


def _check_count(options: Mapping[str, Any]) -> None:
    if other := [name for name in ("skew", "to", "by") if name in options]:
        raise ValueError(f"{other[0]} does not go with per")
    if not isinstance(options["per"], str):
        raise ValueError(f"per={options['per']!r} must be a table, such as orders")
    count = options.get("count", [0, 0])
    low, high = count if isinstance(count, list | tuple) and len(count) == 2 else (-1, -1)
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in (low, high))
    if not whole or not 0 <= low <= high <= _MOST_CHILDREN:
        rule = f"must be two whole numbers, [LOW, HIGH], 0 to {_MOST_CHILDREN:,}"
        raise ValueError(f"count={shortened(repr(count))} {rule}")


def _choice(column: Column, options: Mapping[str, Any]) -> Choice:
    values, weights = options["values"], options.get("weights")
    if weights is not None and not _are_weights(weights, len(values)):
        raise ValueError(f"weights must be {len(values)} numbers, 0 or more, one for each value")
    return Choice(column, values, weights)


def _are_weights(weights: Any, count: int) -> bool:
    if not isinstance(weights, list | tuple) or len(weights) != count:
        return False
    numbers = [one for one in weights if isinstance(one, int | float) and 0 <= one < math.inf]
    return len(numbers) == count and 0 < sum(numbers) < math.inf


def _derived(column: Column, options: dict[str, Any]) -> DerivedSource:
    how = options.pop("as", "join")
    derivation = DERIVATIONS.get(how) if isinstance(how, str) else None
    if derivation is None:
        rule = f"must be one of {', '.join(DERIVATIONS)}"
        raise ValueError(f"as={how!r} {rule}")
    if column.kind not in derivation.kinds:
        rule = f"is for a column of kind {' or '.join(derivation.kinds)}"
        raise ValueError(f"as={how!r} {rule}, and this one is {column.of_type}")
    inputs = tuple(options.pop("columns", ()))
    if unknown := [name for name in options if name not in derivation.options]:
        raise ValueError(f"as={how!r} has no {unknown[0]!r}")
    check_derivation(options)
    return DerivedSource(column, inputs, how, options)


def _sequence(column: Column, options: Mapping[str, Any]) -> SequenceSource:
    if column.kind not in ("integer", "text", "decimal", "float"):
        raise ValueError(f"a sequence gives numbers, and the column is {column.of_type}")
    start, step = options.get("start", 1), options.get("step", 1)
    if not isinstance(start, int) or not isinstance(step, int) or step < 1:
        raise ValueError("a sequence starts at a whole number, with a step of 1 or more")
    if max(abs(start), step) >= 2**63:
        raise ValueError("a sequence has a start and a step below 2**63")
    return SequenceSource(column, start, step)


def _uuid(column: Column, options: Mapping[str, Any]) -> RandomBytes:
    if column.kind not in ("uuid", "text"):
        raise ValueError(f"a column of type {column.of_type} cannot hold a UUID")
    source = RandomBytes(column)
    source.values(_TRIAL_KEYS)
    return source


def _bytes(column: Column, options: Mapping[str, Any]) -> RandomBytes:
    length = options.get("length", 16)
    if column.kind != "bytes" or not isinstance(length, int) or not 1 <= length <= MOST_BYTES:
        raise ValueError(f"bytes are for a column of bytes, with a length of 1 to {MOST_BYTES:,}")
    return RandomBytes(column, length)


_SOURCE_BY_KIND: dict[str, Callable[[Column, dict[str, Any]], Source | None]] = {
    "choice": _choice,
    "range": _range,
    "sequence": _sequence,
    "from": _derived,
    "uuid": _uuid,
    "bytes": _bytes,
    "fk": _check_reference,
}
