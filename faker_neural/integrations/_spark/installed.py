"""PySpark, or how to install it; and objects that say what an executor lacks."""

from __future__ import annotations

from typing import Any

from faker_neural import MissingExtraError, OldVersionError

try:
    import pyspark
    from pyspark import cloudpickle
except ModuleNotFoundError:
    raise MissingExtraError("spark", "pyspark") from None

__all__ = [
    "OLDEST",
    "Column",
    "Portable",
    "SparkSession",
    "arrow_udf",
    "check_version",
    "pickled",
]

OLDEST = "4.1"
"""The oldest Spark that has what this package uses: Arrow functions, and filters for sources."""


def check_version(version: str, oldest: str = OLDEST) -> None:
    """Check that Spark is new enough.

    Args:
        version: the version, such as "4.3.0".
        oldest: the oldest version that will do.

    Raises:
        OldVersionError: it is older.
    """
    if _numbers(version) < _numbers(oldest):
        raise OldVersionError("pyspark", version, oldest)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")[:2]]


check_version(pyspark.__version__)

from pyspark.sql import Column, SparkSession  # noqa: E402
from pyspark.sql.pandas.functions import arrow_udf  # noqa: E402


def pickled(value: object) -> bytes:
    """Return a value as bytes for an executor; functions without a name in a module go along.

    Args:
        value: the value.
    """
    content: bytes = cloudpickle.dumps(value)  # type: ignore[no-untyped-call]
    return content


class Portable:
    """An object that Spark sends to executors, and that says there what is not installed."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return a function that Spark sends as source and not by its name, and its argument."""
        return _made_again, (pickled((type(self), vars(self))),)


def _made_again(content: bytes) -> Any:
    import pickle
    import sys

    try:
        kind, state = pickle.loads(content)
    except ImportError as error:
        raise ImportError(
            f"an executor's Python, {sys.executable}, cannot make rows: {error}; install "
            "faker-neural[spark] for it, or name another Python in PYSPARK_PYTHON"
        ) from None
    made = kind.__new__(kind)
    vars(made).update(state)
    return made


_made_again.__module__ = "__main__"  # a function of the main module is pickled as source
