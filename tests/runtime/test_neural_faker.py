from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from faker import Faker

from faker_neural import NeuralFaker, NeuralText, Provider

RIGHT = """\
from pathlib import Path

from faker import Faker
from faker_neural import NeuralFaker, NeuralText, Provider

def product(fake: NeuralText) -> dict[str, str]:
    reveal_type(fake.neural_text("product_name", temperature=0.5))
    return {"name": fake.neural_text()}

def test_products(faker: NeuralFaker) -> None:
    reveal_type(faker.name())
    reveal_type(faker.neural_text("company"))
    reveal_type(NeuralFaker("ja_JP").neural_texts(nb=2))
    reveal_type(NeuralFaker().neural_company(max_length=20))
    reveal_type(faker.neural_us_place(given={"state": "TX"}))
    faker.neural_text("own_field")
    faker.neural_text(Path("own.onnx"))
    product(faker)
    plain: Faker = faker

def attached(provider: Provider) -> dict[str, str]:
    reveal_type(provider.neural_company())
    return product(provider)
"""
WRONG = """\
from faker_neural import NeuralFaker, NeuralText, Provider

def test_products(faker: NeuralFaker, text: NeuralText) -> None:
    faker.neural_text(temprature=1)
    faker.neural_text(7.5)
    text.neural_texts(nb="2")
    length: int = text.neural_text()
    faker.neural_company("Acme")
    faker.neural_us_place(max_lenght=7)

def attached(provider: Provider) -> str:
    return provider.neural_compny()
"""
MYPY = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
PYRIGHT = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]


def lines_about(path: Path, checker: list[str], kind: str) -> list[str]:
    """What a type checker reports of a kind, each with its line first."""
    done = subprocess.run([*checker, path.name], cwd=path.parent, capture_output=True, text=True)
    found = [line.partition(f"{path.name}:")[2] for line in done.stdout.splitlines()]
    return [line for line in found if kind in line]


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_a_type_checker_knows_what_is_drawn(tmp_path: Path, checker: list[str]) -> None:
    path = tmp_path / "right.py"
    path.write_text(RIGHT)
    revealed = lines_about(path, checker, "ype ")
    assert [line.rpartition(" is ")[2].strip('"') for line in revealed] == [
        "str",
        "str",
        "str",
        "list[str]",
        "str",
        "dict[str, str]",
        "str",
    ]
    assert lines_about(path, checker, "error") == []


@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_a_type_checker_reports_each_wrong_argument(tmp_path: Path, checker: list[str]) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(WRONG)
    errors = lines_about(path, checker, "error:")
    assert sorted({int(line.partition(":")[0]) for line in errors}) == [4, 5, 6, 7, 8, 9, 12]


def test_a_neural_faker_draws_what_a_faker_with_the_provider_draws() -> None:
    plain, ours = Faker(), NeuralFaker()
    plain.add_provider(Provider)
    for fake in (plain, ours):
        fake.seed_instance(3)
    assert [ours.neural_text(), ours.name()] == [plain.neural_text(), plain.name()]


def test_each_locale_of_a_neural_faker_has_learned_text() -> None:
    fake = NeuralFaker(["en_US", "ja_JP"])
    fake.seed_instance(3)
    assert fake["en_US"].neural_text() == fake["ja_JP"].neural_text()


def test_a_neural_faker_includes_further_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
        from faker.providers import BaseProvider

        class Provider(BaseProvider):
            def voltage(self):
                return self.random_element([110, 230])
        """
    (tmp_path / "voltages.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    fake = NeuralFaker(includes=["voltages"])
    assert fake.voltage() in (110, 230)
    assert isinstance(fake.neural_text(), str)


def test_copies_of_a_neural_faker_are_neural_fakers_that_go_on_alike() -> None:
    fake = NeuralFaker(["en_US", "ja_JP"])
    fake.seed_instance(3)
    copies = [copy.deepcopy(fake), pickle.loads(pickle.dumps(fake))]
    expected = [fake.neural_text() for _ in range(4)]
    assert all([twin.neural_text() for _ in range(4)] == expected for twin in copies)
    assert {type(twin) for twin in copies} == {NeuralFaker}


@pytest.mark.parametrize("name", ["neural_text", "neural_texts"])
def test_the_protocol_has_the_providers_signatures(name: str) -> None:
    asked, given = (inspect.signature(getattr(of, name)) for of in (NeuralText, Provider))
    assert asked == given
