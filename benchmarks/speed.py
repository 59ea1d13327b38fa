"""The cost of a drawn string, as ratios to what a user would choose instead, in one run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import markovify
import numpy as np
import onnxruntime
from faker import Faker
from rich.console import Console
from rich.table import Table

from faker_neural import Provider, TextModel, bundled, load
from faker_neural_export import Generation, Settings, convert, train

STRINGS, CALLS, MANY = 10_000, 1_000, 1_000_000
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Args:
        title: what is compared.
        ours: the result of this project, with its unit.
        theirs: the result of the alternative, with its unit.
        figure: the ratio or the difference.
        target: what the figure should be.
    """

    title: str
    ours: str
    theirs: str
    figure: str
    target: str


def seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """Return the shortest time of several runs, which other load on the machine changes least."""
    function()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def micro(value: float) -> str:
    return f"{value * 1e6:,.0f} µs"


def ratio(title: str, ours: float, theirs: float, target: str) -> Row:
    return Row(title, micro(ours), micro(theirs), f"{ours / theirs:.2f}", target)


def strings() -> Iterator[Row]:
    """Yield the costs of strings on one core."""
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(0)
    company, product = load("company"), load("product_name")
    word_list = seconds(lambda: [fake.company() for _ in range(CALLS)]) / CALLS
    learned = seconds(lambda: company.generate(STRINGS), 3) / STRINGS
    yield ratio("company name, bulk / fake.company()", learned, word_list, "≤ 0.2")

    both = seconds(lambda: [fake.company() + fake.neural_text("company") for _ in range(CALLS)])
    yield ratio("the same, one interleaved call", both / CALLS - word_list, word_list, "≤ 2.3")

    in_a_row = seconds(lambda: [fake.neural_text("company") for _ in range(CALLS)]) / CALLS
    yield ratio("the same, calls in a row", in_a_row, word_list, "")

    bulk = seconds(lambda: product.generate(STRINGS), 3) / STRINGS
    yield ratio("product name, bulk / fake.company()", bulk, word_list, "≤ 0.35")
    if (column := DATA / "product_name.txt").is_file():
        chain = markovify.NewlineText(column.read_text())
        sentence = seconds(lambda: [chain.make_sentence() for _ in range(CALLS)]) / CALLS
        yield ratio("product name, bulk / markovify sentence", bulk, sentence, "≤ 0.3")
    keras = keras_predict(product)
    yield Row(
        "Keras predict loop / product name, bulk",
        micro(bulk),
        f"{keras:.1f} s",
        f"{keras / bulk:,.0f}",
        "≥ 12,000",
    )
    yield from other_contracts(word_list)
    yield from whole_rows()
    few = seconds(lambda: company.generate(1000)) / 1000
    began = time.perf_counter()
    for _ in company.stream(MANY):
        pass
    many = (time.perf_counter() - began) / MANY
    yield ratio("a name of 1,000,000 / of 1,000", many, few, "flat")


def keras_predict(model: TextModel) -> float:
    """Time a string that is drawn as tutorials do it: `predict` on the text so far, token by token.

    The network has the layers of the bundled model. Its weights do not change the time.
    """
    from faker_neural_export.network.network import build_network
    from faker_neural_export.network.word_vectors import to_plain_keras
    from faker_neural_export.vocabulary.vocabulary import Vocabulary

    card = model.card
    keys = ("tokens", "vocabulary", "embedding", "units", "projection")
    settings = Settings(**{key: card.training[key] for key in keys})
    vocabulary = Vocabulary(card.tokens, card.classes, card.pieces)
    network = to_plain_keras(build_network(vocabulary, settings))
    encode, texts = vocabulary.encoder(), model.generate(2000)
    tokens = round(sum(len(encode(text)) + 1 for text in texts) / len(texts))

    def string() -> None:
        text = np.zeros((1, 1), dtype=np.int32)
        for _ in range(tokens):
            logits = network.predict(text, verbose=0)[0, -1]
            text = np.append(text, [[logits.argmax()]], axis=1)

    return seconds(string, 2)


def other_contracts(word_list: float) -> Iterator[Row]:
    """Yield the costs of 30-character texts from untrained networks of tutorials' sizes."""
    import keras

    tokens = ["\n", *map(chr, range(ord("a"), ord("z") + 1)), *map(str, range(10))]
    layers, count = keras.layers, len(tokens)
    window = keras.Sequential(
        [
            keras.Input((40,)),
            layers.Embedding(count, 32),
            layers.LSTM(128),
            layers.Dense(count, activation="softmax"),
        ]
    )
    latent = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(30 * 32),
            layers.Reshape((30, 32)),
            layers.Conv1D(64, 5, padding="same", activation="relu"),
            layers.Dense(count, activation="softmax"),
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        for contract, model in (("window", window), ("latent", latent)):
            output = Path(folder) / f"{contract}.onnx"
            more = {"end": "", "max_tokens": 30} if contract == "window" else {}
            made = convert(model, tokens, output, generation=Generation(contract=contract, **more))
            text = seconds(lambda made=made: made.generate(CALLS), 3) / CALLS
            yield ratio(
                f"a text by contract {contract}, bulk / fake.company()", text, word_list, ""
            )


def whole_rows() -> Iterator[Row]:
    """Yield the cost of a row beside that of its columns, each drawn by a model of that column.

    The models of the columns are like the model of rows and trained for three epochs, after which
    their texts are as long as real ones.
    """
    table = DATA / "rows" / "us_place.csv"
    if not table.is_file():
        return
    model, columns = load("us_place"), 0.0
    keys = ("tokens", "vocabulary", "pieces", "phrases", "embedding", "units", "batch")
    settings = Settings(**{key: model.card.training[key] for key in keys}, epochs=3, keep="last")
    with tempfile.TemporaryDirectory() as folder:
        for name in (column.name for column in model.card.columns):
            output = Path(folder) / f"{name}.onnx"
            options = {"verbatim": "allowed"}
            made = train(table, output, column=name, settings=settings, options=options)
            columns += seconds(lambda made=made: made.generate(STRINGS), 3) / STRINGS
    row = seconds(lambda: model.rows(STRINGS), 3) / STRINGS
    yield ratio("row of us_place, bulk / its columns as texts", row, columns, "≤ 1.0")


def opening() -> Row:
    """Compare opening a model file with opening a bare session of it."""
    path = bundled()["company"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    bare = seconds(lambda: onnxruntime.InferenceSession(path, options), 9)
    ours = seconds(lambda: TextModel(path), 9)
    times = (f"{ours * 1000:.1f} ms", f"{bare * 1000:.1f} ms")
    return Row("opening company / a bare session of it", *times, f"{ours / bare:.2f}", "")


def two_threads() -> Row:
    model = load("product_name")
    one, two = (seconds(lambda n=n: model.generate(STRINGS, threads=n), 3) for n in (1, 2))
    both = (micro(one / STRINGS), micro(two / STRINGS))
    return Row("one thread / two, product names", *both, f"{one / two:.2f}", "≥ 1.8")


BARE = "import numpy, onnxruntime, faker; fake = faker.Faker()"
ONE = (
    "import faker, faker_neural; fake = faker.Faker(); fake.add_provider(faker_neural.Provider); "
    "print(fake.neural_text('company'))"
)
STREAM = "from faker_neural import load\nfor _ in load('company').stream({n}): pass\n"
PEAK = (  # not getrusage, which also counts the process that this one was forked from
    "\nprint(next(line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line))"
)

ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def processes() -> Iterator[Row]:
    """Yield the costs of whole processes, which run in turn."""
    ours, theirs = in_turn([sys.executable, "-c", ONE], [sys.executable, "-c", BARE], 15)
    times = (f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms")
    title = "cold process with one string / bare imports"
    yield Row(title, *times, f"{ours / theirs:.2f}", "≤ 1.16")
    yield memory("peak memory of the same", ONE, BARE, "≤ +25 MB")
    title = "peak memory of 1,000,000 streamed / of 20,000"
    yield memory(title, STREAM.format(n=MANY), STREAM.format(n=20_000), "flat")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        ours, theirs = in_turn(pytest, [*pytest, "-p", "no:faker_neural"], 15)
    added = f"{(ours - theirs) * 1000:+.0f} ms"
    times = (f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms")
    yield Row("pytest on one empty test, with / without the plugin", *times, added, "≤ +10 ms")


def in_turn(first: list[str], second: list[str], repeats: int) -> tuple[float, float]:
    """Return the shortest time of each of two commands in seconds; they run in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for command, found in zip((first, second), times, strict=True):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
            found.append(time.perf_counter() - began)
    return min(times[0]), min(times[1])


def memory(title: str, ours: str, theirs: str, target: str) -> Row:
    mb = []
    for code in (ours, theirs):
        command = [sys.executable, "-c", code + PEAK]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        mb.append(json.loads(printed.splitlines()[-1]) / 1024)
    added = f"{mb[0] - mb[1]:+.0f} MB"
    return Row(title, f"{mb[0]:.0f} MB", f"{mb[1]:.0f} MB", added, target)


def main() -> None:
    rows = [two_threads()]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows += [*strings(), opening(), *processes()]
    table = Table("", "ours", "theirs", "figure", "target", box=None)
    for row in rows:
        table.add_row(row.title, row.ours, row.theirs, row.figure, row.target)
    console = Console(width=110, highlight=False)
    console.print(table)
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}, one core but for the row of two threads"
    )


if __name__ == "__main__":
    main()
