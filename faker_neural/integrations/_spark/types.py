"""The types of columns in Spark, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import types as t

from faker_neural.integrations._arrow.installed import pa

__all__ = ["for_spark", "struct_of"]

_TYPES: dict[pa.DataType, t.DataType] = {
    pa.string(): t.StringType(),
    pa.int64(): t.LongType(),
    pa.float64(): t.DoubleType(),
    pa.bool_(): t.BooleanType(),
    pa.date32(): t.DateType(),
    pa.binary(): t.BinaryType(),
    pa.time64("us"): t.StringType(),  # a type of its own only in some versions of Spark
    pa.timestamp("us"): t.TimestampNTZType(),
    pa.timestamp("us", "UTC"): t.TimestampType(),
}


def struct_of(schema: pa.Schema) -> t.StructType:
    """Return the columns of a source as Spark's type.

    Args:
        schema: the columns.
    """
    return t.StructType([t.StructField(one.name, _type(one.type)) for one in schema])


def _type(type_: pa.DataType) -> t.DataType:
    if pa.types.is_decimal(type_):
        return t.DecimalType(type_.precision, type_.scale)
    if pa.types.is_list(type_):
        return t.ArrayType(_type(type_.value_type))
    return _TYPES[type_]


def for_spark(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    """Return a batch with the columns and the types that Spark wants.

    Args:
        batch: the batch.
        names: the names of the columns, in their order.
    """
    columns = [_for_spark(batch.column(name)) for name in names]
    return pa.RecordBatch.from_arrays(columns, names=list(names))


def _for_spark(array: pa.Array) -> pa.Array:
    if not pa.types.is_time(array.type):
        return array
    times = (None if time is None else time.isoformat() for time in array.to_pylist())
    return pa.array(times, pa.string())
