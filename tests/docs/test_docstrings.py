"""The examples in the docstrings of what a user calls first."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Callable, Iterator
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

import faker_neural
import faker_neural_export
from faker_neural import Provider, TextModel, load, seeding
from faker_neural.seeding import seed
from faker_neural_export import convert, train
from pytest_faker_neural import mock_text


@pytest.mark.parametrize(
    "documented",
    [load, TextModel.generate, TextModel.like, Provider.neural_text, seed, train, convert],
    ids=lambda documented: documented.__qualname__,
)
def test_an_example_does_what_it_says(
    documented: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (test,) = doctest.DocTestFinder(recurse=False).find(documented, globs={})
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert "".join(said) == ""


@pytest.mark.parametrize("name", ["model_reader", "columns_reader"])
def test_an_example_of_arrow_does_what_it_says(name: str) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from faker_neural.integrations import arrow

    (test,) = doctest.DocTestFinder(recurse=False).find(getattr(arrow, name), globs={})
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert (len(test.examples) > 0, "".join(said)) == (True, "")


def test_the_example_of_the_fixture_passes(pytester: pytest.Pytester) -> None:
    documentation = inspect.cleandoc(mock_text.__doc__ or "")
    example = documentation.partition("```python\n")[2].partition("```")[0]
    pytester.makepyfile(example)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def _public() -> Iterator[Callable[..., Any]]:
    """Yield the functions and methods that the three packages publish."""
    for package in (faker_neural, seeding, faker_neural_export):
        for published in (getattr(package, name) for name in package.__all__):
            if isfunction(published):
                yield published
            elif inspect.isclass(published):
                fields = getattr(published, "__dataclass_fields__", {})
                own = {name: value for name, value in vars(published).items() if name[0] != "_"}
                yield from (f for name, f in own.items() if name not in fields and isfunction(f))


@pytest.mark.parametrize("function", list(_public()), ids=lambda function: function.__qualname__)
def test_a_public_function_documents_its_arguments_and_its_result(
    function: Callable[..., Any],
) -> None:
    documentation, signature = inspect.getdoc(function) or "", inspect.signature(function)
    parameters = set(signature.parameters) - {"self"}
    if not documentation.startswith("Receive "):  # a monitor's method; the line names its arguments
        lacking = {name for name in parameters if f"    {name}: " not in documentation}
        assert len(parameters) < 2 or not lacking
    if signature.return_annotation != "None":
        assert re.search(r"^(Return|Yield)|\nReturns:", documentation)
