"""Reads files that an input names: regular files of a bounded size, and nothing else."""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["read_bounded"]

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # wait for no pipe


def read_bounded(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the bytes of a regular file; a pipe or a device may never end.

    Args:
        path: the file.
        most: the largest size that is allowed, in bytes.

    Raises:
        OSError: the file cannot be opened, is no regular file, or is larger. `strerror` says why.
        ValueError: the path holds a null character.
    """
    with open(path, "rb", opener=lambda name, _: os.open(name, _READ)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", os.fspath(path))
        content = file.read(min(status.st_size or most, most) + 1)  # which is allocated at once
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", os.fspath(path))
    return content
