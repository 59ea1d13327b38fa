"""Command-line options made from the fields of dataclasses."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from functools import wraps
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

__all__ = ["options_of", "take_options", "those_of"]


def options_of(
    *groups: type, defaults: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add to a command an option for each described field of dataclasses.

    The command receives the options that were typed as keyword arguments; an option that was not
    typed is no argument, so that the dataclass, a preset or a model decides.

    Args:
        groups: dataclasses with fields made by `described`. Where two have a field of the same
            name, the first one's help and default are shown.
        defaults: whether the help shows the default values of the fields.
    """
    options: dict[str, inspect.Parameter] = {}
    for group in groups:
        hints = get_type_hints(group)
        for item in fields(group):
            if "help" in item.metadata and item.name not in options:
                options[item.name] = _option(item, hints[item.name], defaults)

    def add(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            parameter
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.kind is not parameter.VAR_KEYWORD
        ]

        @wraps(command)
        def wrapper(**values: Any) -> None:
            typed = {
                name: value
                for name, value in values.items()
                if name not in options or value is not None
            }
            command(**typed)

        parameters = [*own, *options.values()]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
        return wrapper

    return add


def those_of(group: type, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed options that are fields of a dataclass."""
    names = {item.name for item in fields(group)}
    return {name: value for name, value in typed.items() if name in names}


def take_options(group: type, typed: dict[str, Any]) -> dict[str, Any]:
    """Remove the options that are fields of a dataclass from the typed options, and return them."""
    return {name: typed.pop(name) for name in those_of(group, typed)}


def _option(item: Field[Any], hint: Any, defaults: bool) -> inspect.Parameter:
    """Return the parameter of an option whose default is None: it was not typed."""
    shown = item.metadata["default"] or _shown(item.default)
    default = f"  [default: {shown}]" if defaults and shown else ""
    option = typer.Option(help=item.metadata["help"] + default, show_default=False)
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[_typed(hint) | None, option],
    )


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default)


def _typed(hint: Any) -> Any:
    """Return what is typed for a field: text where the field also takes text."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    literal = next((kind for kind in kinds if get_origin(kind) is Literal), None)
    return literal or (str if str in kinds else kinds[0])
