"""All errors that this project raises on purpose.

    FakerNeuralError
    |-- OptionError (ValueError)            an argument has a value that is not allowed
    |-- UnknownModelError (ValueError)      no model has that name
    |-- ModelFileError (ValueError)         a model file cannot be used
    |   |-- ContractError                   a detector where a text model is needed, or vice versa
    |   `-- GoldenError                     it does not reproduce what its card promises
    |-- ExhaustedError (ValueError)         a model drew no string that the options allow
    |-- ColumnError (ValueError)            a file holds no column that can be learned
    |-- ConversionError (ValueError)        a Keras model cannot become a model file
    |-- SettingError (ValueError)           a setting that names folders of fields cannot be used
    |-- DatabaseError (OSError)             a database cannot be used, or was lost
    |-- PlanError (ValueError)              a plan does not fit its database
    |-- MissingFileError (FileNotFoundError)  a file or folder does not exist
    |-- MissingExtraError (ImportError)     an optional dependency is not installed
    `-- OldVersionError (ImportError)       a dependency is too old

    InexactModelWarning (UserWarning)       a model's strings may differ on another machine

Each message names the argument, file or table and says what is allowed. It is one line; a PlanError
with several problems has one line for each.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ._shown import shortened, visible

__all__ = [
    "ColumnError",
    "ContractError",
    "ConversionError",
    "DatabaseError",
    "ExhaustedError",
    "FakerNeuralError",
    "GoldenError",
    "InexactModelWarning",
    "MissingExtraError",
    "MissingFileError",
    "ModelFileError",
    "OldVersionError",
    "OptionError",
    "PlanError",
    "SettingError",
    "UnknownModelError",
]

_LINE = 1_000  # characters of a line of an error
_PATH = 300  # characters of a path
_MOST_LINES = 100  # problems of a plan that are listed


class FakerNeuralError(Exception):
    """The base class of all errors of this project.

    The text of an error is printable: control characters and direction overrides of what it quotes
    are shown as escapes. What it quotes is shortened.
    """

    def __str__(self) -> str:
        return shortened(visible(self._message()), _LINE)

    def _message(self) -> str:
        return super().__str__()


class OptionError(FakerNeuralError, ValueError):
    """An argument has a value that is not allowed; `name`, `value` and `rule` say which and why."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        super().__init__(name, value, rule)
        self.name, self.value, self.rule = name, value, rule

    def _message(self) -> str:
        return f"{self.name}={shortened(repr(self.value))} {self.rule}"


class UnknownModelError(FakerNeuralError, ValueError):
    """No model has the name; `known` has all names, and `nearest` those that it may mean."""

    def __init__(self, name: str, known: tuple[str, ...], nearest: tuple[str, ...]) -> None:
        super().__init__(name, known, nearest)
        self.name, self.known, self.nearest = name, known, nearest

    def _message(self) -> str:
        hint = (
            f"did you mean {' or '.join(map(repr, self.nearest))}?"
            if self.nearest
            else f"known are {', '.join(self.known)}; a file is named by its path, ./NAME.onnx"
        )
        return f"no model is called {shortened(repr(self.name))}: {hint}"


class _FileError(FakerNeuralError):
    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = os.fspath(path), problem

    def _message(self) -> str:
        return f"{shortened(self.path, _PATH)}: {self.problem}"


class ModelFileError(_FileError, ValueError):
    """A model file cannot be used; `path` and `problem` say which and why."""


class ContractError(ModelFileError):
    """A file holds another kind of model than is needed: texts, rows, or a detector of a GAN."""


class GoldenError(ModelFileError):
    """A model file does not reproduce what its card promises; `problem` says what differs."""


class ExhaustedError(_FileError, ValueError):
    """Too few drawn strings meet the options; `problem` says which strings came instead."""


class ColumnError(_FileError, ValueError):
    """A file holds no column that can be learned; `path` and `problem` say which and why."""


class ConversionError(_FileError, ValueError):
    """A Keras model cannot become a model file; `path` and `problem` say which and why."""


class SettingError(_FileError, ValueError):
    """A setting that names folders of fields is wrong; `path` is its file, or its name."""


class DatabaseError(_FileError, OSError):
    """A database cannot be used; `path` is its URL without the password, `problem` says why."""


class PlanError(FakerNeuralError, ValueError):
    """A plan does not fit its database or is not valid; `problems` has a line for each problem."""

    def __init__(self, name: str | os.PathLike[str], problems: Sequence[str]) -> None:
        super().__init__(name, problems)
        self.name, self.problems = os.fspath(name), tuple(problems)

    def __str__(self) -> str:
        name, problems = shortened(visible(self.name)), self.problems
        lines = [shortened(visible(one), _LINE) for one in problems[:_MOST_LINES]]
        if len(problems) == 1:
            return f"{name}: {lines[0]}"
        if more := len(problems) - len(lines):
            lines.append(f"and {more:,} more")
        return "\n  ".join((f"{name}: {len(problems)} things do not fit", *lines))


class MissingFileError(_FileError, FileNotFoundError):
    """A file or folder does not exist; `path` and `problem` say which and what it was for."""


class MissingExtraError(FakerNeuralError, ImportError):
    """An optional dependency, `module`, is not installed; `extra` is the extra that installs it."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(extra, module)
        self.extra, self.module = extra, module

    def _message(self) -> str:
        return f"{self.module} is not installed: pip install 'faker-neural[{self.extra}]'"


class OldVersionError(FakerNeuralError, ImportError):
    """A dependency is too old; `module`, `installed` and `needed` say which and by how much."""

    def __init__(self, module: str, installed: str, needed: str) -> None:
        super().__init__(module, installed, needed)
        self.module, self.installed, self.needed = module, installed, needed

    def _message(self) -> str:
        return (
            f"{self.module} {self.installed} is installed; {self.needed} or newer is needed: "
            f"pip install --upgrade {self.module}"
        )


class InexactModelWarning(UserWarning):
    """A model has float arithmetic, so its strings may differ on another machine."""


for _name in __all__:
    globals()[_name].__module__ = "faker_neural"  # users import them from there; tracebacks too
