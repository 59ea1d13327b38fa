"""A factored softmax: classes of tokens, learned, exported, checked, measured and drawn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import by_hand
import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from faker_neural import Card, ConversionError, ModelFileError, OptionError, TextModel
from faker_neural._decoding.contracts import step as steps
from faker_neural._decoding.sampling import ranking
from faker_neural._decoding.sampling.factored import FactoredSampler
from faker_neural._encoding import Encoder
from faker_neural._keys import draw
from faker_neural._model_file.card_reader import read_card
from faker_neural._model_file.selection import select
from faker_neural_export import (
    Calibration,
    Epoch,
    Generation,
    Learned,
    Monitor,
    Settings,
    convert,
    evaluate,
    train,
)
from faker_neural_export.conversion.checking.check import check
from faker_neural_export.conversion.checking.drawing import check_drawing
from faker_neural_export.conversion.onnx_file import to_onnx
from faker_neural_export.conversion.step import StepNetwork
from faker_neural_export.data.columns import read_column
from faker_neural_export.exact.arithmetic import Samples, make_calibration_set
from faker_neural_export.exact.sampling_head import add_sampling_head
from faker_neural_export.network.factored_softmax import FactoredCrossEntropy
from faker_neural_export.training.start_from import BaseModel
from faker_neural_export.vocabulary.classes import learn_classes
from faker_neural_export.vocabulary.likelihood import log_probabilities

SMALL = Settings(
    tokens="piece", vocabulary=90, units=24, embedding=12, projection=12, classes=6, epochs=14,
    batch=8, learning_rate=0.02, dropout=0.1,
)  # fmt: skip
CLASSES = (1, 4, 2)


class Bits(Monitor):
    def __init__(self) -> None:
        self.bits: list[float] = []

    def epoch(self, epoch: Epoch) -> None:
        self.bits.append(epoch.bits_per_character)


@pytest.fixture(scope="module")
def learned(animals_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("factored") / "animals.onnx"
    train(animals_file, path, settings=SMALL)
    return path


@pytest.fixture(scope="module")
def model(learned: Path) -> TextModel:
    return TextModel(learned)


def network_of(learned: Path, model: TextModel) -> keras.Model:
    epoch = model.card.training["best_epoch"]
    return keras.saving.load_model(
        learned.with_name(f"{learned.name}.checkpoint") / f"epoch_{epoch}.keras"
    )


def test_a_learned_column_reads_like_the_column(model: TextModel, animals: list[str]) -> None:
    texts = model.generate(200, verbatim="allowed")
    known = {word for animal in animals for word in animal.split()}
    assert sum(set(text.split()) <= known for text in texts) > 100
    assert len(set(texts)) > 30
    assert model.card.exact
    assert sum(model.card.classes) == len(model.card.tokens)
    assert model.card.classes[0] == 1
    assert model.card.tokens[0] == ""
    assert model.card.training["classes"] == 6


def test_it_is_drawn_alike_alone_masked_and_together(
    model: TextModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = model.generate(150, seed=3)
    assert [model.generate(1, seed=3, start=i)[0] for i in range(150)] == together
    assert model.generate(150, seed=3, min_length=0, max_length=999) == together
    with monkeypatch.context() as patched:  # as if a token could be excluded
        patched.setattr(steps, "ranks", lambda *_: True)
        patched.setattr(ranking, "ranks", lambda options, _: options.top_k)
        tokens = len(model.card.tokens)
        for options in ({}, {"top_k": tokens}, {"top_k": tokens, "temperature": 0.5}):
            plain = {**options, "top_k": None}
            masked = model.generate(150, seed=3, **options)
            assert masked == TextModel(model.path).generate(150, seed=3, **plain)
        assert model.generate(150, seed=3) == together
    for options in ({"pattern": "(?s).*"}, {"alphabet": "".join(sorted(set("".join(together))))}):
        masked = model.generate(150, seed=3, **options)
        assert sum(a != b for a, b in zip(masked, together, strict=True)) <= 3
    allowed = {"verbatim": "allowed"}
    assert all(text.startswith("red ") for text in model.generate(20, prefix="red ", **allowed))
    assert all(len(text) <= 7 for text in model.generate(40, max_length=7, **allowed))


def test_a_string_is_the_one_drawn_by_hand_from_keras(learned: Path, model: TextModel) -> None:
    """The float graph's choices are those of Keras' own numbers."""
    network, card = network_of(learned, model), model.card
    in_float = learned.with_name("float.onnx")
    graph = to_onnx(StepNetwork(learned, network, len(card.tokens), 0, len(card.classes)))
    plain = replace(card, exact=False, golden=(), digest="", options={"verbatim": "allowed"})
    graph = add_sampling_head(graph, plain)
    onnx.helper.set_model_props(graph, {Card.metadata_key: plain.to_json()})
    onnx.save(graph, in_float)

    def text(key: int) -> str:
        ids = [0]
        while len(ids) == 1 or (ids[-1] and len(ids) <= card.max_tokens):
            logits = np.array(network(np.array([ids])))[0, -1]
            if len(ids) == 1:
                mask = [i for i, t in enumerate(card.tokens) if not t or not t[0].strip()]
                sampler, drawn = FactoredSampler(card.classes), np.array([draw(key, 0)])
                mask = np.isin(np.arange(len(card.tokens)), mask)[None]
                ids.append(int(sampler(logits[None], drawn, 1.0, mask)[0]))
            else:
                ids.append(by_hand.factored(logits, draw(key, len(ids) - 1), 1.0, card.classes))
        return "".join(card.tokens[i] for i in ids).strip()

    assert TextModel(in_float).texts(range(12)) == [text(key) for key in range(12)]


def test_bits_a_character_are_those_of_the_files_own_logits(
    learned: Path, model: TextModel, animals_file: Path
) -> None:
    card, bits, characters = model.card, 0.0, 0
    outputs = ["logits", *(state.successor for state in card.states)]
    session = onnxruntime.InferenceSession(
        select(learned.read_bytes(), outputs, ("draw", "temperature"))
    )
    ends = np.cumsum(card.classes)
    for line in read_column(animals_file).split()[1]:
        states = {state.name: np.zeros((1, state.size), np.float32) for state in card.states}
        token = 0
        for following in [*Encoder(card.tokens)(line), 0]:
            logits, *successors = session.run(outputs, {"token": np.array([token]), **states})
            states, row = dict(zip(states, successors, strict=True)), logits[0].astype(np.float64)
            chosen = int(np.searchsorted(ends, following, side="right"))
            members = row[ends[chosen] - card.classes[chosen] : ends[chosen]]
            of_class = row[len(card.tokens) :]
            bits += np.logaddexp.reduce(of_class) - of_class[chosen]
            bits += np.logaddexp.reduce(members) - row[following]
            characters, token = characters + len(card.tokens[following] or " "), following
    measured = bits / np.log(2) / characters
    assert measured == pytest.approx(card.evaluation["bits_per_character"], rel=1e-4)
    found = evaluate(learned, animals_file, train=list("abcdefghij") * 6)
    assert found.model_figures.bits_per_character is not None


def test_rounding_costs_little_and_the_card_says_so(model: TextModel) -> None:
    assert 0 < model.card.arithmetic["sampling_divergence"] < 3e-4
    assert model.card.arithmetic["cost"] <= 0.005


def test_a_fault_planted_in_the_graph_is_caught(learned: Path, model: TextModel) -> None:
    card = model.card
    stack = StepNetwork(learned, network_of(learned, model), len(card.tokens), 0, len(card.classes))
    graph = to_onnx(stack)
    feeds = make_calibration_set(learned, learned, card, None).measuring
    check(stack, graph, card, feeds)
    bias = next(t for t in graph.graph.initializer if t.dims == [card.logits])
    array = onnx.numpy_helper.to_array(bias).copy()
    array[-1] += 0.01  # of the last class
    bias.CopyFrom(onnx.numpy_helper.from_array(array, bias.name))
    with pytest.raises(ConversionError, match="differs from Keras at"):
        check(stack, graph, card, feeds)


@pytest.mark.parametrize("fault", ["sampling_constant_0", "first ids", "bias"])
def test_a_fault_planted_in_what_draws_is_caught(
    learned: Path, model: TextModel, fault: str
) -> None:
    card, epoch = model.card, network_of(learned, model)
    plain = to_onnx(StepNetwork(learned, epoch, len(card.tokens), 0, len(card.classes)))
    drawing = add_sampling_head(plain, card)
    check_drawing(learned, plain, drawing, card)
    for tensor in drawing.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor).copy()
        if fault == "bias" and array.shape == (card.logits,):
            array[3] += 2**-20
        elif fault == "first ids" and array.dtype == np.int64 and len(array.shape) == 1:
            if array.tolist() != (np.cumsum(card.classes) - card.classes).tolist():
                continue
            array[-1] += 1
        elif fault.startswith("sampling_") and array.shape == (849,):
            array[0] -= 9000  # the weight of the likeliest
        else:
            continue
        tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
    with pytest.raises(ConversionError, match="the graph"):
        check_drawing(learned, plain, drawing, card)


def test_weights_are_stored_once(learned: Path, model: TextModel) -> None:
    whole = learned.read_bytes()
    outputs = [[name, *(s.successor for s in model.card.states)] for name in ("next", "logits")]
    inputs, card = SMALL.projection, model.card
    for part in (select(whole, names) for names in outputs):
        kept = onnx.load_model_from_string(part).graph.initializer
        large = [t for t in kept if np.prod(t.dims) >= inputs * len(card.tokens)]
        assert [list(t.dims) for t in large if t.data_type == onnx.TensorProto.INT8][-1:] == [
            [len(card.classes), inputs, max(card.classes)]
        ]
    assert len(whole) < sum(len(select(whole, names)) for names in outputs)


def test_a_wider_precision_is_drawn_from_too(
    learned: Path, model: TextModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where 8 bits cost too much, products are float: their weights are looked up all the same."""
    from faker_neural_export.exact import arithmetic as _arithmetic

    for precision in ("INT8", "INT8_CLIPPED"):
        monkeypatch.setattr(_arithmetic, precision, _arithmetic.INT24_IN_FLOAT32)
    made = convert(
        network_of(learned, model),
        model.card.tokens,
        tmp_path / "wide.onnx",
        generation=Generation(start="", end=""),
        learned=Learned(classes=model.card.classes),
        calibration=Calibration(lines=Samples(["red fox"] * 9, ["pink newt"] * 9, "lines")),
    )
    assert made.card.exact
    assert made.card.arithmetic["products"] == "24-bit floats"
    together = made.generate(60)
    assert [made.generate(1, start=i)[0] for i in range(60)] == together
    assert made.generate(60, top_p=1.0, top_k=len(made.card.tokens)) == together


def test_one_softmax_over_tokens_and_classes_is_refused(tmp_path: Path) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((None,), dtype="int32"), layers.Embedding(4, 6),
         layers.LSTM(6, return_sequences=True), layers.Softmax()]
    )  # fmt: skip
    output = tmp_path / "a.onnx"
    with pytest.raises(ConversionError, match="has classes, and its last layer must be without"):
        convert(
            model,
            ["", "a", "b", "c"],
            output,
            generation=Generation(start="", end=""),
            learned=Learned(classes=(1, 3)),
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_learning_continues_with_other_classes(
    learned: Path, animals_file: Path, tmp_path: Path
) -> None:
    again = Bits()
    train(animals_file, tmp_path / "d.onnx", settings=replace(SMALL, epochs=1, learning_rate=1e-9),
          start_from=learned, monitor=again)  # fmt: skip
    earlier = BaseModel.read(learned).checkpoint
    assert again.bits[0] == pytest.approx(min(earlier.bits), abs=0.01)
    continued, scratch = Bits(), Bits()
    settings = replace(SMALL, classes=4, epochs=2)
    train(animals_file, tmp_path / "a.onnx", settings=settings, start_from=learned,
          monitor=continued)  # fmt: skip
    train(animals_file, tmp_path / "b.onnx", settings=settings, monitor=scratch)
    assert continued.bits[0] < scratch.bits[0] - 0.1
    flat = replace(SMALL, classes=0, epochs=2)
    made = train(animals_file, tmp_path / "c.onnx", settings=flat, start_from=learned)
    assert made.card.classes == ()
    assert BaseModel.read(learned).checkpoint.classes[0] == 1


@pytest.mark.long
def test_learning_is_resumed_with_its_classes(animals_file: Path, tmp_path: Path) -> None:
    settings = replace(SMALL, epochs=2)
    whole = train(animals_file, tmp_path / "a.onnx", settings=replace(settings, epochs=3))
    train(animals_file, tmp_path / "b.onnx", settings=settings)
    resumed = train(
        animals_file, tmp_path / "b.onnx", settings=replace(settings, epochs=3), resume=True
    )
    assert resumed.card.classes == whole.card.classes
    assert resumed.card.tokens == whole.card.tokens


def test_ends_are_made_less_likely_by_their_class(animals_file: Path, tmp_path: Path) -> None:
    settings = replace(SMALL, epochs=2, match_length=True)
    made = train(animals_file, tmp_path / "a.onnx", settings=settings)
    shift = float(made.card.training["end_bias"])
    best = made.card.training["best_epoch"]
    folder = tmp_path / "a.onnx.checkpoint"
    before = keras.saving.load_model(folder / f"epoch_{best}.keras").layers[-1].get_weights()[1]
    scores = log_probabilities(before, made.card.classes)
    before[len(made.card.tokens)] += shift
    assert (log_probabilities(before, made.card.classes)[0] < scores[0]) == (shift < 0)
    assert shift != 0


def test_running_text_may_have_classes(tmp_path: Path, animals: list[str]) -> None:
    path = tmp_path / "running.txt"
    path.write_text(" ".join(animals * 3))
    settings = replace(SMALL, text="running", window=20, epochs=2)
    made = train(path, tmp_path / "running.onnx", settings=settings)
    assert sum(made.card.classes) == len(made.card.tokens)
    assert [len(text) > 30 for text in made.generate(3, length=20)] == [True] * 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 1}, "classes=1 must be 0, or 2 to 128"),
        ({"classes": 129}, "classes=129 must be 0, or 2 to 128"),
        ({"classes": -1}, "classes=-1 must be at least 0"),
        ({"classes": 4, "input": "one-hot"}, "classes=4 needs input=embedding and contract=step"),
    ],
)
def test_a_setting_that_cannot_be_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Settings(**change)  # type: ignore[arg-type]


def test_too_few_classes_are_named() -> None:
    lines = [[i] for i in range(1, 1000)]
    with pytest.raises(OptionError, match="classes=5 must be at least 9 for 1,000 tokens"):
        learn_classes(lines, 1000, 5)


def test_each_token_has_one_class_and_none_is_too_large() -> None:
    random = np.random.default_rng(0)
    lines = [random.integers(1, 900, random.integers(1, 9)).tolist() for _ in range(3000)]
    order, sizes = learn_classes(lines, 900, 20)
    assert sorted(order) == list(range(900))
    assert sum(sizes) == 900
    assert (order[0], sizes[0]) == (0, 1)
    assert 0 < max(sizes) <= 128
    assert len(sizes) <= 20
    assert learn_classes(lines, 900, 20) == (order, sizes)


def test_tokens_of_the_same_neighbours_are_in_a_class() -> None:
    """Colours stand before animals, in every line."""
    random = np.random.default_rng(1)
    lines = [[int(random.integers(1, 11)), int(random.integers(11, 21))] for _ in range(2000)]
    order, sizes = learn_classes(lines, 21, 3)
    second = set(order[1 : 1 + sizes[1]])
    assert second in (set(range(1, 11)), set(range(11, 21)))


@pytest.mark.parametrize("count", [2, 7, 30])
def test_few_tokens_without_neighbours_have_classes_too(count: int) -> None:
    order, sizes = learn_classes([[1], [2], [3]], 12, count)
    assert sorted(order) == list(range(12))
    assert sum(sizes) == 12


def test_the_loss_is_the_one_by_hand() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (2, 3, 10)).astype(np.float32)
    target = random.integers(0, 7, (2, 3))
    expected = -np.take_along_axis(log_probabilities(logits, CLASSES), target[..., None], -1)
    found = FactoredCrossEntropy(CLASSES).call(target, logits)
    assert np.allclose(np.array(found), expected[..., 0], atol=1e-5)
    same = FactoredCrossEntropy.from_config(FactoredCrossEntropy(CLASSES).get_config())
    assert np.array_equal(np.array(same.call(target, logits)), np.array(found))


def test_probabilities_add_up_to_1() -> None:
    logits = np.random.default_rng(0).normal(0, 30, (5, 10)).astype(np.float32)
    for classes in ((), CLASSES):
        assert np.exp(log_probabilities(logits, classes)).sum(axis=-1) == pytest.approx(1)


def with_classes(learned: Path, folder: Path, classes: tuple[int, ...], **more: object) -> Path:
    made = onnx.load(learned)
    changed = replace(read_card(made.metadata_props[0].value), classes=classes, **more)
    onnx.helper.set_model_props(made, {Card.metadata_key: changed.to_json()})
    path = folder / "changed.onnx"
    onnx.save(made, path)
    return path


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((0, 9), "field 'classes' must hold numbers of tokens, 1 to 128"),
        ((129,), "field 'classes' must hold numbers of tokens, 1 to 128"),
        ((1, 2), "field 'classes' must be up to 128 classes of"),
        ((), "the graph's outputs do not fit the card: 'logits' is"),
    ],
)
def test_a_card_with_other_classes_is_refused(
    learned: Path, tmp_path: Path, classes: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ModelFileError, match=message):
        TextModel(with_classes(learned, tmp_path, classes))


def test_a_factored_model_has_no_padding(learned: Path, model: TextModel, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="has padding or masked ids, which a factored"):
        TextModel(with_classes(learned, tmp_path, model.card.classes, padding=3))


def test_a_file_that_changed_since_it_was_opened_gives_no_logits(
    learned: Path, model: TextModel, tmp_path: Path
) -> None:
    path = with_classes(learned, tmp_path, model.card.classes)
    opened = TextModel(path)
    with path.open("ab") as file:
        file.write(b"\x7a\x00")
    with pytest.raises(ModelFileError, match="has changed since it was opened"):
        opened.generate(3)
