"""textgenrnn's files: real ones where they are, and small ones of the tests' own making."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from faker_neural import ConversionError, MissingFileError, OptionError
from faker_neural.cli import main
from faker_neural_export import import_textgenrnn

SIZE, WIDTH, LENGTH, LABELS = 6, 5, 10, ["news", "sport", "tech"]
TOKENS = ["<s>", "a", "b", "c", "d", " "]
CONFIG = {"rnn_size": SIZE, "dim_embeddings": WIDTH, "max_length": LENGTH, "rnn_layers": 2}


@pytest.fixture(scope="session")
def fixtures() -> Path:
    path = Path(__file__).parents[3] / "shared" / "fixtures" / "textgenrnn"
    if not path.is_dir():
        pytest.skip("../shared/fixtures/textgenrnn is not here")
    return path


class Files:
    """What textgenrnn saves of a small network, with weights that are random."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.weights, self.vocab = folder / "weights.hdf5", folder / "vocab.json"
        self.config, self.output = folder / "config.json", folder / "model.onnx"
        self.options = {"context": 0, "bidirectional": False, "tokens": TOKENS} | options
        self.random = np.random.default_rng(1)
        ids = {token: i for i, token in enumerate(self.options["tokens"], start=1)}
        self.vocab.write_text(json.dumps(ids))
        bidirectional = {"rnn_bidirectional": self.options["bidirectional"]}
        words = {"word_level": bool(self.options.get("words"))}
        self.config.write_text(json.dumps(CONFIG | bidirectional | words))
        self.write()

    def write(self) -> None:
        directions = 2 if self.options["bidirectional"] else 1
        tokens, width = len(self.options["tokens"]) + 1, WIDTH + 2 * SIZE * directions
        layers: dict[str, dict[str, tuple[int, ...]]] = {
            "input": {},
            "embedding": {"embeddings": (tokens, WIDTH)},
        }
        for i in (1, 2):
            layers[f"rnn_{i}"] = self.recurrent(WIDTH if i == 1 else SIZE * directions)
        layers |= {
            "rnn_concat": {},
            "attention": {"attention_W": (width, 1)},
            "output": {"kernel": (width, tokens), "bias": (tokens,)},
        }
        if context := self.options["context"]:
            shapes = {"kernel": (width + context, tokens), "bias": (tokens,)}
            layers |= {"context_input": {}, "concat": {}, "context_output": shapes}
        with h5py.File(self.weights, "w") as file:
            file.attrs["layer_names"] = [name.encode() for name in layers]
            file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4"
            for name, arrays in layers.items():
                group = file.create_group(name)
                names = [f"{name}/{weight}:0" for weight in arrays]
                group.attrs["weight_names"] = [weight.encode() for weight in names]
                for weight, shape in zip(names, arrays.values(), strict=True):
                    group[weight] = self.random.normal(0, 0.6, shape).astype(np.float32)

    def recurrent(self, inputs: int) -> dict[str, tuple[int, ...]]:
        shapes = {
            "kernel": (inputs, 4 * SIZE),
            "recurrent_kernel": (SIZE, 4 * SIZE),
            "bias": (4 * SIZE,),
        }
        if not self.options["bidirectional"]:
            return shapes
        return {f"{way}/{name}": s for way in ("forward", "backward") for name, s in shapes.items()}

    def __call__(self, **options: Any) -> Any:
        return import_textgenrnn(
            self.weights, self.vocab, self.output, config=self.config, **options
        )


def test_the_pretrained_model_predicts_headlines_as_it_did(fixtures: Path, tmp_path: Path) -> None:
    made = import_textgenrnn(
        fixtures / "textgenrnn_weights.hdf5",
        fixtures / "textgenrnn_vocab.json",
        tmp_path / "a.onnx",
        lines=fixtures / "hacker-news-100.txt",
    )
    found = made.card.arithmetic
    nats = float(found["float_bits_per_character"]) * np.log(2)
    assert 1.7 < nats < 1.85
    assert made.card.exact
    assert made.card.check["largest_difference"] < 1e-4
    assert made.card.window == 40
    assert all(20 < len(text) <= 300 for text in made.generate(5, temperature=0.5))


@pytest.mark.long
def test_airport_codes_come_out_as_in_their_column(fixtures: Path, tmp_path: Path) -> None:
    made = import_textgenrnn(
        fixtures / "destination_icao.hd5", fixtures / "textgenrnn_vocab.json", tmp_path / "a.onnx"
    )
    with (fixtures / "destination_icao.csv").open() as file:
        real = Counter(row["destination"] for row in csv.DictReader(file))
    texts = made.generate(300)
    assert sum(len(text) == 4 and text.isupper() for text in texts) > 290
    assert sum(text in real for text in texts) > 250
    assert Counter(texts).most_common(1)[0][0] == real.most_common(1)[0][0]


@pytest.mark.long
@pytest.mark.parametrize("name", ["reddit_apple_android.hdf5", "reddit_legaladvice.hdf5"])
def test_networks_that_were_trained_for_long_are_imported(
    fixtures: Path, tmp_path: Path, name: str
) -> None:
    vocab = fixtures / "textgenrnn_vocab.json"
    card = import_textgenrnn(fixtures / name, vocab, tmp_path / "a.onnx").card
    assert card.check["greedy_tokens"] > 400
    assert card.check["difference"] < 1e-5


def test_a_network_of_other_sizes_is_what_its_configuration_says(tmp_path: Path) -> None:
    made = Files(tmp_path)()
    assert made.card.exact
    assert made.card.window == LENGTH
    assert (made.card.tokens[0], made.card.padding) == ("", 0)
    assert made.card.tokens[made.card.start] == made.card.tokens[made.card.end] == "<s>"
    assert len(set(made.generate(50))) > 20


def test_a_network_in_both_directions_is_read(tmp_path: Path) -> None:
    made = Files(tmp_path, bidirectional=True)()
    assert made.card.exact
    assert len(set(made.generate(50))) > 20


def test_words_stand_apart_and_punctuation_behind_them(tmp_path: Path) -> None:
    made = Files(tmp_path, words=True, tokens=["<s>", "red", "fox", "runs", ",", "!"])()
    texts = made.generate(100)
    assert all(text == text.strip() for text in texts)
    assert any("red fox" in text for text in texts)
    assert not any(" ," in text or " !" in text for text in texts)


def test_lines_of_words_are_split_as_textgenrnn_splits_them(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("Red fox, runs!\nfox runs\nred, red fox\n" * 2)
    files = Files(tmp_path, words=True, tokens=["<s>", "red", "fox", "runs", ",", "!"])
    made = files(lines=lines)
    assert "of 6 lines of lines.txt" in made.card.arithmetic["measured_on"]


def test_a_label_is_worked_into_the_file(tmp_path: Path) -> None:
    files = Files(tmp_path, context=3)
    texts = {None: files().generate(40)}
    for label in LABELS:
        texts[label] = files(labels=LABELS, label=label).generate(40)
    assert len({tuple(found) for found in texts.values()}) == 4


def test_of_two_labels_the_model_has_one_column(tmp_path: Path) -> None:
    files = Files(tmp_path, context=1)
    texts = [files(labels=["yes", "no"], label=label).generate(40) for label in ("yes", "no")]
    assert texts[0] != texts[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": ["a", "b"], "label": "a"}, r"labels=\['a', 'b'\] must be the model's 3 labels"),
        ({"labels": LABELS, "label": "x"}, "label='x' must be one of news, sport, tech"),
    ],
)
def test_a_label_that_is_none_is_refused(options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=message):
        Files(tmp_path, context=3)(**options)


def test_a_vocabulary_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.vocab.write_text(json.dumps({"<s>": 1, "a": 2}))
    with pytest.raises(
        ConversionError,
        match=r"weights\.hdf5: is of 6 tokens beside the placeholder, and .*vocab\.json lists 2",
    ):
        files()
    assert not files.output.exists()


def test_a_configuration_of_another_model_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.config.write_text(json.dumps(CONFIG | {"rnn_size": 9}))
    with pytest.raises(ConversionError, match=r"weights\.hdf5: .*rnn_1"):
        files()


def test_without_a_configuration_what_was_assumed_is_said(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.config = None  # type: ignore[assignment]
    assumed = "rnn_layers=2, rnn_size=128, .*, max_length=40, dim_embeddings=100, word_level=False"
    with pytest.raises(
        ConversionError,
        match=rf"weights\.hdf5: .*embedding.*; without --config it is read with {assumed}",
    ):
        files()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "holds no configuration, which is a JSON object"),
        ("{", "cannot be read as JSON"),
        ('{"rnn_size": "big"}', "has rnn_size='big'; it must be a whole number from 1"),
        ('{"rnn_layers": 0}', "has rnn_layers=0; it must be a whole number from 1"),
        ('{"word_level": 1}', "has word_level=1; it must be true or false"),
    ],
)
def test_a_configuration_that_is_none_is_refused(
    content: str, message: str, tmp_path: Path
) -> None:
    files = Files(tmp_path)
    files.config.write_text(content)
    with pytest.raises(ConversionError, match=message):
        files()


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.weights.write_bytes(files.weights.read_bytes()[:3000])
    with pytest.raises(ConversionError, match="is no HDF5 file of weights, or a damaged one"):
        files()
    with h5py.File(files.weights, "w") as file:
        file.create_group("lstm_1")
    with pytest.raises(ConversionError, match="holds no textgenrnn weights, but lstm_1"):
        files()
    with h5py.File(files.weights, "w") as file:
        for name in ("embedding", "attention", "output"):
            file.create_group(name)
    with pytest.raises(ConversionError, match="is of no tokens"):
        files()
    files.weights.unlink()
    with pytest.raises(MissingFileError, match="there are no such weights"):
        files()


def test_the_command_says_how_the_model_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = Files(tmp_path, context=3)
    command = ["faker-neural", "import-textgenrnn", files.weights, "--vocab", files.vocab]
    options = ["--config", files.config, "--labels", "news, sport,tech", "--label", "tech"]
    monkeypatch.setattr(sys, "argv", [*map(str, [*command, *options, "-o", files.output])])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr().out
    assert not stop.value.code
    assert "a text begins after '<s>' and ends at '<s>'" in printed
    assert "exact in" in printed
    assert files.output.exists()


def test_an_error_of_the_conversion_names_the_weights(tmp_path: Path) -> None:
    files = Files(tmp_path)
    lines = tmp_path / "lines.txt"
    lines.write_text("XY\nYX\n")
    with pytest.raises(ConversionError, match=r"weights\.hdf5: has not the tokens for any of the"):
        files(lines=lines)


def test_the_command_says_what_it_assumed_without_a_configuration(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    weights, vocab = fixtures / "textgenrnn_weights.hdf5", fixtures / "textgenrnn_vocab.json"
    lines, output = fixtures / "hacker-news-100.txt", tmp_path / "a.onnx"
    arguments = [weights, "--vocab", vocab, "--lines", lines, "-o", output]
    monkeypatch.setattr(sys, "argv", ["faker-neural", "import-textgenrnn", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr().out
    assert not stop.value.code
    assert printed.startswith("without --config, as the pretrained model: rnn_layers=2, rnn_size=")
    assert "windows of 100 lines of hacker-news-100.txt" in printed
