"""Files that are written beside their target and renamed when they are whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

__all__ = ["draft"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
_OF_A_DISK = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))
_SHOWN = 40  # characters of the target's name in the draft's, whose length is limited


@contextmanager
def draft(target: Path, *, new: bool = False) -> Iterator[Path]:
    """Yield the path of a new, empty file that takes the target's place when the block ends.

    The file's name is random, so nobody can put a link or a file of their own there before. If the
    block raises, the file is deleted and the target stays as it was.

    Args:
        target: the file to write or to replace.
        new: whether the target must not exist.

    Raises:
        FileExistsError: the target exists, and `new` is set.
        OSError: a file cannot be created there.
    """
    beside = target.with_name(f".{target.name[:_SHOWN]}.{token_hex(8)}.part")
    try:
        os.close(os.open(beside, _NEW, 0o666))
        with suppress(OSError):  # there is no target yet
            beside.chmod(target.stat().st_mode & 0o777)
        yield beside
        if new:
            os.close(os.open(target, _NEW, 0o666))
        beside.replace(target)
    except OSError as error:
        full = error.filename is None and error.errno in _OF_A_DISK  # a full disk has no name
        if full or error.filename == os.fspath(beside):
            error.filename = os.fspath(target)
        raise
    finally:
        with suppress(OSError):  # it has become the target, or could not be made
            beside.unlink()
