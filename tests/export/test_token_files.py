"""The files of tokens that people have beside a Keras model."""

from __future__ import annotations

import json
import os
import pickle
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faker_neural import ConversionError, MissingFileError
from faker_neural_export import convert
from faker_neural_export.vocabulary.imported.file import read_tokens
from faker_neural_export.vocabulary.imported.listed import parse_tokens

WORDS = {"the": 1, "box": 2, "opens": 3}


def tokenizer(**config: Any) -> dict[str, Any]:
    """Return what Keras' `Tokenizer.to_json` writes, before it becomes text."""
    usual = {"num_words": None, "lower": True, "split": " ", "char_level": False}
    config = usual | {"oov_token": None, "word_index": json.dumps(WORDS)} | config
    config["index_word"] = json.dumps({i: w for w, i in json.loads(config["word_index"]).items()})
    return {"class_name": "Tokenizer", "config": config}


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        (["\n", "a", "b"], ("\n", "a", "b")),
        ({"a": 1, "\n": 0, "b": 2}, ("\n", "a", "b")),
        ({"b": 2, "a": 1}, ("", "a", "b")),
        ({"0": "\n", "2": "b", "1": "a"}, ("\n", "a", "b")),
        ({"a": "0", "b": "1"}, ("a", "b")),
        ({"char2idx": {"a": 0, "b": 1}}, ("a", "b")),
        ({"char_to_int": {"a": 0, "b": 1}, "int_to_char": {"0": "a", "1": "b"}}, ("a", "b")),
        ({"vocab_size": 2, "window": 40, "idx2char": ["a", "b"]}, ("a", "b")),
        ([{"a": 0, "b": 1}, {"0": "a", "1": "b"}], ("a", "b")),
        ({"config": {"vocabulary": ["", "[UNK]", "the"]}}, ("", "[UNK]", "the")),
        ({"<pad>": 0, "the": 1}, ("", "the")),
        (WORDS, ("", "the", "box", "opens")),
        (tokenizer(), ("", "the", "box", "opens")),
        (json.dumps(tokenizer()), ("", "the", "box", "opens")),
        (tokenizer()["config"], ("", "the", "box", "opens")),
        ({"word_index": WORDS}, ("", "the", "box", "opens")),
    ],
)
def test_tokens_are_read_from_what_people_have(
    tmp_path: Path, content: object, tokens: tuple[str, ...]
) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps(content))
    assert read_tokens(path).tokens == tokens


def test_a_tokenizer_says_how_it_splits(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    ids = json.dumps({"<OOV>": 1, "the": 2, "box": 3})
    path.write_text(json.dumps(tokenizer(word_index=ids, oov_token="<OOV>", num_words=3)))
    listed = read_tokens(path)
    assert (listed.are_words, listed.lower, listed.split) == (True, True, " ")
    assert (listed.unknown, listed.num_words, listed.never_drawn) == ("<OOV>", 3, (1,))
    path.write_text(json.dumps(tokenizer(char_level=True, lower=False)))
    listed = read_tokens(path)
    assert (listed.are_words, listed.lower) == (False, False)


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        ("\n[UNK]\nthe\nbox\n", ("", "[UNK]", "the", "box")),
        ("[UNK]\r\nthe\r\nbox", ("[UNK]", "the", "box")),
        ("\n[UNK]\n\n\n \na\n", ("", "[UNK]", "\n", " ", "a")),
        ("\n\n \na\n", ("\n", " ", "a")),
        ("7\n8\n", ("7", "8")),
        ('["a", "b"]', ("a", "b")),
        (" !ab\n", (" ", "!", "a", "b")),
        ("[\n(\n", ("[", "(")),
    ],
)
def test_a_vocabulary_of_lines_is_read(
    tmp_path: Path, content: str, tokens: tuple[str, ...]
) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(content.encode())
    assert read_tokens(path).tokens == tokens


@pytest.mark.parametrize("kind", ["U", "S"])
def test_an_array_of_strings_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "idx2char.npy"
    np.save(path, np.array(["\n", " ", "a"]).astype(kind))
    assert read_tokens(path).tokens == ("\n", " ", "a")


def test_an_array_of_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    np.save(path, np.zeros((3, 2)))
    with pytest.raises(ConversionError, match=r"weights\.npy: holds an array \[3, 2\] of float64"):
        read_tokens(path)
    np.save(path, np.array([b"\xff", b"a"]))
    with pytest.raises(ConversionError, match=r"weights\.npy: cannot be read as an array"):
        read_tokens(path)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(ConversionError, match=r"weights\.npy: cannot be read as an array"):
        read_tokens(path)


class Tokenizer:
    """As much of Keras' class as its pickle holds."""

    def __init__(self) -> None:
        self.word_index, self.num_words, self.oov_token = WORDS, None, None
        self.word_docs, self.lower, self.split, self.char_level = {"the": 1}, True, " ", False
        self.analyzer = Path


def save(path: Path, found: object) -> None:
    if path.suffix == ".npy":
        np.save(path, np.array(found, dtype=object), allow_pickle=True)
    else:
        path.write_bytes(pickle.dumps(found))


@pytest.mark.parametrize(
    ("name", "found", "tokens"),
    [
        ("char_to_int.pkl", {"a": 0, "b": 1}, ("a", "b")),
        ("char2idx.pickle", {"a": np.int64(0), "b": np.int64(1)}, ("a", "b")),
        ("idx2char.pkl", np.array(["a", "b"]), ("a", "b")),
        ("int_to_char.p", {0: "a", 1: "b"}, ("a", "b")),
        ("both of it", ({"a": 0, "b": 1}, {0: "a", 1: "b"}), ("a", "b")),
        ("tokenizer.pkl", Tokenizer(), ("", "the", "box", "opens")),
        ("char2idx.npy", {"a": 0, "b": 1}, ("a", "b")),
        ("char2idx.joblib", {"a": 0, "b": 1}, ("a", "b")),
        ("idx2char.npy", ["a", "bc"], ("a", "bc")),
        ("my $HOME.pkl", ["a", "b"], ("a", "b")),
    ],
)
def test_a_pickle_is_not_loaded_and_the_printed_line_writes_json(
    tmp_path: Path, name: str, found: object, tokens: tuple[str, ...]
) -> None:
    path = tmp_path / name
    save(path, found)
    with pytest.raises(ConversionError, match="is a pickle, which is not loaded here") as refused:
        read_tokens(path)
    message = str(refused.value)
    assert "\n" not in message
    command = shlex.split(message.partition("instead: ")[2])
    assert command[:2] == ["python", "-c"]
    places = {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, *command[1:]], check=True, env=places)
    assert read_tokens(path.with_suffix(".json")).tokens == tokens


def test_a_pickle_runs_nothing(tmp_path: Path) -> None:
    written = tmp_path / "written"

    class Harmful:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (written,)

    for name in ("tokens.json", "tokens.pkl", "tokens.txt", "tokens.npy"):
        save(tmp_path / name, Harmful() if name != "tokens.npy" else [Harmful()])
        with pytest.raises(ConversionError, match="is a pickle"):
            read_tokens(tmp_path / name)
    assert not written.exists()
    pickle.loads((tmp_path / "tokens.pkl").read_bytes())
    assert written.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "cannot be read as JSON"),
        ("a\nb\nc\n", r"cannot be read as JSON .*; one token per line is read from a \.txt file"),
        ('"abc"', "must hold a list of tokens"),
        ("7", "must hold a list of tokens, or an object of token to id"),
        ('["a", 1]', "must hold a list of tokens"),
        ("{}", "holds fewer than two tokens"),
        ('["a", "b", "a"]', "holds 'a' more than once"),
        ('{"0": "a", "1": "a"}', "holds 'a' more than once"),
        ('["a", "\\ud800"]', r"holds '\\ud800', which is not Unicode text"),
        (
            '{"a": 1, "b": 3}',
            "must give each token a different id, from 0 or 1 upwards without gaps, and no token "
            "has id 2",
        ),
        ('{"a": 1, "b": 1}', "must give each token a different id"),
        ('{"a": "x"}', "must hold a list of tokens"),
        ('{"a": [1]}', "must hold a list of tokens, or an object of token to id"),
        ('{"window": 40}', "must give each token a different id"),
        ('{"word_index": 7, "x": null}', "holds a word_index that is no object of token to id"),
        (
            '{"letters": ["a", "b"], "words": ["the", "box"]}',
            "holds different tokens in 'letters', 'words'; keep one of them",
        ),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"a":' * 9 + "{}" + "}" * 9, "must hold a list of tokens"),
    ],
)
def test_tokens_that_are_none_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    with pytest.raises(ConversionError, match=message) as refused:
        read_tokens(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"absent\.json: there is no such file of tokens"):
        read_tokens(tmp_path / "absent.json")
    with pytest.raises(ConversionError, match="is a folder; the tokens are a file"):
        read_tokens(tmp_path)
    (tmp_path / "model.h5").write_bytes(b"\x89HDF\r\n\x1a\n\xff")
    with pytest.raises(ConversionError, match=r"model\.h5: is no text in UTF-8"):
        read_tokens(tmp_path / "model.h5")


@pytest.mark.parametrize(
    ("tokens", "special"),
    [
        (["[UNK]", "the"], ("[UNK]", None, None)),
        (["", "UNK", "the"], ("UNK", None, None)),
        (["a", "b", "c", "d", "e", "UNK"], (None, None, None)),
        (["<start>", "<end>", "the"], (None, "<start>", "<end>")),
        (["startseq", "the", "box", "of", "a", "endseq"], (None, "startseq", "endseq")),
        (["<s>", "the"], (None, None, None)),
    ],
)
def test_special_tokens_are_known_by_their_names(
    tokens: list[str], special: tuple[str | None, ...]
) -> None:
    listed = parse_tokens("tokens", tokens)
    assert (listed.unknown, listed.start, listed.end) == special
    never = {token for i, token in enumerate(listed.tokens) if i in listed.never_drawn}
    assert never == set(special[:2]) - {None}


def test_tokens_are_read_before_the_model(tmp_path: Path) -> None:
    save(tmp_path / "char_to_int.pkl", {"a": 0, "b": 1})
    with pytest.raises(ConversionError, match=r"char_to_int\.pkl: is a pickle"):
        convert(tmp_path / "absent.keras", tmp_path / "char_to_int.pkl", tmp_path / "a.onnx")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x93NUMPY\x01\x00\x05\x00{'a\n\n", "cannot be read as an array"),
        (b'{"a": "' + b"9" * 5000 + b'", "b": "1"}', "must hold a list of tokens"),
    ],
)
def test_a_damaged_file_is_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / ("tokens.npy" if content.startswith(b"\x93") else "tokens.json")
    path.write_bytes(content)
    with pytest.raises(ConversionError, match=message):
        read_tokens(path)


def test_keys_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConversionError, match="must hold a list of tokens"):
        parse_tokens("tokens", {1: 0, 2: 1})


@pytest.mark.parametrize(
    "header", [f"({2**70},)", "(1,), 'x': 0", "(1,), []: 1"], ids=["size", "key", "no key"]
)
def test_a_damaged_array_is_refused(tmp_path: Path, header: str) -> None:
    fields = f"{{'descr': '<U1', 'fortran_order': False, 'shape': {header}}}".encode()
    content = b"\x93NUMPY\x01\x00" + len(fields).to_bytes(2, "little") + fields + b"\xff" * 8
    path = tmp_path / "idx2char.npy"
    path.write_bytes(content)
    with pytest.raises(ConversionError, match=r"idx2char\.npy: cannot be read as an array"):
        read_tokens(path)


def test_an_array_of_what_is_no_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "idx2char.npy"
    np.save(path, np.frombuffer(b"\xff" * 8, "<u4").view("<U1"))
    with pytest.raises(ConversionError, match=r"idx2char\.npy: cannot be read as an array"):
        read_tokens(path)
