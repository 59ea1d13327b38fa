"""What learning has come to after each epoch, kept in a folder beside the output."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras

from faker_neural import OptionError

__all__ = ["Checkpoint"]

MAY_DIFFER = ("epochs", "patience")


@dataclass(slots=True)
class Checkpoint:
    """The last and the best network, and the state that says which they are.

    The state is renamed into place after the network of its epoch is whole, so that a run that is
    broken off at any moment after its first epoch leaves a checkpoint that can be resumed.

    Args:
        folder: where the files are.
        settings: the run's settings.
        fingerprint: tells the column from another.
        tokens: the string of each token id.
        losses: of each epoch so far.
        bits: bits per character on the held-out lines after each epoch so far.
    """

    folder: Path
    settings: Mapping[str, Any]
    fingerprint: str
    tokens: Sequence[str]
    losses: list[float] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any], fingerprint: str) -> Checkpoint:
        """Read the checkpoint of the same run.

        Raises:
            OptionError: there is none, or it is of another column or other settings.
        """
        try:
            state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
            found = cls(folder, **state)
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "resume", True, f"finds no checkpoint in {folder}; leave it out"
            ) from None
        if found.fingerprint != fingerprint:
            raise OptionError(
                "resume",
                True,
                "needs the column of the checkpoint, which has changed; leave it out",
            )
        for name, value in settings.items():
            if name not in MAY_DIFFER and found.settings.get(name) != value:
                raise OptionError(
                    name, value, f"was {found.settings.get(name)!r} in the checkpoint"
                )
        found.settings = settings
        return found

    @property
    def done(self) -> int:
        """How many epochs are done."""
        return len(self.bits)

    @property
    def best(self) -> int:
        """The number of the best epoch, counted from 1."""
        return self.bits.index(min(self.bits)) + 1

    def save(self, network: keras.Model, loss: float, bits: float) -> None:
        """Keep an epoch's network and figures; drop networks that are neither last nor best."""
        self.folder.mkdir(exist_ok=True)
        if not self.done:  # an older run's, whose networks are about to be replaced
            (self.folder / "state.json").unlink(missing_ok=True)
        network.save(self._network(self.done + 1))
        state = asdict(self) | {"losses": [*self.losses, loss], "bits": [*self.bits, bits]}
        del state["folder"]
        draft = self.folder / "state.json.part"
        draft.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / "state.json")
        self.losses.append(loss)
        self.bits.append(bits)
        for old in self.folder.glob("epoch_*.keras"):
            if old not in (self._network(self.done), self._network(self.best)):
                old.unlink()

    def load(self, epoch: int) -> keras.Model:
        """Read the network of the last or the best epoch, ready to learn further.

        Raises:
            OptionError: it is damaged or gone.
        """
        try:
            return keras.saving.load_model(self._network(epoch))
        except (OSError, ValueError, KeyError):
            raise OptionError(
                "resume", True, f"cannot read {self._network(epoch)}; leave it out"
            ) from None

    def _network(self, epoch: int) -> Path:
        return self.folder / f"epoch_{epoch}.keras"
