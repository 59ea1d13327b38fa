"""The content of an HDF5 file, read in a separate process."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faker_neural_export.keras_file.plan.fields import ReadError

__all__ = ["Array", "Hdf5", "read_hdf5"]

Array = NDArray[np.float32]

_TIMEOUT_S = 120  # seconds; a network of 500 MB takes 2


class Hdf5:
    """The texts and arrays of an HDF5 file.

    A path names a group or an array inside the file; "" is the root group.

    Args:
        texts: the attributes of each group, by path and name; each is a list of strings.
        problems: why an array or link cannot be read, by path.
        arrays: the readable arrays, by path.
    """

    def __init__(
        self,
        texts: Mapping[str, Mapping[str, list[str]]],
        problems: Mapping[str, str],
        arrays: Mapping[str, Array],
    ) -> None:
        self._texts, self._problems, self._arrays = texts, problems, arrays

    def has(self, group: str) -> bool:
        """Return whether the file has a group.

        Args:
            group: the path of the group.
        """
        return group in self._texts

    def text(self, group: str, name: str) -> str | None:
        """Return an attribute that is one string; None if the group or the attribute is missing.

        Args:
            group: the path of the group.
            name: the name of the attribute.
        """
        return self._texts.get(group, {}).get(name, [None])[0]

    def texts(self, group: str, name: str) -> list[str] | None:
        """Return an attribute that is a list of strings; None if the attribute is missing.

        Keras splits a long list into the attributes NAME0, NAME1, ...; they are joined.

        Args:
            group: the path of the group.
            name: the name of the attribute.

        Raises:
            ReadError: the group is missing.
        """
        if group not in self._texts:
            raise ReadError(f"{group!r} {self._problems.get(group, 'is not in it')}")
        found = self._texts[group]
        if name in found:
            return found[name]
        pieces = takewhile(found.__contains__, (f"{name}{i}" for i in count()))
        return [text for piece in pieces for text in found[piece]] or None

    def below(self, group: str) -> Iterator[str]:
        """Yield the path of every array below a group, unreadable arrays included.

        Args:
            group: the path of the group.
        """
        for path in (*self._arrays, *self._problems):
            if path.startswith(f"{group}/"):
                yield path

    def paths(self) -> list[str]:
        """Return the path of every array, unreadable arrays included."""
        return [*self._arrays, *self._problems]

    def array(self, path: str) -> Array:
        """Return an array, float32.

        Args:
            path: the path of the array.

        Raises:
            ReadError: the array is missing or cannot be read.
        """
        if path not in self._arrays:
            raise ReadError(f"{path!r} {self._problems.get(path, 'is not in it')}")
        return self._arrays[path]


def read_hdf5(path: Path) -> Hdf5:
    """Read an HDF5 file, or the HDF5 file inside a .keras file.

    Args:
        path: the file.

    Raises:
        ReadError: the file is damaged, or reading it takes more than 120 seconds or 4 GB of
            memory.
    """
    command = [sys.executable, "-I", str(Path(__file__).with_name("extract.py")), str(path)]
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # each reserves addresses
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_TIMEOUT_S, check=False, env=one_thread
        )
    except subprocess.TimeoutExpired:
        raise ReadError(f"is damaged: HDF5 did not finish in {_TIMEOUT_S} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = said if done.returncode == 1 else "the HDF5 library crashed"
        raise ReadError(f"is damaged and cannot be read ({reason})")
    return _parse_json(done.stdout)


def _parse_json(output: bytes) -> Hdf5:
    end = 8 + int.from_bytes(output[:8], "little")
    index = json.loads(output[8:end])
    arrays = {}
    for path, shape in index["shapes"].items():
        size = math.prod(shape)
        arrays[path] = _cut(output, end, size, shape)
        end += 4 * size
    return Hdf5(index["texts"], index["problems"], arrays)


def _cut(output: bytes, start: int, size: int, shape: Sequence[int]) -> Array:
    array = np.frombuffer(output, "<f4", size, start)
    return array.astype(np.float32, copy=False).reshape(shape)
