from __future__ import annotations

import re
import shutil

import pytest

from faker_neural import bundled, load

pytestmark = pytest.mark.filterwarnings("default")

PRINTS = """
    import pytest

    @pytest.mark.parametrize("i", range(4))
    def test_one(mock_text, i):
        print(f">> one {i} {mock_text('company')}")

    class TestClass:
        def test_two(self, mock_text):
            print(f">> two - {mock_text('company')}")
    """


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:randomly", *arguments)


def printed(result: pytest.RunResult) -> list[str]:
    """Return what the tests printed, whichever ran first; the reports of all are shown."""
    return sorted({line[line.index(">>") :] for line in result.outlines if ">>" in line})


def test_each_test_may_have_a_seed_from_its_name(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=PRINTS)
    seeded = ("--mock-text-seed=test", "-rP")
    alone = printed(run(pytester, *seeded))
    assert len({line.partition(" ")[2][6:] for line in alone}) == 5
    assert printed(run(pytester, *seeded, "-n", "2")) == alone
    assert printed(run(pytester, *seeded, "test_a.py::TestClass")) == [alone[-1]]
    shuffled = pytester.runpytest_subprocess(*seeded, "--randomly-seed=5")
    assert printed(shuffled) == alone


def test_the_ini_file_sets_seed_options_and_folders(pytester: pytest.Pytester) -> None:
    fields = pytester.mkdir("fields")
    shutil.copy(bundled()["world_city"], fields / "town.onnx")
    pytester.makeini(
        """
        [pytest]
        mock_text_seed = 5
        mock_text_fields = fields
        mock_text_options =
            max_length = 9
            verbatim = rejected
        """
    )
    pytester.makepyfile(
        """
        def test_towns(mock_text, faker):
            towns = mock_text("town", nb=40)
            assert max(map(len, towns)) <= 9
            assert max(map(len, mock_text("town", nb=40, max_length=20))) > 9
            assert faker.neural_text("town")

        def test_again(mock_text):
            print(">>", mock_text("town"))
        """
    )
    result = run(pytester, "-rP")
    result.assert_outcomes(passed=2)
    header = (
        "mock_text: seed=5, also for factory_boy and Fakers without a seed; "
        "max_length = 9, verbatim = rejected, also for neural_text"
    )
    result.stdout.fnmatch_lines([header])
    other = run(pytester, "-rP", "--mock-text-seed=6", "--mock-text-option=min_length=8")
    other.assert_outcomes(passed=2)
    assert printed(result) != printed(other)
    assert 8 <= len(printed(other)[0]) - len(">> ") <= 9


@pytest.mark.parametrize("xdist", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_project_has_its_fields_wherever_pytest_is_started(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, xdist: tuple[str, ...]
) -> None:
    project = pytester.mkdir("project")
    (project / "fields").mkdir()
    shutil.copy(bundled()["world_city"], project / "fields" / "town.onnx")
    settings = '[tool.faker_neural]\nmodels = ["fields"]\n[tool.pytest.ini_options]\n'
    (project / "pyproject.toml").write_text(settings)
    (project / "test_a.py").write_text(
        "def test_a(mock_text, faker): assert mock_text('town') and faker.neural_town()"
    )
    run(pytester, "project", *xdist).assert_outcomes(passed=1)
    monkeypatch.chdir(project / "fields")
    run(pytester, str(project), *xdist).assert_outcomes(passed=1)
    (project / "pyproject.toml").write_text(settings.replace("fields", "feilds"))
    monkeypatch.chdir(pytester.path)
    said = run(pytester, "project").stderr
    said.fnmatch_lines(["ERROR: *pyproject.toml: '*feilds' is not a folder; *"])


def test_the_header_says_where_the_seed_comes_from(pytester: pytest.Pytester) -> None:
    run(pytester).stdout.fnmatch_lines(["mock_text: seed=as the faker fixture"])
    header = "mock_text: seed=5; pytest-randomly seeds factory_boy and Fakers without a seed"
    result = pytester.runpytest_subprocess("--mock-text-seed=5", "--randomly-seed=1")
    result.stdout.fnmatch_lines([header])


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--mock-text-seed=soon", "*: 'soon' must be a whole number, or 'test'"),
        ("--mock-text-fields=none", "--mock-text-fields: '*none' is not a folder; *"),
        ("--mock-text-option=max_lenght=3", "*: max_lenght='3' is no option; did you mean *?"),
        ("--mock-text-option=max_length=many", "*: max_length='many' must be an int, not str"),
        ("--mock-text-option=top_p=7", "*: top_p=7.0 must be above 0 and at most 1"),
        ("--mock-text-option=cold", "*: option='cold' must be NAME=VALUE"),
        ("--mock-text-option=cold=1", "*: cold='1' is no option; there are: *"),
        ("--mock-text-seed=-1", "*: '-1' must be a whole number, or 'test'"),
    ],
)
def test_a_bad_option_is_a_usage_error(
    pytester: pytest.Pytester, argument: str, message: str
) -> None:
    result = pytester.runpytest_inprocess("-p", "no:randomly", argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_a_failing_report_lists_the_strings(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def product(mock_text):
            return mock_text()

        def test_fails(product, mock_text):
            many = mock_text("company", nb=30)
            assert product == ""

        def test_passes(mock_text):
            mock_text("review")
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=1, passed=1)
    start = result.outlines.index(next(filter(re.compile("-+ strings").match, result.outlines)))
    name, *companies, more = result.outlines[start + 1 : start + 22]
    assert re.fullmatch(r"product_name: '.+'", name)
    assert len(companies) == 19
    assert all(line.startswith("company: ") for line in companies)
    assert more == "and 11 more"
    assert "review: " not in result.stdout.str()


def test_class_and_session_scope_and_locales_are_seeded(pytester: pytest.Pytester) -> None:
    first = load("company").texts([0])[0]
    pytester.makepyfile(
        f"""
        import pytest
        from faker import Faker

        @pytest.fixture(scope="session")
        def catalogue_faker():
            fake = Faker()
            fake.seed_instance(3)
            return fake

        @pytest.fixture(scope="session")
        def catalogue(catalogue_faker):
            return catalogue_faker.neural_texts("product_name", 3)

        @pytest.fixture(scope="class", autouse=True)
        def faker_seed():
            return 7

        @pytest.fixture(scope="class", autouse=True)
        def faker_locale():
            return ["de_DE", "en_US"]

        class TestIt:
            def test_one(self, catalogue, mock_text, faker):
                type(self).before = (catalogue, mock_text("company"))
                assert len(faker.factories) == 2

            def test_two(self, catalogue, mock_text):
                assert (catalogue, mock_text("company")) == self.before
                assert mock_text("company") != {first!r}
        """
    )
    run(pytester).assert_outcomes(passed=2)
