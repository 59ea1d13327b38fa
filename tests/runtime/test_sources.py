from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from own_fields import SAMPLE, SAMPLE_IN_DOCS, field, package, project, run

from faker_neural import SettingError, catalog, load

pytestmark = pytest.mark.usefixtures("no_own_fields")


def test_a_folder_in_the_environment_gives_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = field(tmp_path / "fields")
    monkeypatch.setenv("FAKER_NEURAL_PATH", "fields")
    assert load("tea").path == path


def test_the_environments_first_folder_goes_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = field(tmp_path / "first"), field(tmp_path / "second")
    monkeypatch.setenv("FAKER_NEURAL_PATH", f"{first.parent}{os.pathsep * 2}{second.parent}")
    assert load("tea").path == first


def test_the_documented_table_gives_names_below_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = field(project(tmp_path / "shop") / "tests" / "fields")
    (tmp_path / "shop" / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "shop" / "deep" / "down")
    assert load("tea").path == path


@pytest.mark.parametrize(
    "text", ["", "[tool.faker]", "this = [ no TOML", "[tool]\nx='faker_neural'"]
)
def test_a_pyproject_without_the_table_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    path = field(project(tmp_path) / "tests" / "fields")
    monkeypatch.chdir(project(tmp_path / "inner", text))
    assert load("tea").path == path


def test_the_nearest_table_is_the_only_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    field(project(tmp_path) / "tests" / "fields")
    monkeypatch.chdir(project(tmp_path / "inner", "[tool.faker_neural]\n"))
    assert "tea" not in catalog()


def test_a_package_gives_names_to_another_process(tmp_path: Path) -> None:
    path = package(tmp_path / "site")
    code = "import faker_neural; print(faker_neural.load('tea').path)"
    printed = run(sys.executable, "-c", code, path=path)
    assert printed == f"{path / 'acme_fields' / 'tea.onnx'}\n"


@pytest.mark.parametrize("value", ["acme_fields", "acme_fields.food"])
def test_no_code_of_a_package_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    monkeypatch.syspath_prepend(package(tmp_path / "site", value, code="raise RuntimeError"))
    path = field(tmp_path / "site" / value.replace(".", "/"))
    assert load("tea").path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models = 3", 'models=3 must be a list of folders, such as ["tests/fields"]'),
        ('models = "fields"', "models='fields' must be a list of folders"),
        ("models = [3]", "models=[3] must be a list of folders"),
        ('models = ["absent"]', "absent' is not a folder; name a folder with .onnx files"),
        ('models = ["pyproject.toml"]', "pyproject.toml' is not a folder"),
        ("models = [", "is not valid TOML: "),
    ],
)
def test_a_wrong_pyproject_is_named_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = project(tmp_path, f"[tool.faker_neural]\n{text}\n") / "pyproject.toml"
    with pytest.raises(SettingError) as caught:
        load("company")
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_folder_in_the_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAKER_NEURAL_PATH", str(tmp_path / "absent"))
    with pytest.raises(SettingError) as caught:
        load("company")
    assert str(caught.value) == (
        f"FAKER_NEURAL_PATH: '{tmp_path / 'absent'}' is not a folder; "
        "name a folder with .onnx files"
    )


@pytest.mark.parametrize("value", ["absent_package", "acme_fields.absent", "json.decoder", ".", ""])
def test_an_entry_point_to_no_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    site = package(tmp_path / "site", value)
    monkeypatch.syspath_prepend(site)
    with pytest.raises(SettingError) as caught:
        catalog()
    assert str(caught.value) == (
        f"{site / 'acme_fields-1.0.dist-info' / 'entry_points.txt'}: faker_neural.models: "
        f"acme={value!r} must be an installed package in a folder (not a module, not in a zip)"
    )


def test_a_package_in_a_zip_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = package(tmp_path / "site")
    with zipfile.ZipFile(tmp_path / "acme.zip", "w") as packed:
        packed.writestr("acme_fields/__init__.py", "")
    shutil.rmtree(site / "acme_fields")
    monkeypatch.syspath_prepend(tmp_path / "acme.zip")
    monkeypatch.syspath_prepend(site)
    with pytest.raises(SettingError, match="not in a zip"):
        catalog()


def test_models_says_where_each_came_from(tmp_path: Path) -> None:
    machine = field(tmp_path / "machine", "coffee").parent
    (machine / "broken.onnx").write_text("no model")
    printed = run(
        Path(sys.executable).with_name("faker-neural"),
        "models",
        path=package(tmp_path / "site"),
        FAKER_NEURAL_PATH=str(machine),
        COLUMNS="120",
    )
    rows = {line.split()[0]: line for line in printed.splitlines()}
    assert "FAKER_NEURAL_PATH" in rows["coffee"]
    assert "package acme-fields 1.0" in rows["tea"]
    assert "bundled" in rows["company"]
    assert "is truncated or no ONNX model" in rows["broken"]


def test_the_documents_show_the_sample_package() -> None:
    assert (SAMPLE / "pyproject.toml").read_text() == SAMPLE_IN_DOCS


def test_the_sample_packages_wheel_brings_its_field(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    shutil.copytree(SAMPLE, tmp_path / "sample")
    field(tmp_path / "sample" / "acme_fields")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(command, cwd=tmp_path / "sample", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    printed = run(
        Path(sys.executable).with_name("faker-neural"),
        "generate",
        "tea",
        "-n",
        "3",
        path=tmp_path / "site",
    )
    assert printed.splitlines() == load("dish_name").generate(3)
