"""Which model files are known to run without ending the process.

onnxruntime may abort the process, or read outside of its memory, while it opens or runs a bad
graph. No check of the graph finds all of these cases. So a file from elsewhere is opened and run
once in a child process. If the child process survives, the SHA-256 of the file is remembered in the
user's cache folder, so that other processes do not try the file again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import onnxruntime

from faker_neural._errors import ModelFileError
from faker_neural._shown import one_line

__all__ = ["add_known", "check_first_run", "in_child_process"]

_VARIABLE = "FAKER_NEURAL_TRUST"
_SECONDS = 60
_WINDOWS_ABORT, _WINDOWS_FAULTS = 3, 0xC0000000  # exit statuses of abort, and of faults from there
_CHILD = "from faker_neural._first_run import main; main()"
_known: set[bytes] = set()
_tried_here: list[bytes] = []  # in a child process, the SHA-256 of its file


def check_first_run(path: Path, content_hash: bytes) -> None:
    """Check that a file is known to run, or open and run it in a child process.

    A frozen program has no interpreter for a child process, so its files are not tried.

    Args:
        path: the file.
        content_hash: SHA-256 of its bytes.

    Raises:
        ModelFileError: the file ends the process that runs it, takes more than a minute for its
            first texts, or cannot be tried.
    """
    if content_hash in _known or content_hash in _tried_here or getattr(sys, "frozen", False):
        return
    if _tried_here:
        sys.exit("the file has changed")
    folder = _folder()
    if folder is None:
        _run_in_child(path, content_hash)
    else:
        _run_unless_known(folder, path, content_hash)
    _known.add(content_hash)


def add_known(path: Path, *, remember: bool = True) -> None:
    """Let this process open a file that it has made.

    Args:
        path: the file.
        remember: whether other processes may open it too, since its graph has run here.
    """
    content_hash = sha256(path.read_bytes()).digest()
    _known.add(content_hash)
    if remember and (folder := _folder()):
        _remember(folder / content_hash.hex())


def in_child_process(content_hash: bytes) -> None:
    """Let this process open one file untried, and no other one.

    Args:
        content_hash: SHA-256 of the bytes of the file.
    """
    _tried_here.append(content_hash)


def _run_unless_known(folder: Path, path: Path, content_hash: bytes) -> None:
    name = content_hash.hex()
    known = folder / name
    if known.exists():
        return
    with _alone(folder / f"{name[0]}.lock"):  # another process may be trying the same file
        if not known.exists():
            _run_in_child(path, content_hash)
            _remember(known)


def _run_in_child(path: Path, content_hash: bytes) -> None:
    """Open and run a file in a child process."""
    command = [sys.executable, "-P", "-c", _CHILD, os.fspath(path), content_hash.hex()]
    folders = (each for each in sys.path if isinstance(each, str))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        problem = f"does not draw its first texts within {_SECONDS} seconds"
        raise ModelFileError(path, problem) from None
    except OSError as error:
        problem = f"cannot be tried in a child process ({error.strerror})"
        raise ModelFileError(path, problem) from None
    if done.returncode:
        raise ModelFileError(path, _ended(done.returncode, done.stderr.decode(errors="replace")))


def _ended(status: int, printed: str) -> str:
    """Say how the child process ended."""
    aborted = os.name == "nt" and (status == _WINDOWS_ABORT or status >= _WINDOWS_FAULTS)
    if status > 0 and not aborted:  # it is no Python, or cannot import this package
        reason = one_line((printed.strip() or f"status {status}").splitlines()[-1])
        return f"cannot be tried in a child process ({reason})"
    reason = f"status {status:#x}"
    if status < 0:
        reason = signal.strsignal(-status) or f"signal {-status}"
    return f"onnxruntime cannot run the graph: it ended the child process that tried it ({reason})"


def _folder() -> Path | None:
    """Return the folder of what is known for this onnxruntime; None if nothing is remembered."""
    if os.environ.get(_VARIABLE) == "1":
        return None
    from platformdirs import user_cache_path

    folder = user_cache_path("faker_neural") / f"runs-in-onnxruntime-{onnxruntime.__version__}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_ours(folder) else None
    except OSError:  # a home that is missing or read-only
        return None


def _is_ours(folder: Path) -> bool:
    """Return whether only this user can write to the folder."""
    if not hasattr(os, "geteuid"):
        return True
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _remember(known: Path) -> None:
    with suppress(OSError):  # a folder that is full or read-only
        known.touch()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock between processes, if the folder can be written to."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=2 * _SECONDS)
    with suppress(OSError, Timeout):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
