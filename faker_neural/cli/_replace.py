"""The subcommand that replaces a column of a file by pseudonyms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn

from faker_neural import Options
from faker_neural._pseudonyms import SECRET_VARIABLE, read_secret

from ._app import app
from ._bar import Bar
from ._options import options_of


@app.command()
@options_of(Options, defaults=False)
def replace(
    file: Annotated[Path, typer.Argument(help="The .csv or .tsv file.")],
    column: Annotated[list[str], typer.Option(help="Column to replace; repeatable.")],
    model: Annotated[
        str, typer.Option("--with", metavar="MODEL", help="A model's name, or its file's path.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    secret_file: Annotated[
        Path | None, typer.Option(help=f"File of the secret; default: {SECRET_VARIABLE}.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    **options: Any,
) -> None:
    """Replace a column by pseudonyms: the same value and secret give the same text."""
    from faker_neural.integrations.replaced_columns import replace_columns

    secret = read_secret(secret_file)
    with _ByteProgress() as progress:
        rows = replace_columns(
            file, output, column, model, secret, force=force, monitor=progress.done, **options
        )
    print(f"wrote {output}: {rows:,} row{'' if rows == 1 else 's'}; equal values stay equal")


class _ByteProgress(Bar):
    """A bar of the bytes read, with the time left."""

    def __init__(self) -> None:
        super().__init__(
            BarColumn(), DownloadColumn(), TimeRemainingColumn(elapsed_when_finished=True)
        )
        self._bar.start()

    def done(self, read: int, size: int) -> None:
        """Move the bar.

        Args:
            read: the number of bytes read so far.
            size: the number of bytes of the file.
        """
        self._bar.update(self._task, completed=read, total=size)
