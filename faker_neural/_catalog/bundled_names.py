"""The names of the bundled models as types, so that editors complete them.

Own names and paths are allowed too: `ModelName | str | os.PathLike[str]`.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["ModelName", "RowName", "TextName"]

TextName = Literal[
    "artwork_title",
    "brand_name",
    "commit_message",
    "company",
    "dish_name",
    "food_name",
    "japanese_address",
    "job_title",
    "person_name",
    "product_category",
    "product_name",
    "review",
    "ru_person_name",
    "software_product",
    "street_address",
    "support_ticket",
    "task",
    "world_city",
]
"""A bundled model that draws texts."""

RowName = Literal["grocery_item", "hospital", "us_place", "world_place"]
"""A bundled model that draws rows."""

ModelName = TextName | RowName
"""A bundled model."""
