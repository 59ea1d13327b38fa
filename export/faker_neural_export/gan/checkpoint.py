"""The checkpoint of a GAN run, in a folder beside the output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from faker_neural import OptionError
from faker_neural_export.training.checkpoint import check_same_run

from .networks import Gan

__all__ = ["GanCheckpoint"]

MAY_DIFFER = ("steps", "temperature")
_NETWORKS = ("generator", "average", "critic")


@dataclass(slots=True)
class GanCheckpoint:
    """The three networks of a GAN after a step, two of them with their optimisers.

    Each checkpoint is written to a new folder, which is renamed into place when it is complete. So
    a run that stops at any moment after its first checkpoint can be resumed.

    Args:
        folder: the folder of the checkpoints.
        settings: the settings of the run.
        fingerprint: identifies the column.
        step: number of steps that are done.
    """

    folder: Path
    settings: Mapping[str, Any]
    fingerprint: str
    step: int = 0

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any], fingerprint: str) -> GanCheckpoint:
        """Read the state of the same run, and take over its new settings.

        Args:
            folder: the folder of the checkpoints.
            settings: the settings of the run; only `steps` and `temperature` may differ.
            fingerprint: identifies the column.

        Raises:
            OptionError: there is no checkpoint, or it has another column or other settings.
        """
        try:
            found = cls(folder, **json.loads((_last(folder) / "state.json").read_text("utf-8")))
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "resume", True, f"finds no checkpoint of a GAN in {folder}; train without resume"
            ) from None
        check_same_run(found, settings, fingerprint, MAY_DIFFER)
        found.settings = settings
        return found

    def save(self, gan: Gan, step: int) -> None:
        """Write the networks after a step, then delete the earlier checkpoint.

        Args:
            gan: the networks after the step.
            step: number of steps that are done. Nothing is written if it is the step of the
                checkpoint.
        """
        if step == self.step:
            return
        self.folder.mkdir(exist_ok=True)
        draft = self.folder / "draft"
        if draft.is_symlink():
            draft.unlink()
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        for name in _NETWORKS:
            getattr(gan, name).save(draft / f"{name}.keras")
        state = {"settings": self.settings, "fingerprint": self.fingerprint, "step": step}
        (draft / "state.json").write_text(json.dumps(state), encoding="utf-8")
        earlier = _steps(self.folder)
        if not self.step:  # checkpoints of an older run, maybe with higher steps
            _remove(earlier)
        draft.rename(self.folder / f"step_{step}")
        if self.step:
            _remove(earlier)
        self.step = step

    def load(self) -> Gan:
        """Read the networks, ready for further training.

        Raises:
            OptionError: a network is missing or damaged.
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
