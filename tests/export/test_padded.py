"""Models that read padding in front of a text, or mask it: they stay what their owner feeds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest

from faker_neural import ConversionError, TextModel
from faker_neural.cli import main
from faker_neural_export import Calibration, Generation, Samples, convert

L = keras.layers
PADDED, FULL = ["", "\n", *"abcdef"], ["\n", *"abcdefg"]
N, LENGTH = len(PADDED), 9
SAYS = "no token has the id 0, which fills its windows in front of a text and is not masked"


def model_of(
    *layers: keras.Layer, shape: tuple[int | None, ...] = (LENGTH,), **options: object
) -> keras.Model:
    random = np.random.default_rng(0)
    before = [L.Embedding(N, 5, **options)] if len(shape) == 1 else []
    model = keras.Sequential([keras.Input(shape), *before, *layers])
    model.set_weights([random.normal(0, 0.6, w.shape) for w in model.get_weights()])
    return model


def recurrent(**options: object) -> keras.Model:
    return model_of(L.SimpleRNN(12), L.Dense(N), **options)


def one_hot(*layers: keras.Layer) -> keras.Model:
    return model_of(*layers, L.LSTM(6), L.Dense(N), shape=(LENGTH, N))


def scaled(*layers: keras.Layer) -> keras.Model:
    return model_of(*layers, L.LSTM(6), L.Dense(N), shape=(LENGTH, 1))


def log_softmax(logits: np.ndarray) -> np.ndarray:
    exact = logits.astype(np.float64)
    return exact - np.logaddexp.reduce(exact, axis=-1, keepdims=True)


def distance_from_the_owners(model: keras.Model, made: TextModel) -> float:
    """Return the mean KL divergence of a window file from Keras fed [0, ..., 0, text], in bits."""
    texts = [[1, *map(PADDED.index, text)] for text in made.generate(50)]
    rows = [([0] * LENGTH + text[:end])[-LENGTH:] for text in texts for end in range(1, len(text))]
    session = onnxruntime.InferenceSession(made.path)
    ours = log_softmax(session.run(["logits"], {"tokens": np.array(rows)})[0])
    theirs = log_softmax(np.asarray(model(np.array(rows))))
    return float((np.exp(theirs) * (theirs - ours)).sum(axis=-1).mean() / np.log(2))


def test_a_padded_model_becomes_a_window_and_keeps_its_owners_distribution(tmp_path: Path) -> None:
    model = recurrent()
    made = convert(model, PADDED, tmp_path / "a.onnx")
    assert (made.card.contract, made.card.padding) == ("window", 0)
    assert made.card.check["window_because"] == SAYS
    assert distance_from_the_owners(model, made) < 0.005


def test_as_a_step_a_padded_model_is_another_one_and_the_card_says_by_how_much(
    tmp_path: Path,
) -> None:
    found = {}
    lines = Samples(["abc", "fade", "bead"] * 9, ["cafe", "fab", "deaf"] * 9, "held-out lines")
    for name, given in (("own", None), ("given", lines)):
        card = convert(
            recurrent(),
            PADDED,
            tmp_path / "a.onnx",
            generation=Generation(contract="step"),
            calibration=Calibration(lines=given),
        ).card
        assert card.contract == "step"
        found[name] = (card.check["bits_a_token_lost"], card.check["lost_on"])
    assert found["own"][0] > 0.02
    assert found["own"][1] == "texts of its own"
    assert found["given"][1] == "27 held-out lines"
    assert found["given"][0] != found["own"][0]


def test_a_step_that_reads_what_the_owner_feeds_loses_nothing(tmp_path: Path) -> None:
    model = recurrent()
    embedding, cell, _ = model.layers
    kernel, recurrent_kernel, bias = cell.get_weights()
    embedding.set_weights([np.vstack([np.zeros((1, 5)), embedding.get_weights()[0][1:]])])
    cell.set_weights([kernel, recurrent_kernel, np.zeros_like(bias)])  # padding moves no state
    generation = Generation(contract="step", max_tokens=LENGTH - 1)
    made = convert(model, PADDED, tmp_path / "a.onnx", generation=generation)
    assert abs(made.card.check["bits_a_token_lost"]) < 1e-6


@pytest.mark.parametrize(
    ("model", "tokens", "contract"),
    [
        (one_hot, PADDED, "window"),
        (scaled, PADDED, "window"),
        (recurrent, FULL, "step"),
        (lambda: recurrent(mask_zero=True), PADDED, "step"),
        (lambda: recurrent(shape=(None,)), PADDED, "step"),
        (lambda: model_of(L.LSTM(6, return_sequences=True), L.Dense(N)), PADDED, "step"),
        (lambda: one_hot(L.Masking()), FULL, "step"),
        (lambda: scaled(L.Masking()), PADDED, "step"),
    ],
)
def test_only_padding_that_is_read_makes_a_window(
    model: object, tokens: list[str], contract: str, tmp_path: Path
) -> None:
    card = convert(model(), tokens, tmp_path / "a.onnx").card  # type: ignore[operator]
    assert card.contract == contract
    assert card.check.get("window_because") == (SAYS if contract == "window" else None)


@pytest.mark.parametrize(
    ("model", "because"),
    [
        (lambda: recurrent(mask_zero=True), "layer 'embedding.*' masks the id 0, and a token has"),
        (lambda: scaled(L.Masking()), "layer 'masking.*' masks the id 0, and a token has this id"),
        (lambda: scaled(L.Masking(0.25)), "layer 'masking.*' masks the id 2, and a token has"),
        (
            lambda: model_of(L.Masking(), L.LSTM(6), L.Dense(N)),
            r"layer 'masking.*' \(Masking\) is not the first layer",
        ),
    ],
)
def test_what_masks_a_token_is_a_window_and_is_named(
    model: object, because: str, tmp_path: Path
) -> None:
    made = convert(model(), FULL, tmp_path / "a.onnx")  # type: ignore[operator]
    assert made.card.contract == "window"
    with pytest.raises(ConversionError, match=f"^the model 'sequential.*': {because}"):
        convert(
            model(),  # type: ignore[operator]
            FULL,
            tmp_path / "a.onnx",
            generation=Generation(contract="step"),
        )


def test_a_mask_over_texts_of_any_length_needs_a_window(tmp_path: Path) -> None:
    model = recurrent(mask_zero=True, shape=(None,))
    with pytest.raises(ConversionError, match="and as a window it reads texts of any length; say"):
        convert(model, FULL, tmp_path / "a.onnx")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], f"run over its last {LENGTH} tokens each time: {SAYS}\n"),
        (["--contract", "step"], "run a token at a time, though it learned padded windows: +0."),
    ],
)
def test_the_command_says_how_a_padded_model_is_run(
    options: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recurrent().save(tmp_path / "names.keras")
    (tmp_path / "names.json").write_text(
        '{"\\n": 1, "a": 2, "b": 3, "c": 4, "d": 5, "e": 6, "f": 7}'
    )
    monkeypatch.chdir(tmp_path)
    command = ["faker-neural", "export", "names.keras", "--tokens", "names.json", *options]
    monkeypatch.setattr(sys, "argv", [*command, "-o", "names.onnx"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    assert says in capsys.readouterr().out


def test_tensorflow_writes_nothing_beside_a_result(tmp_path: Path) -> None:
    recurrent().save(tmp_path / "names.keras")
    code = (
        "from faker_neural_export import convert\n"
        f"print(convert('names.keras', {FULL}, 'names.onnx').card.contract)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("step\n", "")
