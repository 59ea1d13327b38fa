"""Models of words trained elsewhere: spaces, unknown words, and texts to calibrate with."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from faker_neural import ColumnError, ConversionError, OptionError, TextModel
from faker_neural.cli import main
from faker_neural_export import Calibration, Generation, convert
from faker_neural_export.vocabulary.imported.listed import parse_tokens
from faker_neural_export.vocabulary.imported.spacing import find_separator
from faker_neural_export.vocabulary.imported.writer import TextWriter

L = keras.layers
WORDS = ["", "<OOV>", "the", "customer", "opens", "old", "box", ",", "don't"]
SPACED = ("", " <OOV>", " the", " customer", " opens", " old", " box", ",", " don't")
LINES = ["The customer opens the box", "don't the old box, the customer opens", "the box opens"]


def model(
    tokens: int = len(WORDS), *, embedding: int | None = None, biases: Any = None
) -> keras.Model:
    """Return a model of random weights that predicts each id about as often."""
    made = keras.Sequential(
        [
            keras.Input((8,)),
            L.Embedding(embedding or tokens, 4),
            L.LSTM(6),
            L.Dense(tokens, activation="softmax", name="dense"),
        ]
    )
    random = np.random.default_rng(3)
    made.set_weights([random.normal(0, 0.4, weight.shape) for weight in made.get_weights()])
    bias = random.permutation(tokens) / tokens if biases is None else np.array(biases)
    made.layers[-1].bias.assign(bias)
    return made


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    folder = tmp_path_factory.mktemp("words")
    (folder / "tokens.json").write_text(json.dumps(WORDS))
    likely = [9.0, 9.0, 0.5, 0.1, 0.2, 0.3, 0.4, 0.0, 0.6]  # padding and unknown words
    generation = Generation(max_tokens=9)
    return convert(
        model(biases=likely), folder / "tokens.json", folder / "a.onnx", generation=generation
    )


def test_words_stand_apart_and_closing_punctuation_does_not(words: TextModel) -> None:
    assert words.card.tokens == SPACED
    assert words.card.word_separator == " "
    texts = words.generate(200)
    assert all(text == text.strip() for text in texts)
    assert any("the old" in text for text in texts)
    assert any(", " in text for text in texts)
    assert not any(" ," in text or "  " in text for text in texts)


def test_a_token_for_unknown_words_is_never_written(words: TextModel) -> None:
    assert words.card.masked == (1,)
    for options in ({}, {"temperature": 9.0}, {"max_length": 30}, {"length": 6}, {"top_k": 3}):
        assert not any("OOV" in text for text in words.generate(100, **options))  # type: ignore[arg-type]


def test_options_know_words_without_the_space_before_the_first(words: TextModel) -> None:
    assert all(text.startswith("the old") for text in words.generate(20, prefix="the old"))
    assert all(0 < len(text) <= 12 for text in words.generate(50, max_length=12))


def test_a_pattern_sees_words_without_the_space_before_the_first(tmp_path: Path) -> None:
    made = convert(model(), WORDS, tmp_path / "a.onnx", generation=Generation(end="box"))
    assert all(
        re.fullmatch("[a-z]+ [a-z ]+", t) for t in made.generate(20, pattern="[a-z]+ [a-z ]+")
    )


def test_a_file_says_by_itself_that_words_are_apart(words: TextModel) -> None:
    assert str(words.card.arithmetic["measured_on"]).endswith("300 texts of its own")
    assert words.card.check["notes"].startswith("words are joined by ' '; this is a guess")  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["lines", "text"])
def test_texts_for_calibration_are_split_as_the_tokens_are(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    lines = list(map(", ".join, itertools.product(LINES, LINES, LINES)))
    path.write_text("\n".join([*lines * 5, "the unseen box"]))
    made = convert(
        model(),
        WORDS,
        tmp_path / "a.onnx",
        calibration=Calibration(**{kind: path}),  # type: ignore[arg-type]
    )
    assert "texts.txt: 1 words read as <OOV> ('unseen')" in str(made.card.check["notes"])
    of = {"lines": "held-out lines (a tenth of", "text": "held-out passages (of the last tenth of"}
    assert of[kind] in str(made.card.arithmetic["measured_on"])
    assert all(made.card.openings) == (kind == "text") or made.card.openings == ()
    assert all("OOV" not in text and text == text.strip() for text in made.generate(20))


def test_lines_with_words_that_the_model_does_not_know_are_left_out_and_counted(
    tmp_path: Path,
) -> None:
    known = [word for word in WORDS if word != "<OOV>"]
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES * 30 + ["the unseen box"]))
    made = convert(
        model(len(known)), known, tmp_path / "a.onnx", calibration=Calibration(lines=path)
    )
    said = "lines.txt: 1 words without a token, and so 1 lines, left out ('unseen')"
    assert said in str(made.card.check["notes"])
    path.write_text("nothing of it\nis known\n")
    with pytest.raises(ColumnError, match=r"lines\.txt: none of its 2 lines can be written"):
        convert(model(len(known)), known, tmp_path / "a.onnx", calibration=Calibration(lines=path))


def test_start_and_end_are_named_without_their_space(tmp_path: Path) -> None:
    generation = Generation(start="the", end="box", openings=["The customer"])
    card = convert(model(), WORDS, tmp_path / "a.onnx", generation=generation).card
    assert (card.tokens[card.start or 0], card.tokens[card.end or 0]) == (" the", " box")
    assert card.openings == ((2, 3),)
    generation = Generation(openings=["the stranger"], separator=" ")
    known = WORDS[:1] + WORDS[2:]
    with pytest.raises(ConversionError, match="an opening: no token is the word 'stranger'"):
        convert(model(len(known)), known, tmp_path / "a.onnx", generation=generation)


def test_texts_begin_and_end_at_tokens_of_that_name(tmp_path: Path) -> None:
    tokens = ["<start>", "<end>", *WORDS[2:]]
    card = convert(model(len(tokens)), tokens, tmp_path / "a.onnx").card
    assert (card.start, card.end, card.masked) == (0, 1, (0,))
    generation = Generation(start="the", end="<start>")
    card = convert(model(len(tokens)), tokens, tmp_path / "a.onnx", generation=generation).card
    assert (card.start, card.end, card.masked) == (2, 0, ())


@pytest.mark.parametrize(
    ("tokens", "separator"),
    [
        (["the", "box", "a"], " "),
        (["the", "box", "\n", ",", "<UNK>"], " "),
        (["a", "b", "the"], ""),
        ([" ", "the", "box"], ""),
        (["the", " box"], ""),
        (["the", "##ing"], ""),
        (["\n", "1", "."], ""),
    ],
)
def test_tokens_that_are_words_are_known_by_their_looks(tokens: list[str], separator: str) -> None:
    assert find_separator(parse_tokens("tokens", tokens)) == separator


def test_a_tokenizer_of_characters_has_no_separator() -> None:
    found = {"word_index": {"ab": 1, "cd": 2}, "char_level": True, "split": " "}
    assert find_separator(parse_tokens("tokens", found)) == ""
    assert find_separator(parse_tokens("tokens", found | {"char_level": False})) == " "
    assert find_separator(parse_tokens("tokens", found | {"char_level": 0, "split": "\t"})) == "\t"


def test_a_separator_is_white_space_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="separator='-' must be white space, such as ' ', or ''"):
        Generation(separator="-")
    made = convert(model(), WORDS, tmp_path / "a.onnx", generation=Generation(separator=""))
    assert made.card.tokens == tuple(WORDS)


def written(tokens: list[str], text: str, separator: str = "") -> tuple[str, str]:
    writer = TextWriter(parse_tokens("tokens", tokens), separator)
    return writer.write(text), writer.note("t.txt")


@pytest.mark.parametrize(
    ("text", "found", "note"),
    [
        ("abe", "abe", ""),
        ("ABE", "abe", ""),
        ("\u201ca\u2019\u00e9\u201d", '"a\'e"', "4 characters written as others"),
        ("a\u2014b\u2026", "a-b...", "2 characters written as others"),
        ("a\tb\u00a0e", "a b e", "2 characters written as others"),
        ("ab\u2603x\u2603", "ab", "3 characters without a token left out ('\u2603', 'x')"),
        ("\ufb01", "", "1 characters without a token left out"),
    ],
)
def test_characters_without_a_token_are_replaced_or_left_out(
    text: str, found: str, note: str
) -> None:
    text, said = written([*"abe \"'-."], text)
    assert text == found
    assert note in said
    assert bool(note) == bool(said)


def test_upper_case_is_kept_where_it_has_tokens() -> None:
    assert written([*"AaB"], "aAbB")[0] == "aABB"


def test_words_without_a_token_are_split_read_as_unknown_or_left_out() -> None:
    known = ["the", "old", "box", "don't"]
    assert written(known, "The old-box; don\u2019t", " ")[0] == " the old box don't"
    text, said = written(known, "the new box", " ")
    assert (text, said) == (" the box", "t.txt: 1 words without a token left out ('new')")
    text, said = written([*known, "[UNK]"], "the new box", " ")
    assert (text, said) == (" the [UNK] box", "t.txt: 1 words read as [UNK] ('new')")
    assert written([*known, "\n"], "the\nbox", " ")[0] == " the\n box"


def test_a_tokenizers_filters_split_words() -> None:
    found = {"word_index": {"state": 1, "of": 2, "it": 3}, "filters": "_", "split": " "}
    writer = TextWriter(parse_tokens("tokens", found), " ")
    assert writer.write("State_of it") == " state of it"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["faker-neural", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code


def test_the_command_says_what_a_short_text_cannot_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model().save(tmp_path / "words.keras")
    (tmp_path / "words.json").write_text(json.dumps(WORDS))
    (tmp_path / "short.txt").write_text("The customer opens the old box")
    monkeypatch.chdir(tmp_path)
    given = ("--tokens", "words.json", "--text", "short.txt", "-o", "a.onnx")
    run(monkeypatch, "export", "words.keras", *given)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "words are joined by ' '; this is a guess, which --separator '' turns off",
        "short.txt has 6 tokens: openings are of 3, not of 8",
        "short.txt has 6 tokens, too few to hold a tenth out: it is measured on what it is "
        "calibrated with",
    ]
    assert set(map(len, TextModel("a.onnx").card.openings)) == {3}


def test_a_text_of_other_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("whales swim in the sea")
    known = WORDS[:1] + WORDS[2:]
    with pytest.raises(
        ColumnError, match=r"other\.txt: is no text of this model: 4 of its 5 words"
    ):
        convert(model(len(known)), known, tmp_path / "a.onnx", calibration=Calibration(text=path))
    path.write_text("")
    with pytest.raises(ColumnError, match=r"other\.txt: is empty"):
        convert(model(len(known)), known, tmp_path / "a.onnx", calibration=Calibration(text=path))
    path.write_text("the")
    with pytest.raises(ColumnError, match="1 of its words are tokens of the model"):
        convert(model(len(known)), known, tmp_path / "a.onnx", calibration=Calibration(text=path))


def test_a_text_that_pieces_cannot_spell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("ab c b " * 50)
    tokens = [" ", "ab", "c"]
    with pytest.raises(ColumnError, match=r"text\.txt: cannot be written with .* character 'b'"):
        convert(model(3), tokens, tmp_path / "a.onnx", calibration=Calibration(text=path))


def test_next_words_of_a_tutorial_come_out_spaced(tmp_path: Path) -> None:
    """The ids of a Tokenizer begin at 1; inputs are padded with 0."""
    ids = {word: i for i, word in enumerate(WORDS[2:], start=1)}
    made = convert(model(len(ids) + 1), ids, tmp_path / "a.onnx")
    assert made.card.tokens == ("", *SPACED[2:])
    assert made.card.padding == 0


@pytest.mark.long
@pytest.mark.parametrize("kind", ["", "--lines", "--text"])
@pytest.mark.parametrize("tokens", ["next_word.json", "next_word_tokenizer.json"])
def test_a_learned_next_word_model_writes_words_apart(
    kind: str, tokens: str, next_words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(next_words)
    texts = [kind, "next_word.txt"] if kind else []
    run(monkeypatch, "export", "next_word.keras", "--tokens", tokens, *texts, "-o", "a.onnx")
    known = set((next_words / "next_word.txt").read_text().split())
    for text in TextModel("a.onnx").generate(20):
        assert len(text.split(" ")) > 9
        assert set(text.split(" ")) <= known


@pytest.fixture(scope="session")
def next_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    script = Path(__file__).parents[3] / "shared" / "cases" / "keras" / "next_word.py"
    if not script.is_file():
        pytest.skip("../shared/cases/keras/next_word.py is not here")
    folder = tmp_path_factory.mktemp("next_words")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    return folder
