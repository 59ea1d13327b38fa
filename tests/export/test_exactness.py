"""The promise: a string depends on the model file, the options and the key, and on nothing else."""

from __future__ import annotations

import copy
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from faker import Faker
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import faker_neural
from faker_neural import (
    Card,
    GoldenError,
    InexactModelWarning,
    ModelFileError,
    OldVersionError,
    Options,
    Provider,
    TextModel,
    bundled,
    load,
)
from faker_neural._decoding.contracts.step import Decoder
from faker_neural._model_file.card_reader import read_card

BUNDLED = pytest.mark.parametrize("name", bundled())
# words in classes, characters, rows; the others are long
OF_EACH_KIND = "product_name", "japanese_address", "us_place"
KINDS = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in OF_EACH_KIND else pytest.mark.long)
        for name in bundled()
    ],
)
KEYS = [random.Random(0).getrandbits(64) for _ in range(400)]


@KINDS
def test_a_bundled_model_is_exact_and_gives_its_golden_strings(name: str) -> None:
    model = load(name)
    assert model.card.exact
    model.verify()


@BUNDLED
def test_every_product_of_a_bundled_model_stays_below_the_bound(name: str) -> None:
    card = load(name).card
    bounds, products = (
        card.bounds,
        [
            node.name
            for node in onnx.load(bundled()[name]).graph.node
            if node.op_type in ("MatMul", "MatMulInteger") and not node.name.startswith("sampling_")
        ],
    )
    if card.classes:  # the last layer is in two parts, and keeps its bound and its name there
        assert len(bounds) == len(products) + 1
        bounds = {name: bound for name, bound in bounds.items() if name in products}
    assert sorted(bounds) == sorted(products)
    assert 0 < max(bounds.values()) < 2**24


@BUNDLED
def test_exactness_costs_next_to_nothing(name: str) -> None:
    assert load(name).card.arithmetic["cost"] <= 0.005


class BothEvaluators:
    """A session of onnxruntime that holds each result against the reference evaluator's."""

    def __init__(self, path: Path) -> None:
        self.session = onnxruntime.InferenceSession(path)
        self.reference = ReferenceEvaluator(onnx.load(path))
        self.runs = 0

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Any]) -> list[Any]:
        found = self.session.run(outputs, feeds)
        expected = self.reference.run(list(outputs), dict(feeds))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)
        self.runs += 1
        return list(found)


@KINDS
def test_onnxruntime_and_the_reference_evaluator_agree_bit_for_bit(name: str) -> None:
    both = BothEvaluators(bundled()[name])
    decoder = Decoder(both, load(name).card)  # type: ignore[arg-type]
    keys = np.array(KEYS[:200], dtype=np.uint64)
    model = load(name)
    options = model.options(verbatim="allowed")
    assert decoder.texts(keys, options) == model.draw_unchecked(keys, options)
    assert both.runs >= 3


@KINDS
@pytest.mark.parametrize(
    "level",
    [0, pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long), 99],
)
def test_a_string_does_not_depend_on_the_graph_optimisation_level(name: str, level: int) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel(level)
    decoder = Decoder(onnxruntime.InferenceSession(bundled()[name], options), load(name).card)
    keys = np.array(KEYS[:100], dtype=np.uint64)
    model = load(name)
    wanted = model.options(verbatim="allowed")
    assert decoder.texts(keys, wanted) == model.draw_unchecked(keys, wanted)
    assert decoder.digest() == load(name).card.digest


def test_a_string_does_not_depend_on_the_sessions_threads() -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 3
    path = bundled()["product_name"]
    decoder = Decoder(onnxruntime.InferenceSession(path, options), load("product_name").card)
    keys = np.array(KEYS, dtype=np.uint64)
    texts = load("product_name").texts(KEYS, verbatim="allowed", blocked="", temperature=1)
    assert decoder.texts(keys, Options()) == texts


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_a_string_does_not_depend_on_the_number_of_threads(threads: int) -> None:
    model = load("product_name")
    assert model.generate(700, seed=1, threads=threads) == model.generate(700, seed=1)
    assert model.generate(2, threads=threads) == model.generate(2)


def test_a_string_does_not_depend_on_its_batch() -> None:
    model, shuffler = load("company"), random.Random(1)
    expected = dict(zip(KEYS, model.texts(KEYS), strict=True))
    for size in (1, 2, 5, 64, 300):
        some = shuffler.choices(KEYS, k=size)  # some of them more than once
        assert model.texts(some) == [expected[key] for key in some]


def test_a_string_does_not_depend_on_what_was_drawn_before() -> None:
    fresh, used = TextModel(bundled()["company"]), TextModel(bundled()["company"])
    used.generate(300, seed=5, temperature=3.0)
    assert used.texts(KEYS[:50]) == fresh.texts(KEYS[:50])


def test_a_string_does_not_depend_on_the_slice_it_is_drawn_in() -> None:
    model = load("company")
    rows = model.generate(300, seed=8)
    assert [model.generate(1, seed=8, start=i)[0] for i in range(0, 300, 37)] == rows[::37]
    assert model.generate(100, seed=8, start=150) == rows[150:250]


def test_a_stream_gives_the_rows_of_generate() -> None:
    model = load("company")
    rows = model.generate(20_000, seed=3, start=7)
    assert list(model.stream(20_000, seed=3, start=7, threads=2)) == rows
    assert list(model.stream(0)) == []


def test_a_stream_begins_before_it_is_all_drawn() -> None:
    stream = load("company").stream(2**39, seed=3)
    assert next(stream) == load("company").generate(1, seed=3)[0]


def test_a_copy_or_pickle_of_a_faker_draws_the_same() -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(4)
    fake.neural_text("company")
    copies = [copy.deepcopy(fake), pickle.loads(pickle.dumps(fake))]
    expected = [fake.neural_text("company") for _ in range(20)]
    for other in copies:
        assert [other.neural_text("company") for _ in range(20)] == expected


SCRIPT = (
    "import json; from faker_neural import load; print(json.dumps(load('company').generate(40)))"
)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_draws_the_same(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", SCRIPT]
    printed = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
    assert json.loads(printed) == load("company").generate(40)


def test_a_file_that_changed_before_a_fork_is_refused_after_it(tmp_path: Path) -> None:
    path = tmp_path / "company.onnx"
    shutil.copy(bundled()["company"], path)
    model = TextModel(path)
    model._file.forget()
    assert model.generate(1) == load("company").generate(1)
    with path.open("ab") as file:
        file.write(b"\x7a\x00")  # an empty field that no reader knows
    model._file.forget()
    with pytest.raises(ModelFileError, match="has changed since this process was forked"):
        model.generate(1)


def test_threads_may_share_a_model() -> None:
    model, found = load("company"), {}
    expected = {seed: model.generate(100, seed=seed) for seed in range(6)}

    def draw(seed: int) -> None:
        found[seed] = model.generate(100, seed=seed)

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this system has no /proc")
def test_drawing_strings_starts_no_threads() -> None:
    """Processes started by pytest-xdist do not fight over the cores."""
    code = (
        "import os, numpy, onnxruntime; before = len(os.listdir('/proc/self/task'));"
        "from faker_neural import load; load('company').generate(500);"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert int(printed) == 0


def planted(path: Path, change: Any, folder: Path) -> TextModel:
    """A copy of a model file with something changed."""
    model = onnx.load(path)
    change(model)
    changed = folder / "changed.onnx"
    onnx.save(model, changed)
    return TextModel(changed)


@pytest.mark.parametrize("name", ["us_place", pytest.param("product_name", marks=pytest.mark.long)])
def test_one_weight_one_grid_step_away_is_caught(name: str, tmp_path: Path) -> None:
    draw = random.Random(3)
    graph, classes = onnx.load(bundled()[name]).graph, load(name).card.classes
    weights = [t.name for t in graph.initializer if t.data_type == onnx.TensorProto.INT8]
    assert len(weights) >= 4
    for tensor_name in weights:

        def change(model: onnx.ModelProto, wanted: str = tensor_name) -> None:
            (tensor,) = (t for t in model.graph.initializer if t.name == wanted)
            array = numpy_helper.to_array(tensor).copy()
            place = tuple(draw.randrange(size) for size in array.shape)
            while len(place) == 3 and place[2] >= classes[place[0]]:  # there is no token
                place = tuple(draw.randrange(size) for size in array.shape)
            array[place] += -1 if array[place] > 0 else 1
            tensor.CopyFrom(numpy_helper.from_array(array, wanted))

        with pytest.raises(GoldenError):
            planted(bundled()[name], change, tmp_path).verify()


def with_card(model: onnx.ModelProto, **changes: Any) -> None:
    card = read_card(model.metadata_props[0].value)
    helper.set_model_props(model, {Card.metadata_key: replace(card, **changes).to_json()})


def test_a_golden_string_that_differs_is_named_with_both_strings(tmp_path: Path) -> None:
    golden = load("company").card.golden
    wrong = (*golden[:7], replace(golden[7], text="Acme"))
    model = planted(bundled()["company"], lambda m: with_card(m, golden=wrong), tmp_path)
    with pytest.raises(GoldenError) as caught:
        model.verify()
    assert str(caught.value) == (
        f"{model.path}: the string of key 7, temperature=0.5 is {golden[7].text!r}; "
        "it must be 'Acme'"
    )


@pytest.mark.parametrize("field", ["tokens", "max_tokens"])
def test_a_card_that_would_draw_other_strings_is_caught(field: str, tmp_path: Path) -> None:
    card = load("company").card
    seldom = [i for i, token in enumerate(card.tokens) if token.isdigit()][:2]
    tokens = list(card.tokens)
    tokens[seldom[0]], tokens[seldom[1]] = tokens[seldom[1]], tokens[seldom[0]]
    changes = {"tokens": {"tokens": tuple(tokens)}, "max_tokens": {"max_tokens": 50}}[field]
    model = planted(bundled()["company"], lambda m: with_card(m, **changes), tmp_path)
    with pytest.raises(GoldenError, match="its golden strings come out right, but not its digest"):
        model.verify()


def test_a_file_without_golden_strings_cannot_be_verified(tmp_path: Path) -> None:
    model = planted(bundled()["company"], lambda m: with_card(m, golden=()), tmp_path)
    with pytest.raises(GoldenError, match="has no golden strings to compare with"):
        model.verify()


def test_a_float_model_is_warned_of_once(tmp_path: Path) -> None:
    changes = {"exact": False, "digest": ""}
    model = planted(bundled()["company"], lambda m: with_card(m, **changes), tmp_path)
    model.verify()
    fake = Faker()
    fake.add_provider(Provider)
    with pytest.warns(InexactModelWarning, match=r"changed\.onnx: its arithmetic is float") as said:
        [fake.neural_texts(str(model.path)), fake.neural_text(str(model.path))]
    assert [Path(warning.filename).name for warning in said] == ["test_exactness.py"]


def test_an_old_onnxruntime_is_named_with_the_version_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onnxruntime, "__version__", "1.19.2")
    with pytest.raises(
        OldVersionError, match=r"^onnxruntime 1\.19\.2 is installed; 1\.20 or newer"
    ):
        TextModel(bundled()["company"])
    monkeypatch.setattr(onnxruntime, "__version__", "1.100.0")
    assert faker_neural.TextModel(bundled()["company"]).generate(1)
