"""PyArrow, or how to install it."""

from __future__ import annotations

from faker_neural import MissingExtraError

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError:
    raise MissingExtraError("arrow", "pyarrow") from None

__all__ = ["pa", "parquet"]
