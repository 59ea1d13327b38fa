"""`faker-neural eject`: a bundled field becomes a file of the project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from own_fields import project

from faker_neural import bundled, fields_from, load
from faker_neural.cli import main

pytestmark = pytest.mark.usefixtures("no_own_fields")

FOLDER = Path("tests", "fields")
TABLE = '[tool.faker_neural]\nmodels = ["tests/fields"]\n'


class Eject:
    """Runs `faker-neural eject` in this process and returns what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments: object, code: int = 0) -> str:
        self.monkeypatch.setattr(sys, "argv", ["faker-neural", "eject", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert int(stop.value.code or 0) == code
        captured = self.capsys.readouterr()
        return captured.err if code else captured.out


@pytest.fixture
def eject(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Eject:
    return Eject(monkeypatch, capsys)


def test_a_field_is_copied_and_what_to_do_is_said(eject: Eject, tmp_path: Path) -> None:
    said = eject("task", "company", "-o", FOLDER).splitlines()
    assert said[:2] == [f"wrote {FOLDER / 'task.onnx'}", f"wrote {FOLDER / 'company.onnx'}"]
    assert said[2:] == ["to use them, add to pyproject.toml:", *TABLE.splitlines()]
    assert sorted(path.name for path in FOLDER.iterdir()) == ["company.onnx", "task.onnx"]
    assert (FOLDER / "task.onnx").read_bytes() == bundled()["task"].read_bytes()
    (tmp_path / "pyproject.toml").write_text("\n".join(said[3:]))
    assert load("task").path == tmp_path / FOLDER / "task.onnx"


def test_a_field_in_a_known_folder_is_used_at_once(eject: Eject, tmp_path: Path) -> None:
    project(tmp_path, TABLE)
    FOLDER.mkdir(parents=True)
    assert eject("task", "-o", FOLDER).endswith("which go before the bundled fields\n")
    assert load("task").path == tmp_path / FOLDER / "task.onnx"


@pytest.mark.long
def test_another_folder_joins_those_of_the_project(
    eject: Eject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project(tmp_path, TABLE) / "shop").mkdir()
    FOLDER.mkdir(parents=True)
    monkeypatch.chdir("shop")
    said = eject("task", "-o", "fields").splitlines()[-1]
    file = Path("..", "pyproject.toml")
    assert said == f'to use them, add "shop/fields" to models in [tool.faker_neural] of {file}'


def test_a_field_that_goes_before_is_named(eject: Eject, tmp_path: Path) -> None:
    project(tmp_path, TABLE)
    eject("task", "-o", FOLDER)
    eject("task", "-o", "first")
    with fields_from("first"):
        said = eject("task", "-o", FOLDER, "--force").splitlines()[-1]
    first = tmp_path / "first" / "task.onnx"
    assert said == f"but task means {first} (fields_from), which goes before"


def test_a_file_is_replaced_only_by_force(eject: Eject) -> None:
    FOLDER.mkdir(parents=True)
    path = FOLDER / "task.onnx"
    path.write_text("mine")
    said = eject("company", "task", "-o", FOLDER, code=2)
    assert said == f"faker-neural: output={str(path)!r} exists; --force replaces it\n"
    assert (path.read_text(), list(FOLDER.iterdir())) == ("mine", [path])
    eject("task", "-o", FOLDER, "--force")
    assert path.read_bytes() == bundled()["task"].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["job", "-o", "fields"], "no model is called 'job': did you mean 'job_title'?"),
        (["task", "compny", "-o", "fields"], "no model is called 'compny': did you mean 'company"),
        (["task"], "Missing option '-o' / '--output'; see faker-neural eject --help"),
        (["task", "-o", "file"], "output='file' is not a folder"),
        (["task", "-o", "file/fields"], "file/fields: Not a directory"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    eject: Eject, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "file").touch()
    said = eject(*arguments, code=2)
    assert said.startswith(f"faker-neural: {message}")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_damaged_field_is_not_copied(
    eject: Eject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "installed"
    broken.mkdir()
    (broken / "task.onnx").write_bytes(bundled()["task"].read_bytes()[:-1000])
    monkeypatch.setattr("faker_neural._catalog.bundled.BUNDLED", broken)
    assert eject("task", "-o", "fields", code=2).startswith(
        f"faker-neural: {broken / 'task.onnx'}: "
    )
    assert list(Path("fields").iterdir()) == []
