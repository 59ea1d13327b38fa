"""Training of the bundled fields, or of the base that they start from, as recipes.toml says.

python fields/learn.py base ../shared/data
python fields/learn.py product_name ../shared/data
python fields/learn.py product_name ../shared/data resume   continues a run that was stopped
"""

from __future__ import annotations

import json
import shutil
import sys
import time
import tomllib
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import polars
import tensorflow
from clean import clean, clean_rows
from numpy.typing import NDArray
from targets import misses
from wordfreq import zipf_frequency

from faker_neural import FakerNeuralError
from faker_neural._blocked import OFFENSIVE
from faker_neural.cli._progress import ProgressMonitor
from faker_neural_export import Settings, evaluate, evaluate_rows, settings_of, train
from faker_neural_export.conversion.onnx_file import save_facts
from faker_neural_export.evaluation.words import Lexicon

ROOT = Path(__file__).parents[1]
RECIPES = tomllib.loads(Path(__file__).with_name("recipes.toml").read_text(encoding="utf-8"))
BUILD = ROOT / "build" / "fields"
MODELS = ROOT / "faker_neural" / "models"
BASE = ROOT / "export" / "faker_neural_export" / "base"


_OPTIONS = ("verbatim", "temperature")


def main(name: str, data: Path, resume: bool = False) -> None:
    """Train a field or the base, and print how long it took."""
    began = time.monotonic()
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)  # fixes the order of sums
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    BUILD.mkdir(parents=True, exist_ok=True)
    if name == "base":
        learn_base(data)
    elif name in RECIPES["rows"]:
        learn_rows(name, data, resume)
    else:
        learn_field(name, data, resume)
    print(f"{name}: {time.monotonic() - began:.0f} s")


def learn_field(name: str, data: Path, resume: bool) -> None:
    """Train a field on its column, evaluate it, and copy it to the bundled models."""
    recipe = RECIPES["fields"][name]
    column = BUILD / f"{name}.txt"
    column.write_text("\n".join(clean(recipe, name, data)) + "\n", encoding="utf-8")
    given = RECIPES["settings"] | (RECIPES["names"] if recipe.get("names") else {})
    given |= recipe.get("settings", {})
    start_from = None if recipe.get("from_scratch") else BASE
    settings = settings_of(start_from, **given) if start_from else Settings(**given)
    output = BUILD / f"{name}.onnx"
    with ProgressMonitor() as monitor:
        train(
            column,
            output,
            settings=settings,
            start_from=start_from,
            resume=resume,
            options={"blocked": OFFENSIVE}
            | RECIPES["options"]
            | {key: recipe[key] for key in _OPTIONS if key in recipe},
            data={key: recipe[key] for key in ("licence", "source", "cleaned") if key in recipe},
            monitor=monitor,
        )
    found = evaluate(output, column, split=True, lexicon=lexicon(recipe))
    facts = found.facts()
    save_facts(found.model, {**facts, "misses": misses(facts, recipe)})
    shutil.copyfile(output, MODELS / f"{name}.onnx")


def learn_rows(name: str, data: Path, resume: bool) -> None:
    """Train a model of rows on its table, evaluate it, and copy it to the bundled models."""
    recipe, table = RECIPES["rows"][name], BUILD / f"{name}.csv"
    polars.DataFrame(clean_rows(recipe, data / "rows" / f"{name}.csv")).write_csv(table)
    output = BUILD / f"{name}.onnx"
    with ProgressMonitor() as monitor:
        train(
            table,
            output,
            columns=recipe["columns"],
            settings=Settings(**RECIPES["row_settings"], epochs=recipe["epochs"]),
            resume=resume,
            options={"blocked": OFFENSIVE, "temperature": recipe["temperature"]},
            data={key: recipe[key] for key in ("licence", "source")},
            monitor=monitor,
        )
    found = evaluate_rows(output, table, split=True)
    save_facts(found.model, found.facts())
    shutil.copyfile(output, MODELS / f"{name}.onnx")


def learn_base(data: Path) -> None:
    """Train the base on a part of every column, labelled by field; keep only its network."""
    recipe = dict(RECIPES["base"])
    most = recipe.pop("lines")
    cleaned = {name: clean(RECIPES["fields"][name], name, data) for name in recipe.pop("columns")}
    rows = [(line, name) for name, lines in cleaned.items() for line in lines[:most]]
    column = BUILD / "base.jsonl"
    lines = (json.dumps({"text": t, "field": f}, ensure_ascii=False) for t, f in rows)
    column.write_text("\n".join(lines) + "\n", encoding="utf-8")
    output = BUILD / "base.onnx"
    with suppress(_LearnedError), _Base() as monitor:
        train(
            column,
            output,
            column="text",
            label="field",
            settings=Settings(**recipe),
            monitor=monitor,
        )
    keep(output.with_name("base.onnx.checkpoint"))


class _LearnedError(Exception):
    """Ends a run when the base is trained, because its model file is not needed."""


class _Base(ProgressMonitor):
    def exporting(self, epoch: int, reason: str) -> None:
        super().exporting(epoch, reason)
        raise _LearnedError


def keep(checkpoint: Path) -> None:
    """Copy the best network of a checkpoint to the package, without the state of the optimiser."""
    state = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    best = state["bits"].index(min(state["bits"])) + 1
    state["settings"] |= RECIPES["settings"]  # for runs that start from the base
    shutil.rmtree(BASE, ignore_errors=True)
    BASE.mkdir()
    (BASE / "state.json").write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    network = keras.saving.load_model(checkpoint / f"epoch_{best}.keras", compile=False)
    network.set_weights([_short(weights) for weights in network.get_weights()])
    kept = BASE / f"epoch_{best}.keras"
    network.save(kept)
    _compress(kept)


def _short(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round to the 8 significant bits of bfloat16, which halves the size of a compressed file."""
    return (weights.view(np.uint32) + 0x8000 & 0xFFFF0000).view(np.float32)


def _compress(path: Path) -> None:
    """Rewrite a .keras file, which is a zip file, with the highest compression."""
    with zipfile.ZipFile(path) as old:
        content = {item.filename: old.read(item) for item in old.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, data in content.items():
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def lexicon(recipe: Mapping[str, Any]) -> Lexicon | None:
    """Return the lexicon of a field's language, from the lists of wordfreq, or None."""
    language = recipe.get("language", "en")
    return (lambda word: zipf_frequency(word, language) > 0) if language else None


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), "resume" in sys.argv[3:])
    except FakerNeuralError as error:
        sys.exit(f"fields: {error}")
