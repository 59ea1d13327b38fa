"""A file is written beside its target: no link there is followed, and no file there is taken."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from faker_neural._drafts import draft


def test_a_link_with_a_guessable_name_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".a.onnx.part").symlink_to(victim)
    with draft(tmp_path / "a.onnx") as beside:
        beside.write_text("made")
    assert victim.read_text() == "mine"
    assert (tmp_path / "a.onnx").read_text() == "made"


def test_a_link_in_the_place_of_a_draft_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faker_neural._drafts.token_hex", lambda size: "known")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".a.known.part").symlink_to(victim)
    with pytest.raises(FileExistsError, match="a'"), draft(tmp_path / "a"):
        pytest.fail("the link was followed")
    assert victim.read_text() == "mine"


def test_a_link_in_the_targets_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "a").symlink_to(victim)
    with draft(tmp_path / "a") as beside:
        beside.write_text("made")
    assert victim.read_text() == "mine"
    assert not (tmp_path / "a").is_symlink()


def test_a_target_that_must_be_new_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "absent")
    with pytest.raises(FileExistsError), draft(tmp_path / "a", new=True) as beside:
        beside.write_text("made")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_failed_block_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")

    def fill_the_disk() -> None:
        with draft(tmp_path / "a") as beside:
            beside.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match=r"No space left on device: .*a'"):
        fill_the_disk()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "before"


def test_a_file_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with draft(tmp_path / ("long" * 60)) as beside:
        beside.write_text("made")
    rights = [stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()]
    assert rights[0] == rights[1]


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    target.chmod(0o600)
    with draft(target) as beside:
        beside.write_text("new")
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o600)


def test_an_error_of_another_file_does_not_name_the_target(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError) as caught, draft(tmp_path / "a"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
    assert caught.value.filename is None


def test_an_error_names_the_target(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError) as caught, draft(tmp_path / "file" / "a"):
        pytest.fail("there is no such folder")
    assert caught.value.filename == str(tmp_path / "file" / "a")
