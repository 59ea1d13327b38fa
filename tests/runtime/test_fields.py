from __future__ import annotations

import importlib
import importlib.util
import sys
import zlib
from pathlib import Path
from types import ModuleType

import pytest
from faker import Faker

import faker_neural
from faker_neural import Provider, TextModel, bundled, load
from faker_neural._blocked import OFFENSIVE, BlockedWords
from faker_neural._model_file.row_columns import join_row

ROOT = Path(__file__).parents[2]
FIELDS = (
    "product_name",
    "product_category",
    "software_product",
    "company",
    "job_title",
    "task",
    "street_address",
    "dish_name",
    "food_name",
    "artwork_title",
    "support_ticket",
    "review",
    "brand_name",
    "commit_message",
    "person_name",
    "world_city",
    "japanese_address",
    "ru_person_name",
)
ROWS = ("us_place", "world_place", "hospital", "grocery_item")
SENTENCES = ("task", "support_ticket", "review", "commit_message", "artwork_title")
MOST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def documents() -> ModuleType:
    """What writes the pages about the fields."""
    place = ROOT / "fields" / "documents.py"
    spec = importlib.util.spec_from_file_location("documents", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_field_is_there() -> None:
    assert sorted(bundled()) == sorted((*FIELDS, *ROWS))


@pytest.mark.parametrize("name", ROWS)
def test_a_model_of_rows_says_where_it_comes_from_and_how_its_columns_fit(name: str) -> None:
    card = load(name).card
    assert (card.name, card.exact, len(card.golden)) == (name, True, 8)
    assert {"name", "lines", "licence", "source"} <= card.data.keys()
    assert card.options["blocked"] == OFFENSIVE
    found = card.evaluation
    pairs = [key for key in found if " > " in key and f"real_{key}" in found]
    assert pairs
    assert all(found[pair] > found[f"independent_{pair}"] for pair in pairs)


@pytest.mark.parametrize("name", ROWS)
def test_rows_are_whole_new_and_inoffensive(name: str) -> None:
    model = load(name)
    rows = model.rows(300, seed=6)
    assert {tuple(row) for row in rows} == {tuple(column.name for column in model.card.columns)}
    assert not BlockedWords.of(OFFENSIVE).in_any([" ".join(row.values()) for row in rows])
    assert model.card.training_lines.range
    assert not any(join_row(tuple(row.values())) in model.card.training_lines for row in rows)
    assert not BlockedWords.of(OFFENSIVE).in_any(model.card.tokens[: -model.card.pieces])


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_says_where_it_comes_from(name: str) -> None:
    card = load(name).card
    assert card.name == name
    assert card.exact
    assert {"name", "lines", "licence", "source"} <= card.data.keys()
    assert {"tokens", "units", "epochs", "seed"} <= card.training.keys()
    assert len({"best_epoch", "last_epoch"} & card.training.keys()) == 1
    if name in SENTENCES:
        assert card.options["verbatim"] == "rejected"
    assert len(card.golden) == 8
    assert card.training_lines


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_measured_beside_the_6_gram_and_the_floor(name: str) -> None:
    card = load(name).card
    found = card.evaluation
    figures = {"auc", "length_ks", "trigram_divergence", "unique", "new", "near_copies"}
    figures |= {"copied_run", "longest_copied_run", "new_words", "unseen_pairs"}
    figures |= {"unknown_words"} if name != "japanese_address" else set()
    assert {f"{side}{figure}" for side in ("", "ngram_", "real_") for figure in figures} <= set(
        found
    )
    more = found["bits_per_character"] >= found["ngram_bits_per_character"]
    assert more == ("bits a character not below" in found["misses"])
    if "best_epoch" in card.training:  # not learned by heart
        assert not more
    assert found["misses"]


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_keeps_its_policy(name: str) -> None:
    model = load(name)
    texts = model.generate(300, seed=5, verbatim="rejected")
    assert not [text for text in texts if text in model.card.training_lines]
    if model.card.options["verbatim"] == "rejected":
        assert texts == model.generate(300, seed=5)


@pytest.mark.parametrize("name", FIELDS)
def test_faker_gives_a_field_by_its_name(name: str) -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(3)
    text = fake.neural_text(name)
    fake.seed_instance(3)
    assert fake.neural_text(bundled()[name]) == text != ""


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_has_no_offensive_word(name: str) -> None:
    model = load(name)
    assert model.card.options["blocked"] == OFFENSIVE
    offensive = BlockedWords.of(OFFENSIVE)
    assert not offensive.in_any(model.generate(500, seed=6))
    if pieces := model.card.pieces:  # the other tokens are whole words
        assert not offensive.in_any(model.card.tokens[:-pieces])


def test_what_ships_is_small() -> None:
    package = Path(faker_neural.__file__).parent
    base = ROOT / "export" / "faker_neural_export" / "base"
    files = [*(package / "models").iterdir(), *base.iterdir()]
    in_the_wheel = sum(len(zlib.compress(file.read_bytes())) for file in files)
    assert in_the_wheel < MOST_BYTES


def test_the_pages_say_what_the_cards_say(documents: ModuleType) -> None:
    cards = {name: load(name).card for name in bundled()}
    page = documents.FIELDS.read_text(encoding="utf-8")
    assert documents.with_figures(page, cards) == page
    attribution = documents.ATTRIBUTION.read_text(encoding="utf-8")
    assert documents.attribution(cards) == attribution
    assert "O*NET is a\ntrademark of USDOL/ETA" in attribution


def test_every_field_has_a_recipe_and_a_target(documents: ModuleType) -> None:
    assert sorted(documents.RECIPES["fields"]) == sorted(FIELDS)
    assert sorted(documents.RECIPES["rows"]) == sorted(ROWS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    line = next(line for line in makefile.splitlines() if line.startswith("FIELDS := "))
    assert sorted(line.split()[2:]) == sorted((*FIELDS, *ROWS))


@pytest.mark.long
def test_the_base_gives_anyones_column_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = pytest.importorskip("faker_neural_export")
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("\n".join(load("company").generate(800)))
    settings = export.settings_of("base", epochs=1, batch=16)
    started = export.train("names.txt", "a.onnx", settings=settings, start_from="base")
    scratch = export.train("names.txt", "b.onnx", settings=settings)
    bits, from_scratch = (
        model.card.evaluation["bits_per_character"] for model in (started, scratch)
    )
    assert bits < from_scratch - 0.3
    assert str(started.card.training["start_from"]).startswith("base, epoch ")
    assert TextModel("a.onnx").card.exact


@pytest.mark.long
def test_a_field_can_be_evaluated_on_its_own_column(shared_data: Path) -> None:
    export = pytest.importorskip("faker_neural_export")
    column = shared_data / "ru_person_name.txt"  # of which nothing is left out
    found = export.evaluate("ru_person_name", column, split=True)
    card = load("ru_person_name").card
    in_card = {name: card.evaluation[name] for name in found.facts()}
    assert found.facts() == pytest.approx(in_card, abs=0.005)  # libraries' versions differ a little


@pytest.fixture(scope="module")
def clean() -> ModuleType:
    """What cleans the columns."""
    sys.path.insert(0, str(ROOT / "fields"))
    try:
        return importlib.import_module("clean")
    finally:
        sys.path.remove(str(ROOT / "fields"))


def test_a_column_is_cleaned(clean: ModuleType, tmp_path: Path) -> None:
    lines = (
        "Good&amp;nbsp;price &quot;new&quot;", "Black\u00a0  tea", "LOUD TEA BAGS", "A shit day",
        "Svart kaffe med mjölk", "Old tea", "Old tea", "", "Dropped Ltd",
    )  # fmt: skip
    (tmp_path / "a.txt").write_text("\n".join(lines[:5]), encoding="utf-8")
    (tmp_path / "b.txt").write_text("\n".join(lines[5:]), encoding="utf-8")
    recipe = {"columns": ["a", "b"], "drop": r"\bLtd\b", "english": True, "shouting": True}
    assert clean.clean(recipe, "a", tmp_path) == ['Good price "new"', "Black tea", "Old tea"]
    assert len(clean.clean({}, "a", tmp_path)) == 4


def test_the_shipped_list_is_that_of_its_package(clean: ModuleType) -> None:
    offensive = sys.modules["offensive"]
    assert offensive.FILE.read_bytes() == offensive.numbers()
    assert 200 < len(offensive.offensive_words()) < 2000
