from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from faker import Faker
from letters import card, save

from faker_neural import ColumnError, OptionError, Provider, TextModel
from faker_neural._model_file.card_reader import read_card
from faker_neural.cli import main

A, B = (-99, 9, -99, -99), (-99, -99, 9, -99)
THINGS = {"bird": ["wren", "crow", "heron", "finch"], "fish": ["trout", "pike", "carp", "perch"]}
COLOURS = ("red", "green", "blue", "black", "white", "pink", "grey", "golden")


@pytest.fixture
def labelled(tmp_path: Path) -> TextModel:
    """Texts begin with a under label x, with b under y, and with any letter without one."""
    return TextModel(save(tmp_path, card(labels=("x", "y")), labels=(A, B)))


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of colours and animals, the first row without a label."""
    rows = [
        {"name": f"{name}, {colour}", "kind": kind}
        for colour in COLOURS
        for kind, names in THINGS.items()
        for name in names
    ]
    path = tmp_path_factory.mktemp("animals") / "animals.jsonl"
    rows.insert(0, {"name": "no animal", "kind": ""})
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture(scope="module")
def learned(animals: Path) -> TextModel:
    export = pytest.importorskip("faker_neural_export")
    settings = export.Settings(
        units=32, embedding=16, epochs=40, patience=40, batch=4, learning_rate=0.02, dropout=0
    )
    model: TextModel = export.train(
        animals, animals.with_suffix(".onnx"), column="name", label="kind", settings=settings
    )
    return model


def test_a_text_begins_after_its_label(labelled: TextModel) -> None:
    assert {text[0] for text in labelled.generate(50, label="x")} == {"a"}
    assert {text[0] for text in labelled.generate(50, label="y")} == {"b"}
    assert {text[0] for text in labelled.generate(50)} == set("abc")


def test_a_string_of_a_label_depends_on_its_key_alone(labelled: TextModel) -> None:
    together = labelled.texts(range(40), label="y")
    assert [labelled.texts([key], label="y")[0] for key in range(40)] == together


def test_a_label_is_learned_from_a_column(learned: TextModel) -> None:
    assert learned.card.labels == ("bird", "fish")
    assert learned.card.exact
    for label, names in THINGS.items():
        texts = learned.generate(100, label=label, verbatim="allowed")
        assert sum(text.partition(",")[0] in names for text in texts) > 80
    mixed = learned.generate(100, verbatim="allowed")
    assert 20 < sum(text.partition(",")[0] in THINGS["bird"] for text in mixed) < 80


def test_faker_takes_a_label(learned: TextModel) -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(1)
    one = fake.neural_text(learned.path, label="fish")
    fake.seed_instance(1)
    assert fake.neural_texts(learned.path, 1, label="fish") == [one]


def test_the_command_line_takes_a_label(
    learned: TextModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["generate", str(learned.path), "--label", "fish", "-n", "3"]
    monkeypatch.setattr(sys, "argv", ["faker-neural", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.splitlines() == learned.generate(3, label="fish")


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("fihs", "label='fihs' is no label of animals: 'fish' and 1 more"),
        ("cat", "label='cat' is no label of animals: 'bird', 'fish'"),
        (7, "label=7 must be text, not int"),
    ],
)
def test_a_wrong_label_is_answered_with_those_there_are(
    learned: TextModel, label: object, message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        learned.generate(1, label=label)
    assert str(caught.value) == message


def test_a_model_without_labels_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match="is not supported by letters, which was trained without labels"
    ):
        TextModel(save(tmp_path, card())).generate(1, label="x")


def test_labels_are_for_what_is_fed_a_token_at_a_time() -> None:
    fields = card(contract="window", window=5, labels=("x",)).to_json()
    with pytest.raises(ValueError, match="has labels, which contract 'window' has not"):
        read_card(fields)


def of_kinds(path: Path, kinds: int) -> Path:
    """Write thirty values, of which the first three are rare and the others of some kinds."""
    rows = [f"thing {i},{'rare' if i < 3 else f'kind {i % kinds}'}" for i in range(30)]
    path.write_text("\n".join(["name,kind", *rows]))
    return path


def test_a_label_with_few_values_is_left_out_and_named(tmp_path: Path) -> None:
    export = pytest.importorskip("faker_neural_export")
    from faker_neural_export.data.columns import read_column

    path, said = of_kinds(tmp_path / "things.csv", 2), list[str]()
    column = read_column(export.ColumnFile(path, told=said.append), "name", label="kind")
    assert column.distinct_labels == ("kind 0", "kind 1")
    assert (len(column.values), column.labels.count("")) == (30, 3)
    assert said == [
        f"{path}: labels with fewer than 10 values are left out, and their 3 values learned "
        "without a label: 'rare' (3)"
    ]


def test_labels_that_all_have_few_values_are_refused(tmp_path: Path) -> None:
    export = pytest.importorskip("faker_neural_export")
    path = of_kinds(tmp_path / "things.csv", 3)
    with pytest.raises(ColumnError) as caught:
        export.train(path, tmp_path / "a.onnx", column="name", label="kind")
    few = "'rare' (3), 'kind 0' (9), 'kind 1' (9), 'kind 2' (9); merge them"
    assert str(caught.value) == f"{path}: has no label with at least 10 values: {few}"


@pytest.mark.parametrize(
    ("name", "content", "settings", "message"),
    [
        ("a.txt", "x", {}, "is plain text and has no column 'kind' of labels"),
        ("a.csv", "name\nx", {}, "has no column 'kind'; there are: name"),
        ("a.csv", "name,kind\nx,\ny,", {}, "the column of labels is empty"),
        ("a.csv", "name,kind\nx,", {"input": "one-hot"}, "label='kind' needs a column of lines"),
        ("a.csv", "name,kind\nx,", {"text": "running"}, "label='kind' needs a column of lines"),
    ],
)
def test_what_has_no_labels_is_named(
    tmp_path: Path, name: str, content: str, settings: dict[str, object], message: str
) -> None:
    export = pytest.importorskip("faker_neural_export")
    (tmp_path / name).write_text("\n".join([content, *(f"v{i}" for i in range(30))]))
    with pytest.raises((ColumnError, OptionError), match=message):
        export.train(
            tmp_path / name,
            tmp_path / "a.onnx",
            column=None if name == "a.txt" else "name",
            label="kind",
            settings=export.Settings(**settings),
        )
