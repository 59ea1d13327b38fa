"""Settings that name folders of fields, written to do harm: each is one short line, soon."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faker_neural import SettingError, catalog, load

pytestmark = pytest.mark.usefixtures("no_own_fields")


def refused(message: str) -> None:
    with pytest.raises(SettingError, match=message) as caught:
        catalog()
    assert len(str(caught.value)) < 900
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["a" * 5_000, "a/" * 2_500])
def test_a_long_search_path_is_one_line(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKER_NEURAL_PATH", value)
    refused("^FAKER_NEURAL_PATH: .* is not a folder")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.faker_neural]\nmodels=" + "[" * 100_000, "it is nested too deeply"),
        ("[tool.faker_neural]\nx" + ".x" * 50_000 + "=1", "a key has more than 100 parts"),
        ("[tool.faker_neural]\nmodels=" + "9" * 5_000, "a number has too many digits"),
        ("[tool.faker_neural]\nmodels=['" + "a" * 5_000 + "']", "is not a folder"),
        (f"[tool.faker_neural]\nmodels='{'a' * 10**6}'", "must be a list of folders"),
        (f"[tool.faker_neural]\nx='{'a' * 10**6}'", "needs models"),
    ],
)
def test_a_hostile_pyproject_is_one_line(text: str, message: str) -> None:
    Path("pyproject.toml").write_text(text)
    refused(f"pyproject.toml: .*{message}")


def test_a_pyproject_without_end_is_not_read_to_its_end() -> None:
    with Path("pyproject.toml").open("wb") as file:
        file.truncate(2**40)  # of no blocks
    refused("pyproject.toml: is larger than 16 MB")


def test_a_pipe_and_a_device_are_no_pyproject() -> None:
    os.mkfifo("pyproject.toml")
    assert load("company").card.name == "company"
    Path("pyproject.toml").unlink()
    Path("pyproject.toml").symlink_to("/dev/zero")
    assert "company" in catalog()


@pytest.mark.parametrize(
    "value", ["__main__", "sys", "a..b", "x" * 5_000, f"encodings.{'x' * 500}"]
)
def test_an_entry_point_that_is_no_package_is_one_line(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[faker_neural.models]\nx = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    refused("entry_points.txt: faker_neural.models: x=.* must be an installed package in a folder")
