"""The command `faker-neural`: every subcommand is one call into the library."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, cast

from faker_neural import FakerNeuralError, MissingExtraError
from faker_neural._shown import shortened, visible

if TYPE_CHECKING:
    import click

__all__ = ["command_group", "main"]

_STOPPED = 130
_LINE = 1_000  # characters


def main() -> None:
    """Run the command line; an error is one line on standard error and exit code 2."""
    try:
        code = _run()
        sys.stdout.flush()
    except FakerNeuralError as error:
        _say(str(error))
        code = 2
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        _say(f"output: {error.encoding} has no {character!r}; set PYTHONIOENCODING=utf-8")
        code = 2
    except OSError as error:  # a full disk, for one
        _say(f"{error.filename or 'output'}: {error.strerror}")
        code = 2
        if error.filename is None:
            _drop_output()
    except KeyboardInterrupt:  # outside a command, while modules are imported
        code = _STOPPED
    if code == _STOPPED:
        _say("stopped")
    sys.exit(code)


def _drop_output() -> None:
    """Let what cannot be written go nowhere, which Python tries once more as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def command_group() -> click.Group:
    """Return all commands.

    Raises:
        MissingExtraError: typer or rich is not installed.
    """
    try:
        import rich  # noqa: F401
        import typer
    except ModuleNotFoundError as error:
        raise MissingExtraError("cli", error.name or "typer") from None
    from . import (  # noqa: F401  # each adds its subcommands
        _commands,
        _detect,
        _eject,
        _evaluate,
        _export,
        _replace,
        _seed,
        _table,
        _train,
    )
    from ._app import app

    return cast("click.Group", typer.main.get_command(app))


def _run() -> int:
    command, arguments = command_group(), sys.argv[1:] or ["--help"]
    import typer

    try:
        code: int | None = command.main(arguments, prog_name="faker-neural", standalone_mode=False)
    except typer.Abort:  # Ctrl-C, in some versions
        return _STOPPED
    except Exception as error:
        if not hasattr(error, "format_message"):  # only the parser's usage errors have it
            raise
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "faker-neural"
        message = error.format_message().replace("Value error, ", "").rstrip(".?")
        _say(f"{message}; see {path} --help")
        return 2
    return code or 0


def _say(message: str) -> None:
    for line in f"faker-neural: {message}".split("\n"):
        print(shortened(visible(line), _LINE), file=sys.stderr)
