"""A column or a text to a model file: learn, keep the best epoch, convert."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from faker_neural import OptionError, Options, TextModel, TrainingLines
from faker_neural_export.conversion.convert import check_output, convert
from faker_neural_export.data.columns import Column
from faker_neural_export.data.dataset import (
    LineDataset,
    learn_vocabulary,
    make_dataset,
    sort_by_class,
)
from faker_neural_export.data.running_text import RunningText, read
from faker_neural_export.evaluation.words import KnownWords
from faker_neural_export.network.network import compile_network
from faker_neural_export.network.word_vectors import to_plain_keras
from faker_neural_export.settings.conversion import CardFacts
from faker_neural_export.settings.training import Settings
from faker_neural_export.training.draw import Draw

from .checkpoint import Checkpoint
from .choose import choose
from .epochs import Epoch, Monitor, TrainingRun
from .lengths import TEXTS, match_length
from .spelling import match_spelling
from .start_from import BASE, BaseModel, settings_of

__all__ = ["Epoch", "Monitor", "train"]

_COLDEST = 0.1  # temperature that lengths are matched at: at 0 every text is the same
_OF_NEW_WORDS = 0.4  # as many texts may have a spelled word as held-out values have a new one


def train(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    column: str | None = None,
    label: str | None = None,
    name: str | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
    start_from: str | os.PathLike[str] | None = None,
    resume: bool = False,
    sample_every: int = 1,
    checkpoint_every: int = 0,
    options: Mapping[str, Any] | None = None,
    data: Mapping[str, str] | None = None,
    monitor: Monitor | None = None,
) -> TextModel:
    """Learn a column of text, or running text, and write a model file.

    A checkpoint is written after each epoch to the folder `output` + ".checkpoint". Ctrl-C
    (KeyboardInterrupt) ends learning; the best epoch so far becomes the file. The same text,
    settings and seed give the same file on one machine.

    Args:
        path: plain text with a value a line, or a .csv, .tsv, .jsonl, .ndjson or .parquet file;
            for running text, the text.
        output: the .onnx file to write.
        column: the column to learn; may be left out where there is only one.
        label: the column of a table that holds a label for each value, such as its category; an
            empty cell is none. Strings can then be asked for by label. Half of the values are
            learned without theirs, so that they need not be.
        name: what the values are; the output's name if not given.
        settings: how to learn; or some settings by name, over those of the model to start from,
            or over those that suit the column, which `monitor` is told.
        start_from: a model file that `train` wrote, its checkpoint beside it, or that
            checkpoint. Its best network learns on. The tokens are those of the new text; one that
            the earlier model has not begins as the mean of those that it is made of there.
        resume: continue from the checkpoint of the same text and settings; only `epochs` and
            `patience` may differ.
        sample_every: draw texts after every so many epochs, 0 for never.
        checkpoint_every: keep the network of every so many epochs beside the best and the last,
            0 for none.
        options: the defaults of `Options` that the model is to have. `verbatim` is "rejected" if
            not given, but for running text without `end`, which has no lines.
        data: what the card says of the data beside its name and size, such as
            {"licence": "CC0 1.0", "source": "..."}.
        monitor: is told how learning goes.

    Returns:
        The model of the new file.

    Raises:
        MissingFileError: the text's file, the output's folder or the model to start from does
            not exist.
        ColumnError: there is nothing to learn from, or less than a window.
        OptionError: `output` is no .onnx path, resuming is not possible, or `settings` ask for
            another network than that of `start_from`.
        KeyboardInterrupt: Ctrl-C came before the first epoch ended; nothing is written.
    """
    monitor, output = monitor or Monitor(), check_output(output)
    for option, every in (("sample_every", sample_every), ("checkpoint_every", checkpoint_every)):
        if every < 0:
            raise OptionError(option, every, "must be at least 0")
    origin = _origin(start_from, output)
    options = dict(options or {})
    Options.from_mapping(options)
    if isinstance(settings, Settings):
        values = read(path, column, settings, label)
    elif origin is not None:
        settings = settings_of(origin.path, **(settings or {}))
        values = read(path, column, settings, label)
    else:
        by_hand = settings or {}
        values = read(path, column, Settings(**by_hand), label)
        settings, origin, chosen = _chosen(values, by_hand, monitor)
        options = chosen | options
    checkpoint = _checkpoint(output, settings, values, origin, resume)
    dataset = make_dataset(values, checkpoint.vocabulary, settings)
    run = TrainingRun(checkpoint, settings, dataset, monitor, sample_every, checkpoint_every)
    reason = run.fit(run.network(origin))
    epoch = checkpoint.best if settings.keep == "best" else checkpoint.done
    monitor.exporting(epoch, reason)
    training: dict[str, Any] = settings.facts() | {f"{settings.keep}_epoch": epoch}
    if checkpoint.origin:
        training["start_from"] = checkpoint.origin
    network = to_plain_keras(checkpoint.load(epoch))
    if isinstance(dataset, LineDataset):
        training |= _match(network, checkpoint, settings, dataset, options)
    conversion = dataset.conversion()
    facts, learned = conversion["facts"], conversion["learned"]
    bits = {"bits_per_character": checkpoint.bits[epoch - 1]}
    conversion["facts"] = CardFacts(
        name=name,
        options=options,
        data={**facts.data, **(data or {})},
        training=training,
        evaluation={**facts.evaluation, **bits},
    )
    conversion["learned"] = replace(learned, classes=checkpoint.classes, pieces=checkpoint.pieces)
    return convert(network, checkpoint.tokens, output, **conversion)


def _origin(start_from: str | os.PathLike[str] | None, output: Path) -> BaseModel | None:
    if start_from is None:
        return None
    origin = BaseModel.read(start_from)
    if origin.checkpoint.folder.resolve() == _folder(output).resolve():
        raise OptionError("output", str(output), "is what start_from names; write another file")
    return origin


def _chosen(
    values: Column | RunningText, by_hand: Mapping[str, Any], monitor: Monitor
) -> tuple[Settings, BaseModel | None, dict[str, Any]]:
    """Choose what is not chosen by hand; nothing for running text and other inputs than ids.

    Returns:
        The settings, what to start from, and the model's own options.
    """
    settings = Settings(**by_hand)
    if isinstance(values, RunningText) or settings.input != "embedding":
        return settings, None, {}
    base = BaseModel.read(BASE)  # whatever is called "base" in this folder
    choice = choose(*values.split(), by_hand, base.settings, base.checkpoint.tokens)
    monitor.chosen(choice.reason)
    options = {"temperature": choice.temperature} if choice.temperature != 1 else {}
    return choice.settings, base if choice.from_base else None, options


def _match(
    network: keras.Model,
    checkpoint: Checkpoint,
    settings: Settings,
    dataset: LineDataset,
    options: Mapping[str, Any],
) -> dict[str, float]:
    """Make spelled words rare, and drawn values as long as real ones; return what was added."""
    found: dict[str, float] = {}
    temperature = options.get("temperature", 1.0)
    begin = replace(dataset.begin(), temperatures=(max(temperature, _COLDEST),) * TEXTS)
    draw = Draw(network, checkpoint, begin, settings.seed)
    if settings.composed:
        found["spelling_bias"] = _match_spelling(network, draw, checkpoint.tokens, dataset)
    if settings.match_length:
        compiled = compile_network(network, checkpoint.classes)
        found["end_bias"] = match_length(
            network,
            draw,
            dataset.train.characters / dataset.train.size,
            lambda: dataset.held_out.bits_per_character(compiled, settings.batch),
            end=len(checkpoint.tokens) if checkpoint.classes else 0,
            known=_refused(dataset, options),
        )
    return found


def _match_spelling(
    network: keras.Model, draw: Draw, tokens: Sequence[str], dataset: LineDataset
) -> float:
    learn, held_out = dataset.values.split()
    wanted = _OF_NEW_WORDS * KnownWords(learn).share_new(held_out)
    if " " not in tokens or not wanted:
        return 0.0
    return match_spelling(network, draw, wanted, space=tokens.index(" "), place=len(tokens) + 1)


def _refused(dataset: LineDataset, options: Mapping[str, Any]) -> TrainingLines:
    rejects = options.get("verbatim", "rejected") == "rejected"
    return TrainingLines.of(dataset.values.split()[0] if rejects else [])


def _folder(output: Path) -> Path:
    return output.with_name(f"{output.name}.checkpoint")


def _checkpoint(
    output: Path,
    settings: Settings,
    values: Column | RunningText,
    origin: BaseModel | None,
    resume: bool,
) -> Checkpoint:
    """Read the run's checkpoint, or begin one with the tokens chosen."""
    folder, recipe = _folder(output), settings.recipe()
    if folder.is_file():
        raise OptionError("output", str(output), f"needs the folder {folder}, which is a file")
    if origin is not None:
        origin.check(settings)
    if resume:
        found = Checkpoint.resume(folder, recipe, values.fingerprint())
        if found.origin != (str(origin) if origin else ""):
            raise OptionError("resume", True, f"needs the same start_from, {found.origin or None}")
        return found
    vocabulary = learn_vocabulary(values, settings)
    if origin is not None:
        vocabulary = origin.vocabulary(vocabulary, settings)
    if settings.classes or settings.composed:
        vocabulary = sort_by_class(values, vocabulary, settings)
    return Checkpoint(
        folder,
        recipe,
        values.fingerprint(),
        vocabulary.tokens,
        classes=vocabulary.classes,
        pieces=vocabulary.pieces,
        labels=values.distinct_labels if isinstance(values, Column) else (),
        origin=str(origin) if origin else "",
    )
