"""The options of `mock_text`, on the command line and in the ini file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

__all__ = ["PluginSettings", "add_options", "read_settings"]

_SEED = 'a whole number, or "test" for a seed from the name of each test (default: as faker)'
_FIELDS = "a folder of NAME.onnx files that mock_text and neural_text find by name"
_OPTION = "NAME=VALUE, such as max_length=80: a default option of mock_text"


@dataclass(frozen=True)
class PluginSettings:
    """The defaults of `mock_text`, which a test can override.

    Args:
        seed: a number for every test; "test" for a seed from each test's name; None for the seed
            of the `faker` fixture.
        options: fields of `faker_neural.Options`, by name.
        summary: seed and options, for the header.
    """

    seed: int | str | None
    options: Mapping[str, Any]
    summary: str

    def seed_of(self, nodeid: str) -> int | None:
        """Return the seed of a test; None for the seed of the `faker` fixture."""
        return crc32(nodeid.encode()) if isinstance(self.seed, str) else self.seed


def add_options(parser: pytest.Parser) -> None:
    """Add the command-line options and the ini options."""
    group = parser.getgroup("mock_text", "learned text (faker-neural)")
    group.addoption("--mock-text-seed", metavar="SEED", help=_SEED)
    group.addoption("--mock-text-fields", action="append", default=[], metavar="DIR", help=_FIELDS)
    group.addoption(
        "--mock-text-option", action="append", default=[], metavar="OPTION", help=_OPTION
    )
    parser.addini("mock_text_seed", _SEED)
    parser.addini("mock_text_fields", f"{_FIELDS}; several folders", type="paths")
    parser.addini("mock_text_options", f"{_OPTION}; one option a line", type="linelist")


def read_settings(config: pytest.Config) -> PluginSettings:
    """Read and check the options, and make the models of the folders known by name.

    Raises:
        pytest.UsageError: an option is wrong.
    """
    seed = config.getoption("--mock-text-seed") or config.getini("mock_text_seed") or None
    here = config.invocation_params.dir
    folders = [here / folder for folder in config.getoption("--mock-text-fields")]
    folders += config.getini("mock_text_fields")
    pairs = [*config.getini("mock_text_options"), *config.getoption("--mock-text-option")]
    if folders:
        _look_in(config, folders)
    summary = [f"seed={'as the faker fixture' if seed is None else seed}", *pairs]
    return PluginSettings(_seed(seed), _options(pairs) if pairs else {}, ", ".join(summary))


def _seed(text: str | None) -> int | str | None:
    if text is None or text == "test":
        return text
    if not text.isdecimal():
        raise pytest.UsageError(f"--mock-text-seed={text!r} must be a whole number, or 'test'")
    return int(text)


def _look_in(config: pytest.Config, folders: list[Path]) -> None:
    from contextlib import ExitStack

    from faker_neural import SettingError, fields_from

    stack = ExitStack()
    try:
        stack.enter_context(fields_from(*folders))
    except SettingError as error:
        raise pytest.UsageError(f"--mock-text-fields: {error.problem}") from None
    config.add_cleanup(stack.close)


def _options(pairs: list[str]) -> dict[str, Any]:
    from faker_neural import OptionError, Options

    try:
        values = dict(Options.parse(pair) for pair in pairs)
        Options.from_mapping(values)
    except OptionError as error:
        raise pytest.UsageError(f"--mock-text-option: {error}") from None
    return values
