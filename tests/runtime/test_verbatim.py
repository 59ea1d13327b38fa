from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from faker import Faker
from letters import card, save

from faker_neural import ExhaustedError, OptionError, Provider, TextModel, TrainingLines
from faker_neural._model_file.card_reader import read_card

LINES = [f"{a} {b}" for a, b in itertools.product(("red", "Green", "blue"), ("fox", "wren"))]


PUBS = [
    " ".join(words)
    for words in itertools.product(
        ("Red", "Blue", "Old", "New"), ("fox", "owl", "elk", "bee"), ("inn", "pub", "bar")
    )
]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    """A model that learned its column by heart."""
    export = pytest.importorskip("faker_neural_export")
    folder = tmp_path_factory.mktemp("memory")
    column = folder / "pubs.txt"
    column.write_text("\n".join(PUBS))
    settings = export.Settings(
        units=64, embedding=16, epochs=60, patience=60, batch=4, learning_rate=0.01, dropout=0
    )
    model: TextModel = export.train(column, folder / "pubs.onnx", settings=settings)
    return model


def learned(model: TextModel) -> set[str]:
    """Return the lines that `train` chose to learn from, without asking the file."""
    from faker_neural_export.data.columns import read_column

    return set(read_column(model.path.with_name("pubs.txt")).split()[0])


def known(model: TextModel) -> TrainingLines:
    return model.card.training_lines


def test_a_model_that_memorised_its_column_gives_no_line_of_it(memory: TextModel) -> None:
    lines, n = learned(memory), 300
    allowed = memory.generate(n, verbatim="allowed")
    assert sum(text in lines for text in allowed) > 0.8 * n  # it did memorise
    rejected = memory.generate(n)
    assert not [text for text in rejected if text.casefold() in map(str.casefold, lines)]


def test_the_file_knows_the_lines_that_were_learned_from_and_no_others(memory: TextModel) -> None:
    assert {line for line in PUBS if line in known(memory)} == learned(memory) != set(PUBS)


def test_what_is_no_training_line_stays_as_it_is(memory: TextModel) -> None:
    allowed = memory.generate(300, verbatim="allowed")
    rejected = memory.generate(300, verbatim="rejected")
    kept = [text not in known(memory) for text in allowed]
    assert any(kept)
    assert list(itertools.compress(allowed, kept)) == list(itertools.compress(rejected, kept))


def test_a_string_drawn_again_depends_on_its_key_alone(memory: TextModel) -> None:
    together = memory.texts(range(100))
    assert [memory.texts([key])[0] for key in range(100)] == together
    assert memory.texts(reversed(range(100))) == together[::-1]
    assert memory.generate(50, start=50) == memory.generate(100, threads=2)[50:]


def test_where_nothing_else_comes_out_it_says_so(memory: TextModel) -> None:
    with pytest.raises(ExhaustedError) as caught:
        memory.generate(1, temperature=0)
    assert str(caught.value).startswith(f"{memory.path}: gave only lines that it learned from in ")
    assert str(caught.value).endswith("wanders further, verbatim='allowed' gives them")
    assert memory.generate(1, temperature=0, verbatim="allowed")[0] in known(memory)


def test_faker_takes_the_option(memory: TextModel) -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(0)
    texts = fake.neural_texts(memory.path, 40, verbatim="allowed")
    assert set(texts) & learned(memory)
    fake.seed_instance(0)
    assert [fake.neural_text(memory.path, verbatim="allowed") for _ in range(40)] == texts
    assert not set(fake.neural_texts(memory.path, 40)) & learned(memory)


def test_a_wrong_policy_is_refused(memory: TextModel) -> None:
    with pytest.raises(OptionError) as caught:
        memory.generate(1, verbatim="never")
    assert str(caught.value) == "verbatim='never' must be allowed or rejected"


def test_a_model_that_knows_no_lines_cannot_reject_them(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"verbatim='rejected' needs a model that knows its"):
        TextModel(save(tmp_path, card())).generate(1, verbatim="rejected")


def test_case_and_white_space_do_not_hide_a_line() -> None:
    lines = TrainingLines.of(LINES)
    assert all(line in lines for line in LINES)
    assert all(f" {line.upper().replace(' ', '  ')}\t" in lines for line in LINES)
    assert "STRASSE" in TrainingLines.of(["Straße"])


def test_few_others_are_taken_for_lines() -> None:
    lines = TrainingLines.of(f"line {i}" for i in range(3000))
    taken = sum(f"other {i}" in lines for i in range(100_000))
    assert lines.false_positives == pytest.approx(1 / 8192, rel=0.05)
    assert taken == pytest.approx(100_000 * lines.false_positives, abs=12)


def test_numbers_far_apart_are_kept() -> None:
    lines = TrainingLines.of(f"{i}" for i in range(20))  # a gap above 65,535 is likely at each
    assert all(f"{i}" in lines for i in range(20))


def test_an_empty_set_has_no_lines() -> None:
    lines = TrainingLines()
    assert not lines
    assert "" not in lines
    assert lines == TrainingLines.of([])
    assert lines.false_positives == 0


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({"range": -1, "gaps": ""}, "range is -1, not 0 to 1099511627775"),
        ({"range": 9, "gaps": "AQ=="}, "gaps are not whole 16-bit numbers"),
        ({"range": 9, "gaps": "//8="}, "gaps reach past range"),
        ({"range": 9, "gaps": "!"}, "Only base64 data is allowed"),
        ({"range": 9}, "field 'gaps' is missing, not str"),
    ],
)
def test_a_damaged_set_is_refused(found: object, problem: str) -> None:
    fields = json.loads(card().to_json()) | {"training_lines": found}
    with pytest.raises(ValueError, match=f"the card's training_lines.*{problem}"):
        read_card(json.dumps(fields))
