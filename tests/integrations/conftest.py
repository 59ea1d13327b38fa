"""A small shop with a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemas
from sqlalchemy import URL

SHOP = """
CREATE TABLE brands (name VARCHAR(30) PRIMARY KEY, since DATE);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, price NUMERIC(8, 2), sold TIMESTAMP,
    opens TIME, photo BLOB, used BOOLEAN, brand VARCHAR(30) NOT NULL REFERENCES brands (name)
);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products (id), label VARCHAR(9)
)
"""
PLAN = """
url = "sqlite:///{}"
rows = 200

[tables.brands]
rows = 40
name = "faker:last_name"
since = {{ range = [2000-01-01, 2020-12-31] }}

[tables.products]
id = "sequence"
name = "faker:first_name"
price = {{ range = [0.99, 99.99], null = 0.3 }}
sold = {{ range = [2024-01-01T00:00:00, 2025-12-31T00:00:00] }}
opens = {{ range = [08:00:00, 09:00:00] }}
photo = {{ source = "bytes", length = 3 }}
used = {{ choice = [true, false] }}
brand = "fk"

[tables.tags]
product_id = {{ per = "products", count = [0, 3] }}
id = "sequence"
label = {{ choice = ["new", "old"] }}
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of a shop; the database has no rows."""
    folder = tmp_path_factory.mktemp("shop")
    schemas.create(URL.create("sqlite", database=str(folder / "shop.db")), SHOP)
    path = folder / "seed.toml"
    path.write_text(PLAN.format(folder / "shop.db"))
    return path
