"""One string by several ways: drawn by the graph or in numpy, alone or among others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from letters import card, save
from onnx import helper, numpy_helper

from faker_neural import Card, ModelFileError, OptionError, State, TextModel, load
from faker_neural._decoding.contracts import step as steps
from faker_neural._decoding.sampling import ranking

NAMES = pytest.mark.parametrize("name", ["company", "support_ticket", "japanese_address"])


def characters(model: TextModel) -> str:
    return "".join(sorted({character for token in model.card.tokens for character in token}))


EXCLUDING_NOTHING = {
    "top_k": lambda model: len(model.card.tokens),
    "top_p": lambda model: 1.0,
    "pattern": lambda model: r"(?s).*",
    "alphabet": characters,
    "min_length": lambda model: 0,
    "max_length": lambda model: 10_000,
    "temperature": lambda model: model.card.options.get("temperature", 1),
    "verbatim": lambda model: model.card.options["verbatim"],
}


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let numpy choose every token, as if `top_k` or `top_p` could exclude one."""
    monkeypatch.setattr(steps, "ranks", lambda *_: True)
    monkeypatch.setattr(ranking, "ranks", lambda options, _: options.top_k or options.top_p)


@NAMES
@pytest.mark.parametrize("option", EXCLUDING_NOTHING)
def test_an_option_that_excludes_nothing_changes_nothing(
    name: str, option: str, request: pytest.FixtureRequest
) -> None:
    model = load(name)
    given, plain = {option: EXCLUDING_NOTHING[option](model)}, model.generate(150, seed=4)
    assert model.generate(150, seed=4, **given) == plain
    assert [model.generate(1, seed=4, start=i, **given)[0] for i in range(8)] == plain[:8]
    request.getfixturevalue("masked")
    assert model.generate(150, seed=4, **given) == plain
    assert [model.generate(1, seed=4, start=i, **given)[0] for i in range(8)] == plain[:8]


def test_a_text_with_a_prefix_does_not_depend_on_its_batch(tmp_path: Path) -> None:
    begun = that_draws(labels=("x",))
    model = TextModel(save(tmp_path, begun, (0, 1, 1, 1), labels=[(-99, 99, -99, -99)]))
    together = model.generate(200, label="x", prefix="a")
    assert {text[0] for text in together} == {"a"}
    assert len(set(together)) > 50
    alone = [model.generate(1, start=i, label="x", prefix="a")[0] for i in range(20)]
    assert alone == together[:20]


@NAMES
@pytest.mark.parametrize("temperature", [0, 0.4, 1.0, 1.7])
def test_a_string_alone_is_the_one_among_others(name: str, temperature: float) -> None:
    model = load(name)
    options = {"temperature": temperature, "verbatim": "allowed"}
    together = model.generate(120, seed=2, **options)
    for _ in range(2):  # the second time what follows first tokens is known
        alone = [model.generate(1, seed=2, start=i, **options) for i in range(120)]
        assert [text for (text,) in alone] == together


@NAMES
@pytest.mark.parametrize("options", [{}, {"max_length": 12}, {"temperature": 0.5}])
def test_the_graph_draws_what_numpy_draws(
    name: str, options: dict[str, float], request: pytest.FixtureRequest
) -> None:
    model = load(name)
    drawn = model.generate(300, seed=8, **options)
    alone = [model.generate(1, seed=8, start=i, **options)[0] for i in range(20)]
    request.getfixturevalue("masked")
    assert model.generate(300, seed=8, **options) == drawn
    assert [model.generate(1, seed=8, start=i, **options)[0] for i in range(20)] == alone


def that_draws(**changes: object) -> Card:
    return card(exact=True, **changes)


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
@pytest.mark.parametrize("end", [None, 0])
def test_texts_of_any_limit_are_drawn_alike(tmp_path: Path, limit: int, end: int | None) -> None:
    model = TextModel(save(tmp_path, that_draws(end=end, max_tokens=limit), (1, 1, 2, 0)))
    together = model.generate(300)
    assert [model.generate(1, start=i)[0] for i in range(300)] == together
    assert max(map(len, together)) <= limit
    assert model.generate(300, top_p=0.999999) == together  # drawn in numpy


def test_a_text_that_can_only_end_is_empty(tmp_path: Path) -> None:
    model = TextModel(
        save(tmp_path, that_draws(tokens=(" ", "\n", "\t", "  "), end=0), (9, 0, 0, 0))
    )
    assert set(model.generate(20)) == {""}
    assert {model.generate(1, start=i)[0] for i in range(20)} == {""}


def test_padding_never_comes_however_likely(tmp_path: Path) -> None:
    tokens = ("", "a", "b", "\n")
    padded = that_draws(tokens=tokens, start=3, end=3, padding=0)
    model = TextModel(save(tmp_path, padded, logits=(9, 1, 0, 0)))
    together = model.generate(200)
    assert all(together)
    for _ in range(2):
        assert [model.generate(1, start=i)[0] for i in range(200)] == together
    assert model.generate(200, top_p=0.999999) == together


def test_a_masked_token_never_comes_however_likely_and_however_asked(tmp_path: Path) -> None:
    tokens = ("\n", "a", "<OOV>", "b")
    masked = that_draws(tokens=tokens, start=0, end=0, masked=(2,))
    model = TextModel(save(tmp_path, masked, logits=(0, 1, 9, 1)))
    options: list[dict[str, Any]] = [
        {}, {"temperature": 50.0}, {"temperature": 0}, {"top_p": 0.9}, {"length": 5},
        {"pattern": "[ab<OV>]{3}"}, {"prefix": "a"}, {"min_length": 2, "max_length": 4},
    ]  # fmt: skip
    for option in options:
        assert all(set(text) <= {"a", "b", "\n"} for text in model.generate(100, **option)), option
    assert [model.generate(1, start=i)[0] for i in range(50)] == model.generate(50)


def test_labels_and_openings_begin_texts_alike_alone_and_together(tmp_path: Path) -> None:
    labelled = that_draws(labels=("x", "y"), openings=((0, 1), (2,), (3, 1, 2)))
    model = TextModel(
        save(tmp_path, labelled, (0, 1, 1, 1), labels=[(-9, 9, -9, -9), (-9, -9, 9, -9)])
    )
    for label, first in (("x", "a"), ("y", "b")):
        together = model.generate(50, label=label)
        assert {text[0] for text in together} == {first}
        assert [model.generate(1, start=i, label=label)[0] for i in range(50)] == together
    together = model.generate(200)
    assert [model.generate(1, start=i)[0] for i in range(200)] == together
    assert model.generate(200, top_p=0.999999) == together


def test_a_prefix_tells_nothing_of_what_follows(tmp_path: Path) -> None:
    """What is drawn again is drawn by other draws than those that missed the prefix."""
    model = TextModel(save(tmp_path, that_draws(tokens=("", "a", "b", "c")), (0, 1, 1, 1)))
    free = [text[1:2] for text in model.generate(9000) if text[0] == "a"]
    begun = [text[1:2] for text in model.generate(3000, prefix="a")]
    for following in ("", "a", "b", "c"):
        shares = [texts.count(following) / len(texts) for texts in (free, begun)]
        assert shares[0] == pytest.approx(shares[1], abs=0.04)


@pytest.mark.parametrize("temperature", [1e9, 1e38, 1e300])
def test_at_any_temperature_padding_is_never_drawn(tmp_path: Path, temperature: float) -> None:
    tokens = ("", *map(chr, range(0x4E00, 0x4E00 + 3)))
    padded = that_draws(tokens=tokens, start=3, end=3, padding=0)
    model = TextModel(save(tmp_path, padded, logits=(9, 1, 0, 0)))
    assert all(model.generate(300, temperature=temperature))
    assert model.generate(300, temperature=temperature) == model.generate(
        300, temperature=temperature, top_p=0.9999999
    )


@pytest.mark.parametrize("shift", [1000, -1000, -1])
def test_a_token_that_is_none_is_refused(tmp_path: Path, shift: int) -> None:
    path = save(tmp_path, that_draws())
    model = onnx.load(path)
    model.graph.node[-1].output[0] = "before"
    model.graph.node.append(helper.make_node("Add", ["before", "shift"], ["next"]))
    model.graph.initializer.append(numpy_helper.from_array(np.array(shift), "shift"))
    onnx.save(model, path)
    for count in (1, 3):
        with pytest.raises(ModelFileError, match="the graph returns ids that no token has"):
            TextModel(path).generate(count, seed=2)


def test_numbers_that_come_up_after_a_token_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, that_draws(), logits=(0, 1, 1, 1))
    model = onnx.load(path)
    rows = numpy_helper.to_array(model.graph.initializer[0]).copy()
    rows[2] = np.nan
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(rows, "rows"))
    onnx.save(model, path)
    opened = TextModel(path)
    with pytest.raises(ModelFileError, match="the graph"):
        [opened.generate(1, start=i) for i in range(50)]


def test_a_state_that_nothing_reads_is_fed_all_the_same(tmp_path: Path) -> None:
    for exact in (True, False):
        path = save(tmp_path, card(exact=exact, states=(State("idle", 3),)))
        model = onnx.load(path)
        sizes = [onnx.TensorProto.FLOAT, ["batch", 3]]
        model.graph.input.append(helper.make_tensor_value_info("idle", *sizes))
        model.graph.output.append(helper.make_tensor_value_info("idle_next", *sizes))
        zeros = numpy_helper.from_array(np.zeros((4, 3), np.float32), "zeros")
        model.graph.initializer.append(zeros)
        model.graph.node.append(helper.make_node("Gather", ["zeros", "token"], ["idle_next"]))
        onnx.save(model, path)
        opened = TextModel(path)
        assert opened.generate(20) == opened.generate(20, top_p=0.9999999)


def test_nodes_in_any_order_are_drawn_from(tmp_path: Path) -> None:
    """onnxruntime puts them in order; so does what cuts the graph."""
    path = save(tmp_path, that_draws())
    model = onnx.load(path)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes[::-1])
    onnx.save(model, path)
    opened = TextModel(path)
    assert opened.generate(20) == opened.generate(20, top_p=0.9999999)


def test_an_option_called_model_is_none() -> None:
    with pytest.raises(OptionError, match="model=3 is no option"):
        load("company").generate(1, model=3)  # type: ignore[call-arg]


def test_many_options_are_drawn_with_in_turn() -> None:
    """What is kept of each is dropped when there is much of it."""
    model = load("company")
    wanted = {t: model.generate(3, temperature=t) for t in np.linspace(0.5, 1, 40).tolist()}
    for temperature, texts in reversed(wanted.items()):
        assert model.generate(3, temperature=temperature) == texts


def test_running_text_is_drawn_alike_alone_and_together(tmp_path: Path) -> None:
    model = TextModel(save(tmp_path, that_draws(end=None, tokens=("\n", "a", " ", "c"))))
    together = model.generate(60, length=25)
    assert {len(text) for text in together} == {25}
    assert [model.generate(1, start=i, length=25)[0] for i in range(60)] == together
    assert model.generate(60, length=25, alphabet="\na c") == together
