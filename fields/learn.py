"""Learns the bundled fields, or the base that they start from, as recipes.toml says.

python fields/learn.py base ../shared/data
python fields/learn.py product_name ../shared/data
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import tomllib
from pathlib import Path

import keras
import tensorflow
from targets import misses

from faker_neural import FakerNeuralError
from faker_neural.cli._progress import ProgressMonitor
from faker_neural_export import Settings, evaluate, settings_of, train

ROOT = Path(__file__).parents[1]
RECIPES = tomllib.loads(Path(__file__).with_name("recipes.toml").read_text(encoding="utf-8"))
BUILD = ROOT / "build" / "fields"
MODELS = ROOT / "faker_neural" / "models"
BASE = ROOT / "export" / "faker_neural_export" / "base"


def main(name: str, data: Path) -> None:
    """Learn a field, or the base, and say how long it took."""
    began = time.monotonic()
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)  # sums of one order
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    BUILD.mkdir(parents=True, exist_ok=True)
    learn_base(data) if name == "base" else learn_field(name, data)
    print(f"{name}: {time.monotonic() - began:.0f} s")


def learn_field(name: str, data: Path) -> None:
    """Learn a field from its column, measure it, and put it beside the others."""
    recipe = RECIPES["fields"][name]
    column = BUILD / f"{name}.txt"
    column.write_text("\n".join(clean(name, data)) + "\n", encoding="utf-8")
    given = RECIPES["settings"] | recipe.get("settings", {})
    start_from = None if recipe.get("from_scratch") else BASE
    settings = settings_of(start_from, **given) if start_from else Settings(**given)
    output = BUILD / f"{name}.onnx"
    with ProgressMonitor() as monitor:
        train(
            column,
            output,
            settings=settings,
            start_from=start_from,
            options={key: recipe[key] for key in ("verbatim", "temperature") if key in recipe},
            data={key: recipe[key] for key in ("licence", "source", "cleaned") if key in recipe},
            monitor=monitor,
        )
    found = evaluate(output, column, split=True)
    found.save(misses=misses(found.facts(), recipe.get("sentences", False)))
    shutil.copyfile(output, MODELS / f"{name}.onnx")


def learn_base(data: Path) -> None:
    """Learn a part of every column, each under its name, and keep the network alone."""
    recipe = dict(RECIPES["base"])
    most = recipe.pop("lines")
    rows = [(line, name) for name in recipe.pop("columns") for line in clean(name, data)[:most]]
    column = BUILD / "base.jsonl"
    lines = (json.dumps({"text": t, "field": f}, ensure_ascii=False) for t, f in rows)
    column.write_text("\n".join(lines) + "\n", encoding="utf-8")
    output = BUILD / "base.onnx"
    with ProgressMonitor() as monitor:
        train(
            column,
            output,
            column="text",
            label="field",
            settings=Settings(**recipe),
            monitor=monitor,
        )
    keep(output.with_name("base.onnx.checkpoint"))


def keep(checkpoint: Path) -> None:
    """Put the best network of a checkpoint into the package, without its optimiser's part."""
    state = json.loads((checkpoint / "state.json").read_text(encoding="utf-8"))
    best = state["bits"].index(min(state["bits"])) + 1
    state["settings"] |= RECIPES["settings"]  # what whoever starts from it learns with
    shutil.rmtree(BASE, ignore_errors=True)
    BASE.mkdir()
    (BASE / "state.json").write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    network = keras.saving.load_model(checkpoint / f"epoch_{best}.keras", compile=False)
    network.save(BASE / f"epoch_{best}.keras")


def clean(name: str, data: Path) -> list[str]:
    """Give the lines of a column but for those that its recipe drops."""
    drop = re.compile(RECIPES["fields"][name].get("drop", r"\A\Z"))
    lines = (data / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not drop.search(line)]


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except FakerNeuralError as error:
        sys.exit(f"fields: {error}")
