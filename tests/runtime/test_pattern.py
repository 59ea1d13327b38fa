from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faker_neural._constraints.pattern import Automaton, NotRegularError, automaton

CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " \n éßЖя٣"


def follows(machine: Automaton, symbols: dict[str, int], text: str) -> bool:
    """Follow the moves of an automaton; say whether they end where it accepts."""
    state: int | None = 0
    for character in text:
        state = None if state is None else machine.moves[state].get(symbols[character])
    return state in machine.accepting


def accepts(pattern: str, text: str) -> bool:
    return follows(*automaton([pattern], CHARACTERS), text)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Z][a-z]+ \d{3} ml",
        r"\w+( \w+){0,3}",
        r"(?:\w+[ ,.]?){2,9}",
        r"(?i)caf[éè] .*",
        r"(?i:k)elvin|[^\W\d_]{3,8}",
        r"(?a)\w+\s?",
        r"\D\S\W?",
        r"^a|b$",
        r"(^A.|é.*|x$)",
        r"(?=.*1)^a.*",
        r"(?a:\w)+|(?i:É)",
        r".{3}\d.*",
        r"\A[ab]{2,}\Z",
        r"(?=.*\d)(?!.*Ж)[a-zЖ0-9]{2,5}",
        r"(a|b)*a(a|b){3}",
        r"a{0}b{,3}?",
        r"[^a-y\n]+|",
        r"(?s:.)x?.",
        r"(?x) a  b # a comment",
        r"(?P<name>a+)(?-i:B)",
    ],
)
def test_an_automaton_accepts_what_python_matches(pattern: str) -> None:
    machine, symbols = automaton([pattern], CHARACTERS)
    matches = re.compile(pattern).fullmatch

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(st.text("abAB1٣Жé x.,Kk\n", max_size=9) | st.from_regex(pattern, fullmatch=True))
    def compare(text: str) -> None:
        known = text if set(text) <= set(CHARACTERS) else ""
        accepted = follows(machine, symbols, known)
        assert accepted == (matches(known) is not None), known

    compare()


def test_all_of_several_patterns_must_match() -> None:
    machine, symbols = automaton([r"a.*", r".*b", r".{3}"], "abc")
    assert follows(machine, symbols, "acb")
    assert not follows(machine, symbols, "ab")
    assert not follows(machine, symbols, "bcb")


def test_a_long_repetition_is_built_in_no_time() -> None:
    machine, _ = automaton([r"(?:\w+[ ,.]?){3,40}"], CHARACTERS)
    assert len(machine.moves) < 4_000


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        (r"(a)\1", "has a reference to a group"),
        (r"(a)?b(?(1)c|d)", "has a condition on a group"),
        (r"a\bb", "has an anchor inside of it"),
        (r"a$b", "has an anchor inside of it"),
        (r"(?<=a)b", "has a look-around that does not stand at its beginning"),
        (r"(x(?=a)a)b", "has a look-around that does not stand at its beginning"),
        (r"(?>a+)b", "has an atomic group"),
        (r"a++b", "has a possessive repetition"),
        (r"a{30000}", "repeats to more than 20,000 characters"),
        ((r"(" * 30 + "a" + "){9}" * 30), "repeats to more than 20,000 characters"),
        (r"(((a|b){1,20}c?){1,20}d?){1,20}", "takes too long to make"),
        (r".*a.{16}", "has an automaton of more than 4,000 states"),
        (r"a(?=b)^b", "has a look-around that does not stand at its beginning"),
    ],
)
def test_what_no_automaton_decides_is_named(pattern: str, problem: str) -> None:
    with pytest.raises(NotRegularError, match=re.escape(problem)):
        automaton([pattern], CHARACTERS)


def test_a_character_that_no_pattern_tells_apart_shares_its_symbol() -> None:
    _, symbols = automaton([r"a+.*"], "abcd")
    assert symbols["b"] == symbols["c"] == symbols["d"] != symbols["a"]
