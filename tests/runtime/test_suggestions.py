"""What a wrong name of a model may mean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faker_neural import UnknownModelError, bundled, load


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("job", ("job_title",)),
        ("name", ("person_name", "company", "product_name", "brand_name", "dish_name")),
        ("first_name", ("person_name",)),
        ("customer_name", ("person_name", "company", "product_name", "brand_name", "dish_name")),
        ("city", ("world_city", "us_place", "world_place")),
        ("Cities", ("world_city", "us_place", "world_place")),
        ("address", ("street_address", "us_place", "japanese_address")),
        ("title", ("job_title", "artwork_title")),
        ("ticket", ("support_ticket", "task")),
        ("jobs", ("job_title",)),
        ("company name", ("company",)),
        ("product-name", ("product_name",)),
        ("produkt_name", ("product_name", "person_name", "food_name")),
        ("business", ("company",)),
        ("xyzzy", ()),
        ("", ()),
    ],
)
@pytest.mark.usefixtures("no_own_fields")
def test_a_wrong_name_is_answered_with_what_it_may_mean(typed: str, meant: tuple[str, ...]) -> None:
    with pytest.raises(UnknownModelError) as caught:
        load(typed)
    assert caught.value.nearest == meant


def test_a_file_of_the_name_is_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(bundled()["company"], "beer_name.onnx")
    with pytest.raises(UnknownModelError, match=r"did you mean '\./beer_name\.onnx'"):
        load("beer_name")
