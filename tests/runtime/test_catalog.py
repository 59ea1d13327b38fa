from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from own_fields import field, package, project, run

from faker_neural import (
    MissingFileError,
    SettingError,
    UnknownModelError,
    bundled,
    catalog,
    fields_from,
    load,
)

pytestmark = pytest.mark.usefixtures("no_own_fields")


def test_a_name_means_the_first_that_holds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    origins = []
    with monkeypatch.context() as patch:
        patch.syspath_prepend(package(tmp_path / "site", names=("company",)))
        patch.chdir(project(tmp_path / "shop"))
        field(tmp_path / "shop" / "tests" / "fields", "company")
        patch.setenv("FAKER_NEURAL_PATH", str(field(tmp_path / "machine", "company").parent))
        with fields_from(field(tmp_path / "given", "company").parent):
            origins.append(catalog()["company"].origin)
        origins.append(catalog()["company"].origin)
        patch.delenv("FAKER_NEURAL_PATH")
        origins.append(catalog()["company"].origin)
        patch.chdir(tmp_path)
        origins.append(catalog()["company"].origin)
    origins.append(catalog()["company"].origin)
    assert origins == [
        "fields_from",
        "FAKER_NEURAL_PATH",
        "pyproject.toml",
        "package acme-fields 1.0",
        "bundled",
    ]


def test_a_path_is_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = field(tmp_path)
    monkeypatch.setenv("FAKER_NEURAL_PATH", str(field(tmp_path / "machine").parent))
    assert load("tea.onnx").path == load("./tea.onnx").path == here


def test_hidden_files_are_no_fields(tmp_path: Path) -> None:
    field(tmp_path, "._tea")
    with fields_from(tmp_path):
        assert "._tea" not in catalog()


def test_given_folders_are_forgotten_after_the_block(tmp_path: Path) -> None:
    before = catalog()
    with pytest.raises(ZeroDivisionError), fields_from(field(tmp_path).parent):
        load("tea").generate(1 // 0)
    assert catalog() == before


def test_the_inner_blocks_folder_goes_before(tmp_path: Path) -> None:
    outer, inner = field(tmp_path / "outer"), field(tmp_path / "inner")
    with fields_from("outer"):
        with fields_from("inner"):
            assert load("tea").path == inner
        assert load("tea").path == outer


def test_blocks_may_end_in_any_order(tmp_path: Path) -> None:
    first, second = field(tmp_path / "first"), field(tmp_path / "second")
    one, other = fields_from("first"), fields_from("second")
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert load("tea").path == second
    other.__exit__(None, None, None)
    assert first.exists()
    assert "tea" not in catalog()


def test_a_wrong_folder_is_refused_when_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"^fields_from: '.*absent' is not a folder"):
        fields_from("absent").__enter__()


def test_a_file_that_was_added_is_found(tmp_path: Path) -> None:
    with fields_from(tmp_path):
        with pytest.raises(UnknownModelError):
            load("tea")
        path = field(tmp_path)
        assert load("tea").path == path


def test_a_file_that_was_deleted_is_not_remembered(tmp_path: Path) -> None:
    with fields_from(tmp_path):
        path = field(tmp_path)
        load("tea")
        path.unlink()
        with pytest.raises(UnknownModelError):
            load("tea")


def test_a_deleted_file_leaves_its_name_to_the_next(tmp_path: Path) -> None:
    with fields_from(tmp_path):
        path = field(tmp_path, "company")
        assert load("company").path == path
        path.unlink()
        assert load("company").path == bundled()["company"]


def test_a_replaced_file_is_opened_again(tmp_path: Path) -> None:
    with fields_from(tmp_path):
        field(tmp_path)
        before = load("tea").generate(3)
        field(tmp_path, like="company")
        assert load("tea").generate(3) == load("company").generate(3) != before


def test_a_link_to_nothing_is_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "tea.onnx").symlink_to(tmp_path / "absent.onnx")
    with fields_from(tmp_path), pytest.raises(MissingFileError, match="tea: there is no such"):
        load("tea")


def test_names_follow_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = field(project(tmp_path / "one") / "tests" / "fields")
    other = field(project(tmp_path / "other") / "tests" / "fields")
    monkeypatch.chdir(tmp_path / "one")
    assert load("tea").path == one
    monkeypatch.chdir(tmp_path / "other")
    assert load("tea").path == other


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that a process is in")
def test_a_deleted_current_folder_leaves_the_bundled_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert load("company").path == bundled()["company"]


def test_an_unknown_name_is_answered_with_the_nearest_of_all(tmp_path: Path) -> None:
    field(tmp_path, "herbal_tea")
    with fields_from(tmp_path), pytest.raises(UnknownModelError, match="did you mean 'herbal_tea'"):
        load("herbel_tea")


def test_a_wrong_setting_touches_no_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAKER_NEURAL_PATH", "absent")
    assert load(field(tmp_path)).path == tmp_path / "tea.onnx"


def test_who_has_no_fields_imports_nothing_to_find_them(tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); import faker_neural; faker_neural.catalog()\n"
        "print({'tomllib', 'importlib.metadata'} & (set(sys.modules) - before))"
    )
    assert run(sys.executable, "-c", code, path=tmp_path) == "set()\n"
