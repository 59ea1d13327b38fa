from __future__ import annotations

import itertools
import re
from hashlib import sha256
from pathlib import Path

import letters
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faker_neural import OptionError, TextModel, load
from faker_neural._constraints.rejection import truncate_at_word

TOKENS = ("", "a", "ab", " b")
SPACED = ("", "a", " ", "b ")


@pytest.fixture(
    scope="module",
    params=itertools.product(["step", "window", "latent"], [TOKENS, SPACED]),
    ids=lambda param: f"{param[0]}-{'-'.join(param[1])}",
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TextModel:
    """A model of each contract, whose tokens are of several letters."""
    folder, logits = tmp_path_factory.mktemp("letters"), (0.0, 1.0, 1.0, 1.0)
    contract, tokens = request.param
    if contract == "step":
        return TextModel(letters.save(folder, letters.card(tokens=tokens), logits))
    if contract == "window":
        card = letters.card(tokens=tokens, contract="window", window=letters.WINDOW)
        return TextModel(letters.save_window(folder, card, logits))
    noise = letters.LENGTH * 4
    card = letters.card(tokens=tokens, contract="latent", start=None, noise=noise)
    return TextModel(letters.save_latent(folder, card))


def meets(text: str, options: dict[str, object]) -> bool:
    """Say, without the code under test, whether a text is what the options ask for."""
    return (
        text == text.strip() != ""
        and options.get("min_length", 0) <= len(text) <= options.get("max_length", 99)
        and text.startswith(options.get("prefix", ""))
        and set(text) <= set(options.get("alphabet", text))
        and re.fullmatch(options.get("pattern", ".*"), text, re.DOTALL) is not None
    )


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "min_length": st.integers(0, 9),
        "max_length": st.integers(1, 12),
        "prefix": st.text("ab ", min_size=1, max_size=4),
        "alphabet": st.sampled_from(["a", "b", "ab", "a ", "ab ", "b "]),
        "pattern": st.sampled_from(
            ["a+", "(ab)+", "a.*b", "[^a]+", ".{3,5}", "a( b)*", "(a|ab)*b", r"\w+ \w+", "b+|a"]
        ),
        "temperature": st.sampled_from([0, 0.5, 3.0]),
        "top_k": st.integers(1, 4),
        "top_p": st.floats(0.01, 1),
    },
)


def test_whatever_the_options_a_text_meets_them_or_they_are_refused(model: TextModel) -> None:
    outcomes = set()

    @settings(max_examples=250, deadline=None, database=None, derandomize=True)
    @given(OPTIONS)
    def draw(options: dict[str, object]) -> None:
        try:
            texts = model.generate(3, **options)
        except OptionError:
            outcomes.add("refused")
        else:
            outcomes.add("drawn")
            assert all(meets(text, options) for text in texts), texts

    draw()
    assert outcomes == {"drawn", "refused"}


def test_what_is_refused_has_no_text_of_the_tokens(model: TextModel) -> None:
    """Try every text of up to nine characters that the tokens can make."""
    every, longer = {""}, {""}
    while longer:
        longer = {
            old + new for old in longer for new in model.card.tokens[1:] if len(old + new) <= 9
        }
        every |= longer
    if model.card.contract == "latent":
        every = {text for text in every if len(text) <= 6}  # so short that nine tokens suffice

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(OPTIONS)
    def draw(options: dict[str, object]) -> None:
        options.pop("prefix", None)  # it may be what no tokens make
        try:
            model.generate(0, **options)
        except OptionError:
            assert not [text for text in every if meets(text, options)]

    draw()


@pytest.mark.parametrize("name", ["product_name", "japanese_address", "ru_person_name", "review"])
def test_no_text_is_longer_than_asked_for(name: str) -> None:
    for most in (1, 7, 25):
        assert max(map(len, load(name).generate(60, max_length=most))) <= most


def test_a_length_that_does_not_bind_changes_nothing() -> None:
    model = load("company")
    assert model.generate(50, max_length=500, min_length=1) == model.generate(50)


def test_words_stay_whole_where_a_shorter_text_exists() -> None:
    """Support tickets under 40 characters end as often without a stop as those drawn freely."""
    model = load("support_ticket")
    cut = [text for text in model.generate(200, max_length=40) if text[-1] not in ".?!"]
    short = [text for text in model.generate(2000) if len(text) <= 40]
    free = [text for text in short if text[-1] not in ".?!"]
    assert len(cut) / 200 < 1.5 * len(free) / len(short)


def test_a_text_without_a_shorter_draw_ends_at_a_whole_word() -> None:
    model = load("support_ticket")
    words = {word for text in model.generate(6000) for word in text.split()}
    short = model.generate(100, max_length=9)
    assert sum(set(text.split()) <= words for text in short) > 95


def test_the_least_and_the_most_characters_may_be_equal() -> None:
    for name, length in (("product_name", 20), ("japanese_address", 15)):
        texts = load(name).generate(30, min_length=length, max_length=length)
        assert {len(text) for text in texts} == {length}
        assert len(set(texts)) == 30


def test_the_pattern_of_the_documents_holds() -> None:
    texts = load("product_name").generate(50, pattern=r"[A-Z][a-z]+ \d{3} ml")
    assert all(re.fullmatch(r"[A-Z][a-z]+ \d{3} ml", text) for text in texts)
    assert len(set(texts)) > 45


def test_a_text_that_is_too_long_for_a_pattern_is_not_taken_for_one_that_fits() -> None:
    texts = load("product_name").generate(100, pattern=r"[A-Z][a-z]+ \d+ ml", max_length=8)
    assert all(re.fullmatch(r"[A-Z][a-z]+ \d+ ml", text) for text in texts)


def test_a_class_of_a_pattern_knows_other_scripts() -> None:
    texts = load("ru_person_name").generate(30, pattern=r"\w+ \w+")
    assert all(re.fullmatch(r"[^\Wa-zA-Z]+ [^\Wa-zA-Z]+", text) for text in texts)


def test_a_prefix_is_gone_on_from_whatever_the_tokens() -> None:
    for prefix in ("Org", "Choc", "The ", "x", "Ωmega ☃ Te"):
        texts = load("product_name").generate(30, prefix=prefix)
        assert all(text.startswith(prefix) for text in texts)
        assert len(set(texts)) > 20


def test_a_prefix_decides_what_follows() -> None:
    after = load("product_name").generate(200, prefix="Pantene Shamp", temperature=0.7)
    assert sum(text.startswith("Pantene Shampoo") for text in after) > 150


def test_an_unknown_prefix_is_fed_as_far_as_it_is_known() -> None:
    """The model goes on from the tokens in a prefix of which it does not know every character."""
    after = load("product_name").generate(200, prefix="☃ Coca", temperature=0.7)
    assert sum(text.startswith("☃ Coca-Cola") for text in after) > 20


def test_a_constrained_text_does_not_depend_on_its_batch() -> None:
    model, options = load("company"), {"pattern": r"\w+ \w+.*", "max_length": 18, "prefix": "Ne"}
    together = model.generate(70, **options)
    alone = [model.generate(1, start=i, **options)[0] for i in range(70)]
    assert together == alone == model.generate(70, threads=2, **options)


def test_the_same_options_go_through_faker(faker: object) -> None:
    texts = faker.neural_texts("company", 20, pattern=r"[A-Z].* Inc\.?", max_length=25)  # type: ignore[attr-defined]
    assert all(re.fullmatch(r"[A-Z].* Inc\.?", text) and len(text) <= 25 for text in texts)


@pytest.mark.parametrize(
    ("options", "first", "of_20"),
    [
        ({"prefix": "North", "temperature": 0.7}, "Northwest Research Corp", "ca7f8977eb37decf"),
        ({"pattern": r"\w+ \w+ Inc\.?"}, "Arrow Industries Inc", "9999328c2dc06c97"),
        ({"max_length": 12, "top_p": 0.9}, "JFrog N.V.", "6bec421e3e40f3bc"),
        (
            {"min_length": 40, "top_k": 9},
            "Nuveen New York Municipal Opportunities Fund",
            "2d517407b2ae5a8d",
        ),
        ({"pattern": ".*burg Co"}, "Thornburg Co", "2d3d96d44b822104"),
        ({"alphabet": "abcdefghij "}, "ff", "d46dd99258bd51f5"),
    ],
)
def test_a_string_with_options_never_changes(
    options: dict[str, object], first: str, of_20: str
) -> None:
    texts = load("company").texts(list(range(1, 21)), **options)
    assert texts[0] == first
    assert sha256("\n".join(texts).encode()).hexdigest()[:16] == of_20


def test_running_text_is_cut_at_a_word(tmp_path: Path) -> None:
    card = letters.card(tokens=("b ", "a", "ab", " b"), end=None, start=1)
    model = TextModel(letters.save(tmp_path, card, (1, 1, 1, 1)))
    whole = model.generate(40, length=30)
    for text, free in zip(model.generate(40, length=30, max_length=10), whole, strict=True):
        assert free.startswith(text)
        assert free[len(text)].isspace() or len(text) == 10
        assert " " not in free[len(text) : 11].strip()
    texts = model.generate(40, length=30, prefix="aab a", max_length=6)
    assert all(text.startswith("aab a") and len(text) <= 6 for text in texts)


def test_a_text_without_an_end_takes_no_pattern(tmp_path: Path) -> None:
    model = TextModel(letters.save(tmp_path, letters.card(end=None)))
    with pytest.raises(OptionError, match="pattern='a' needs a model whose texts end, and those"):
        model.generate(1, pattern="a")


@pytest.mark.parametrize(
    ("text", "most", "ended"),
    [
        ("one two three", 8, "one two"),
        ("one two three", 7, "one two"),
        ("one two three", 6, "one"),
        ("one", 2, ""),
        ("one\ttwo", 4, "one"),
        ("one  two", 5, "one"),
    ],
)
def test_a_text_ends_at_its_last_whole_word(text: str, most: int, ended: str) -> None:
    assert truncate_at_word(text, most) == ended


def test_words_that_bring_a_space_match_without_it(tmp_path: Path) -> None:
    """Among tokens that all begin with a space, the first one's is no part of the text."""
    model = TextModel(letters.save(tmp_path, letters.card(tokens=("", " ab", " b", " abc"))))
    assert set(model.generate(50, pattern=r"ab( b)*", max_length=6)) == {"ab", "ab b", "ab b b"}


def test_a_string_unbound_by_options_is_what_it_was() -> None:
    """The golden strings are drawn without a constraint; one that allows all draws the same."""
    model = load("company")
    keys = np.arange(30, dtype=np.uint64).tolist()
    assert model.texts(keys, pattern="(?s:.*)") == model.texts(keys)
