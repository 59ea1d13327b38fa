"""`mock_text` and `mock_row` for fixtures of a wider scope than a test."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.filterwarnings("default")

SCOPES = ("class", "module", "package", "session")
CONFTEST = """
    import pytest

    @pytest.fixture(scope="session")
    def suppliers(session_mock_text):
        return session_mock_text("company", nb=2)

    @pytest.fixture(scope="session", params=["small", "large"])
    def sized(request, session_mock_text):
        return session_mock_text("company")

    @pytest.fixture(scope="package")
    def office(package_mock_row):
        return package_mock_row("us_place")["city"]

    @pytest.fixture(scope="module")
    def shop(module_mock_text):
        return module_mock_text("company")

    @pytest.fixture(scope="module")
    def branch(module_mock_text):
        return module_mock_text("company")

    @pytest.fixture(scope="class")
    def shelf(class_mock_text):
        return class_mock_text("product_name")

    @pytest.fixture
    def note(request):
        return lambda value: (request.config.rootpath / "found" / request.node.name).write_text(
            str(value)
        )
    """
TESTS = """
    def test_{0}_suppliers(note, suppliers):
        note(suppliers)

    def test_{0}_sized(note, sized):
        note(sized)

    def test_{0}_office(note, office):
        note(office)

    def test_{0}_branch(note, branch):
        note(branch)

    def test_{0}_shop(note, shop):
        note(shop)

    def test_{0}_direct(note, session_mock_text, module_mock_text):
        note([session_mock_text("company"), module_mock_text("company")])

    class TestOne:
        def test_{0}_one(self, note, shelf):
            note(shelf)

        def test_{0}_one_again(self, note, shelf):
            note(shelf)

    class TestTwo:
        def test_{0}_two(self, note, shelf):
            note(shelf)
    """


def found(pytester: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """Return what each test noted."""
    folder = pytester.path / "found"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    assert pytester.runpytest_subprocess(*arguments).ret == 0
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    for name in ("a", "b"):
        pytester.makepyfile(**{f"test_{name}": TESTS.format(name)})
    return pytester


def test_values_depend_on_no_order_no_selection_and_no_worker(project: pytest.Pytester) -> None:
    seeded = ("--randomly-seed=5",)
    alone = found(project, *seeded)
    assert len(alone) == 20
    assert found(project, *seeded, "--randomly-dont-reorganize") == alone
    assert found(project, *seeded, "-n", "2", "--dist=loadscope") == alone
    assert found(project, *seeded, "-n", "3") == alone
    for chosen in ("branch", "two", "large", "office"):
        some = found(project, *seeded, "-k", chosen)
        assert some == {name: alone[name] for name in some}
        assert len(some) == 2


def test_each_fixture_and_scope_has_its_own_values(project: pytest.Pytester) -> None:
    values = found(project, "-p", "no:randomly")
    assert values["test_a_suppliers"] == values["test_b_suppliers"]
    assert values["test_a_office"] == values["test_b_office"]
    assert values["test_a_one"] == values["test_a_one_again"]
    different = ("shop", "branch", "one", "two", "direct", "sized[small]", "sized[large]")
    assert len({values[f"test_a_{name}"] for name in different}) == len(different)
    for name in ("shop", "branch", "one", "direct"):
        assert values[f"test_a_{name}"] != values[f"test_b_{name}"]
    session, module = values["test_a_direct"].split(", ", 1)
    assert session.strip("[") != module.strip("]")


@pytest.mark.long
def test_the_seeds_of_mock_text_and_of_pytest_randomly_govern(project: pytest.Pytester) -> None:
    runs = [
        ("-p", "no:randomly"),
        ("-p", "no:randomly", "--mock-text-seed=7"),
        ("-p", "no:randomly", "--mock-text-seed=test"),
        ("--randomly-seed=1",),
        ("--randomly-seed=2",),
    ]
    values = [found(project, *arguments)["test_a_suppliers"] for arguments in runs]
    assert len(set(values)) == len(runs)
    assert (
        found(project, "--mock-text-seed=7", "--randomly-seed=1")["test_a_suppliers"] == (values[1])
    )


@pytest.mark.long
def test_a_group_of_xdist_changes_no_value(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.xdist_group("one")

        def test_value(request, mock_text, session_mock_text):
            found = request.config.rootpath / "found" / request.node.originalname
            found.write_text(f"{mock_text('company')} {session_mock_text('company')}")
        """
    )
    seeded = ("-p", "no:randomly", "--mock-text-seed=test")
    assert found(pytester, *seeded) == found(pytester, *seeded, "-n", "1", "--dist=loadgroup")


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_has_texts_and_rows(pytester: pytest.Pytester, scope: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def values({scope}_mock_text, {scope}_mock_row):
            texts = {scope}_mock_text("company", nb=30, unique=True, max_length=20)
            rows = {scope}_mock_row("world_place", nb=3, given={{"country": "Brazil"}})
            return texts, rows

        def test_values(values):
            texts, rows = values
            assert len(set(texts)) == 30 and max(map(len, texts)) <= 20
            assert [row["country"] for row in rows] == ["Brazil"] * 3
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


def test_a_failing_report_lists_the_strings_of_wider_fixtures(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def supplier(module_mock_text):
            return module_mock_text("company")

        def test_fails(supplier):
            assert supplier == ""
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.stdout.re_match_lines(["-+ strings of mock_text -+", "company: '.+'"])


def test_the_fixtures_are_listed(pytester: pytest.Pytester, tmp_path: Path) -> None:
    listed = pytester.runpytest_subprocess("--fixtures").stdout
    for scope in SCOPES:
        listed.fnmatch_lines([f"{scope}_mock_text [[]{scope} scope[]] -- *"])
