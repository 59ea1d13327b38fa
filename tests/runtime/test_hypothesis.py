from __future__ import annotations

import re
from pathlib import Path
from random import Random
from statistics import median

import letters
import pytest
from hypothesis import find, given, settings

from faker_neural import OptionError, load
from faker_neural.integrations.hypothesis import neural_text

QUIET = settings(max_examples=1000, deadline=None, database=None, derandomize=True)


def shrunk(condition: object, model: object = "support_ticket", **options: object) -> str:
    return find(neural_text(model, **options), condition, settings=QUIET, random=Random(0))  # type: ignore[arg-type]


def test_a_failing_text_shrinks_to_its_core() -> None:
    """Of a sentence about a card, few words are left, and the one that the condition is about."""
    about = [text for text in load("support_ticket").generate(500) if "card" in text]
    assert len(shrunk(lambda text: "card" in text)) < 0.6 * median(map(len, about))


def test_a_text_shrinks_to_one_of_few_tokens() -> None:
    assert len(shrunk(lambda text: True)) < 12
    assert len(shrunk(lambda text: len(text.split()) >= 3).split()) == 3


def test_a_failure_replays_with_the_same_text(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given
        from faker_neural.integrations.hypothesis import neural_text

        @given(neural_text("product_name"))
        def test_no_digit(text):
            assert not any(map(str.isdigit, text))
        """
    )
    falsifying = []
    for _ in range(2):
        result = pytester.runpytest_subprocess("-p", "no:randomly", "-W", "ignore")
        result.assert_outcomes(failed=1)
        falsifying.append(set(re.findall(r"text=['\"](.*)['\"],", result.stdout.str())))
    assert falsifying[0] == falsifying[1]
    assert len(falsifying[0]) == 1


def test_many_different_texts_come(pytester: pytest.Pytester) -> None:
    found = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(neural_text("company"))
    def collect(text: str) -> None:
        found.add(text)

    collect()
    assert len(found) > 35
    assert any(len(text) > 20 for text in found)


def test_the_options_hold() -> None:
    pattern = r"[A-Z]\w+ \w+( Inc)?"

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(neural_text("company", pattern=pattern, max_length=16, prefix="No", top_p=0.9))
    def check(text: str) -> None:
        assert re.fullmatch(pattern, text)
        assert len(text) <= 16
        assert text.startswith("No")

    check()


def test_no_training_line_comes_where_they_are_rejected() -> None:
    lines = load("job_title").card.training_lines

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(neural_text("job_title", verbatim="rejected"))
    def check(text: str) -> None:
        assert text not in lines

    check()


def test_a_model_from_noise_shrinks_too(tmp_path: Path) -> None:
    card = letters.card(contract="latent", start=None, noise=letters.LENGTH * 4)
    path = letters.save_latent(tmp_path, card)
    assert len(shrunk(lambda text: "b" in text, path)) == 1


def test_temperature_0_leaves_nothing_to_choose() -> None:
    assert (
        shrunk(lambda text: True, "company", temperature=0)
        == load("company").generate(1, temperature=0)[0]
    )


def test_a_bad_option_is_named() -> None:
    with pytest.raises(OptionError, match="top_k=0 must be at least 1"):
        shrunk(lambda text: True, top_k=0)
