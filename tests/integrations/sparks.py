"""A Spark of this machine, for the tests of a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest


def started(master: str) -> Iterator[Any]:
    """Start a Spark, and stop it in the end; skip without Java or PySpark."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java, which Spark needs: install openjdk-17-jre-headless")
    from faker_neural.integrations.spark import local_session

    spark = local_session(
        master,
        **{"spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false"},
    )
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()
