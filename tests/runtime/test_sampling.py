"""The rule of drawing, in numpy and in the graphs, against whole numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import by_hand
import numpy as np
import onnx
import onnxruntime
import pytest
from letters import card
from onnx import helper
from onnx.reference import ReferenceEvaluator

from faker_neural import Card
from faker_neural._decoding.sampling.factored import FactoredSampler, new_sampler
from faker_neural._decoding.sampling.token_sampler import GroupSampler
from faker_neural._decoding.sampling.weights import (
    ONE,
    WEIGHTS,
    block_size,
    fine_weights,
    weights_of,
)
from faker_neural_export.exact.sampling_head import add_sampling_head

Array = np.ndarray
CLASSES = (1, 40, 7, 128, 3)
KINDS = {"one block": (50, ()), "blocks": (300, ()), "a rest": (131, ()), "classes": (179, CLASSES)}
KIND = pytest.mark.parametrize(("tokens", "classes"), KINDS.values(), ids=KINDS)
TEMPERATURE = pytest.mark.parametrize("temperature", [0.0, 2.0**-59, 0.3, 1.0, 2.5, 1e9, 3e38])


@pytest.fixture(autouse=True)
def overflow_is_expected() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


def logits(rows: int, columns: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(0, 3, (rows, columns)).astype(np.float32)


def drawn(rows: int, temperature: float = 1.0) -> Array:
    if temperature == 0:
        return np.zeros((rows, 2))
    return np.random.default_rng(1).integers(0, 2**32, (rows, 2)) / 2.0**32


def spread(side: int) -> Array:
    """Pairs of draws, evenly spread."""
    places = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)


def shares_of(row: Array, temperature: float, classes: tuple[int, ...]) -> Array:
    """The probabilities by floats: the law that whole numbers stand for."""

    def softmax(logits: Array) -> Array:
        weights = np.exp((logits - logits.max()) / temperature)
        return weights / weights.sum()

    row = row.astype(np.float64)
    if not classes:
        return softmax(row)
    tokens, ends = sum(classes), np.cumsum(classes)
    parts = [softmax(row[end - size : end]) for end, size in zip(ends, classes, strict=True)]
    return np.concatenate([p * part for p, part in zip(softmax(row[tokens:]), parts, strict=True)])


def by_hand_of(
    some: Array, draws: Array, temperature: float, tokens: int, classes: tuple[int, ...]
) -> list[int]:
    if classes:
        rows = zip(some, draws, strict=True)
        return [by_hand.factored(row, draw, temperature, classes) for row, draw in rows]
    block = block_size(tokens)
    return [by_hand.flat(r, d, temperature, block) for r, d in zip(some, draws, strict=True)]


def test_a_weight_is_the_one_by_hand_and_near_exp() -> None:
    assert WEIGHTS.tolist() == by_hand.WEIGHTS
    assert [by_hand.WEIGHTS[0], by_hand.WEIGHTS[-1], by_hand.WEIGHTS[-2]] == [2**18, 0, 1]
    assert by_hand.weight(len(by_hand.WEIGHTS)) == 0
    with localcontext() as context:
        context.prec = 40
        exact = [2**18 * (Decimal(-i) / 64).exp() for i in range(len(WEIGHTS))]
    off = [abs(weight / float(e) - 1) for weight, e in zip(by_hand.WEIGHTS, exact, strict=True)]
    assert max(off[: 4 * 64]) < 0.006
    assert max(off[: 8 * 64]) < 0.02


def test_many_weights_are_those_of_few() -> None:
    distances = -np.arange(0, 14, 1 / 64, dtype=np.float32)[None]
    few = weights_of(np.zeros((1, 1), np.float32), distances, 1.0)
    many = weights_of(np.zeros((40, 1), np.float32), np.repeat(distances, 40, axis=0), 1.0)
    assert (many == few).all()


@pytest.mark.parametrize(("distance", "steps"), [(0.4, 0), (0.6, 1), (99.7, 100), (640.3, 640)])
def test_a_fine_weight_is_that_of_the_nearest_step(distance: float, steps: int) -> None:
    found = fine_weights(np.float32(0), np.float32([[-distance / 64]]), 1.0)
    exact = float((Decimal(-steps) / 64).exp() * 2**40)
    assert found[0, 0] == pytest.approx(exact, rel=1e-9, abs=0.5)


def test_no_fine_weight_is_0() -> None:
    assert fine_weights(np.float32(0), np.float32([[-1e9, -np.inf]]), 1.0).tolist() == [[1, 1]]


def test_the_shares_of_masked_classes_are_the_nearest_whole_numbers() -> None:
    """Two classes of two tokens; the likeliest of the first is masked, 1.7 steps above the other.

    The gap of 1.7 steps counts as 2, the share is rounded to a whole number.
    """
    row = np.float32([[1.7 / 64, 0, 0, -0.01, 0, 0]])
    masked = np.array([[True, False, False, False]])
    sampler = FactoredSampler((2, 2))
    shares, _, _ = sampler.groups(row, 1.0, masked)
    first, largest = WEIGHTS[2], WEIGHTS[0]
    kept = Decimal(int(largest)) / (int(largest) + int(first))
    wanted = kept * int(first) / int(largest)
    assert shares[0, 0] / shares[0, 1] == pytest.approx(float(wanted), rel=1e-6)
    exact = wanted * int(shares[0, 1])
    assert abs(exact - int(shares[0, 0])) <= Decimal("0.51")
    assert shares.tolist() == np.rint(shares).tolist()


@KIND
@TEMPERATURE
def test_a_choice_is_the_one_by_hand(
    tokens: int, classes: tuple[int, ...], temperature: float
) -> None:
    some, draws = logits(40, tokens + len(classes)), drawn(40, temperature)
    chosen = new_sampler(tokens, classes)(some, draws, temperature)
    assert chosen.tolist() == by_hand_of(some, draws, temperature, tokens, classes)


@KIND
@pytest.mark.parametrize("temperature", [0.8, 1.0])
def test_tokens_come_as_often_as_softmax_says(
    tokens: int, classes: tuple[int, ...], temperature: float
) -> None:
    row, draws = logits(1, tokens + len(classes)), spread(200)
    chosen = new_sampler(tokens, classes)(np.repeat(row, len(draws), axis=0), draws, temperature)
    shares = np.bincount(chosen, minlength=tokens) / len(draws)
    assert np.abs(shares - shares_of(row[0], temperature, classes)).max() < 0.008


@KIND
def test_a_choice_does_not_depend_on_the_rows_beside_it(
    tokens: int, classes: tuple[int, ...]
) -> None:
    some, draws = logits(64, tokens + len(classes)), drawn(64)
    together = new_sampler(tokens, classes)(some, draws, 0.7)
    sampler = new_sampler(tokens, classes)
    alone = [sampler(some[i : i + 1], draws[i : i + 1], 0.7)[0] for i in range(64)]
    assert together.tolist() == alone


@KIND
@TEMPERATURE
def test_a_mask_that_bars_nothing_changes_nothing(
    tokens: int, classes: tuple[int, ...], temperature: float
) -> None:
    some, draws = logits(300, tokens + len(classes)), drawn(300, temperature)
    sampler = new_sampler(tokens, classes)
    free = sampler(some, draws, temperature).tolist()
    assert sampler(some, draws, temperature, np.zeros((300, tokens), np.bool_)).tolist() == free


@KIND
def test_what_is_barred_leaves_the_others_in_their_proportions(
    tokens: int, classes: tuple[int, ...]
) -> None:
    row, draws = logits(1, tokens + len(classes)), spread(200)
    mask = np.random.default_rng(3).random((1, tokens)) < 0.8
    wanted = np.where(mask[0], 0, shares_of(row[0], 1.0, classes))
    wanted /= wanted.sum()
    sampler = new_sampler(tokens, classes)
    rows, masks = (np.repeat(a, len(draws), axis=0) for a in (row, mask))
    chosen = sampler(rows, draws, 1.0, masks)
    shares = np.bincount(chosen, minlength=tokens) / len(draws)
    assert not shares[mask[0]].any()
    assert np.abs(shares - wanted).max() < 0.008
    weights = sampler.weights(row, 1.0, mask)[0]
    assert np.abs(weights / weights.sum() - wanted).max() < 0.005
    probabilities = np.where(mask, 0, sampler.probabilities(row, 1.0))[0]
    assert np.abs(probabilities / probabilities.sum() - wanted).max() < 0.005


@KIND
def test_probabilities_are_whole_parts_of_one(tokens: int, classes: tuple[int, ...]) -> None:
    found = new_sampler(tokens, classes).probabilities(logits(9, tokens + len(classes)), 1.0)
    assert (found == np.rint(found)).all()
    assert found.min() >= 1
    assert found.sum(axis=1) == pytest.approx(ONE, abs=tokens)


@KIND
def test_the_last_token_that_is_left_comes_however_unlikely(
    tokens: int, classes: tuple[int, ...]
) -> None:
    some, draws = logits(60, tokens + len(classes)) * 20, drawn(60)
    left = np.random.default_rng(3).integers(tokens, size=60)
    mask = np.arange(tokens) != left[:, None]
    chosen = new_sampler(tokens, classes)(some, draws, 1.0, mask)
    assert chosen.tolist() == left.tolist()


@KIND
def test_a_tiny_temperature_takes_the_likeliest(tokens: int, classes: tuple[int, ...]) -> None:
    some = logits(50, tokens + len(classes))
    sampler = new_sampler(tokens, classes)
    likeliest = sampler(some, np.zeros((50, 2)), 0).tolist()
    assert sampler(some, drawn(50), 1e-320).tolist() == likeliest
    if not classes:
        assert likeliest == some.argmax(axis=1).tolist()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@KIND
def test_logits_that_are_no_numbers_are_refused(
    tokens: int, classes: tuple[int, ...], bad: float
) -> None:
    for column in (4, tokens + len(classes) - 1):
        some = logits(3, tokens + len(classes))
        some[1] = np.where(np.arange(some.shape[1]) < 1, some[1], -9)  # so that 0 is not chosen
        some[1, column] = bad
        for mask in (None, np.zeros((3, tokens), np.bool_)):
            sampler = new_sampler(tokens, classes)
            if classes and column == 4 and mask is None:
                continue  # a class that is not chosen is not looked at
            with pytest.raises(FloatingPointError, match="not a finite"):
                sampler(some, np.zeros((3, 2)), 1.0, mask)


def test_logits_as_far_apart_as_floats_can_be_are_no_error() -> None:
    some = np.array([[3e38, -3e38, 1e30]], dtype=np.float32)
    assert new_sampler(3, ())(some, np.zeros((1, 2)), 1.0).tolist() == [0]


def last_layer(
    tokens: int, classes: tuple[int, ...], integers: bool, bias: bool = True
) -> onnx.ModelProto:
    """A graph of a last layer alone: its input is the state, and what is drawn changes nothing."""
    random, inputs, columns = np.random.default_rng(5), 24, tokens + len(classes)
    value, kind = helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    weights = random.integers(-127, 128, (inputs, columns)).astype(np.int8)
    constants = {
        "bias": (random.integers(-99, 100, columns) / 64).astype(np.float32),
        "scale": np.array(2.0**-11, dtype=np.float32),
        "step": np.array(2.0**-5, dtype=np.float32),
        "zero": np.array(64, dtype=np.uint8),
        "weights": weights if integers else (weights / 2**16).astype(np.float32),
    }
    product = [helper.make_node("MatMul", ["state", "weights"], ["scaled"])]
    if integers:
        product = [
            helper.make_node("QuantizeLinear", ["state", "step", "zero"], ["input"]),
            helper.make_node("MatMulInteger", ["input", "weights", "zero"], ["products"]),
            helper.make_node("Cast", ["products"], ["float"], to=kind),
            helper.make_node("Mul", ["float", "scale"], ["scaled"]),
        ]
    nodes = [
        *product,
        helper.make_node("Add", ["scaled", "bias"], ["logits"])
        if bias
        else helper.make_node("Identity", ["scaled"], ["logits"]),
        helper.make_node("Identity", ["state"], ["state_next"]),
        helper.make_node("Identity", ["token"], ["same"]),
    ]
    read = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "step",
        [
            value("token", onnx.TensorProto.INT64, ["batch"]),
            value("state", kind, ["batch", inputs]),
        ],
        [value("logits", kind, ["batch", columns]), value("state_next", kind, ["batch", inputs])],
        [onnx.numpy_helper.from_array(array, n) for n, array in constants.items() if n in read],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)


def that_draws(
    tokens: int,
    classes: tuple[int, ...],
    integers: bool = True,
    bias: bool = True,
    **more: int,
) -> bytes:
    names = tuple(map(chr, range(0x4E00, 0x4E00 + tokens)))
    made: Card = card(tokens=names, classes=classes, **more)
    model = add_sampling_head(last_layer(tokens, classes, integers, bias), made)
    content: bytes = model.SerializeToString()
    return content


def feeds(rows: int, temperature: float) -> dict[str, Array]:
    state = np.random.default_rng(2).uniform(-2, 2, (rows, 24)).astype(np.float32)
    return {
        "token": np.zeros(rows, np.int64),
        "state": state,
        "draw": drawn(rows, temperature),
        "temperature": np.array(temperature, dtype=np.float32),
    }


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@KIND
@TEMPERATURE
def test_a_graph_draws_what_is_drawn_by_hand(
    tokens: int, classes: tuple[int, ...], temperature: float
) -> None:
    content, given = that_draws(tokens, classes), feeds(64, temperature)
    chosen, some = session(content).run(["next", "logits"], given)
    wanted = by_hand_of(some, given["draw"], temperature, tokens, classes)
    assert chosen.tolist() == wanted
    assert len(set(wanted)) > 5


@KIND
@TEMPERATURE
@pytest.mark.parametrize("integers", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_graph_draws_what_the_sampler_in_numpy_draws(
    tokens: int, classes: tuple[int, ...], temperature: float, integers: bool, bias: bool
) -> None:
    content, given = that_draws(tokens, classes, integers, bias), feeds(500, temperature)
    chosen, some = session(content).run(["next", "logits"], given)
    sampler: GroupSampler = new_sampler(tokens, classes)
    assert chosen.tolist() == sampler(some, given["draw"], temperature).tolist()


@KIND
def test_the_reference_evaluator_draws_the_same(tokens: int, classes: tuple[int, ...]) -> None:
    content = that_draws(tokens, classes)
    reference = ReferenceEvaluator(onnx.load_model_from_string(content))
    for temperature in (0.0, 0.7, 1.0):
        given = feeds(50, temperature)
        found, wanted = (s.run(["next", "logits"], given) for s in (session(content), reference))
        assert all((a == b).all() for a, b in zip(found, wanted, strict=True))


@KIND
@pytest.mark.parametrize("rows", [1, 7, 64, 192])
def test_a_graph_draws_alike_in_any_batch(tokens: int, classes: tuple[int, ...], rows: int) -> None:
    run, given = session(that_draws(tokens, classes)).run, feeds(192, 1.0)
    whole = run(["next"], given)[0]
    for first in range(0, 192 - rows + 1, rows):
        part = {k: v[first : first + rows] if v.ndim else v for k, v in given.items()}
        assert (run(["next"], part)[0] == whole[first : first + rows]).all()


@pytest.mark.parametrize("tokens", [50, 300])
@pytest.mark.parametrize("temperature", [2.5, 1e9, 3e38])
def test_a_graph_never_draws_padding(tokens: int, temperature: float) -> None:
    given = feeds(400, temperature)
    chosen, some = session(that_draws(tokens, ())).run(["next", "logits"], given)
    padding = int(np.bincount(chosen).argmax())
    made = session(that_draws(tokens, (), padding=padding)).run(["next"], given)[0]
    mask = np.arange(tokens)[None] == padding
    sampler = new_sampler(tokens, ())
    assert made.tolist() == sampler(some, given["draw"], temperature, mask).tolist()
    assert padding not in made


def test_a_last_layer_of_another_kind_is_named() -> None:
    model = last_layer(179, CLASSES, True)
    model.graph.node[-3].op_type = "Max"
    with pytest.raises(ValueError, match="the last layer is followed by Max"):
        add_sampling_head(model, card(classes=CLASSES))


@pytest.mark.parametrize("tokens", [2, 64, 65, 97, 1000, 1200, 1600, 6543])
def test_a_block_is_small_enough_for_an_exact_sum(tokens: int) -> None:
    size = block_size(tokens)
    assert 1 <= size <= 64
    assert size * 2**18 <= 2**24
