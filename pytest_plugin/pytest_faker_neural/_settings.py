"""The options of `mock_text`, on the command line and in the ini file."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

import pytest

from ._global_seed import left_to_randomly

if TYPE_CHECKING:
    from faker_neural import OptionValues

__all__ = ["PluginSettings", "add_options", "read_settings"]

_SEED = (
    'a whole number, or "test" for a seed from the name of each test (default: as faker); it also '
    "seeds factory_boy and Fakers without a seed"
)
_FIELDS = "a folder of NAME.onnx files that mock_text and neural_text find by name"
_OPTION = "NAME=VALUE, such as max_length=80: a default option of mock_text and every neural_text"


@dataclass(frozen=True)
class PluginSettings:
    """The seed of `mock_text`, and what the header says.

    Args:
        seed: a number for every test; "test" for a seed from each test's name; None for the seed
            of the `faker` fixture.
        summary: what the seed and the default options govern.
    """

    seed: int | str | None
    summary: str

    def seed_of(self, test: str) -> int | None:
        """Return the seed of a test; None for the seed of the `faker` fixture.

        Args:
            test: the ID of the test.
        """
        return crc32(test.encode()) if isinstance(self.seed, str) else self.seed

    def seed_of_scope(self, config: pytest.Config, scope: str) -> str:
        """Return the seed of the fixtures of a wider scope.

        Args:
            config: the configuration of the run; with pytest-randomly, its seed counts.
            scope: the name of the scope, such as "session".
        """
        seed = config.getoption("randomly_seed", 0) if self.seed is None else self.seed
        return f"{seed} {scope}"


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
    """Read and check the options. Until the run ends, names and default options are known.

    Raises:
        pytest.UsageError: an option is wrong.
    """
    text = config.getoption("--mock-text-seed") or config.getini("mock_text_seed") or None
    here = config.invocation_params.dir
    folders = [here / folder for folder in config.getoption("--mock-text-fields")]
    folders += config.getini("mock_text_fields")
    folders += _of_project(config, here)
    pairs = [*config.getini("mock_text_options"), *config.getoption("--mock-text-option")]
    seed = _seed(text)
    if folders:
        _look_in(config, folders)
    if pairs:
        _use(config, pairs)
    return PluginSettings(seed, _summary(config, seed, pairs))


def _summary(config: pytest.Config, seed: int | str | None, pairs: list[str]) -> str:
    others = "factory_boy and Fakers without a seed"
    if seed is None:
        governed = "seed=as the faker fixture"
    elif left_to_randomly(config):
        governed = f"seed={seed}; pytest-randomly seeds {others}"
    else:
        governed = f"seed={seed}, also for {others}"
    return f"{governed}; {', '.join(pairs)}, also for neural_text" if pairs else governed


def _seed(text: str | None) -> int | str | None:
    if text is None or text == "test":
        return text
    if not text.isdecimal():
        rule = f"{text!r} must be a whole number, or 'test'"
        raise pytest.UsageError(f"--mock-text-seed, or mock_text_seed in the ini file: {rule}")
    return int(text)


def _of_project(config: pytest.Config, here: Path) -> list[Path]:
    """Return the folders of the pyproject.toml above the root of the tests.

    Names are looked up from the current folder on; pytest may be started in another one.
    """
    root = config.rootpath
    if root == here or root in here.parents:
        return []
    from faker_neural import SettingError
    from faker_neural._catalog.sources import from_project

    try:
        return [source.folder for source in from_project(root)]
    except SettingError as error:
        raise pytest.UsageError(str(error)) from None


def _look_in(config: pytest.Config, folders: list[Path]) -> None:
    from faker_neural import SettingError, fields_from

    try:
        _until_the_end(config, fields_from(*folders))
    except SettingError as error:
        raise pytest.UsageError(f"--mock-text-fields: {error.problem}") from None


def _use(config: pytest.Config, pairs: list[str]) -> None:
    """Make options the defaults of all learned text of the run."""
    from faker_neural import OptionError, Options
    from faker_neural._call_options import default_options

    try:
        values = dict(Options.parse(pair) for pair in pairs)
        Options.from_mapping(values)
    except OptionError as error:
        where = "--mock-text-option, or mock_text_options in the ini file"
        raise pytest.UsageError(f"{where}: {error}") from None
    _until_the_end(config, default_options(cast("OptionValues", values)))


def _until_the_end(config: pytest.Config, block: AbstractContextManager[None]) -> None:
    stack = ExitStack()
    stack.enter_context(block)
    config.add_cleanup(stack.close)
