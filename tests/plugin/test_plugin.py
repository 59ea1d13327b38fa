from __future__ import annotations

import pytest
from faker import Faker

from faker_neural import Provider

pytestmark = pytest.mark.filterwarnings("default")


def product_names(seed: int, count: int) -> list[str]:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(seed)
    return list(fake.neural_texts("product_name", nb=count))


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:randomly", *arguments)


def test_mock_text_follows_the_fakers_seed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
        import pytest

        @pytest.fixture(autouse=True)
        def faker_seed():
            return 12

        def test_one(mock_text):
            assert mock_text("product_name") == {product_names(12, 1)[0]!r}

        def test_many(mock_text):
            assert mock_text("product_name", nb=5) == {product_names(12, 5)!r}

        def test_none(mock_text):
            assert mock_text(nb=0) == mock_text("product_name", 0) == []

        def test_colder(mock_text):
            assert len(set(mock_text(nb=100, temperature=0.1))) < 100
        """,
    )
    result.assert_outcomes(passed=4)


def test_the_faker_fixture_has_the_provider(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
        def test_default_seed(faker):
            assert faker.neural_text("product_name") == {product_names(0, 1)[0]!r}
        """,
    )
    result.assert_outcomes(passed=1)


def test_every_faker_of_a_fixture_has_the_provider(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest
        from faker import Faker

        @pytest.fixture(scope="session")
        def mine():
            return Faker(["en_US", "de_DE"])

        @pytest.fixture(autouse=True)
        def faker_locale():
            return ["fr_FR", "ja_JP"]

        def test_own(mine):
            assert mine.neural_text() and mine["de_DE"].neural_text()

        def test_locales(faker):
            assert faker.neural_text() and faker["ja_JP"].neural_text()
        """,
    )
    result.assert_outcomes(passed=2)


def test_a_mock_of_a_faker_is_left_alone(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        from unittest.mock import Mock

        import pytest
        from faker import Faker

        @pytest.fixture
        def mocked():
            return Mock(spec=Faker)

        def test_mock(mocked):
            assert isinstance(mocked, Faker)
        """,
    )
    result.assert_outcomes(passed=1)


def test_the_provider_is_attached_once(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("i", range(20))
        def test_many(faker, i):
            names = [type(p).__module__ for p in faker.get_providers()]
            assert names.count("faker_neural._provider") == 1
        """,
    )
    result.assert_outcomes(passed=20)


def test_a_mistake_is_one_clear_error(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_wrong(mock_text):
            mock_text("product_nam")
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*no model is called 'product_nam': did you mean 'product_name' or 'product_category'?"]
    )


def test_workers_of_xdist_give_the_same_strings(pytester: pytest.Pytester) -> None:
    source = f"""
        import pytest

        @pytest.mark.parametrize("i", range(6))
        def test_same(mock_text, i):
            assert mock_text(nb=3) == {product_names(0, 3)!r}
        """
    run(pytester, source, "-n", "2").assert_outcomes(passed=6)


def test_the_seed_of_pytest_randomly_governs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_print(mock_text):\n    print('>>', mock_text())")
    outputs = []
    for seed in (1, 1, 2):
        result = pytester.runpytest_subprocess("-s", f"--randomly-seed={seed}")
        outputs.append([line for line in result.outlines if ">>" in line])
    assert outputs[0] == outputs[1] != outputs[2]


def test_loading_the_plugin_imports_neither_numpy_nor_onnxruntime(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_light(faker):
            assert "pytest_faker_neural" in sys.modules
            assert not {"numpy", "onnxruntime", "keras"} & set(sys.modules)
        """
    )
    plain = ["-p", "no:randomly", "-p", "no:xdist", "-p", "no:pytester"]
    pytester.runpytest_subprocess(*plain).assert_outcomes(passed=1)


def test_the_fixture_is_listed_with_its_purpose(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fixtures")
    result.stdout.fnmatch_lines(["mock_text -- *", "    Draw learned text, seeded like*"])
