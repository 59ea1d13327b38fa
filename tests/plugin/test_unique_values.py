"""`mock_text(..., unique=True)`: the values of a test differ."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.filterwarnings("default")


def run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:randomly")


def test_unique_values_differ_across_the_calls_of_a_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.fixture
        def first(mock_text):
            return mock_text("company", pattern="[ABC]", unique=True)

        def test_fixture_and_calls(first, mock_text):
            two = mock_text("company", nb=2, pattern="[ABC]", unique=True)
            assert {first, *two} == set("ABC")

        def test_other_options_are_counted_apart(mock_text):
            for length in (3, 4):
                options = {"pattern": "[ABC]", "max_length": length, "unique": True}
                assert {mock_text("company", **options) for _ in "ABC"} == set("ABC")

        def test_other_calls_are_not_counted(mock_text):
            mock_text("company", nb=20, pattern="[ABC]")
            assert len(mock_text("company", nb=3, pattern="[ABC]", unique=True)) == 3

        def test_each_test_begins_anew(mock_text):
            assert len(set(mock_text("company", nb=3, pattern="[ABC]", unique=True))) == 3

        def test_many(mock_text):
            names = mock_text("product_category", nb=300, max_length=12, unique=True)
            names += mock_text("product_category", nb=300, max_length=12, unique=True)
            assert len(set(names)) == 600

        def test_none(mock_text):
            assert mock_text(nb=0, unique=True) == []

        def test_options_may_be_a_set(mock_text):
            names = [mock_text(blocked={"tea", "milk"}, unique=True) for _ in range(10)]
            assert len(set(names)) == 10
        """,
    )
    result.assert_outcomes(passed=7)


def test_unique_rows_differ(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_rows(mock_row):
            rows = mock_row("world_place", nb=40, unique=True)
            rows += [mock_row("world_place", unique=True) for _ in range(40)]
            assert len({tuple(row.values()) for row in rows}) == 80

        def test_given(mock_row):
            given = {"country": "Brazil", "region": "Sao Paulo"}
            rows = mock_row("world_place", nb=30, unique=True, given=given)
            assert len({row["city"] for row in rows}) == 30
        """,
    )
    result.assert_outcomes(passed=2)


def test_the_first_values_are_those_without_unique(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        def test_one(mock_text, faker):
            names = mock_text("company", nb=5, unique=True)
            faker.seed_instance(0)
            assert names == mock_text("company", nb=5)
        """,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "mock_text('company', nb=4, pattern='[ABC]', unique=True)",
            "gave 3 different values in this test, and then nothing new; fewer values, a *",
        ),
        ("mock_text(unique=1)", "unique=1 must be a bool, not int"),
        ("mock_text(nb=-1, unique=True)", "nb=-1 must be at least 0"),
        ("mock_text('us_place', unique=True)", "draws rows of street, *"),
        (
            "mock_text(nb=10**7 + 1)",
            "nb=10000001 must be at most 10,000,000; TextModel.stream draws more: "
            "load(model).stream(n)",
        ),
        ("mock_text('job')", "no model is called 'job': did you mean 'job_title'?"),
    ],
)
def test_a_mistake_is_one_line(pytester: pytest.Pytester, call: str, message: str) -> None:
    result = run(pytester, f"def test_wrong(mock_text):\n    {call}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E * {message}"] if message[0] in "gd" else [f"E *{message}"])
