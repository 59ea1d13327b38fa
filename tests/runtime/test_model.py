from __future__ import annotations

import pickle
import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from letters import card, graph, save
from onnx import TensorProto, helper

import faker_neural
from faker_neural import (
    Card,
    MissingFileError,
    ModelFileError,
    OptionError,
    TextModel,
    UnknownModelError,
    load,
)
from faker_neural._model_file.card_reader import read_card
from faker_neural_export.exact.sampling_head import add_sampling_head


@pytest.fixture(scope="module")
def model() -> TextModel:
    return load("product_name")


def test_golden_strings_come_out_as_the_card_says(model: TextModel) -> None:
    assert len(model.card.golden) >= 8
    for golden in model.card.golden:
        assert model.texts([golden.key], **golden.options) == [golden.text]


def test_the_same_seed_gives_the_same_strings(model: TextModel) -> None:
    assert model.generate(50, seed=3) == model.generate(50, seed=3)
    assert model.generate(50, seed=3) != model.generate(50, seed=4)


def test_a_slice_of_rows_can_be_made_alone(model: TextModel) -> None:
    assert model.generate(60, seed=9, start=40) == model.generate(100, seed=9)[40:]


def test_a_string_comes_alike_from_any_row_of_any_batch(model: TextModel) -> None:
    keys = [random.Random(5).getrandbits(64) for _ in range(1)] + list(range(600))
    together = dict(zip(keys, model.texts(keys), strict=True))
    shuffled = random.Random(1).sample(keys, 37)
    assert model.texts(shuffled) == [together[key] for key in shuffled]
    assert [model.texts([key])[0] for key in shuffled] == [together[key] for key in shuffled]


def test_no_string_is_empty_or_longer_than_the_card_allows(model: TextModel) -> None:
    longest = max(map(len, model.card.tokens)) * model.card.max_tokens
    assert all(0 < len(text) <= longest for text in model.generate(1000, temperature=2.0))


def test_no_string_begins_or_ends_with_white_space(tmp_path: Path) -> None:
    tokens = ("", "a", " b", " ")
    model = TextModel(save(tmp_path, card(tokens=tokens), logits=(0, -4, 1, 3)))
    texts = model.generate(500)
    assert all(texts)
    assert texts == [text.strip() for text in texts]
    assert any("a  " in text for text in texts)


def test_a_token_of_no_text_begins_no_text(tmp_path: Path) -> None:
    tokens = ("", "a", "b", "\n")
    padded = card(tokens=tokens, start=3, end=3)
    model = TextModel(save(tmp_path, padded, logits=(5, 0, 0, 4)))
    assert all(model.generate(200))


def test_a_text_of_nothing_but_white_space_is_left_to_the_model(tmp_path: Path) -> None:
    model = TextModel(save(tmp_path, card(tokens=(" ", "\n", "\t", "  "), end=None)))
    assert set(model.generate(5)) == {""}


def test_a_text_without_an_end_has_its_full_length(tmp_path: Path) -> None:
    endless = TextModel(save(tmp_path, card(end=None, max_tokens=7), logits=(-99, 1, 1, 1)))
    assert {len(text) for text in endless.generate(20)} == {7}


def test_a_lower_temperature_repeats_more(model: TextModel) -> None:
    cold, warm = (model.generate(300, temperature=t) for t in (0.2, 1.5))
    assert len(set(cold)) < len(set(warm))


def test_no_strings_are_an_empty_list(model: TextModel) -> None:
    assert model.generate(0) == model.texts([]) == []


def test_a_pickled_model_opens_its_file_again(model: TextModel) -> None:
    copy = pickle.loads(pickle.dumps(model))
    assert copy.generate(3) == model.generate(3)
    assert repr(copy).startswith("<TextModel 'product_name' from ")


def test_a_model_is_opened_once(model: TextModel) -> None:
    assert load("product_name") is model
    assert load(faker_neural.bundled()["product_name"]) is model


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": True}, "temperature=True must be a number, not bool"),
        ({"temperature": -1.5}, "temperature=-1.5 must be 0 or more, and finite"),
        ({"temperature": float("nan")}, "temperature=nan must be 0 or more, and finite"),
        ({"temperature": float("inf")}, "temperature=inf must be 0 or more, and finite"),
        ({"temperature": 10**400}, "temperature=1000"),
        ({"temperature": "1"}, "temperature='1' must be a number, not str"),
        ({"heat": 1}, "heat=1 is no option; there are: temperature, top_k, top_p"),
        ({"length": 0}, "length=0 must be at least 1"),
        ({"length": 10_001}, "length=10001 must be below 10001"),
        ({"n": -1}, "n=-1 must be at least 0"),
        ({"n": True}, "n=True must be an int, not bool"),
        ({"n": 2**40}, "n=1099511627776 must be below 1099511627776"),
        ({"n": 1.5}, "n=1.5 must be an int, not float"),
        ({"seed": None}, "seed=None must be an int, a float, text or bytes, not NoneType"),
        ({"seed": True}, "seed=True must be an int, a float, text or bytes, not bool"),
        ({"start": -3}, "start=-3 must be at least 0"),
        ({"start": 2**64 - 1}, "start=18446744073709551615 must be below"),
    ],
)
def test_a_bad_argument_is_named(model: TextModel, arguments: dict[str, object], message: str):
    with pytest.raises(OptionError) as caught:
        model.generate(**{"n": 2} | arguments)
    assert str(caught.value).startswith(message)
    assert isinstance(caught.value, ValueError)


def test_an_unknown_model_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match="no model is called 'produkt_name': did you mean"):
        load("produkt_name")
    with pytest.raises(UnknownModelError, match=r"'xyz': known are .*company, .*NAME\.onnx"):
        load("xyz")


@pytest.mark.parametrize("name", ["x" * 300, "./a\0.onnx"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises((UnknownModelError, ModelFileError)):
        load(name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for attempt in (load, TextModel):
        with pytest.raises(MissingFileError, match=r"absent\.onnx: "):
            attempt(tmp_path / "absent.onnx")
    with pytest.raises(ModelFileError, match="cannot be read"):
        TextModel(tmp_path)


def test_a_graph_that_gives_another_number_of_rows_is_refused(tmp_path: Path) -> None:
    model = add_sampling_head(graph([[0, 1, 1, 1]] * 4), card())
    model.graph.node[0].output[0] = "once"
    model.graph.node.insert(1, helper.make_node("Concat", ["once", "once"], ["logits"], axis=0))
    helper.set_model_props(model, {Card.metadata_key: card().to_json()})
    path = tmp_path / "twice.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match=r"gives 'logits' of shape \[10, 4\], not \[5, 4\]"):
        TextModel(path).generate(5)


def test_a_model_of_values_has_no_running_text(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match="length=9 is not supported by letters, which learned values one"
    ):
        TextModel(save(tmp_path, card())).generate(1, length=9)


def test_a_card_that_asks_for_much_memory_is_refused() -> None:
    many = {"openings": tuple((0,) for _ in range(2000)), "window": 10_000, "contract": "window"}
    with pytest.raises(ValueError, match="field 'openings' needs 20,000,000 numbers, more than"):
        read_card(card(**many).to_json())
    long = {"contract": "latent", "noise": 1, "max_tokens": 10_000, "start": None}
    tokens = ("", *map(chr, range(0x4E00, 0x4E00 + 3000)))
    with pytest.raises(ValueError, match="field 'max_tokens' needs 30,010,000 numbers"):
        read_card(card(**long, tokens=tokens).to_json())
    late = {"contract": "latent", "noise": 1, "start": None, "options": {"length": 5}}
    with pytest.raises(ValueError, match="length is not for a whole text at once"):
        read_card(card(**late).to_json())


def test_a_card_survives_being_written_and_read() -> None:
    assert read_card(card(data={"licence": "MIT"}).to_json()) == card(data={"licence": "MIT"})


def changed(before: str, after: str) -> str:
    text = card().to_json()
    assert before in text
    return text.replace(before, after)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "has no card"),
        ("{", "the card is not JSON"),
        ("[" * 100_000, "the card is not JSON"),
        ("[]", "the card is list, not an object"),
        (changed('"format": 2', '"format": 1'), "has format 1; this version reads 2"),
        (changed('"step"', '"leap"'), "has contract 'leap'"),
        (changed('"name": "letters", ', ""), "field 'name' is missing, not str"),
        (changed('"start": 0', '"start": 4'), "field 'start' is 4, not 0 to 3"),
        (changed('"start": 0', '"start": true'), "field 'start' is bool, not int"),
        (changed('"start": 0', '"start": null'), "field 'start' is null, not int"),
        (changed('"end": 0', '"end": -1'), "field 'end' is -1, not 0 to 3"),
        (changed('"max_tokens": 9', '"max_tokens": 0'), "field 'max_tokens' is 0, not 1 to 10000"),
        (changed('"b"', '"a"'), "field 'tokens' must hold 2 or more different strings"),
        (changed('"b"', '"\\ud800"'), "the card holds broken Unicode"),
        (changed('"b"', "7"), "field 'tokens' holds something that is no string"),
        (
            changed(', "c"', ""),
            "('tensor(float)', ('batch', 4)), not ('tensor(float)', ('batch', 3))",
        ),
        (changed('"states": []', '"states": [{"name": "h", "size": 3}]'), "'h"),
        (changed('"states": []', '"states": [7]'), "the card's states is int, not an object"),
        (
            changed('"options": {}', '"options": {"temperature": -1}'),
            "options: temperature=-1 must",
        ),
        (changed('"window": 0', '"window": 4'), "field 'window' is 4, not 0 to 0"),
        (changed('"noise": 0', '"noise": 4'), "field 'noise' is 4, not 0 to 0"),
        (changed('"padding": null', '"padding": 4'), "field 'padding' is 4, not 0 to 3"),
        (changed('"masked": []', '"masked": [4]'), "'masked' holds an id that no token has"),
        (changed('"masked": []', '"masked": [0, 1, 2, 3]'), "'masked' leaves no token"),
        (changed('"openings": []', '"openings": [[]]'), "'openings' must hold lists of token ids"),
        (changed('"openings": []', '"openings": [[4]]'), "'openings' holds an id that no token"),
        (changed('"openings": []', '"openings": [[true]]'), "'openings' holds an id that no"),
        (changed('"step"', '"window"'), "field 'window' is 0, not 1 to 10000"),
        (changed('"step"', '"latent"'), "field 'noise' is 0, not 1 to 10000"),
        (
            changed('"step"', '"window"').replace('"window": 0', '"window": 5'),
            "'draw' is ('tensor(double)', ('batch', 2)), not nothing",
        ),
        (
            changed('"step"', '"latent"').replace('"noise": 0', '"noise": 5'),
            "'draw' is ('tensor(double)', ('batch', 2)), not nothing",
        ),
        (changed('"bounds": {}', '"bounds": {"a": "x"}'), "bounds's field 'a' is str, not int"),
        (
            changed('"bounds": {}', f'"bounds": {{"a": {2**24}}}'),
            "'a' is 16777216, not 0 to 167772",
        ),
        (changed('"data": {}', '"data": {"lines": []}'), "field 'data' has 'lines': list"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, text: str | None, message: str):
    path = save(tmp_path, text)
    with pytest.raises(ModelFileError) as caught:
        TextModel(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.onnx"
    whole = faker_neural.bundled()["product_name"].read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match="is truncated or no ONNX model"):
            TextModel(path)


def test_logits_that_are_no_numbers_name_the_file(tmp_path: Path) -> None:
    path = save(tmp_path, card(), logits=(0, 1, float("nan"), 1))
    with pytest.raises(ModelFileError, match=r"letters\.onnx: the graph gives logits"):
        TextModel(path).generate(1)


def test_a_graph_of_a_fixed_batch_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, card())
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4
    onnx.save(model, path)
    with pytest.raises(ModelFileError, match=r"'token' is .*\(4,\).*, not .*\('batch',\)"):
        TextModel(path)


def test_a_graph_that_fails_while_it_runs_names_the_file(tmp_path: Path, capfd) -> None:
    path = save(tmp_path, card(start=3, max_tokens=5))
    model = onnx.load(path)
    model.graph.initializer[0].CopyFrom(
        helper.make_tensor("rows", TensorProto.FLOAT, [2, 4], [0.0] * 8)
    )
    onnx.save(model, path)
    with pytest.raises(ModelFileError, match=r"letters\.onnx: the graph cannot be run \("):
        TextModel(path).generate(1)
    assert capfd.readouterr().err == ""


def test_tokens_come_as_often_as_the_graph_says(tmp_path: Path) -> None:
    letters = card(tokens=("a", "b", "c", "d"), end=None, max_tokens=1)
    model = TextModel(save(tmp_path, letters, logits=(0, 1, 2, 3)))
    drawn = model.generate(20_000)
    shares = [drawn.count(token) / len(drawn) for token in model.card.tokens]
    assert shares == pytest.approx(np.exp(range(4)) / np.exp(range(4)).sum(), abs=0.015)


def test_a_package_lists_its_public_names_alone() -> None:
    import faker_neural

    assert dir(faker_neural) == sorted(faker_neural.__all__)
