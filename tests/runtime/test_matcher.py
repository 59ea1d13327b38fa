"""Whole texts are matched as `re` matches them, in linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faker_neural._constraints.matcher import Matcher
from faker_neural._constraints.pattern import NotRegularError

PATTERNS = (
    r"[\s\S]*a[\s\S]b?[\s\S]*",
    r"(?i:(ab|c)+)",
    r"\w+\s\d{1,3}",
    "[^a-c]*",
    r"(?=(?:[\s\S]*a[\s\S]*)\Z)(?:[\s\S]*b[\s\S]*)",
    r"(?=(?:a*)\Z)(?=(?:(aa)*)\Z)(?:(aaa)*)",
)


@given(st.sampled_from(PATTERNS), st.text(st.sampled_from("abcAé漢9 \n\u0130")))
def test_a_text_matches_as_in_re(pattern: str, text: str) -> None:
    assert Matcher(pattern).fullmatch(text) == bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize(
    "pattern", [r"[\s\S]*a" * 40 + r"[\s\S]*z", "(a*)*b", "(a|a)*b", "(a|aa)+b"]
)
def test_a_pattern_on_which_re_hangs_takes_no_time(pattern: str) -> None:
    started = time.process_time()
    assert not Matcher(pattern).fullmatch("a" * 10_000)
    assert time.process_time() - started < 5


def test_a_character_of_a_new_kind_is_matched() -> None:
    single = Matcher("[漢字]+")
    assert not single.fullmatch("a")
    assert single.fullmatch("漢字")
    assert not single.fullmatch("漢é")


@pytest.mark.parametrize("pattern", [r"[\s\S]*a[\s\S]{30}", r"(a)\1", "(a{1,200}){1,200}"])
def test_a_pattern_without_a_small_automaton_is_refused(pattern: str) -> None:
    with pytest.raises(NotRegularError):
        Matcher(pattern)


def test_a_new_kind_of_character_that_is_too_much_does_not_match() -> None:
    many = Matcher("[^ -ÿ]*[漢字][^ -ÿ]{12}|a")
    assert many.fullmatch("a")
    assert not many.fullmatch("漢" + "é字漢" * 4)
