"""Two executors, processes of their own, make the rows of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sparks import started

from faker_neural import generate
from faker_neural.seeding import plan_table

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    yield from started("local-cluster[2,1,1024]")


def test_two_executors_have_the_strings_of_generate(spark: Any) -> None:
    reader = spark.read.format("faker_neural").option("model", "company").option("rows", 300)
    rows = reader.option("partitions", 4).load().collect()
    assert [row[0] for row in rows] == generate("company", 300)


def test_two_executors_have_the_table_of_a_plan(spark: Any, shop: Path) -> None:
    reader = spark.read.format("faker_neural").option("plan", str(shop)).option("table", "products")
    rows = reader.option("partitions", 4).option("columns", "id,name,brand").load().collect()
    made = plan_table(shop, "products", columns=["id", "name", "brand"])
    expected = [row for block in made.blocks() for row in zip(*block.values(), strict=True)]
    assert [tuple(row) for row in rows] == expected


def test_two_executors_draw_texts_for_keys(spark: Any) -> None:
    from faker_neural.integrations.spark import neural_text

    texts = spark.range(0, 50, 1, 4).select(neural_text("id", "person_name")).collect()
    assert [row[0] for row in texts] == generate("person_name", 50)
