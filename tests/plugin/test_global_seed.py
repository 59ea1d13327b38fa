"""--mock-text-seed seeds factory_boy, and Fakers without a seed."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.filterwarnings("default")

TESTS = """
    import factory
    import factory.fuzzy
    import pytest
    from faker_neural import NeuralFaker, Provider

    factory.Faker.add_provider(Provider)
    fake = NeuralFaker()

    class ProductFactory(factory.DictFactory):
        name = factory.Faker("neural_text")
        price = factory.fuzzy.FuzzyInteger(0, 10**9)

    @pytest.fixture
    def product():
        return ProductFactory()

    @pytest.mark.parametrize("i", range(2))
    def test_values(request, product, i):
        values = [product, ProductFactory(), fake.neural_company(), fake.name()]
        assert values[0] != values[1]
        (request.config.rootpath / f"found{i}").write_text(repr(values))
    """
PLAIN = """
    from faker_neural import NeuralFaker

    def test_values(request):
        (request.config.rootpath / "found0").write_text(NeuralFaker().neural_company())
    """


def found(pytester: pytest.Pytester, *arguments: str, source: str = TESTS) -> list[str]:
    pytester.makepyfile(test_it=source)
    assert pytester.runpytest_subprocess(*arguments).ret == 0
    return [path.read_text() for path in sorted(pytester.path.glob("found*"))]


def test_a_seed_governs_factory_boy_and_unseeded_fakers(pytester: pytest.Pytester) -> None:
    seeded = ("-p", "no:randomly", "--mock-text-seed=7")
    first, second = found(pytester, *seeded)
    assert first == second
    assert found(pytester, *seeded, "-n", "2") == [first, second]
    assert found(pytester, "-p", "no:randomly", "--mock-text-seed=8")[0] != first


@pytest.mark.long
def test_a_seed_from_the_name_governs_them_too(pytester: pytest.Pytester) -> None:
    seeded = ("-p", "no:randomly", "--mock-text-seed=test")
    first, second = found(pytester, *seeded)
    assert first != second
    assert found(pytester, *seeded, "-k", "1]", "-n", "1") == [first, second]


def test_without_a_seed_they_are_left_alone(pytester: pytest.Pytester) -> None:
    arguments = ("-p", "no:randomly")
    assert found(pytester, *arguments) != found(pytester, *arguments)


def test_pytest_randomly_goes_before(pytester: pytest.Pytester) -> None:
    first = found(pytester, "--mock-text-seed=7", "--randomly-seed=1")
    assert found(pytester, "--mock-text-seed=8", "--randomly-seed=1") == first
    assert found(pytester, "--mock-text-seed=7", "--randomly-seed=2") != first
    unset = ("--randomly-seed=2", "--randomly-dont-reset-seed", "--mock-text-seed=7")
    assert found(pytester, *unset) == found(pytester, "-p", "no:randomly", "--mock-text-seed=7")


def test_fakers_are_seeded_where_factory_boy_is_not_imported(pytester: pytest.Pytester) -> None:
    seeded = ("-p", "no:randomly", "-p", "no:factoryboy", "--mock-text-seed=7")
    assert found(pytester, *seeded, source=PLAIN) == found(pytester, *seeded, source=PLAIN)
