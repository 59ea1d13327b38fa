"""The Faker methods of the bundled fields; a test compares the list with the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Unpack

from ._options import Options, OptionValues

__all__ = ["FieldMethods"]


class _Texts(Protocol):
    def neural_text(self, model: str, **options: Unpack[OptionValues]) -> str: ...


class _Rows(Protocol):
    def neural_row(
        self,
        model: str,
        *,
        given: Mapping[str, str] | None,
        columns: Mapping[str, Options] | None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]: ...


class FieldMethods:
    """A method for each bundled field: the arguments are those of `neural_text` or `neural_row`."""

    def neural_artwork_title(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("artwork_title")`."""
        return self.neural_text("artwork_title", **options)

    def neural_brand_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("brand_name")`."""
        return self.neural_text("brand_name", **options)

    def neural_commit_message(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("commit_message")`."""
        return self.neural_text("commit_message", **options)

    def neural_company(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("company")`."""
        return self.neural_text("company", **options)

    def neural_dish_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("dish_name")`."""
        return self.neural_text("dish_name", **options)

    def neural_food_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("food_name")`."""
        return self.neural_text("food_name", **options)

    def neural_grocery_item(
        self: _Rows,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw a row of brand, owner, category and serving: `neural_row("grocery_item")`."""
        return self.neural_row("grocery_item", given=given, columns=columns, **options)

    def neural_hospital(
        self: _Rows,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw a row of name, city, state, kind and ownership: `neural_row("hospital")`."""
        return self.neural_row("hospital", given=given, columns=columns, **options)

    def neural_japanese_address(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("japanese_address")`."""
        return self.neural_text("japanese_address", **options)

    def neural_job_title(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("job_title")`."""
        return self.neural_text("job_title", **options)

    def neural_person_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("person_name")`."""
        return self.neural_text("person_name", **options)

    def neural_product_category(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("product_category")`."""
        return self.neural_text("product_category", **options)

    def neural_product_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("product_name")`."""
        return self.neural_text("product_name", **options)

    def neural_review(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("review")`."""
        return self.neural_text("review", **options)

    def neural_ru_person_name(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("ru_person_name")`."""
        return self.neural_text("ru_person_name", **options)

    def neural_software_product(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("software_product")`."""
        return self.neural_text("software_product", **options)

    def neural_street_address(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("street_address")`."""
        return self.neural_text("street_address", **options)

    def neural_support_ticket(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("support_ticket")`."""
        return self.neural_text("support_ticket", **options)

    def neural_task(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("task")`."""
        return self.neural_text("task", **options)

    def neural_us_place(
        self: _Rows,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw a row of street, city, state and zip: `neural_row("us_place")`."""
        return self.neural_row("us_place", given=given, columns=columns, **options)

    def neural_world_city(self: _Texts, **options: Unpack[OptionValues]) -> str:
        """Draw `neural_text("world_city")`."""
        return self.neural_text("world_city", **options)

    def neural_world_place(
        self: _Rows,
        *,
        given: Mapping[str, str] | None = None,
        columns: Mapping[str, Options] | None = None,
        **options: Unpack[OptionValues],
    ) -> dict[str, str]:
        """Draw a row of city, region and country: `neural_row("world_place")`."""
        return self.neural_row("world_place", given=given, columns=columns, **options)
