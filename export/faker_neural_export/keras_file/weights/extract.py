"""A script that reads an HDF5 file and writes its content to standard output.

It runs in a separate process, because the C library of HDF5 crashes on some damaged files and the
caller must survive.

The output is the length of an index (8 bytes, little-endian), the index in JSON, and the numbers
of the arrays one after the other (float32, little-endian). This file imports nothing from the
package, because that takes seconds.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np
from numpy.typing import NDArray

_TEXTS = re.compile(r"(model_config|keras_version|backend|(layer|weight)_names\d*)\Z")
_NOT_OF_THE_MODEL = ("optimizer", "optimizer_weights")
_MAX_MEMBERS = 20_000
_MAX_TEXT = 16 * 2**20  # characters of names and attributes
_MAX_NUMBERS = 512 * 2**20  # bytes of all arrays together, as float32
_MAX_DEPTH = 40
_FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
_MAX_RATIO = 20  # times; weights compress to about half
_SMALL = 2**20  # bytes; arrays of zeros compress further, but are small
_MAX_MEMORY = 4 * 2**30  # bytes of addresses of this process


class Extract:
    """The content of an HDF5 file.

    No group or array is read twice, however many hard links lead to it.

    Args:
        file: an open `h5py.File`.
        size: the size of the file in bytes.

    Raises:
        ValueError: the file has more than 20,000 members, 40 levels of groups, 16 million
            characters of text, or 512 MB of numbers, or its numbers are 40 times its size.
    """

    def __init__(self, file: Any, size: int) -> None:
        self.texts: dict[str, dict[str, list[str]]] = {}
        self.shapes: dict[str, list[int]] = {}
        self.problems: dict[str, str] = {}
        self.arrays: list[NDArray[np.float32]] = []
        self.count = 0
        self._room = min(_MAX_NUMBERS, 2 * _MAX_RATIO * size + _SMALL)  # float16 becomes float32
        self._room_for_text = _MAX_TEXT
        self._seen: dict[int, str] = {}
        self._group("", file, 0)

    def write(self, output: BinaryIO) -> None:
        """Write the index and the arrays in the format of the module docstring.

        Args:
            output: an open binary file.
        """
        index = {"texts": self.texts, "shapes": self.shapes, "problems": self.problems}
        text = json.dumps(index).encode()
        output.write(len(text).to_bytes(8, "little") + text)
        for array in self.arrays:
            output.write(array.astype("<f4").tobytes())

    def _group(self, path: str, group: Any, depth: int) -> None:
        names = [name for name in group.attrs if _TEXTS.match(name)]
        self.texts[path] = {name: _strings(group.attrs[name]) for name in names}
        for texts in self.texts[path].values():
            self._take_text(sum(map(len, texts)))
        for name in group:
            self.count += 1
            if self.count > _MAX_MEMBERS or depth > _MAX_DEPTH:
                raise ValueError(f"more than {_MAX_MEMBERS:,} members or {_MAX_DEPTH} levels")
            self._take_text(len(path) + len(name))
            if depth or name not in _NOT_OF_THE_MODEL:
                self._member(f"{path}/{name}" if path else name, group, name, depth)

    def _member(self, path: str, group: Any, name: str, depth: int) -> None:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            self.problems[path] = "is a link, which is not followed"
            return
        found = group[name]
        first = self._seen.setdefault(h5py.h5o.get_info(found.id).addr, path)
        if first != path:
            self.problems[path] = f"is {first!r} once more, which is read once"
        elif isinstance(found, h5py.Group):
            self._group(path, found, depth + 1)
        elif problem := _problem(found):
            self.problems[path] = problem
        else:
            self._take_numbers(found.size)
            self._array(path, np.asarray(found[()], np.float32))

    def _take_text(self, characters: int) -> None:
        self._room_for_text -= characters
        if self._room_for_text < 0:
            raise ValueError(f"its names and attributes have more than {_MAX_TEXT:,} characters")

    def _take_numbers(self, count: int) -> None:
        """Count an array before it is read."""
        self._room -= 4 * count
        if self._room < 0:
            raise ValueError(
                f"its arrays take more than {_MAX_NUMBERS >> 20} MB of memory, or more than "
                f"{2 * _MAX_RATIO} times the size of the file"
            )

    def _array(self, path: str, array: NDArray[np.float32]) -> None:
        if not np.isfinite(array).all():
            self.problems[path] = "holds numbers that are not finite"
            return
        self.shapes[path] = list(array.shape)
        self.arrays.append(array)


def _problem(found: Any) -> str | None:
    """Return why an array must not be read, before memory is allocated for it; else None."""
    if not isinstance(found, h5py.Dataset) or found.dtype.kind != "f":
        return "is not an array of floats"
    if found.is_virtual or found.external:
        return "lies in another file, which is not opened"
    made = found.id.get_create_plist()
    filters = [made.get_filter(i)[0] for i in range(made.get_nfilters())]
    if not set(filters) <= set(_FILTERS):
        return "uses an unsupported compression"
    stored = found.id.get_storage_size()
    if found.nbytes > (stored * _MAX_RATIO + _SMALL if filters else stored):
        return f"declares shape {found.shape}, but the file holds less"
    return None


def _strings(value: Any) -> list[str]:
    found = np.asarray(value).reshape(-1).tolist()
    return [text.decode("utf-8") if isinstance(text, bytes) else str(text) for text in found]


def main(path: str) -> None:
    """Write the content of an HDF5 file, or of a .keras file, to standard output."""
    _limit_memory()
    with Path(path).open("rb") as file:
        source: Any = path
        is_archive = file.read(2) == b"PK"
    size = Path(path).stat().st_size
    if is_archive:
        with zipfile.ZipFile(path) as archive:
            content = archive.read("model.weights.h5")
        source, size = io.BytesIO(content), len(content)
    options = {"locking": False} if source is path else {}
    with h5py.File(source, "r", **options) as arrays:
        Extract(arrays, size).write(sys.stdout.buffer)


def _limit_memory() -> None:
    """Limit this process, in which a damaged file may ask HDF5 for any amount of memory."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    with suppress(ValueError):  # macOS refuses a limit below what it has mapped itself
        resource.setrlimit(resource.RLIMIT_AS, (min([_MAX_MEMORY, *limits]), hard))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except MemoryError:
        sys.exit(f"reading it takes more than {_MAX_MEMORY >> 20:,} MB of memory")
    except Exception as error:  # a damaged file makes h5py and zipfile raise many types
        sys.exit(str(error).strip().partition("\n")[0] or type(error).__name__)
