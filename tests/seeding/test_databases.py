"""What model factories write into a SQLite file, each in a process of its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from faker_neural import NeuralFaker

DJANGO = """
import sys

import django
from django.conf import settings
from django.db import connection, models

_, path, seed = sys.argv
sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
settings.configure(DATABASES={"default": sqlite})
django.setup()

class Product(models.Model):
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=40)

    class Meta:
        app_label = "shop"
        db_table = "product"

with connection.schema_editor() as editor:
    editor.create_model(Product)

def length(column):
    return Product._meta.get_field(column).max_length
"""

SQLALCHEMY = """
import sys

from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

_, path, seed = sys.argv

class Base(DeclarativeBase):
    pass

class Product(Base):
    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))

engine = create_engine(f"sqlite:///{path}")
Base.metadata.create_all(engine)

def length(column):
    return getattr(Product, column).type.length
"""

FACTORY_BOY = """
import factory, factory.random
from faker_neural import Provider

factory.Faker.add_provider(Provider)

class ProductFactory({base}):
    class Meta:
        {meta}

    code = factory.Faker("neural_text", model="product_name", max_length=length("code"))
    name = factory.Faker("neural_text", model="product_name", max_length=length("name"))

factory.random.reseed_random(int(seed))
ProductFactory.create_batch(40)
"""

MODEL_BAKERY = """
from faker_neural import NeuralFaker
from model_bakery import baker

fake = NeuralFaker()

def learned(max_length):
    return fake.neural_text("product_name", max_length=max_length)

learned.required = ["max_length"]
baker.generators.add("django.db.models.CharField", learned)
fake.seed_instance(int(seed))
baker.make(Product, _quantity=40)
"""

PROGRAMS = {
    "django-factory_boy": DJANGO
    + FACTORY_BOY.format(base="factory.django.DjangoModelFactory", meta="model = Product"),
    "django-model_bakery": DJANGO + MODEL_BAKERY,
    "sqlalchemy-factory_boy": SQLALCHEMY
    + FACTORY_BOY.format(
        base="factory.alchemy.SQLAlchemyModelFactory",
        meta="model, sqlalchemy_session = Product, Session(engine)",
    )
    + "ProductFactory._meta.sqlalchemy_session.commit()\n",
}


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "fill.py"
    path.write_text(PROGRAMS[request.param])
    return path


def rows(program: Path, seed: int) -> list[tuple[str, str]]:
    database = program.with_suffix(".sqlite3")
    database.unlink(missing_ok=True)
    subprocess.run([sys.executable, program, database, str(seed)], check=True)
    connection = sqlite3.connect(database)
    found = connection.execute("SELECT code, name FROM product ORDER BY id").fetchall()
    connection.close()
    return found


def test_each_column_keeps_to_its_own_length(program: Path) -> None:
    found = rows(program, seed=1)
    assert len(found) == 40
    assert 0 < max(len(code) for code, _ in found) <= 12
    assert 12 < max(len(name) for _, name in found) <= 40


def test_the_rows_are_what_a_faker_of_the_same_seed_draws(program: Path) -> None:
    fake = NeuralFaker()
    fake.seed_instance(2)
    expected = [(product_name(fake, 12), product_name(fake, 40)) for _ in range(40)]
    assert rows(program, seed=2) == expected


def product_name(fake: NeuralFaker, max_length: int) -> str:
    return fake.neural_text("product_name", max_length=max_length)
