"""The checkpoint of a training run, in a folder beside the output."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras

from faker_neural import OptionError
from faker_neural._drafts import draft
from faker_neural_export.vocabulary.vocabulary import Vocabulary

__all__ = ["Checkpoint", "check_same_run"]

MAY_DIFFER = ("epochs", "patience")


@dataclass(slots=True)
class Checkpoint:
    """The last and the best network of a run, and the state of the run.

    The state is renamed into place after the network of its epoch is written. So a run that stops
    at any moment after its first epoch can be resumed.

    Args:
        folder: the folder of the files. Its `tokens.json` is the file of tokens that `export` needs
            to convert a network.
        settings: the settings of the run.
        fingerprint: identifies the column or the text.
        tokens: the string of each token id.
        labels: the labels of the ids that follow the tokens.
        classes: number of tokens in each class; empty for a flat softmax.
        pieces: number of tokens, at the end, that spell rare words; 0 if words are not the tokens.
        origin: the run that this run started from, "" for new weights.
        losses: training loss of each epoch, in nats per token.
        bits: held-out bits per character after each epoch.
        kept: epochs whose networks stay, even if they are not the best.
    """

    folder: Path
    settings: Mapping[str, Any]
    fingerprint: str
    tokens: Sequence[str]
    labels: Sequence[str] = ()
    classes: Sequence[int] = ()
    pieces: int = 0
    origin: str = ""
    losses: list[float] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Checkpoint:
        """Read the state of a run.

        Args:
            folder: the folder of the checkpoint.

        Raises:
            OSError, TypeError or ValueError: the state is missing or damaged.
        """
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return cls(folder, **state)

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any], fingerprint: str) -> Checkpoint:
        """Read the checkpoint of the same run, and take over its new settings.

        Args:
            folder: the folder of the checkpoint.
            settings: the settings of the run; only `epochs` and `patience` may differ.
            fingerprint: identifies the column or the text.

        Raises:
            OptionError: there is no checkpoint, or it has another column or other settings.
        """
        try:
            found = cls.read(folder)
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "resume", True, f"finds no checkpoint in {folder}; train without resume"
            ) from None
        check_same_run(found, settings, fingerprint, MAY_DIFFER)
        found.settings = settings
        return found

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the tokens with their classes and pieces."""
        return Vocabulary(tuple(self.tokens), tuple(self.classes), self.pieces)

    @property
    def done(self) -> int:
        """Return the number of epochs that are done."""
        return len(self.bits)

    @property
    def best(self) -> int:
        """Return the number of the best epoch, counted from 1."""
        return self.bits.index(min(self.bits)) + 1

    def save(self, network: keras.Model, loss: float, bits: float, *, keep: bool = False) -> None:
        """Save an epoch's network and figures, and delete networks that are no longer needed.

        Args:
            network: the network after the epoch.
            loss: training loss of the epoch, in nats per token.
            bits: held-out bits per character.
            keep: whether the network stays when it is neither the last nor the best.
        """
        self.folder.mkdir(exist_ok=True)
        if not self.done:
            self._begin()
        network.save(self._network(self.done + 1))
        self.losses.append(loss)
        self.bits.append(bits)
        if keep:
            self.kept.append(self.done)
        state = asdict(self)
        del state["folder"]
        self._write("state.json", state)
        needed = {self._network(epoch) for epoch in (self.done, self.best, *self.kept)}
        for old in self.folder.glob("epoch_*.keras"):
            if old not in needed:
                old.unlink()

    def load(self, epoch: int, asked: str = "resume", value: object = True) -> keras.Model:
        """Read the network of an epoch, compiled as it was saved.

        Args:
            epoch: an epoch whose network is kept, counted from 1.
            asked: the argument that an error names.
            value: the value of this argument.

        Raises:
            OptionError: the network is missing or damaged.
        """
        try:
            return keras.saving.load_model(self._network(epoch))
        except (OSError, ValueError, KeyError):
            raise OptionError(
                asked, value, f"cannot read {self._network(epoch)}; leave it out"
            ) from None

    def _begin(self) -> None:
        """Delete an older run's state, whose networks will be overwritten; write the tokens."""
        (self.folder / "state.json").unlink(missing_ok=True)
        self._write("tokens.json", self.tokens)

    def _write(self, name: str, content: object) -> None:
        with draft(self.folder / name) as beside:
            beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def _network(self, epoch: int) -> Path:
        return self.folder / f"epoch_{epoch}.keras"


class _SavedRun(Protocol):
    @property
    def settings(self) -> Mapping[str, Any]: ...

    @property
    def fingerprint(self) -> str: ...


def check_same_run(
    found: _SavedRun, settings: Mapping[str, Any], fingerprint: str, may_differ: Collection[str]
) -> None:
    """Check that a checkpoint belongs to a column and to settings.

    Args:
        found: the checkpoint.
        settings: the settings of the run.
        fingerprint: identifies the column or the text.
        may_differ: names of settings that may differ.

    Raises:
        OptionError: the column or another setting differs.
    """
    if found.fingerprint != fingerprint:
        raise OptionError(
            "resume",
            True,
            "needs the column of the checkpoint, but the column has changed; train without resume",
        )
    for name, value in settings.items():
        if name not in may_differ and found.settings.get(name) != value:
            raise OptionError(name, value, f"was {found.settings.get(name)!r} in the checkpoint")
