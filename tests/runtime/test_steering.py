"""Texts with options read as texts without: patterns, lengths and prefixes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import letters
import pytest

from faker_neural import OptionError, TextModel, load

# Words that a text does not end with.
_OPEN = re.compile(
    r"\b(a|an|the|and|or|of|to|for|in|on|with|my|your|is|are|was|i|it|at|by|from|what|when|will|how"
    r"|do|does|can|if|that|this|why|who|which|there|their|has|have|am|we)\W*",
    re.IGNORECASE,
)


def breaks_off(text: str) -> bool:
    """Say whether a text ends where no writer ends one."""
    last = text.split(" ")[-1]
    return text[-1] in ",;:-(&" or (text[-1] not in ".?!" and bool(_OPEN.fullmatch(last)))


def shares(texts: Sequence[str], prefix: str) -> Counter[str]:
    """Return how often each word follows the prefix, of 1."""
    words = Counter(text[len(prefix) :].split(" ")[0] for text in texts)
    return Counter({word: count / len(texts) for word, count in words.items()})


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("street_address", ".* Street"),
        ("world_city", ".*burg"),
        ("support_ticket", r".*\?"),
        ("product_name", ".*oz"),
        ("person_name", ".* Smith"),
        ("company", r".* Inc\."),
    ],
)
def test_a_text_with_a_fixed_end_is_as_long_as_those_that_have_it_by_chance(
    name: str, pattern: str
) -> None:
    model = load(name)
    drawn = model.generate(60, seed=1, pattern=pattern)
    free = [text for text in model.generate(8000) if re.fullmatch(pattern, text)]
    assert all(re.fullmatch(pattern, text) for text in drawn)
    assert median(map(len, drawn)) <= 1.3 * median(map(len, free))


def test_a_fixed_end_follows_beginnings_that_lead_to_it() -> None:
    """Few names end so that plain draws find them: these are steered."""
    names = load("person_name").generate(80, pattern=".* Ramirez")
    words = {word for name in load("person_name").generate(8000) for word in name.split(" ")}
    assert sum(words.issuperset(name.split(" ")[:-1]) for name in names) > 60
    assert len(set(names)) > 50


def test_a_steered_text_does_not_depend_on_its_batch() -> None:
    model = load("world_city")
    together = model.generate(40, pattern=r".*(ville|heim)")
    alone = [model.generate(1, start=i, pattern=r".*(ville|heim)")[0] for i in range(40)]
    assert together == alone


def test_a_steered_text_keeps_to_top_k() -> None:
    """With the likeliest token alone, all drafts are equal."""
    texts = load("company").generate(6, pattern=r".* of .*", top_k=1)
    assert len(set(texts)) == 1


@pytest.mark.parametrize("name", ["support_ticket", "review", "task", "company", "dish_name"])
def test_a_short_text_ends_where_texts_end(name: str) -> None:
    model = load(name)
    lengths = sorted(map(len, model.generate(2000)))
    texts = model.generate(200, seed=1, max_length=lengths[200])
    assert sum(map(breaks_off, texts)) <= 10


def test_a_longer_text_than_usual_is_refused() -> None:
    with pytest.raises(OptionError, match=r"min_length=90 must be at most \d+: longer texts of co"):
        load("company").generate(0, min_length=90)


def test_the_longest_usual_texts_are_whole() -> None:
    with pytest.raises(OptionError) as caught:
        load("support_ticket").generate(0, min_length=900)
    usual = int(str(caught.value).split("at most ")[1].split(":")[0])
    texts = load("support_ticket").generate(40, min_length=usual)
    assert min(map(len, texts)) >= usual
    assert sum(text[-1] in ".?!" for text in texts) > 30


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("support_ticket", "How do I "), ("support_ticket", "My "), ("street_address", "10")],
)
def test_after_a_prefix_comes_what_comes_after_it_in_other_texts(name: str, prefix: str) -> None:
    model = load(name)
    texts = model.generate(20_000, temperature=1.0)
    free = shares([text for text in texts if text.startswith(prefix)], prefix)
    drawn = shares(model.generate(2000, seed=1, prefix=prefix), prefix)
    assert all(abs(drawn[word] - share) < 0.06 for word, share in free.most_common(8))


def test_a_text_of_its_own_follows_an_unknown_title() -> None:
    model = load("person_name")
    names = model.generate(50, verbatim="allowed")
    assert model.generate(50, prefix="Dr. ") == [f"Dr. {name}" for name in names]


def test_an_unknown_word_in_a_known_prefix_is_gone_on_from() -> None:
    tickets = load("support_ticket").generate(50, prefix="My flurbocard ")
    assert sum(bool(re.match("My flurbocard (How|What|Why) ", text)) for text in tickets) < 5


def test_a_long_prefix_is_gone_on_from() -> None:
    """It is spelled as the model learned it: a spelling by characters would be gone on from so."""
    model, end = load("support_ticket"), "How do I "
    prefix = "I lost my card and I need a new one. My transfer is still pending. " * 3 + end
    tickets = model.generate(100, prefix=prefix)
    usual = {text[len(end) :].split(" ")[0] for text in model.generate(4000, prefix=end)}
    assert sum(ticket[len(prefix) :].split(" ")[0] in usual for ticket in tickets) > 90


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[[:alpha:]]+", "has [:alpha:], which Python's expressions do not know: write [A-Za-z]"),
        (r"[[:^digit:]]+", r"has [:^digit:], which Python's expressions do not know: write \d"),
        ("[[:yes:]]+", "has [:yes:], which Python's expressions do not know: write a class such"),
        ("[a&&b]", "is ambiguous: possible set intersection at position 2; put a backslash"),
        ("[a--b]", "is ambiguous: possible set difference at position 2; put a backslash"),
    ],
)
def test_a_class_that_is_none_in_python_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        load("company").generate(0, pattern=pattern)
    assert message in str(caught.value)


@pytest.mark.parametrize("pattern", ["(a?){60}a{60}", r"(([a-z]+)+ )+X{4}", "(.*a){9}"])
def test_a_pattern_that_makes_a_matcher_go_back_for_ever_does_not(pattern: str) -> None:
    assert load("company").generate(2, pattern=pattern)


def test_what_follows_a_prefix_is_chosen_where_the_caller_chooses(tmp_path: Path) -> None:
    """A key picks one of two tokens that begin with the prefix, so its digits are asked for."""
    card = letters.card(tokens=("", "a", "ab", " b"))
    model = TextModel(letters.save(tmp_path, card, (0, 1, 1, 1)))

    def composed(digit: int) -> str:
        return model.compose(lambda w: digit if len(w) == 2**16 else 0, prefix="a")

    assert {composed(digit) for digit in range(0, 2**16, 4096)} == {"a", "ab"}
