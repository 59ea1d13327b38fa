"""The command `faker-neural`: every subcommand is one call into the library."""

from __future__ import annotations

import os
import sys

from faker_neural._errors import FakerNeuralError, MissingExtraError


def main() -> None:
    """Run the command line; an error is one line on standard error and exit code 2."""
    try:
        sys.exit(_run())
    except FakerNeuralError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(str(_missing_extra(error)))
    except KeyboardInterrupt:
        print("faker-neural: stopped; nothing was written", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _run() -> int:
    import typer

    from ._commands import app

    try:
        code: int | None = typer.main.get_command(app).main(
            prog_name="faker-neural", standalone_mode=False
        )
    except typer.Exit as stop:
        return stop.exit_code
    except Exception as error:
        if not hasattr(error, "format_message"):  # a usage error of the command-line parser
            raise
        _fail(error.format_message())
    return code or 0


def _missing_extra(error: ModuleNotFoundError) -> Exception:
    extras = {"typer": "cli", "rich": "cli"}
    exporting = ("keras", "tensorflow", "tf2onnx", "onnx", "h5py", "polars", "tokenizers")
    extras |= dict.fromkeys(exporting, "export")
    module = (error.name or "").partition(".")[0]
    return MissingExtraError(extras[module], module) if module in extras else error


def _fail(message: str) -> None:
    print(f"faker-neural: {message}", file=sys.stderr)
    sys.exit(2)
