"""Learned text beside the other tools of a test suite: what docs/in-your-tests.md says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import factory
import factory.random
import pytest
from faker.exceptions import UniquenessException
from polyfactory.factories import DataclassFactory

from faker_neural import NeuralFaker, Provider

PROJECT = """
    from dataclasses import dataclass
    from pathlib import Path

    import factory
    import pytest
    from faker_neural import NeuralFaker, Provider
    from polyfactory.factories import DataclassFactory
    from pytest_factoryboy import register

    factory.Faker.add_provider(Provider)
    fake = NeuralFaker(["en_US", "ja_JP"])

    @dataclass
    class Product:
        name: str

    @register
    class ProductFactory(factory.Factory):
        class Meta:
            model = Product

        name = factory.Faker("neural_text")

    class Products(DataclassFactory[Product]):
        __faker__ = NeuralFaker()

        @classmethod
        def name(cls):
            return cls.__faker__.neural_text()

    @pytest.fixture(params=range(2))
    def note(request):
        return Path(request.node.name).write_text

    def test_mock_text(note, mock_text):
        note(mock_text())

    def test_faker(note, faker):
        note(faker.neural_text())

    def test_locales(note):
        note(fake.neural_text())

    def test_factory_boy(note):
        note(ProductFactory().name)

    def test_pytest_factoryboy(note, product):
        note(product.name)

    def test_polyfactory(note):
        note(Products.build().name)
    """


@pytest.fixture
def fake() -> NeuralFaker:
    made = NeuralFaker()
    made.seed_instance(5)
    return made


def drawn(pytester: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """The string that each test of the project noted."""
    pytester.makepyfile(PROJECT)
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=12)
    return {path.name: path.read_text() for path in pytester.path.glob("test_*[[]*")}


@pytest.mark.parametrize(
    "arguments", [["-n", "2"], ["--randomly-dont-reorganize"]], ids=["xdist", "another order"]
)
@pytest.mark.filterwarnings("default")
def test_the_seed_of_pytest_randomly_fixes_each_tests_strings(
    pytester: pytest.Pytester, arguments: list[str]
) -> None:
    shuffled = drawn(pytester, "--randomly-seed=5")
    assert drawn(pytester, "--randomly-seed=5", *arguments) == shuffled


@pytest.mark.filterwarnings("default")
def test_the_seed_of_pytest_randomly_reaches_every_tool(pytester: pytest.Pytester) -> None:
    first = drawn(pytester, "--randomly-seed=5", "--randomly-dont-reorganize")
    second = drawn(pytester, "--randomly-seed=6", "--randomly-dont-reorganize")
    assert [name for name in first if first[name] == second[name]] == []


@pytest.mark.filterwarnings("default")
def test_workers_of_xdist_collect_the_same_learned_parameters(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from faker_neural import load

        @pytest.mark.parametrize("company", load("company").generate(3, seed=2026))
        def test_company(company):
            assert company
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-n", "2")
    result.assert_outcomes(passed=3)


@pytest.mark.filterwarnings("default")
def test_a_fixture_of_pytest_factoryboy_follows_factory_boys_seed(
    pytester: pytest.Pytester, fake: NeuralFaker
) -> None:
    pytester.makepyfile(
        test_project=PROJECT,
        conftest="""
        import factory.random
        import pytest

        @pytest.fixture(autouse=True)
        def seed():
            factory.random.reseed_random(5)
        """,
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-k", "factoryboy")
    result.assert_outcomes(passed=2, deselected=10)
    found = {path.read_text() for path in pytester.path.glob("test_pytest_factoryboy[[]*")}
    assert found == {fake.neural_text()}


def test_factory_boy_draws_in_each_locale_that_has_the_provider(fake: NeuralFaker) -> None:
    factory.Faker.add_provider(Provider, locale="ja_JP")

    class AddressFactory(factory.DictFactory):
        text = factory.Faker("neural_text", model="japanese_address", locale="ja_JP")

    factory.random.reseed_random(5)
    assert AddressFactory()["text"] == fake.neural_text("japanese_address")


def test_polyfactory_draws_what_its_seed_says(fake: NeuralFaker) -> None:
    @dataclass
    class Product:
        name: str
        stock: int

    class ProductFactory(DataclassFactory[Product]):
        __faker__ = NeuralFaker()

        @classmethod
        def name(cls) -> str:
            return cls.__faker__.neural_text("product_name")

    ProductFactory.seed_random(5)
    first = ProductFactory.batch(3)
    ProductFactory.seed_random(5)
    assert ProductFactory.batch(3) == first
    assert first[0].name == fake.neural_text("product_name")


def test_a_format_draws_what_a_call_draws(fake: NeuralFaker) -> None:
    expected = fake.neural_text("company", temperature=0.5)
    fake.seed_instance(5)
    fake.set_arguments("at_work", {"model": "company", "temperature": 0.5})
    assert fake.parse("{{neural_text:at_work}}") == expected


@pytest.mark.parametrize("table", ["csv", "psv", "tsv"])
def test_a_column_of_a_table_draws_what_calls_draw(fake: NeuralFaker, table: str) -> None:
    expected = fake.neural_texts("product_name", nb=3)
    fake.seed_instance(5)
    text = getattr(fake, table)(data_columns=["{{neural_text}}"], num_rows=3)
    assert [line.strip('"') for line in text.splitlines()] == expected


def test_json_draws_what_calls_draw(fake: NeuralFaker) -> None:
    expected = [{"name": name} for name in fake.neural_texts("company", nb=3)]
    fake.seed_instance(5)
    columns = [("name", "neural_text", {"model": "company"})]
    assert json.loads(fake.json(data_columns=columns, num_rows=3)) == expected


def test_an_optional_string_is_one_or_none(fake: NeuralFaker) -> None:
    kinds = [type(fake.optional.neural_text("company", prob=0.5)) for _ in range(20)]
    assert set(kinds) == {str, type(None)}


def test_unique_strings_end_as_fakers_own_do(fake: NeuralFaker) -> None:
    assert {fake.unique.neural_text(pattern="[AB]") for _ in "AB"} == {"A", "B"}
    with pytest.raises(UniquenessException):
        fake.unique.neural_text(pattern="[AB]")
