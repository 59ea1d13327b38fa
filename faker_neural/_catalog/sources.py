"""The folders of a user's own fields, and the settings that name them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from faker_neural._bounded_files import read_bounded
from faker_neural._errors import SettingError
from faker_neural._shown import shortened

__all__ = [
    "FieldFolder",
    "existing",
    "from_packages",
    "from_project",
    "from_search_path",
    "project_table",
]

_GROUP = "faker_neural.models"
_MOST_BYTES = 16 * 2**20  # of a file of settings


class FieldFolder(NamedTuple):
    """A folder of model files.

    Args:
        origin: the origin of its fields, see `Field`.
        folder: the path of the folder.
    """

    origin: str
    folder: Path


def existing(folder: Path, named_by: str | os.PathLike[str]) -> Path:
    """Return the folder, after a check that it exists.

    Args:
        folder: the path to check.
        named_by: the setting or the file that names the folder.

    Raises:
        SettingError: it is not a folder; the message begins with `named_by`.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  # False for a name that is too long
        shown = shortened(repr(str(folder)))
        raise SettingError(named_by, f"{shown} is not a folder; name a folder with .onnx files")
    return folder


def from_search_path(variable: str, value: str, here: Path) -> Iterator[FieldFolder]:
    """Yield the folders of an environment variable with the syntax of PATH.

    Args:
        variable: the variable's name.
        value: its value.
        here: the folder that relative paths start from.

    Raises:
        SettingError: a path is not a folder.
    """
    for folder in filter(None, value.split(os.pathsep)):
        yield FieldFolder(variable, existing(here / folder, variable))


def from_project(here: Path) -> list[FieldFolder]:
    """Return the folders of the nearest pyproject.toml that has a table [tool.faker_neural].

    Args:
        here: the folder to search first; its parents are next.

    Raises:
        SettingError: the file is not valid, or a path in it is not a folder.
    """
    path, names = project_table(here)
    return [FieldFolder(path.name, existing(path.parent / name, path)) for name in names or ()]


def project_table(here: Path) -> tuple[Path, list[str] | None]:
    """Return the nearest pyproject.toml that has a table [tool.faker_neural], and its folders.

    Args:
        here: the folder to search first; its parents are next.

    Returns:
        The file and its list `models`; if no file has the table, the nearest file, which may be a
        new one in `here`, and None.

    Raises:
        SettingError: the file is not valid.
    """
    paths = [folder / "pyproject.toml" for folder in (here, *here.parents)]
    for path in paths:
        if (names := _models(path)) is not None:
            return path, names
    return next(filter(Path.is_file, paths), paths[0]), None


def _models(path: Path) -> list[str] | None:
    """Return the folders in [tool.faker_neural], or None if there is no such table."""
    content = _content(path)
    if b"faker_neural" not in content and b"tool.faker-neural" not in content:
        return None
    from faker_neural._toml import parse_toml  # takes 3 ms, and few projects need it

    try:
        document = parse_toml(content)
    except ValueError as error:
        raise SettingError(path, f"is {error}") from None
    match document.get("tool"):
        case {"faker_neural": {"models": [*names]}} if all(isinstance(name, str) for name in names):
            return names
        case {"faker_neural": {"models": found}}:
            rule = 'must be a list of folders, such as ["tests/fields"]'
            shown = shortened(repr(found))
            raise SettingError(path, f"[tool.faker_neural] models={shown} {rule}")
        case {"faker_neural": table} if not table:
            return []
        case {"faker_neural": table}:
            shown = shortened(repr(table))
            rule = f"is {shown}, but needs models = [...]"
            raise SettingError(path, f"[tool.faker_neural] {rule}")
        case {"faker-neural": _}:
            raise SettingError(path, "rename [tool.faker-neural] to [tool.faker_neural]")
    return None


def _content(path: Path) -> bytes:
    """Return the content of a regular file; nothing of a pipe or a device, which may never end.

    Raises:
        SettingError: the file is larger than 16 MB.
    """
    try:
        return read_bounded(path, _MOST_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise SettingError(path, f"is larger than {_MOST_BYTES >> 20} MB") from None
        return b""
    except ValueError:
        return b""


@cache
def from_packages() -> tuple[FieldFolder, ...]:
    """Return the folders of installed packages that declare the entry point; import no package.

    Raises:
        SettingError: an entry point does not name a package in a folder.
    """
    return tuple(source for path in _declarations() for source in _declared(path))


def _declarations() -> Iterator[Path]:
    # importlib.metadata finds them too, but takes 15 ms, most of it for its import.
    for folder in map(Path, sys.path):
        for path in sorted(folder.glob("*-info/entry_points.txt")):
            if f"[{_GROUP}]".encode() in _content(path):
                yield path


def _declared(path: Path) -> Iterator[FieldFolder]:
    from importlib.metadata import Distribution

    package = Distribution.at(path.parent)
    for point in package.entry_points.select(group=_GROUP):
        folders = [folder for folder in _folders(point.value) if os.path.isdir(folder)]  # noqa: PTH112
        if not folders:
            rule = "must be an installed package in a folder (not a module, not in a zip)"
            raise SettingError(path, f"{_GROUP}: {point.name}={shortened(point.value)!r} {rule}")
        for folder in folders:
            yield FieldFolder(f"package {package.name} {package.version}", folder)


def _folders(package: str) -> Iterable[Path]:
    """Return the folders of a package; each dot in its name leads to a subfolder."""
    from importlib.util import find_spec

    top, *inner = package.split(".")
    try:
        spec = find_spec(top) if top else None
    except ValueError:  # of __main__
        spec = None
    places = (spec and spec.submodule_search_locations) or ()
    return (Path(place, *inner) for place in places)
