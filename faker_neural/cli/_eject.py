"""The subcommand `eject`: a bundled field becomes a file of the project."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from faker_neural import OptionError, TextModel, UnknownModelError, bundled, catalog
from faker_neural._catalog.names import searched_folders
from faker_neural._catalog.sources import project_table
from faker_neural._catalog.suggestions import nearest
from faker_neural._drafts import draft

from ._app import app
from ._terminal import say


@app.command()
def eject(
    names: Annotated[list[str], typer.Argument(help="Names of bundled fields.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder to write to, such as tests/fields.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Copy bundled fields into your project, so that no release changes their strings."""
    copies = {_bundled(name): output / f"{name}.onnx" for name in names}
    if output.exists() and not output.is_dir():
        raise OptionError("output", str(output), "is not a folder")
    for path in copies.values():
        if path.exists() and not force:
            raise OptionError("output", str(path), "exists; --force replaces it")
    output.mkdir(parents=True, exist_ok=True)
    for source, path in copies.items():
        _copy(source, path)
        say(f"wrote {path}")
    say(*_how_it_is_found(list(copies.values()), output).split("\n"))


def _bundled(name: str) -> Path:
    known = bundled()
    if name not in known:
        raise UnknownModelError(name, tuple(known), nearest(name, known))
    return known[name]


def _copy(source: Path, path: Path) -> None:
    """Check the field, write a copy beside the target, then rename it."""
    TextModel(source).verify()
    with draft(path) as beside:
        shutil.copyfile(source, beside)


def _how_it_is_found(paths: list[Path], folder: Path) -> str:
    """Return whether the names mean the copies now; if not, what to do."""
    if not any(searched.samefile(folder) for searched in searched_folders()):
        return _how_to_list(folder)
    known = catalog()
    for field, path in ((known[path.stem], path) for path in paths):
        if not field.path.samefile(path):
            return f"but {path.stem} means {field.path} ({field.origin}), which goes before"
    return "which go before the bundled fields"


def _how_to_list(folder: Path) -> str:
    file, listed = project_table(Path.cwd())
    name = json.dumps(Path(os.path.relpath(folder, file.parent)).as_posix())
    shown = os.path.relpath(file)
    if listed is None:
        return f"to use them, add to {shown}:\n[tool.faker_neural]\nmodels = [{name}]"
    return f"to use them, add {name} to models in [tool.faker_neural] of {shown}"
