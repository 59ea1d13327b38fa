"""Words as tokens: chosen, spelled, learned by their n-grams, and kept once in the file."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest

from faker_neural import OptionError, TextModel
from faker_neural._encoding import is_word, split
from faker_neural_export import Monitor, Settings, train
from faker_neural_export.data.columns import Column
from faker_neural_export.data.dataset import learn_vocabulary, sort_by_class
from faker_neural_export.data.lines import Lines
from faker_neural_export.network.network import build_network
from faker_neural_export.network.word_vectors import (
    ComposedEmbedding,
    copy_weights,
    initialise_from_counts,
    to_plain_keras,
)
from faker_neural_export.training.choose import choose
from faker_neural_export.vocabulary.likelihood import log_probabilities
from faker_neural_export.vocabulary.tokens import BOUNDARY
from faker_neural_export.vocabulary.vocabulary import Vocabulary
from faker_neural_export.vocabulary.words import (
    PIECE,
    TrainingWordEncoder,
    learn_words,
    rare_words,
    token_kind,
)

FIRST = ("Green", "Royal", "Nordic", "Golden", "Sunny", "Silver", "Harbour", "Mountain")
SECOND = ("apple", "cherry", "lemon", "barley", "walnut", "pepper", "vanilla", "honey")
THIRD = ("juice", "bread", "soup", "cake", "tea", "jam")
SETTINGS = Settings(
    tokens="word", vocabulary=90, pieces=40, units=24, embedding=16, epochs=8, batch=8,
    learning_rate=0.02, dropout=0.1,
)  # fmt: skip


def column(count: int, seed: int = 0) -> list[str]:
    """Made-up products; one in five has a word of its own."""
    draw, lines = random.Random(seed), dict[str, None]()
    while len(lines) < count:
        name = f"{draw.choice(FIRST)} {draw.choice(SECOND)} {draw.choice(THIRD)}"
        own = "".join(draw.choice("bdgklmnprst") + draw.choice("aeiou") for _ in range(3)).title()
        lines[f"{own} {name}" if draw.random() < 0.2 else f"{name}, {draw.randrange(9)} oz"] = None
    return list(lines)


LINES = column(300)


def embedding_of(network: keras.Model) -> ComposedEmbedding:
    return next(one for one in network.layers if isinstance(one, ComposedEmbedding))


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "column.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    folder = tmp_path_factory.mktemp("words")
    return train(write(folder, LINES), folder / "products.onnx", settings=SETTINGS)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    words, pieces = learn_words(LINES, "".join(LINES), vocabulary=90, pieces=40)
    return Vocabulary((BOUNDARY, *words, *pieces), pieces=len(pieces))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Milk, 2 % fat", ["Milk", ",", " 2", " %", " fat"]),
        ("John's 1250 ml", ["John's", " 1", "2", "50", " ml"]),
        ("AT&T 12oz", ["AT", "&", "T", " 12", "oz"]),
        ("a  b_c", ["a", " ", " b", "_", "c"]),
        ("日本 🍎", ["日本", " 🍎"]),
    ],
)
def test_a_text_is_split_into_words_numbers_and_marks(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize("text", [*LINES[:20], "x²_½ ŉ\t1,000.5 (é) …\u00a0ok", "👩🏽‍🚀 नमस्ते", ""])
def test_the_parts_joined_are_the_text(text: str) -> None:
    assert "".join(split(text)) == text


def test_a_text_encoded_is_the_text_again(vocabulary: Vocabulary) -> None:
    encoder = vocabulary.encoder()
    assert isinstance(encoder, TrainingWordEncoder)
    draw, rare = np.random.default_rng(0), rare_words(LINES)
    for line in LINES:
        for ids in (encoder(line), encoder.encode_for_training(line, rare, 0.5, draw)[0]):
            assert "".join(vocabulary.tokens[i] for i in ids) == line
    with pytest.raises(ValueError, match="no token fits the character 'ü'"):
        encoder("Süßes")


def test_frequent_words_are_tokens_and_rare_ones_are_spelled(vocabulary: Vocabulary) -> None:
    encoder, tokens = vocabulary.encoder(), vocabulary.tokens
    assert isinstance(encoder, TrainingWordEncoder)
    assert [tokens[i] for i in encoder("Green apple juice")] == ["Green", " apple", " juice"]
    spelled = [tokens[i] for i in encoder(" Norbert")]
    assert spelled[0] == " "
    assert len(spelled) > 2
    assert not any(is_word(token) and token_kind(token) == 3 for token in spelled)


def test_a_share_of_the_rare_words_is_spelled(vocabulary: Vocabulary) -> None:
    encoder = TrainingWordEncoder(("", " fox", "fox", " ", "f", "o", "x"), 3)
    draw = np.random.default_rng(0)
    lessons = [encoder.encode_for_training("fox fox", {" fox"}, 0.25, draw) for _ in range(2000)]
    assert all(learned == [True] * len(ids) for ids, learned in lessons)
    drawn = [len(ids) for ids, _ in lessons]
    assert set(drawn) == {2, 5}
    assert drawn.count(5) == pytest.approx(500, abs=70)


def test_a_share_of_the_words_without_a_token_is_learned(vocabulary: Vocabulary) -> None:
    encoder = TrainingWordEncoder(("", " fox", "fox", " ", "f", "o", "x"), 3)
    draw = np.random.default_rng(0)
    lessons = [encoder.encode_for_training("fox off fox", (), 0.25, draw) for _ in range(2000)]
    assert {tuple(ids) for ids, _ in lessons} == {(2, 3, 5, 4, 4, 1)}
    counts = Counter(tuple(learned) for _, learned in lessons)
    assert set(counts) == {(True,) * 6, (True, *[False] * 4, True)}
    assert counts[(True,) * 6] == pytest.approx(500, abs=70)


def test_what_is_not_learned_weighs_nothing(vocabulary: Vocabulary) -> None:
    column = Column(Path("column.txt"), ("Green apple Norbert",) * 50)
    lines = Lines.encode(column, vocabulary, spelling=0.0)
    ids, _, weights = lines.batch(np.arange(50), np.random.default_rng(0))
    assert weights[:, [0, 1, -1]].all()
    assert not weights[:, 2:-1].any()
    assert lines.batch(np.arange(50))[2].all()
    assert ids.shape[1] > 5


def test_words_that_often_stand_together_are_phrases() -> None:
    lines = [f"{first} peanut butter, {i} oz" for i, first in enumerate(FIRST * 2)]
    words, _ = learn_words(lines, "".join(lines), vocabulary=200, pieces=20, phrases=30)
    phrases = [token for token in words if len(split(token)) > 1]
    assert " peanut butter," in phrases
    assert not any(character.isdigit() for phrase in phrases for character in phrase)
    assert len(set(words)) == len(words)
    encoder = TrainingWordEncoder(("", *words), 0)
    ids = encoder("Green peanut butter, 3 oz")
    assert [("", *words)[i] for i in ids] == ["Green", " peanut butter,", " 3", " oz"]
    fewer, _ = learn_words(lines, "".join(lines), vocabulary=200, pieces=20, phrases=0)
    assert not any(len(split(token)) > 1 for token in fewer)


def test_a_vocabulary_has_its_size_and_every_letter() -> None:
    words, pieces = learn_words(LINES, "".join(LINES), vocabulary=60, pieces=30)
    assert set("".join(LINES)) <= {*words, *pieces}
    assert len(words) + len(pieces) <= 60 + len(set("".join(LINES)))
    assert len(set(words) | set(pieces)) == len(words) + len(pieces)


def test_kinds_are_never_in_one_class(vocabulary: Vocabulary) -> None:
    values = Column(Path("x"), tuple(LINES))
    found = sort_by_class(values, vocabulary, replace(SETTINGS, classes=12))
    ends = np.cumsum(found.classes)
    first_piece = len(found.tokens) - found.pieces
    kinds = [token_kind(t) for t in found.tokens[:first_piece]] + [PIECE] * found.pieces
    for end, size in zip(ends, found.classes, strict=True):
        assert len(set(kinds[end - size : end])) == 1
    assert found.tokens[:2] == ("", " ")
    assert tuple(found.classes[:2]) == (1, 1)
    assert sorted(found.tokens) == sorted(vocabulary.tokens)


@pytest.mark.parametrize("classes", [0, 12])
def test_the_finished_network_computes_what_was_learned(
    vocabulary: Vocabulary, classes: int
) -> None:
    values = Column(Path("x"), tuple(LINES))
    if classes:
        vocabulary = sort_by_class(values, vocabulary, replace(SETTINGS, classes=classes))
    network = build_network(vocabulary, SETTINGS, labels=2)
    initialise_from_counts(network, np.arange(len(vocabulary.tokens), dtype=np.float32))
    random = np.random.default_rng(0)
    ids, targets = random.integers(0, len(vocabulary.tokens), (2, 5, 7)).astype(np.int32)
    plain = to_plain_keras(network)
    learned = np.asarray(network([ids, targets]))
    scores = log_probabilities(np.asarray(plain(ids)), vocabulary.classes)
    exact = -np.take_along_axis(scores, targets[..., None].astype(np.int64), -1)[..., 0]
    np.testing.assert_allclose(learned, exact, atol=0.1)  # vectors are rounded to 127 steps
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}
    ngrams = embedding_of(network).ngrams
    ngrams.assign_add(keras.ops.ones_like(ngrams))
    assert to_plain_keras(network, plain) is plain
    assert not np.allclose(log_probabilities(np.asarray(plain(ids)), vocabulary.classes), scores)


def test_words_that_two_vocabularies_share_keep_their_vectors(vocabulary: Vocabulary) -> None:
    other = Vocabulary((*vocabulary.tokens[:40], " quince", *vocabulary.tokens[40:]),
                       pieces=vocabulary.pieces)  # fmt: skip
    earlier, later = (build_network(one, SETTINGS) for one in (vocabulary, other))
    copy_weights(later, earlier)
    before, after = (np.asarray(embedding_of(net).table()) for net in (earlier, later))
    np.testing.assert_allclose(np.delete(after, 40, axis=0), before, atol=1e-6)
    assert np.abs(after[40]).sum() > 0  # made of n-grams that were learned


def test_a_column_of_words_is_learned_and_drawn(model: TextModel) -> None:
    texts = model.generate(300, verbatim="allowed")
    known = {word for line in LINES for word in line.replace(",", "").split()}
    words = [word.strip(",") for text in texts for word in text.split()]
    assert sum(word in known for word in words) > 0.9 * len(words)
    assert model.card.exact
    assert 0 < model.card.pieces < len(model.card.tokens)
    assert model.card.classes[:2] == (1, 1)
    assert not any(text.startswith((",", " ")) for text in texts)
    assert model.card.training["spelling_bias"] <= 0


def test_a_file_holds_the_vectors_once(model: TextModel) -> None:
    graph = onnx.load(model.path).graph
    tokens = len(model.card.tokens)
    large = [t for t in graph.initializer if np.prod(t.dims) >= tokens * 16 // 2]
    vectors = [list(t.dims) for t in large if len(t.dims) == 3]
    assert vectors == [[len(model.card.classes), 16, max(model.card.classes)]]
    assert not [t for t in large if list(t.dims)[:1] == [tokens] and len(t.dims) == 2
                and t.dims[1] == 16]  # fmt: skip


@pytest.mark.long
def test_equal_settings_give_equal_files(tmp_path: Path) -> None:
    settings, made = replace(SETTINGS, epochs=2), []
    for name in ("a", "b"):
        (folder := tmp_path / name).mkdir()
        made.append(train(write(folder, LINES), folder / "x.onnx", settings=settings))
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


def test_words_with_labels_are_learned(tmp_path: Path) -> None:
    path = tmp_path / "column.csv"
    rows = [f'"{line}",{"spice" if "oz" in line else "own"}' for line in LINES]
    path.write_text("\n".join(["name,kind", *rows]), encoding="utf-8")
    settings = replace(SETTINGS, epochs=12)
    made = train(path, tmp_path / "a.onnx", column="name", label="kind", settings=settings)
    spice = made.generate(100, label="spice", verbatim="allowed")
    own = made.generate(100, label="own", verbatim="allowed")
    assert sum("oz" in text for text in spice) > sum("oz" in text for text in own) + 40


@pytest.mark.parametrize(
    ("lines", "kind", "why"),
    [
        (LINES, "word", "of the words in values held out, "),
        ([f"{i * 7919 % 10**8:08d}" for i in range(500)], "char", "0% of the characters are"),
        ([f"{chr(65 + i % 26)}{i}-{i % 7}" for i in range(500)], "char", "% of the characters are"),
        (["🍎🍐" * (1 + i % 3) + "🍊" * (i % 5) for i in range(300)], "char", "0% of the"),
        ([chr(0x4E00 + i % 900) * (2 + i % 3) for i in range(2000)], "piece", "no spaces between"),
        ([f"https://a.example.com/{w}/{i}" for i in range(300) for w in SECOND], "word", "occur"),
    ],
)  # fmt: skip
def test_what_a_column_is_learned_in_is_chosen_and_said(
    lines: list[str], kind: str, why: str
) -> None:
    learn, held_out = Column(Path("x"), tuple(lines)).split()
    choice = choose(learn, held_out, {}, Settings(), ())
    assert choice.settings.tokens == kind
    assert why in choice.reason
    assert "\n" not in choice.reason


def test_words_that_never_come_again_are_learned_in_parts() -> None:
    draw = random.Random(0)
    for length, kind in ((5, "char"), (16, "piece")):
        lines = ["".join(draw.choice("abcdefghijklmnoprstuvz") for _ in range(length))
                 for _ in range(1000)]  # fmt: skip
        choice = choose(lines[100:], lines[:100], {}, Settings(), ())
        assert choice.settings.tokens == kind
        assert "only 0% occur in the others" in choice.reason


def test_what_is_chosen_by_hand_stands_over_what_would_be_chosen() -> None:
    choice = choose(LINES[30:], LINES[:30], {"tokens": "piece", "units": 32}, Settings(), ())
    assert (choice.settings.tokens, choice.settings.layers) == ("piece", (32,))
    assert choice.reason == "learning pieces of words: as asked for"


def test_the_base_is_started_from_where_it_knows_most_words() -> None:
    base = Settings(tokens="word", embedding=64, units=128)
    words = [f" {word}" for word in (*FIRST, *SECOND, *THIRD, "oz")]
    known = choose(LINES[30:], LINES[:30], {}, base, words)
    assert known.from_base
    assert known.reason.startswith("learning words, starting from the base: ")
    assert not choose(LINES[30:], LINES[:30], {}, base, words[:3]).from_base
    assert not choose(LINES[30:], LINES[:30], {"units": 32}, base, words).from_base


def test_known_words_are_learned_by_heart_and_names_are_not() -> None:
    plain = [line for line in column(600) if line.split()[0] in FIRST]
    known = choose(plain[60:], plain[:60], {}, Settings(), ())
    assert (known.settings.keep, known.settings.noising, known.temperature) == ("last", 0, 0.8)
    draw = random.Random(0)
    names = [f"{draw.choice('BCD')}{''.join(draw.choices('aeimnort', k=7))} {draw.choice(SECOND)} "
             f"{draw.choice(THIRD)}" for _ in range(600)]  # fmt: skip
    invented = choose(names[60:], names[:60], {}, Settings(), ())
    assert invented.settings.tokens == known.settings.tokens == "word"
    assert (invented.settings.keep, invented.temperature) == ("best", 0.9)
    assert invented.settings.dropout > known.settings.dropout
    by_hand = choose(plain[60:], plain[:60], {"tokens": "char"}, Settings(), ())
    assert by_hand.temperature == 1


def test_training_tells_what_was_chosen(tmp_path: Path) -> None:
    said: list[str] = []

    class Listen(Monitor):
        def chosen(self, reason: str) -> None:
            said.append(reason)

    settings = {"epochs": 1, "units": 16, "embedding": 8}
    path = write(tmp_path, LINES)
    made = train(path, tmp_path / "a.onnx", settings=settings, monitor=Listen())
    assert made.card.training["tokens"] == "word"
    assert len(said) == 1
    assert said[0].startswith("learning words: of the words in values held out, ")


def test_a_folder_called_base_is_not_taken_for_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    made = train(write(tmp_path, LINES), "a.onnx", settings={"epochs": 1, "units": 8})
    assert made.card.training["tokens"] == "word"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocabulary": 50_000}, "vocabulary=50000 must be at most 15,000 with words of a column"),
        ({"projection": 4}, "projection=4 is not for words of a column"),
        ({"spelling": 1.5}, "spelling=1.5 must be at most 1"),
        ({"pieces": -1}, "pieces=-1 must be at least 0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Settings(tokens="word", **change)  # type: ignore[arg-type]


def test_a_vocabulary_too_large_for_its_classes_is_named(tmp_path: Path) -> None:
    settings = replace(SETTINGS, vocabulary=400, classes=5)
    with pytest.raises(OptionError, match=r"classes=5 must be at least \d+ for \d+ tokens"):
        train(write(tmp_path, LINES), tmp_path / "a.onnx", settings=settings)


def test_a_column_learns_its_vocabulary_from_what_it_learns_from() -> None:
    values = Column(Path("x"), tuple(LINES))
    found = learn_vocabulary(values, replace(SETTINGS, vocabulary=5000))
    learned = {part for line in values.split()[0] for part in split(line) if len(part) > 1}
    assert learned <= set(found.tokens)
    held_out = {part for line in values.split()[1] for part in split(line)} - learned
    assert not {part for part in held_out if is_word(part)} & set(found.tokens)
