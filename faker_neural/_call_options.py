"""The arguments of a Faker's call: `nb`, and options, which may have defaults in the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ._errors import OptionError
from ._options import OptionValues, check_count

__all__ = ["ROW_OPTIONS", "count_of", "default_options", "row_options", "text_options"]

ROW_OPTIONS = ("temperature", "top_k", "top_p", "verbatim", "blocked")
"""The options of whole rows."""

_MOST = 10_000_000  # values in a list
_NUMBERS = {
    "nb": int,
    "temperature": float,
    "top_k": int,
    "top_p": float,
    "min_length": int,
    "max_length": int,
    "length": int,
}
_defaults: list[OptionValues] = []


@contextmanager
def default_options(values: OptionValues) -> Iterator[None]:
    """Add options to every string and row that a Faker draws, until the block ends.

    Args:
        values: options that a call can override. A row takes only `ROW_OPTIONS` of them.

    Returns:
        A context manager.
    """
    _defaults.append(values)
    try:
        yield
    finally:
        _defaults.remove(values)


def text_options(given: OptionValues) -> OptionValues:
    """Return the options of a text.

    Args:
        given: the options of the call.
    """
    wanted: OptionValues = {}
    for values in _defaults:
        wanted.update(values)
    wanted.update(given)
    for name, value in wanted.items():
        if isinstance(value, str):
            wanted[name] = _number(name, value)  # type: ignore[literal-required]
    return wanted


def row_options(given: OptionValues) -> OptionValues:
    """Return the options of a row: of the defaults, those that rows have.

    Args:
        given: the options of the call.
    """
    wanted = text_options(given)
    for name in set(wanted).difference(ROW_OPTIONS, given):
        del wanted[name]  # type: ignore[misc]
    return wanted


def count_of(nb: object) -> int:
    """Return a number of values as an int.

    Args:
        nb: the number of values, 0 to 10,000,000.

    Raises:
        OptionError: it is no integer or out of range.
    """
    count = check_count("nb", _number("nb", nb))  # type: ignore[arg-type]  # it checks the type
    if count > _MOST:
        rule = f"must be at most {_MOST:,}; TextModel.stream draws more: load(model).stream(n)"
        raise OptionError("nb", count, rule)
    return count


def _number(name: str, value: object) -> object:
    """Return the number that a text stands for, if the argument is a number; else the value.

    Faker's command line passes every argument as text: `faker neural_texts company 3`.
    """
    if isinstance(value, str) and name in _NUMBERS:
        with suppress(ValueError):
            return _NUMBERS[name](value)
    return value
