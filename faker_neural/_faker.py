"""A Faker with learned text, and the types of both for mypy and pyright.

Faker's own types name its standard methods only: `neural_text` of a plain Faker is `Any`.
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
    """Return a protocol's member the provider's own signature, which is written once."""
    return lambda member: method


class NeuralText(Protocol):
    """What draws learned text, for functions that ask for nothing else of a Faker.

    A `NeuralFaker` does, and a `Provider`.
    """

    @_as_in(Provider.neural_text)
    def neural_text(self) -> object: ...

    @_as_in(Provider.neural_texts)
    def neural_texts(self) -> object: ...


if TYPE_CHECKING:

    class _Typed(Faker, Provider):
        """A proxy passes on what its provider has."""

else:
    _Typed = Faker


class NeuralFaker(_Typed):
    """A Faker with the provider in each of its locales: `NeuralFaker().neural_text("company")`.

    It is also what to annotate any Faker with that has the provider, such as the `faker` fixture,
    so that both `faker.name()` and `faker.neural_text()` have types.

    Args:
        locale: as Faker's: a locale, several, or several with their weights.
        includes: modules with further providers.
        config: what else Faker takes.
    """

    def __init__(
        self,
        locale: str | Sequence[str] | dict[str, int | float] | None = None,
        *,
        includes: Sequence[str] = (),
        **config: Any,
    ) -> None:
        super().__init__(locale, includes=[*includes, "faker_neural"], **config)
