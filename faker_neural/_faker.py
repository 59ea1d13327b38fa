"""A Faker with learned text, with types for mypy and pyright.

Faker's own types cover only its standard methods: `neural_company` of a plain Faker is `Any`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from faker import Faker

from ._provider import Provider

__all__ = ["NeuralFaker", "NeuralText"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _as_in(
    method: Callable[Concatenate[Provider, _P], _T],
) -> Callable[[object], Callable[Concatenate[Any, _P], _T]]:
    """Return a decorator that replaces a member by a provider's method, to copy its signature."""
    return lambda member: method


class NeuralText(Protocol):
    """A protocol for functions that need nothing of a Faker but learned text.

    `NeuralFaker` and `Provider` implement it. It has the methods that take a model's name.
    """

    @_as_in(Provider.neural_text)
    def neural_text(self) -> object: ...

    @_as_in(Provider.neural_texts)
    def neural_texts(self) -> object: ...

    @_as_in(Provider.neural_row)
    def neural_row(self) -> object: ...

    @_as_in(Provider.neural_rows)
    def neural_rows(self) -> object: ...


if TYPE_CHECKING:

    class _Typed(Faker, Provider):
        """A Faker passes on the methods of its providers."""

else:
    _Typed = Faker


class NeuralFaker(_Typed):
    """A Faker with the provider in each of its locales: `NeuralFaker().neural_company()`.

    Use it also to annotate any Faker that has the provider, such as the `faker` fixture. Then both
    `faker.name()` and `faker.neural_company()` have types. The method of a field of your own is
    `Any`.

    Args:
        locale: one locale, several locales, or several locales with weights, as for `Faker`.
        includes: the names of modules with further providers.
        config: other arguments of `Faker`.
    """

    def __init__(
        self,
        locale: str | Sequence[str] | dict[str, int | float] | None = None,
        *,
        includes: Sequence[str] = (),
        **config: Any,
    ) -> None:
        super().__init__(locale, includes=[*includes, "faker_neural"], **config)
