"""Spark: learned columns and tables of a seeding plan, made on all machines of a cluster.

    from faker_neural.integrations.spark import register

    register(spark)
    spark.read.format("faker_neural").option("model", "product_name").option("rows", 10_000_000)

Partitions are slices of rows, so any number of partitions gives the same rows. The Python of the
executors makes them: it needs this package, and model files at the same paths.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

from faker_neural import MissingFileError, OptionValues, load
from faker_neural._pseudonyms import checked_secret, keyed, numbered
from faker_neural._seeds import Seed, seed_number

from ._arrow.installed import pa
from ._arrow.model_sources import model_name
from ._spark.installed import Column, SparkSession, arrow_udf, check_version
from ._spark.source import NeuralDataSource

__all__ = ["NeuralDataSource", "local_session", "neural_text", "register"]

_LACKING = (
    "an executor's Python, {}, cannot draw texts: {}; install faker-neural[spark] for it, or name "
    "another Python in PYSPARK_PYTHON"
)


def register(spark: SparkSession) -> None:
    """Let a session read the format "faker_neural", in batches and as a stream.

    Args:
        spark: the session.

    Raises:
        OldVersionError: Spark is older than 4.1.
    """
    check_version(spark.version)
    spark.dataSource.register(NeuralDataSource)


def local_session(master: str = "local[*]", **settings: str) -> SparkSession:
    """Start a Spark on this machine alone, with the format registered, to try it or for tests.

    Args:
        master: such as "local[2]", or "local-cluster[2,1,1024]" for processes of their own.
        settings: Spark's settings, with "__" for a dot: `spark__sql__shuffle__partitions="2"`.

    Raises:
        MissingFileError: there is no Java.
    """
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and shutil.which(Path(home, "bin", "java")))):
        hint = "Spark needs Java 17 or newer: install openjdk-17-jre-headless, or set JAVA_HOME"
        raise MissingFileError("java", hint)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else executors take the system's
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    for name, value in settings.items():
        builder = builder.config(name.replace("__", "."), value)
    spark = builder.getOrCreate()
    register(spark)
    return spark


def neural_text(
    column: Column | str,
    model: str | os.PathLike[str],
    *,
    seed: Seed = 0,
    secret: str | bytes | None = None,
    **options: Unpack[OptionValues],
) -> Column:
    """Return a column of texts that depend on the values of another column alone.

    The same value gets the same text in every row, table and session. NULL has none.

    Args:
        column: a column of texts or whole numbers, or its name. The text of a whole number is that
            of the row of this number: `generate(model, 1, start=number, seed=seed)`.
        model: a model's name, or the path of a model file that is on every machine.
        seed: another seed gives other texts. Anyone who knows it can compute which text a value
            has: it hides nothing.
        secret: at least 16 bytes, in the place of the seed: the texts are the pseudonyms of
            `TextModel.like`. Spark sends it to the executors with the function.
        options: see `faker_neural.Options`.

    Returns:
        The column.

    Raises:
        OptionError: an argument is out of range.
        UnknownModelError: no model has the name.
    """
    load(model).text_options(**options)
    hidden = None if secret is None else checked_secret(secret)
    make: Any = arrow_udf  # its overloads do not have pyarrow's types
    draw = _drawing(model_name(model), seed_number(seed), hidden, options)
    found: Column = make(draw, "string")(column)
    return found


def _drawing(
    model: str, seed: int, secret: bytes | None, options: OptionValues
) -> Callable[[pa.Array], pa.Array]:
    """Return the function that Spark sends to executors, as source, because it is no module's."""
    lacking = _LACKING

    def draw(values: pa.Array) -> pa.Array:
        import sys

        try:
            from faker_neural.integrations.spark import texts_of
        except ImportError as error:
            raise ImportError(lacking.format(sys.executable, error)) from None
        return texts_of(values, model, seed, secret, options)

    return draw


def texts_of(
    values: pa.Array, model: str, seed: int, secret: bytes | None, options: OptionValues
) -> pa.Array:
    """Return the text of each value; the executors call it.

    Args:
        values: the values.
        model: see `neural_text`.
        seed: see `neural_text`.
        secret: see `neural_text`.
        options: see `neural_text`.
    """
    distinct = values.dictionary_encode()
    given = distinct.dictionary.to_pylist()
    keys = numbered(given, seed) if secret is None else keyed(given, secret)
    texts = load(model).texts(keys.tolist(), **options)
    return pa.array(texts, pa.string()).take(distinct.indices)
