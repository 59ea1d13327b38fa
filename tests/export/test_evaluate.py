from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from faker_neural import ColumnError, MissingFileError, OptionError, load

export = pytest.importorskip("faker_neural_export")

from faker_neural.cli import main  # noqa: E402
from faker_neural_export.conversion.onnx_file import save_facts  # noqa: E402
from faker_neural_export.evaluation.figures import (  # noqa: E402
    auc,
    copied_run,
    length_distance,
    nearest,
    trigram_divergence,
)
from faker_neural_export.evaluation.words import KnownWords, unseen_pairs  # noqa: E402

WORDS = ("Solar", "Global", "First", "United", "Green", "Pacific", "Delta", "Summit", "Royal")
ENDS = ("Energy", "Bank", "Foods", "Holdings", "Systems", "Trust", "Motors", "Mining", "Group")


def made_up(count: int, seed: int) -> list[str]:
    """Company names of made-up parts, all different."""
    choice, names = random.Random(seed), dict[str, None]()
    while len(names) < count:
        names[f"{choice.choice(WORDS)} {choice.randrange(999)} {choice.choice(ENDS)}"] = None
    return list(names)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return made_up(600, 0)


@pytest.fixture(scope="module")
def found(lines: list[str]) -> export.Evaluation:
    return export.evaluate("company", lines[:200], train=lines[200:])


def test_every_figure_stands_beside_the_6_gram_and_the_floor(found: export.Evaluation) -> None:
    for figures in found.columns:
        assert 0.4 < figures.auc <= 1
        assert 0 <= figures.length_ks <= 1
        assert 0 <= figures.trigram_divergence <= 1
        assert 0 < figures.unique <= 1
        assert 0 <= figures.new <= 1
        assert figures.copied_run <= figures.longest_copied_run
    assert found.floor_figures.bits_per_character is None
    assert found.ngram_figures.bits_per_character < found.model_figures.bits_per_character


def test_what_is_real_is_told_from_nothing(found: export.Evaluation) -> None:
    assert found.floor_figures.auc < 0.6
    assert found.floor_figures.length_ks < 0.2
    assert found.floor_figures.new == found.floor_figures.unique == 1
    assert found.model_figures.auc > 0.95  # real companies are not named like the made-up ones


def test_copies_are_found(lines: list[str]) -> None:
    ngrams = export.evaluate("company", lines[:200], train=lines[200:]).ngram_figures
    assert ngrams.new < 0.5
    assert ngrams.near_copies > 0.5
    assert ngrams.longest_copied_run == max(map(len, lines[200:]))


def test_the_same_seed_gives_the_same_figures(lines: list[str], found: export.Evaluation) -> None:
    assert export.evaluate("company", lines[:200], train=lines[200:]).facts() == found.facts()
    other = export.evaluate("company", lines[:200], train=lines[200:], seed=1)
    assert other.facts() != found.facts()


def test_bits_are_those_that_training_measured(animals_file: Path, tmp_path: Path) -> None:
    animals = [
        f"{animal}, {i}" for animal in animals_file.read_text().split("\n") for i in range(9)
    ]
    column = tmp_path / "column.txt"
    column.write_text("\n".join(animals))
    settings = export.Settings(units=32, embedding=8, epochs=3, batch=16, learning_rate=0.02)
    model = export.train(column, tmp_path / "animals.onnx", settings=settings)
    found = export.evaluate(model.path, column, split=True)
    trained = model.card.evaluation["bits_per_character"]
    assert found.model_figures.bits_per_character == pytest.approx(trained, abs=1e-5)
    assert len(found.real) == model.card.evaluation["held_out_lines"]


def test_lines_of_both_sides_are_counted_and_left_out(lines: list[str]) -> None:
    overlapping = [*lines[:100], lines[300].upper(), lines[301]]
    found = export.evaluate("company", overlapping, train=lines[200:])
    assert found.overlap == [lines[300].upper(), lines[301]]
    assert sorted(found.real) == sorted(lines[:100])


def test_without_training_lines_the_file_knows_which_lines_overlap(tmp_path: Path) -> None:
    names = made_up(120, 1)
    column = tmp_path / "names.txt"
    column.write_text("\n".join(names))
    settings = export.Settings(units=8, embedding=4, epochs=1)
    model = export.train(column, tmp_path / "names.onnx", settings=settings)
    found = export.evaluate(model.path, [*made_up(200, 2), names[0], names[1], names[2]])
    assert len(found.overlap) > 0
    assert set(found.overlap) <= set(names)
    assert found.ngram_figures == export.Figures()
    assert found.model_figures.new is not None
    assert found.model_figures.near_copies is None
    assert len(found.real) == 100  # the other half is the floor


def test_lines_of_other_characters_are_counted(lines: list[str]) -> None:
    found = export.evaluate("company", [*lines[:100], "Ωmega Ltd"], train=lines[200:])
    assert found.unreadable == ["Ωmega Ltd"]
    assert found.model_figures.bits_per_character is not None


def test_figures_are_saved_into_the_card(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "company.onnx"
    path.write_bytes(load("company").path.read_bytes())
    found = export.evaluate(path, lines[:200], train=lines[200:])
    before = load(path).generate(5)
    save_facts(found.model, found.facts())
    saved = load(path)
    saved.verify()
    assert saved.generate(5) == before
    assert saved.card.evaluation.items() >= found.facts().items()
    assert saved.card.evaluation["ngram_auc"] == found.ngram_figures.auc
    assert saved.card.evaluation["real_auc"] == found.floor_figures.auc


@pytest.mark.parametrize(
    ("real", "train", "message"),
    [
        (slice(0, 49), slice(200, 600), r"has 49 lines; at least 50 are needed"),
        (slice(160, 220), slice(200, 600), r"has 40 lines \(20 more are training lines, such as '"),
    ],
)
def test_too_few_lines_are_refused(
    lines: list[str], tmp_path: Path, real: slice, train: slice, message: str
) -> None:
    with pytest.raises(ColumnError, match=f"real: {message}"):
        export.evaluate("company", lines[real], train=lines[train])
    path = tmp_path / "few.txt"
    path.write_text("\n".join(lines[real]))
    with pytest.raises(ColumnError, match=rf"few\.txt: {message}"):
        export.evaluate("company", path, train=lines[train])


def test_too_few_training_lines_are_refused(lines: list[str]) -> None:
    with pytest.raises(ColumnError, match="train: has 4 lines; at least 50 are needed"):
        export.evaluate("company", lines[:100], train=lines[200:204])


def test_a_file_is_split_or_has_training_lines(lines: list[str]) -> None:
    with pytest.raises(OptionError, match="split=True takes the training lines from real"):
        export.evaluate("company", lines, train=lines, split=True)


def test_the_report_shows_all_and_loads_nothing(found: export.Evaluation, tmp_path: Path) -> None:
    path = export.write_report(found, tmp_path / "report.html")
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img|iframe)|url\((?!#)|@import", page)
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<svg") == 2
    for shown in ("company", f"{found.model_figures.auc:.3f}", "6-gram", "generated, 0.5"):
        assert shown in page
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(svg)


def test_the_report_escapes_what_models_write(found: export.Evaluation, tmp_path: Path) -> None:
    found = export.Evaluation(**vars(found) | {"real": ["<b>bold</b>"] * 50})
    page = export.write_report(found, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;<mark>bold</mark>&lt;/b&gt;" in page


def test_the_command_prints_the_table_and_writes_the_report(
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, some in (("real", lines[:200] + lines[300:301]), ("train", lines[200:])):
        (tmp_path / name).write_text("\n".join(some))
    arguments = ["company", "--real", "real", "--train", "train", "--html", "report.html"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["faker-neural", "evaluate", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    printed = capsys.readouterr().out
    assert stop.value.code == 0
    left_out = f"1 real lines left out, as they are training lines too, such as {lines[300]!r}"
    assert left_out in printed
    assert re.search(r"bits a character +\d\.\d{3} +\d\.\d{3} +- +lower", printed)
    assert "2,000 generated texts, 200 real lines\nwrote report.html\n" in printed


def test_a_report_goes_into_a_folder_that_exists(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["company", "--real", "absent.txt", "--html", "absent/report.html"]
    monkeypatch.setattr(sys, "argv", ["faker-neural", "evaluate", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith("absent: there is no such folder to write to\n")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MissingFileError, match=r"absent\.txt"):
        export.evaluate("company", "absent.txt")


def test_equal_texts_cannot_be_told_apart(lines: list[str]) -> None:
    assert auc(lines[:300], lines[300:]) == pytest.approx(0.5, abs=0.07)
    assert auc([line.upper() for line in lines[:300]], lines[300:]) == pytest.approx(1)


def test_distances_are_0_for_equal_texts_and_1_for_foreign_ones() -> None:
    assert length_distance(["a", "bb"], ["c", "dd"]) == 0
    assert length_distance(["a", "b"], ["ccc", "dddd"]) == 1
    assert trigram_divergence(["abc"], ["abc"]) == 0
    assert trigram_divergence(["abc"], ["xyz"]) == pytest.approx(1)


def test_the_longest_copied_part_is_found_as_by_trying_all() -> None:
    train = "\n".join(made_up(40, 3))
    for text in (*made_up(40, 4), "", "no such thing"):
        parts = (text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1))
        assert copied_run(text, train) == max((len(p) for p in parts if p in train), default=0)


def test_the_nearest_line_is_that_with_the_fewest_edits() -> None:
    line, similarity = nearest("kitten", ["mitten", "sitting", "kit"])
    assert line == "mitten"
    assert similarity == pytest.approx(5 / 6)


def test_new_and_unknown_words_are_counted_beside_their_floor(lines: list[str]) -> None:
    real = [*lines[:99], "Zorblatt Energy"]
    lexicon = {"pacific", "energy"}.__contains__
    found = export.evaluate("company", real, train=lines[200:], lexicon=lexicon)
    assert found.floor_figures.new_words == found.floor_figures.unknown_words == 0.01
    assert found.ngram_figures.new_words < 0.5 < found.model_figures.new_words
    assert found.model_figures.unknown_words <= found.model_figures.new_words
    assert 0 < found.floor_figures.unseen_pairs < found.model_figures.unseen_pairs
    without = export.evaluate("company", real, train=lines[200:])
    assert without.floor_figures.unknown_words is None
    assert export.evaluate("company", lines).floor_figures.new_words is None


def test_a_word_is_new_where_no_line_has_it_case_aside() -> None:
    known = KnownWords(["Green Tea, 5 oz", "O'Brien's"])
    assert known.new_words("GREEN teas of o'brien's an X2") == ["teas"]
    assert known.marked("Red green teas!") == [
        ("", False), ("Red", True), (" green ", False), ("teas", True), ("!", False),
    ]  # fmt: skip
    assert known.share_new(["green tea", "blue tea", "ab"]) == pytest.approx(1 / 3)
    assert known.share_unknown(["blue tea", "bleu tea"], "blue".__eq__) == 0.5


def test_pairs_count_their_ends_and_case_aside() -> None:
    lines = ["a b, c", "c d"]
    assert unseen_pairs(["A b, c"], lines) == 0
    assert unseen_pairs(["b a"], lines) == 1
    assert unseen_pairs(["c d", "a b"], lines) == pytest.approx(1 / 6)


def test_the_report_marks_new_words(found: export.Evaluation, tmp_path: Path) -> None:
    found = export.Evaluation(**vars(found) | {"real": ["Solar zorblatt Trust"] * 50})
    page = export.write_report(found, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Solar <mark>zorblatt</mark> Trust" in page


def test_an_evaluation_tells_how_far_it_is(lines: list[str]) -> None:
    told: list[tuple[str, int, int]] = []

    class Listen(export.EvaluationMonitor):
        def step(self, title: str, done: int, steps: int) -> None:
            told.append((title, done, steps))

    export.evaluate("company", lines[:200], train=lines[200:], monitor=Listen())
    assert [done for _, done, _ in told] == list(range(len(told)))
    assert told[-1] == ("done", len(told) - 1, len(told) - 1)
