"""Every error this project raises on purpose.

    FakerNeuralError
    |-- OptionError (ValueError)            an argument has a value that is not allowed
    |-- UnknownModelError (ValueError)      no model has that name
    |-- ModelFileError (ValueError)         a model file cannot be used
    |   |-- ContractError                   it is a detector, or a text model, and not the other
    |   `-- GoldenError                     it does not give what its card promises
    |-- ExhaustedError (ValueError)         no string that the options allow came out
    |-- ColumnError (ValueError)            a file holds no column that can be learned
    |-- ConversionError (ValueError)        a Keras model cannot become a model file
    |-- SettingError (ValueError)           what says where fields are cannot be used
    |-- DatabaseError (OSError)             a database cannot be used, or went away
    |-- PlanError (ValueError)              a plan does not fit the database it is for
    |-- MissingFileError (FileNotFoundError)  there is no such file or folder
    |-- MissingExtraError (ImportError)     an optional dependency is not installed
    `-- OldVersionError (ImportError)       a dependency is older than what is supported

    InexactModelWarning (UserWarning)       a model's strings may differ on another machine

The text of each is one line that names the thing and says what is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

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

_LONGEST = 400  # characters of what a file says, in an error


class FakerNeuralError(Exception):
    """The base of every error of this project."""


class OptionError(FakerNeuralError, ValueError):
    """An argument has a value that is not allowed; `name`, `value` and `rule` say which and why."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        super().__init__(name, value, rule)
        self.name, self.value, self.rule = name, value, rule

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} {self.rule}"


class UnknownModelError(FakerNeuralError, ValueError):
    """No model has the name; `known` lists the names there are, `nearest` those spelled like it."""

    def __init__(self, name: str, known: tuple[str, ...], nearest: tuple[str, ...]) -> None:
        super().__init__(name, known, nearest)
        self.name, self.known, self.nearest = name, known, nearest

    def __str__(self) -> str:
        hint = (
            f"did you mean {' or '.join(map(repr, self.nearest))}?"
            if self.nearest
            else f"known are {', '.join(self.known)}; a file is named by its path, ./NAME.onnx"
        )
        return f"no model is called {self.name!r}: {hint}"


class _FileError(FakerNeuralError):
    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = os.fspath(path), problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class ModelFileError(_FileError, ValueError):
    """A model file cannot be used; `path` and `problem` say which and why."""


class ContractError(ModelFileError):
    """A file holds a detector where a text model is wanted, or a text model for a detector."""


class GoldenError(ModelFileError):
    """A model file does not give what its card promises; `problem` says what, and what instead."""


class ExhaustedError(_FileError, ValueError):
    """A model gave no string that the options allow in as many attempts as it has."""


class ColumnError(_FileError, ValueError):
    """A file holds no column that can be learned; `path` and `problem` say which and why."""


class ConversionError(_FileError, ValueError):
    """A Keras model cannot become a model file; `path` and `problem` say which and why."""


class SettingError(_FileError, ValueError):
    """What says where fields are cannot be used; `path` is a file's, or names the setting."""


class DatabaseError(_FileError, OSError):
    """A database cannot be used; `path` is its URL without the password, `problem` says why."""


class PlanError(FakerNeuralError, ValueError):
    """A plan cannot be carried out; `problems` has a line for each thing that does not fit."""

    def __init__(self, name: str | os.PathLike[str], problems: Sequence[str]) -> None:
        super().__init__(name, problems)
        self.name, self.problems = os.fspath(name), tuple(problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.name}: {self.problems[0]}"
        return "\n  ".join((f"{self.name}: {len(self.problems)} things do not fit", *self.problems))


class MissingFileError(_FileError, FileNotFoundError):
    """A file or folder does not exist; `path` and `problem` say which and what it was for."""


class MissingExtraError(FakerNeuralError, ImportError):
    """An optional dependency is not installed; `extra` is the one that brings it."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(extra, module)
        self.extra, self.module = extra, module

    def __str__(self) -> str:
        return f"{self.module} is not installed: pip install 'faker-neural[{self.extra}]'"


class OldVersionError(FakerNeuralError, ImportError):
    """A dependency is too old; `module`, `installed` and `needed` say which and by how much."""

    def __init__(self, module: str, installed: str, needed: str) -> None:
        super().__init__(module, installed, needed)
        self.module, self.installed, self.needed = module, installed, needed

    def __str__(self) -> str:
        return (
            f"{self.module} {self.installed} is installed; {self.needed} or newer is needed: "
            f"pip install --upgrade {self.module}"
        )


class InexactModelWarning(UserWarning):
    """A model's arithmetic is float: its strings may differ on another machine."""


def one_line(text: str) -> str:
    """Make one line, legible and not long, of what a stranger may have written."""
    shown = "".join(c if c.isprintable() else " " for c in text.strip()[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}\u2026"


for _name in __all__:
    globals()[_name].__module__ = "faker_neural"  # where a user finds them, also in a traceback
