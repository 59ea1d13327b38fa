"""Figures of a model's texts, of a 6-gram model's texts and of real lines, side by side."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

import numpy as np
import onnx

from faker_neural import ColumnError, OptionError, TextModel, TrainingLines, load
from faker_neural._model_file.selection import select
from faker_neural_export.data.columns import Column, read_column
from faker_neural_export.exact.arithmetic import encode_texts
from faker_neural_export.exact.calibration import StepFeeds, WindowFeeds, bits_per_character
from faker_neural_export.vocabulary.vocabulary import Vocabulary

from .figures import Figures, auc, copied_run, length_distance, nearest, trigram_divergence
from .ngram import NGrams
from .words import KnownWords, Lexicon, unseen_pairs

__all__ = ["Evaluation", "EvaluationMonitor", "evaluate"]

ORDER = 6
_STEPS = 6
COUNT, _COPIES = 2_000, 500
FEWEST = 50
NEAR = 0.9
"""Levenshtein similarity at or above which a text is a near copy of a line."""


class EvaluationMonitor:
    """Receives the progress of an evaluation. This base class ignores it."""

    def step(self, title: str, done: int, steps: int) -> None:
        """Handle the start of a step.

        Args:
            title: what the step measures; "done" after the last step.
            done: number of steps that are done.
            steps: number of steps in all.
        """


@dataclass(frozen=True)
class Evaluation:
    """The result of `evaluate`.

    Args:
        model: the model that was evaluated.
        model_figures: figures of the model's texts.
        ngram_figures: figures of the texts of an interpolated Witten-Bell character 6-gram model;
            all None without training lines.
        floor_figures: figures of other real lines; no model can be expected to have better figures.
            `new`, the words and the copies are figures of the held-out lines themselves.
        real: the real lines that texts were compared with.
        train: the training lines of the model; empty if they were not given.
        texts: the texts that the model drew.
        overlap: real lines that were left out because they are also training lines.
        unreadable: real lines that were left out of the model's `bits_per_character`, because the
            model has no token for one of their characters.
    """

    model: TextModel
    model_figures: Figures
    ngram_figures: Figures
    floor_figures: Figures
    real: Sequence[str]
    train: Sequence[str]
    texts: Sequence[str]
    overlap: Sequence[str]
    unreadable: Sequence[str]

    @property
    def columns(self) -> tuple[Figures, Figures, Figures]:
        """Return the figures of the model, of the 6-gram model and of the floor."""
        return self.model_figures, self.ngram_figures, self.floor_figures

    def facts(self) -> dict[str, float]:
        """Return all figures for a card, with the number of real lines."""
        return (
            {"held_out_lines": len(self.real)}
            | self.model_figures.facts()
            | self.ngram_figures.facts("ngram_")
            | self.floor_figures.facts("real_")
        )


def evaluate(
    model: str | os.PathLike[str],
    real: str | os.PathLike[str] | Sequence[str],
    *,
    train: str | os.PathLike[str] | Sequence[str] | None = None,
    column: str | None = None,
    split: bool = False,
    seed: int = 0,
    lexicon: Lexicon | None = None,
    monitor: EvaluationMonitor | None = None,
) -> Evaluation:
    """Measure how near a model's texts are to real lines, and how much of them is copied.

    Args:
        model: the name of a bundled model, or the path of a model file.
        real: at least 50 lines that are not training lines of the model: a list, or a file that
            `train` can read.
        train: at least 50 training lines of the model, a list or a file. A 6-gram model is trained
            on them, and copies are searched in them. Without them, one half of the real lines is
            the floor of the other.
        column: the column of the files; None for plain text, or for files with one column.
        split: whether `real` is the file that the model was trained on. The tenth that `train` held
            out becomes the real lines, and the rest the training lines.
        seed: seed of the 2,000 texts of the model and of the 6-gram model, and of the order of
            lines.
        lexicon: returns whether the language has a word, in lower case. Without it, `unknown_words`
            is None.
        monitor: receives the progress.

    Returns:
        The figures of the model, of a 6-gram model and of other real lines, and the texts.

    Raises:
        UnknownModelError, MissingFileError, ModelFileError: a file cannot be read.
        ColumnError: a file cannot be read, or there are fewer than 50 training lines or real lines
            that are not training lines.
        OptionError: `split` and `train` are both given.
    """
    opened = load(model)
    learned, lines = _sides(real, train, column, split)
    known = TrainingLines.of(learned) if learned else opened.card.training_lines
    overlap = [line for line in lines if line in known]
    lines = [line for line in lines if line not in known]
    _check_count("real", real, lines, overlap)
    if learned:
        _check_count("train", real if split else train, learned)
    random = np.random.default_rng(seed)
    random.shuffle(lines)
    others = random.permutation(np.array(learned, dtype=object)).tolist()
    if not learned:
        lines, others = lines[::2], lines[1::2]
    scorer, monitor = _Scorer(lines, learned, known, lexicon), monitor or EvaluationMonitor()
    monitor.step("drawing texts", 0, _STEPS)
    texts = opened.generate(COUNT, seed=seed)
    monitor.step("bits a character", 1, _STEPS)
    bits, unreadable = _bits(opened, lines)
    monitor.step("figures of the texts", 2, _STEPS)
    ours = scorer.figures(texts, texts, bits)
    monitor.step("learning a 6-gram model", 3, _STEPS)
    ngrams = NGrams(learned, ORDER) if learned else None
    monitor.step("figures of the 6-gram model", 4, _STEPS)
    theirs = _of_ngrams(scorer, ngrams, lines, seed) if ngrams else Figures()
    monitor.step("figures of real lines", 5, _STEPS)
    floor = scorer.figures(others, lines, None)
    monitor.step("done", _STEPS, _STEPS)
    return Evaluation(
        model=opened,
        model_figures=ours,
        ngram_figures=theirs,
        floor_figures=floor,
        real=lines,
        train=learned,
        texts=texts,
        overlap=overlap,
        unreadable=unreadable,
    )


def _of_ngrams(scorer: _Scorer, ngrams: NGrams, lines: Sequence[str], seed: int) -> Figures:
    texts = ngrams.generate(COUNT, seed)
    return scorer.figures(texts, texts, ngrams.bits_per_character(lines))


def _sides(
    real: str | os.PathLike[str] | Sequence[str],
    train: str | os.PathLike[str] | Sequence[str] | None,
    column: str | None,
    split: bool,
) -> tuple[list[str], list[str]]:
    """Return the training lines, which may be empty, and the real lines."""
    if not split:
        return [] if train is None else _lines(train, column), _lines(real, column)
    if train is not None:
        raise OptionError("split", True, "takes the training lines from real; leave train out")
    return Column(Path("real"), tuple(_lines(real, column))).split()


def _lines(lines: str | os.PathLike[str] | Sequence[str], column: str | None) -> list[str]:
    if isinstance(lines, str | os.PathLike):
        return list(read_column(lines, column, max_length=100_000).values)
    return list(lines)


def _check_count(
    what: str, lines_of: object, lines: Sequence[str], overlap: Sequence[str] = ()
) -> None:
    """Check that there are enough lines to measure; `what` names lines that are not from a file."""
    if len(lines) >= FEWEST:
        return
    known = f" ({len(overlap)} more are training lines, such as {overlap[0]!r})" if overlap else ""
    raise ColumnError(
        lines_of if isinstance(lines_of, str | os.PathLike) else what,
        f"has {len(lines)} lines{known}; at least {FEWEST} are needed",
    )


@dataclass(frozen=True)
class _Scorer:
    """Measures texts against real lines, and searches them for copies of training lines."""

    real: Sequence[str]
    train: Sequence[str]
    known: TrainingLines
    lexicon: Lexicon | None

    def figures(
        self, texts: Sequence[str], candidates: Sequence[str], bits: float | None
    ) -> Figures:
        texts = texts[:COUNT]
        as_many = min(len(texts), len(self.real))
        ours, real = texts[:as_many], self.real[:as_many]
        runs = list(self._copied_runs(candidates[:_COPIES]))
        checked = candidates[:COUNT]
        return Figures(
            bits_per_character=bits,
            auc=auc(ours, real),
            length_ks=length_distance(texts, self.real),
            trigram_divergence=trigram_divergence(ours, real),
            new_words=self._words.share_new(checked) if self.train else None,
            unknown_words=self._unknown_words(checked),
            unseen_pairs=unseen_pairs(checked, self.train) if self.train else None,
            unique=len(set(texts)) / len(texts),
            new=self._new(checked),
            near_copies=self._near_copies(candidates[:_COPIES]),
            copied_run=median(runs) if runs else None,
            longest_copied_run=max(runs, default=None),
        )

    @cached_property
    def _words(self) -> KnownWords:
        return KnownWords(self.train)

    def _unknown_words(self, texts: Sequence[str]) -> float | None:
        if not self.train or self.lexicon is None:
            return None
        return self._words.share_unknown(texts, self.lexicon)

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self.train)

    def _new(self, texts: Sequence[str]) -> float | None:
        return sum(text not in self.known for text in texts) / len(texts) if self.known else None

    def _near_copies(self, texts: Sequence[str]) -> float | None:
        if not self.train:
            return None
        return sum(nearest(text, self.train)[1] >= NEAR for text in texts) / len(texts)

    def _copied_runs(self, texts: Sequence[str]) -> Iterator[int]:
        return (copied_run(text, self._joined) for text in texts if self.train)


def _with_logits(model: TextModel) -> onnx.ModelProto:
    """Read the part of the graph that computes logits."""
    content = model.path.read_bytes()
    if model.card.contract == "step":
        outputs = ["logits", *(state.successor for state in model.card.states)]
        content = select(content, outputs, ("draw", "temperature"))
    return onnx.load_model_from_string(content)


def _bits(model: TextModel, lines: Sequence[str]) -> tuple[float | None, list[str]]:
    """Measure the lines that the model has tokens for; return the other lines too."""
    card = model.card
    encoder = Vocabulary(card.tokens, pieces=card.pieces).encoder()
    characters = set().union(*card.tokens)
    readable = [line for line in lines if characters.issuperset(line)]
    unreadable = [line for line in lines if not characters.issuperset(line)]
    if card.contract == "latent" or not readable:
        return None, unreadable
    feeds = (WindowFeeds if card.contract == "window" else StepFeeds)(
        card, encode_texts(encoder, card, readable)
    )
    bits = bits_per_character(_with_logits(model), card, feeds)
    return (bits if math.isfinite(bits) else None), unreadable
