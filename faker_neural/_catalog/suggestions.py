"""Suggests models for a name that no model has: "job" suggests `job_title`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

__all__ = ["nearest"]

_MOST = 5  # suggestions in a message

# What people call a column, and the bundled models to try, the best first.
_MEANT = {
    ("name", "full_name", "customer", "user", "username", "author", "employee", "contact"): (
        "person_name",
        "company",
        "product_name",
    ),
    ("first_name", "last_name", "surname", "patient", "people", "human"): ("person_name",),
    ("job", "occupation", "profession", "position", "role"): ("job_title",),
    ("city", "town", "village"): ("world_city", "us_place", "world_place"),
    ("address", "street", "home"): ("street_address", "us_place", "japanese_address"),
    ("place", "location", "state", "zip", "zipcode", "zip_code", "postcode", "postal_code"): (
        "us_place",
        "world_place",
    ),
    ("country", "region"): ("world_place",),
    ("title", "headline"): ("job_title", "artwork_title"),
    ("ticket", "issue", "complaint", "problem", "bug"): ("support_ticket", "task"),
    ("product", "item", "article", "goods"): ("product_name", "grocery_item", "product_category"),
    ("software", "app", "application", "program"): ("software_product",),
    ("category", "department"): ("product_category",),
    ("brand", "make", "manufacturer"): ("brand_name", "company"),
    ("business", "firm", "organization", "organisation", "employer", "supplier", "vendor"): (
        "company",
    ),
    ("dish", "meal", "menu", "recipe"): ("dish_name", "food_name"),
    ("food", "ingredient", "grocery", "groceries"): ("food_name", "grocery_item", "dish_name"),
    ("art", "artwork", "painting", "picture"): ("artwork_title",),
    ("comment", "feedback", "rating", "opinion"): ("review",),
    ("commit", "message", "git"): ("commit_message",),
    ("todo", "to_do", "chore"): ("task",),
    ("clinic", "doctor"): ("hospital",),
    ("text", "sentence", "paragraph", "words", "description"): (
        "review",
        "support_ticket",
        "commit_message",
    ),
}
_MODELS = {word: models for words, models in _MEANT.items() for word in words}


def nearest(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return up to five known names that a wrong name may mean, the likeliest first.

    These are models for the word, such as `job_title` for "occupation", and names with all its
    words. Without any of them, names with similar spelling. Without these, models for each of its
    words, and names that share a word.

    Args:
        name: a name that no model has.
        known: the names of all models.
    """
    typed = name.lower().replace("-", "_").replace(" ", "_")
    words = _words(typed)
    with_all = (model for model in known if words and set(words) <= set(_words(model)))
    meant = _MODELS.get(typed, _MODELS.get("_".join(words), ()))
    meant_by_words = (model for word in words for model in _MODELS.get(word, ()))
    sharing = (model for model in known if set(words) & set(_words(model)))
    return (
        _known((*meant, *with_all), known)
        or _known(get_close_matches(typed, known, cutoff=0.65), known)
        or _known((*meant_by_words, *sharing), known)
    )


def _words(name: str) -> list[str]:
    """Return the words of a name, in the singular."""
    return [_singular(word) for word in name.lower().split("_") if word]


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word.removesuffix("ies") + "y"
    return word if word.endswith("ss") else word.removesuffix("s")


def _known(names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name in known))[:_MOST]
