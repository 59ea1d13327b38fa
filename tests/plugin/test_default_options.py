"""The default options of the ini file reach every Faker of a run."""

from __future__ import annotations

import pytest

from faker_neural import NeuralFaker
from faker_neural._call_options import ROW_OPTIONS, default_options
from faker_neural._rows import _OF_ROWS

pytestmark = pytest.mark.filterwarnings("default")


def test_default_options_reach_every_faker_of_a_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmock_text_options = max_length = 9")
    pytester.makepyfile(
        """
        import factory
        import pytest
        from faker import Faker
        from faker_neural import NeuralFaker, Provider

        factory.Faker.add_provider(Provider)

        class ProductFactory(factory.DictFactory):
            name = factory.Faker("neural_text")
            company = factory.Faker("neural_company", max_length=40)

        @pytest.fixture
        def fake():
            return Faker(["en_US", "de_DE"])

        def test_mock_text(mock_text, session_mock_text):
            assert max(map(len, mock_text(nb=40))) <= 9
            assert max(map(len, session_mock_text(nb=40))) <= 9

        def test_fixtures(faker, fake):
            assert max(map(len, faker.neural_texts(nb=40))) <= 9
            assert max(len(fake.neural_company()) for _ in range(40)) <= 9

        def test_a_faker_of_its_own():
            assert max(map(len, NeuralFaker().neural_texts(nb=40))) <= 9

        def test_a_call_may_override_it(mock_text, faker):
            assert max(map(len, mock_text(nb=40, max_length=30))) > 9
            assert max(map(len, faker.neural_texts(nb=40, max_length=None))) > 9

        def test_factory_boy():
            products = ProductFactory.build_batch(40)
            assert max(len(product["name"]) for product in products) <= 9
            assert max(len(product["company"]) for product in products) > 9

        def test_rows_take_only_what_rows_have(mock_row, faker):
            assert any(len(place["street"]) > 9 for place in mock_row(nb=20))
            assert faker.neural_us_place()
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=6)


def test_options_of_rows_reach_rows(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_the_likeliest_row(mock_row, faker):
            first, second = mock_row(nb=2)
            assert first == second == faker.neural_us_place()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "--mock-text-option=temperature=0")
    result.assert_outcomes(passed=1)


def test_the_list_of_options_of_rows_is_that_of_rows() -> None:
    assert set(ROW_OPTIONS) == set(_OF_ROWS)


def test_default_options_end_with_their_block() -> None:
    fake = NeuralFaker()
    with default_options({"max_length": 20}):
        with default_options({"max_length": 5}):
            assert max(map(len, fake.neural_texts(nb=20))) <= 5
        assert 5 < max(map(len, fake.neural_texts(nb=40))) <= 20
    assert max(map(len, fake.neural_texts(nb=100))) > 20
