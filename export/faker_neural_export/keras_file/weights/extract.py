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
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np
from numpy.typing import NDArray

_TEXTS = re.compile(r"(model_config|keras_version|backend|(layer|weight)_names\d*)\Z")
_NOT_OF_THE_MODEL = ("optimizer", "optimizer_weights")
_MAX_MEMBERS = 20_000
_MAX_DEPTH = 40
_FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
_MAX_RATIO = 20  # times; weights compress to about half
_SMALL = 2**20  # bytes; arrays of zeros compress further, but are small


class Extract:
    """The content of an HDF5 file.

    Args:
        file: an open `h5py.File`.

    Raises:
        ValueError: the file has more than 20,000 members or 40 levels of groups.
    """

    def __init__(self, file: Any) -> None:
        self.texts: dict[str, dict[str, list[str]]] = {}
        self.shapes: dict[str, list[int]] = {}
        self.problems: dict[str, str] = {}
        self.arrays: list[NDArray[np.float32]] = []
        self.count = 0
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
        for name in group:
            self.count += 1
            if self.count > _MAX_MEMBERS or depth > _MAX_DEPTH:
                raise ValueError(f"more than {_MAX_MEMBERS:,} members or {_MAX_DEPTH} levels")
            if depth or name not in _NOT_OF_THE_MODEL:
                self._member(f"{path}/{name}" if path else name, group, name, depth)

    def _member(self, path: str, group: Any, name: str, depth: int) -> None:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            self.problems[path] = "is a link, which is not followed"
        elif isinstance(group[name], h5py.Group):
            self._group(path, group[name], depth + 1)
        elif problem := _problem(group[name]):
            self.problems[path] = problem
        else:
            self._array(path, np.asarray(group[name][()], np.float32))

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
    with Path(path).open("rb") as file:
        source: Any = path
        is_archive = file.read(2) == b"PK"
    if is_archive:
        with zipfile.ZipFile(path) as archive:
            source = io.BytesIO(archive.read("model.weights.h5"))
    options = {"locking": False} if source is path else {}
    with h5py.File(source, "r", **options) as arrays:
        Extract(arrays).write(sys.stdout.buffer)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Exception as error:  # a damaged file makes h5py and zipfile raise many types
        sys.exit(str(error).strip().partition("\n")[0] or type(error).__name__)
