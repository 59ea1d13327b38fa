"""A small table of places, and a model of its rows."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

from faker_neural import TextModel
from faker_neural_export import train

STATES = {
    "Ohio": ("Akron", "Dayton", "Lima", "Toledo", "New Paris"),
    "Iowa": ("Ames", "Clinton", "Dubuque", "Waterloo", "New Hampton"),
    "Utah": ("Ogden", "Orem", "Provo", "Sandy", "New Harmony"),
}
STREETS = ("Oak Street", "Main Road", "Lake Drive", "Mill Lane", "Park Avenue", "Hill Road")
COLUMNS = ("street", "city", "state", "zip")


def table() -> list[tuple[str, str, str, str]]:
    """Return 270 rows: a city lies in one state, and a zip code begins with the city's digits.

    A zip code has so many values that it is no category.
    """
    cities = [(city, state) for state, names in STATES.items() for city in names]
    draw = random.Random(1)
    return [
        (f"{draw.randint(1, 99)} {street}", city, state, f"{30 + i:02}{draw.randint(0, 9)}")
        for (i, (city, state)), street, _ in itertools.product(enumerate(cities), STREETS, range(3))
    ]


def write(folder: Path) -> Path:
    """Write the table as CSV."""
    path = folder / "places.csv"
    path.write_text("\n".join(map(",".join, [COLUMNS, *table()])) + "\n")
    return path


def model(folder: Path) -> TextModel:
    """Train a model of the rows, which takes some seconds."""
    settings = {"units": 48, "embedding": 32, "epochs": 90, "learning_rate": 0.01, "pieces": 40}
    return train(write(folder), folder / "places.onnx", columns=COLUMNS, settings=settings)
