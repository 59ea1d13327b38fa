"""The examples in the docstrings of what a user calls first."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path
from typing import Any

import pytest

from faker_neural import Provider, TextModel, load
from faker_neural.seeding import seed
from faker_neural_export import convert, train
from pytest_faker_neural import mock_text


@pytest.mark.parametrize(
    "documented",
    [load, TextModel.generate, Provider.neural_text, seed, train, convert],
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


def test_the_example_of_the_fixture_passes(pytester: pytest.Pytester) -> None:
    documentation = inspect.cleandoc(mock_text.__doc__ or "")
    example = documentation.partition("Example:\n")[2].partition("\n\n")[0]
    pytester.makepyfile(example)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
