"""The subcommand that replaces a column of a file by pseudonyms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from faker_neural import Options
from faker_neural._pseudonyms import SECRET_VARIABLE, read_secret

from ._app import app
from ._options import options_of
from ._terminal import say


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

    from ._file_progress import ByteProgress

    secret = read_secret(secret_file)
    with ByteProgress() as progress:
        rows = replace_columns(
            file, output, column, model, secret, force=force, monitor=progress.done, **options
        )
    say(f"wrote {output}: {rows:,} row{'' if rows == 1 else 's'}; equal values stay equal")
