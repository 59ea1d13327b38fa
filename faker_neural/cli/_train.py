"""The subcommand that learns a column or running text."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faker_neural import OptionError

from ._app import Name, Output, app, quiet, report

if TYPE_CHECKING:
    from faker_neural_export import Settings


_CHOSEN = "by the column"
_GAN_SAMPLES = 500  # steps


class Preset(StrEnum):
    """Settings of a tutorial."""

    keras_example = "keras-example"
    char_rnn = "char-rnn"
    tutorial = "tutorial"
    review = "review"


class Tokens(StrEnum):
    """What a model writes at a time."""

    char = "char"
    word = "word"
    piece = "piece"


class Keep(StrEnum):
    """Which epoch becomes the file."""

    best = "best"
    last = "last"


class Input(StrEnum):
    """What a token is to the first layer."""

    embedding = "embedding"
    one_hot = "one-hot"
    scaled = "scaled"


class Text(StrEnum):
    """What a file holds."""

    lines = "lines"
    running = "running"


class End(StrEnum):
    """What ends a text drawn from a model of running text."""

    none = "none"
    line = "line"


class Contract(StrEnum):
    """How a model of running text is fed."""

    step = "step"
    window = "window"


def _option(text: str, default: object, *names: str) -> Any:
    """Return an option that is None where it is not typed, so that a preset's value holds."""
    return typer.Option(*names, help=text, show_default=str(default))


@app.command()
def train(
    file: Annotated[
        str,
        typer.Argument(
            help="A value a line, or .csv, .tsv, .jsonl, .ndjson, .parquet; or a database's URL."
        ),
    ],
    output: Output,
    table: Annotated[str | None, typer.Option(help="The table, of a database.")] = None,
    column: Annotated[str | None, typer.Option(help="The column to learn.")] = None,
    label: Annotated[
        str | None, typer.Option(help="The column of labels that values can be asked for by.")
    ] = None,
    name: Name = None,
    preset: Annotated[
        Preset | None, typer.Option(help="A tutorial's settings; other options override them.")
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option(help="A model that train wrote, to continue on this text.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the checkpoint.")] = False,
    # what is read
    text: Annotated[Text | None, _option("Values a line, or running text.", "lines")] = None,
    lower: Annotated[bool | None, _option("Make capital letters small.", "no")] = None,
    words_only: Annotated[bool | None, _option("Keep words alone.", "no")] = None,
    drop_stop_words: Annotated[
        bool | None, _option("Drop scikit-learn's English stop words.", "no")
    ] = None,
    max_length: Annotated[int | None, _option("Characters in the longest value.", 1000)] = None,
    window: Annotated[int | None, _option("Running text: tokens read at a time.", 100)] = None,
    stride: Annotated[
        int | None, _option("Running text: tokens from a window to the next; 0: a window.", 0)
    ] = None,
    end: Annotated[End | None, _option("Running text: where a drawn text ends.", "none")] = None,
    contract: Annotated[
        Contract | None, _option("Running text: fed a token or a window a time.", "step")
    ] = None,
    # the network
    tokens: Annotated[Tokens | None, _option("What is written at a time.", _CHOSEN)] = None,
    vocabulary: Annotated[int | None, _option("Tokens for words or pieces.", _CHOSEN)] = None,
    pieces: Annotated[
        int | None, _option("With words: tokens that spell the rare ones.", 600)
    ] = None,
    phrases: Annotated[
        int | None, _option("With words: tokens of several words at most.", 1000)
    ] = None,
    spelling: Annotated[
        float | None, _option("With words: share of the rare ones spelled while learning.", 0.15)
    ] = None,
    input: Annotated[  # noqa: A002
        Input | None, _option("What a token is to the first layer.", "embedding")
    ] = None,
    embedding: Annotated[int | None, _option("Numbers a token is turned into.", _CHOSEN)] = None,
    units: Annotated[
        str | None, _option("Size of each LSTM layer, such as 256,256,128.", _CHOSEN)
    ] = None,
    projection: Annotated[
        int | None, _option("Size of a layer before the tokens; 0 for none.", 0)
    ] = None,
    classes: Annotated[
        int | None,
        _option("Classes of tokens, to draw one first; 0: by themselves, with words.", 0),
    ] = None,
    # how it learns
    dropout: Annotated[
        float | None, _option("Share of outputs dropped while learning.", _CHOSEN)
    ] = None,
    noising: Annotated[
        float | None, _option("Share of tokens read that others take the place of.", _CHOSEN)
    ] = None,
    match_length: Annotated[
        bool | None, _option("In the end, make drawn values as long as those learned.", _CHOSEN)
    ] = None,
    epochs: Annotated[int | None, _option("How often the text is read at most.", _CHOSEN)] = None,
    keep: Annotated[
        Keep | None, _option("The epoch that becomes the file, the best or the last.", _CHOSEN)
    ] = None,
    patience: Annotated[
        int | None, _option("Epochs without a better one until it ends.", 5)
    ] = None,
    batch: Annotated[int | None, _option("Lines or windows learned from together.", 64)] = None,
    learning_rate: Annotated[float | None, _option("Adam's, at the start.", 0.003)] = None,
    seed: Annotated[int | None, _option("Of weights, order and dropout.", 0)] = None,
    sample_every: Annotated[
        int | None,
        _option("Show texts after every so many epochs, 0 for never; steps with --gan.", 1),
    ] = None,
    checkpoint_every: Annotated[
        int | None, _option("Keep every so many epochs' network; 0 for best and last alone.", 0)
    ] = None,
    # a GAN in the place of an LSTM
    gan: Annotated[
        bool, typer.Option("--gan", help="Learn by a generator and a critic of it.")
    ] = False,
    length: Annotated[int | None, _option("GAN: characters in the longest value.", 16)] = None,
    skip_longer: Annotated[
        bool, typer.Option("--skip-longer", help="GAN: leave longer values out.")
    ] = False,
    steps: Annotated[int | None, _option("GAN: steps of the generator.", 9_000)] = None,
    critic_steps: Annotated[
        int | None, _option("GAN: steps of the critic before each of them.", 2)
    ] = None,
    noise: Annotated[int | None, _option("GAN: numbers a value is made of.", 64)] = None,
    blocks: Annotated[int | None, _option("GAN: residual blocks of each network.", 3)] = None,
    penalty: Annotated[float | None, _option("GAN: weight of the gradient penalty.", 10)] = None,
    temperature: Annotated[
        float | None, _option("Of the values drawn from the file.", _CHOSEN)
    ] = None,
    licence: Annotated[str, typer.Option(help="The data's licence, for the card.")] = "",
    source: Annotated[str, typer.Option(help="The data's origin, for the card.")] = "",
) -> None:
    """Learn a column or a text and write a model file; Ctrl-C ends with the best so far."""
    given = {
        **{"text": text, "lower": lower, "words_only": words_only, "window": window},
        **{"drop_stop_words": drop_stop_words, "max_length": max_length, "stride": stride},
        **{"end": end and {"none": "", "line": "\n"}[end], "contract": contract},
        **{"tokens": tokens, "vocabulary": vocabulary, "input": input, "embedding": embedding},
        **{"units": units, "projection": projection, "classes": classes},
        **{"pieces": pieces, "phrases": phrases, "spelling": spelling, "keep": keep},
        **{"dropout": dropout, "noising": noising},
        "match_length": match_length,
        **{
            "epochs": epochs,
            "patience": patience,
            "batch": batch,
            "learning_rate": learning_rate,
            "seed": seed,
        },
    }
    of_gan = {
        **{"length": length, "steps": steps, "critic_steps": critic_steps, "noise": noise},
        **{"blocks": blocks, "penalty": penalty},
        "skip_longer": skip_longer or None,
    }
    data = {key: value for key, value in {"licence": licence, "source": source}.items() if value}
    if gan:
        del of_gan["skip_longer"]
        others = {
            "label": label,
            "preset": preset,
            "start_from": start_from,
            "checkpoint_every": checkpoint_every,
        }
        with quiet():
            from ._gan import gan_settings, learn_gan

        learn_gan(
            _origin(file, table),
            output,
            gan_settings(_typed({**given, **of_gan, **others, "temperature": temperature})),
            column=column,
            name=name,
            skip_longer=skip_longer,
            resume=resume,
            sample_every=_GAN_SAMPLES if sample_every is None else sample_every,
            data=data,
        )
        return
    for option, value in of_gan.items():
        if value is not None:
            raise OptionError(option, value, "needs --gan")
    with quiet():
        from faker_neural_export import train as learn

    from ._progress import ProgressMonitor

    settings = _settings(preset, start_from, given)
    with ProgressMonitor() as monitor:
        made = learn(
            _origin(file, table),
            output,
            column=column,
            label=label,
            name=name,
            settings=settings,
            start_from=start_from,
            resume=resume,
            sample_every=1 if sample_every is None else sample_every,
            checkpoint_every=checkpoint_every or 0,
            options={} if temperature is None else {"temperature": temperature},
            data=data,
            monitor=monitor,
        )
    print(f"held out: {made.card.evaluation['bits_per_character']:.3f} bits a character")
    report(made)


def _origin(file: str, table: str | None) -> os.PathLike[str]:
    """Return the file, or the table of a database, that is learned from."""
    if "://" not in file:
        if table is not None:
            raise OptionError("table", table, "is of a database; give its URL, sqlite:///dev.db")
        return Path(file)
    from faker_neural_export import DatabaseTable

    if table is None:
        raise OptionError("table", table, "must name the table of the database to learn from")
    return DatabaseTable(file, table)


def _settings(
    name: Preset | None, start_from: Path | None, given: dict[str, Any]
) -> Settings | dict[str, Any]:
    """Return the preset's settings and over them what was typed, or what was typed alone."""
    from faker_neural_export import preset

    typed = _typed(given)
    if name is None:
        return typed
    if start_from is not None:
        raise OptionError("preset", str(name), "is settled by what start_from names; leave it out")
    return preset(name, **typed)


def _typed(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were typed, by their values."""
    return {
        name: str(value) if isinstance(value, StrEnum | Path) else value
        for name, value in given.items()
        if value is not None
    }
