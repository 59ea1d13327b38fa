"""What learning has come to after each epoch, kept in a folder beside the output."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras

from faker_neural import OptionError
from faker_neural_export.vocabulary.vocabulary import Vocabulary

__all__ = ["Checkpoint", "check_same"]

MAY_DIFFER = ("epochs", "patience")


@dataclass(slots=True)
class Checkpoint:
    """The last and the best network, and the state that says which they are.

    The state is renamed into place after the network of its epoch is whole, so that a run that is
    broken off at any moment after its first epoch leaves a checkpoint that can be resumed.

    Args:
        folder: where the files are; `tokens.json` is what `export` wants beside a network.
        settings: the run's settings.
        fingerprint: tells the column or text from another.
        tokens: the string of each token id.
        labels: of the ids behind them.
        classes: how many tokens each class has; none of a flat model.
        pieces: of a word model, how many tokens, at the end, spell rarer words.
        origin: what the run started from, "" for new weights.
        losses: of each epoch so far.
        bits: bits per character on what is held out after each epoch so far.
        kept: epochs whose networks stay, whether or not they are the best.
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

        Raises:
            OSError, TypeError or ValueError: there is none, or it is damaged.
        """
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return cls(folder, **state)

    @classmethod
    def resume(cls, folder: Path, settings: Mapping[str, Any], fingerprint: str) -> Checkpoint:
        """Read the checkpoint of the same run.

        Raises:
            OptionError: there is none, or it is of another column or other settings.
        """
        try:
            found = cls.read(folder)
        except (OSError, TypeError, ValueError):
            raise OptionError(
                "resume", True, f"finds no checkpoint in {folder}; leave it out"
            ) from None
        check_same(found, settings, fingerprint, MAY_DIFFER)
        found.settings = settings
        return found

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens, with their classes and pieces."""
        return Vocabulary(tuple(self.tokens), tuple(self.classes), self.pieces)

    @property
    def done(self) -> int:
        """How many epochs are done."""
        return len(self.bits)

    @property
    def best(self) -> int:
        """The number of the best epoch, counted from 1."""
        return self.bits.index(min(self.bits)) + 1

    def save(self, network: keras.Model, loss: float, bits: float, *, keep: bool = False) -> None:
        """Keep an epoch's network and figures; drop networks that no one needs.

        Args:
            network: as it is after the epoch.
            loss: of the epoch.
            bits: per character, held out.
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
        """Read the network of an epoch that is kept, ready to learn further.

        Args:
            epoch: counted from 1.
            asked: the argument to name in an error.
            value: of that argument.

        Raises:
            OptionError: it is damaged or gone.
        """
        try:
            return keras.saving.load_model(self._network(epoch))
        except (OSError, ValueError, KeyError):
            raise OptionError(
                asked, value, f"cannot read {self._network(epoch)}; leave it out"
            ) from None

    def _begin(self) -> None:
        """Drop the state of an older run, whose networks are about to be replaced."""
        (self.folder / "state.json").unlink(missing_ok=True)
        self._write("tokens.json", self.tokens)

    def _write(self, name: str, content: object) -> None:
        draft = self.folder / f"{name}.part"
        draft.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        draft.replace(self.folder / name)

    def _network(self, epoch: int) -> Path:
        return self.folder / f"epoch_{epoch}.keras"


class _Run(Protocol):
    @property
    def settings(self) -> Mapping[str, Any]: ...

    @property
    def fingerprint(self) -> str: ...


def check_same(
    found: _Run, settings: Mapping[str, Any], fingerprint: str, may_differ: Collection[str]
) -> None:
    """Refuse to resume a run of another column, or of other settings than those that may differ."""
    if found.fingerprint != fingerprint:
        raise OptionError(
            "resume", True, "needs the column of the checkpoint, which has changed; leave it out"
        )
    for name, value in settings.items():
        if name not in may_differ and found.settings.get(name) != value:
            raise OptionError(name, value, f"was {found.settings.get(name)!r} in the checkpoint")
