"""What a GAN has learned so far, kept in a folder beside the output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from faker_neural import OptionError
from faker_neural_export.training.checkpoint import check_same

from .networks import Gan

__all__ = ["GanCheckpoint"]

MAY_DIFFER = ("steps", "temperature")
_NETWORKS = ("generator", "average", "critic")


@dataclass(slots=True)
class GanCheckpoint:
    """The three networks, two with their optimisers, after one step.

    They are written to a folder of their own, which is renamed into place whole: a run that is
    broken off at any moment after the first leaves one that can be resumed.

    Args:
        folder: where the checkpoint is.
        settings: the run's settings.
        fingerprint: tells the column from another.
        step: how many steps are done.
    """

    folder: Path
    settings: Mapping[str, Any]
    fingerprint: str
    step: int = 0

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any], fingerprint: str) -> GanCheckpoint:
        """Read the checkpoint of the same run.

        Raises:
            OptionError: there is none, or it is of another column or other settings.
        """
        try:
            found = cls(folder, **json.loads((_last(folder) / "state.json").read_text("utf-8")))
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "resume", True, f"finds no checkpoint of a GAN in {folder}; leave it out"
            ) from None
        check_same(found, settings, fingerprint, MAY_DIFFER)
        found.settings = settings
        return found

    def save(self, gan: Gan, step: int) -> None:
        """Keep the networks as they are after a step, in place of an earlier one's."""
        if step == self.step:
            return
        self.folder.mkdir(exist_ok=True)
        draft = self.folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name in _NETWORKS:
            getattr(gan, name).save(draft / f"{name}.keras")
        state = {"settings": self.settings, "fingerprint": self.fingerprint, "step": step}
        (draft / "state.json").write_text(json.dumps(state), encoding="utf-8")
        earlier = _steps(self.folder)
        if not self.step:  # an older run's, which may have gone further
            _remove(earlier)
        draft.rename(self.folder / f"step_{step}")
        if self.step:
            _remove(earlier)
        self.step = step

    def load(self) -> Gan:
        """Read the networks, ready to learn further.

        Raises:
            OptionError: one is damaged or gone.
        """
        place = _last(self.folder)
        try:
            generator, average, critic = (
                keras.saving.load_model(place / f"{name}.keras") for name in _NETWORKS
            )
        except (OSError, ValueError, KeyError):
            raise OptionError("resume", True, f"cannot read {place}; leave it out") from None
        return Gan(generator, average, critic, float(self.settings["penalty"]))


def _steps(folder: Path) -> list[Path]:
    return sorted(folder.glob("step_*"), key=lambda path: int(path.name.removeprefix("step_")))


def _last(folder: Path) -> Path:
    steps = _steps(folder)
    if not steps:
        raise FileNotFoundError(folder)
    return steps[-1]


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder)
