"""Words that must not occur."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

import onnx
import pytest
from faker import Faker

from faker_neural import (
    Card,
    ExhaustedError,
    ModelFileError,
    OptionError,
    Options,
    Provider,
    TextModel,
    load,
)
from faker_neural._blocked import OFFENSIVE, BlockedWords

COMPANY = load("company")


def has(text: str, word: str) -> bool:
    return word in re.split(r"\W+", text.casefold())


def test_a_blocked_word_never_comes_out() -> None:
    free = COMPANY.generate(400)
    held = COMPANY.generate(400, blocked={"Inc"})
    assert sum(has(text, "inc") for text in free) > 100
    assert not any(has(text, "inc") for text in held)


def test_what_has_no_blocked_word_stays_as_it_was() -> None:
    free, held = COMPANY.generate(400), COMPANY.generate(400, blocked=["corp", OFFENSIVE])
    assert all(a == b for a, b in zip(free, held, strict=True) if not has(a, "corp"))
    assert free != held


def test_a_string_does_not_depend_on_what_is_drawn_beside_it() -> None:
    together = COMPANY.generate(60, blocked={"inc"})
    assert [COMPANY.generate(1, start=i, blocked={"inc"})[0] for i in range(60)] == together


def test_blocked_words_go_with_every_other_option() -> None:
    for options in (
        {"max_length": 20},
        {"prefix": "A"},
        {"pattern": "[A-Za-z ,.]+"},
        {"top_k": 40},
    ):
        texts = COMPANY.generate(80, blocked={"inc", "corp"}, **options)  # type: ignore[arg-type]
        assert not any(has(text, "inc") or has(text, "corp") for text in texts)


def test_a_file_of_words_is_read(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Inc\n\nholding company\n", encoding="utf-8-sig")
    by_path, by_hand = ({"blocked": blocked} for blocked in (path, {"inc", "holding company"}))
    assert COMPANY.generate(50, **by_path) == COMPANY.generate(50, **by_hand)  # type: ignore[arg-type]
    assert Options(blocked=str(path)) == Options(blocked=["INC", "Holding  Company"])


@pytest.mark.parametrize(
    ("blocked", "text", "found"),
    [
        (["inc"], "Acme INC.", True),
        (["inc"], "Incline", False),
        (["acme"], "acme's", False),
        (["o'neil"], "O\u2019Neil & Sons", False),
        (["new york"], "The New-York Times", True),
        (["new york"], "New Yorker", False),
        (["new york"], "New\nYork", False),
        (["straße"], "STRASSE", True),
        (["élan"], "Élan vital", True),
        ([OFFENSIVE], "that is shit", True),
        ([OFFENSIVE], "Scunthorpe Assessment", False),
        ([OFFENSIVE, "acme"], "Acme", True),
        ([], "shit", False),
    ],
)
def test_words_are_found_whole_and_case_aside(
    blocked: Collection[str], text: str, found: bool
) -> None:
    assert (text in BlockedWords.of(blocked)) is found


def test_the_shipped_list_can_be_switched_off() -> None:
    bundled = COMPANY.card.options
    assert bundled["blocked"] == OFFENSIVE
    assert COMPANY.options().blocked == BlockedWords.of(OFFENSIVE)
    assert not COMPANY.options(blocked="").blocked
    assert not COMPANY.options(blocked=()).blocked


def test_faker_and_its_unique_take_blocked_words() -> None:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(4)
    blocked = frozenset({"inc"})
    texts = [fake.unique.neural_text("company", blocked=blocked) for _ in range(50)]
    assert not any(has(text, "inc") for text in texts)


@pytest.mark.parametrize(
    ("blocked", "message"),
    [
        (3, r"blocked=3 must be words, a file of them, @offensive or '', not int"),
        (["a", 3], "blocked=3 must be a word, not int"),
        ("nowhere.txt", "blocked='nowhere.txt' must be a file of words, .*; there is no such file"),
        (["..."], r"blocked='\.\.\.' has no word in it"),
    ],
)
def test_what_is_no_set_of_words_is_named(blocked: object, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        COMPANY.generate(1, blocked=blocked)  # type: ignore[arg-type]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.bin"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OptionError, match="cannot be read: it is not UTF-8 text"):
        Options(blocked=path)
    with pytest.raises(OptionError, match="cannot be read: Is a directory"):
        Options(blocked=tmp_path)


def test_where_every_text_has_a_blocked_word_it_says_so() -> None:
    likeliest = COMPANY.generate(1, temperature=0, blocked="", verbatim="allowed")[0]
    word = likeliest.split()[0].strip(",.")
    with pytest.raises(ExhaustedError, match=r"gave only texts with a blocked word .* blocked=''"):
        COMPANY.generate(1, temperature=0, blocked={word}, verbatim="allowed")


def test_a_strangers_card_reads_no_file_of_yours(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    model = onnx.load(COMPANY.path)
    raw = json.loads(COMPANY.card.to_json())
    for blocked, allowed in (
        (["acme"], True),
        (OFFENSIVE, True),
        (str(tmp_path), False),
        (7, False),
    ):
        raw["options"]["blocked"] = blocked
        onnx.helper.set_model_props(model, {Card.metadata_key: json.dumps(raw)})
        onnx.save(model, path)
        if allowed:
            assert TextModel(path).options().blocked
        else:
            with pytest.raises(ModelFileError, match=r"blocked is .*, not '@offensive' or a list"):
                TextModel(path)
