from __future__ import annotations

import ast
import copy
import pickle
import random
import subprocess
import sys

import factory
import factory.random
import numpy as np
import pytest
from faker import Faker

import faker_neural
from faker_neural import MissingExtraError, OptionError, Options, Provider, load
from faker_neural._prefetch import text_prefetcher


@pytest.fixture
def fake() -> Faker:
    made = Faker()
    made.add_provider(Provider)
    made.seed_instance(1)
    return made


def test_reseeding_repeats_the_strings(fake: Faker) -> None:
    fake.seed_instance(7)
    first = fake.neural_texts("product_name", 3)
    fake.seed_instance(7)
    assert fake.neural_texts("product_name", 3) == first


def test_many_at_once_are_as_many_calls(fake: Faker) -> None:
    together = fake.neural_texts("product_name", nb=100, temperature=0.7)
    fake.seed_instance(1)
    assert [fake.neural_text("product_name", temperature=0.7) for _ in range(100)] == together


def test_a_string_takes_64_bits_of_the_generator(fake: Faker) -> None:
    mirror = random.Random(1)
    for _ in range(20):
        key = mirror.getrandbits(64)
        assert fake.neural_text() == load("product_name").texts([key])[0]
    assert fake.random.getstate() == mirror.getstate()


def test_another_field_is_not_shifted_by_an_option(fake: Faker) -> None:
    names = []
    for temperature in (0.5, 1.0):
        fake.seed_instance(2)
        names.append([(fake.neural_text(temperature=temperature), fake.name())[1] for _ in "abc"])
    assert names[0] == names[1]


def test_includes_finds_the_provider() -> None:
    fake = Faker(includes=["faker_neural"])
    assert isinstance(fake.neural_text("product_name"), str)


def test_the_default_is_three_product_names(fake: Faker) -> None:
    assert len(set(fake.neural_texts())) == 3


def test_a_model_file_is_named_by_its_path(fake: Faker) -> None:
    path = faker_neural.bundled()["product_name"]
    found = []
    for name in ("product_name", path, str(path)):
        fake.seed_instance(1)
        found.append(fake.neural_text(name))
    assert len(set(found)) == 1


def test_copies_go_on_alike(fake: Faker) -> None:
    fake.neural_text()
    copies = [copy.deepcopy(fake), pickle.loads(pickle.dumps(fake))]
    expected = fake.neural_texts(nb=4)
    assert all([twin.neural_text() for _ in range(4)] == expected for twin in copies)


def test_unique_values_differ(fake: Faker) -> None:
    assert len({fake.unique.neural_text() for _ in range(50)}) == 50


def test_factory_boy_seeds_it() -> None:
    factory.Faker.add_provider(Provider)

    class ProductFactory(factory.DictFactory):
        name = factory.Faker("neural_text", model="product_name")

    factory.random.reseed_random(3)
    first = ProductFactory.build_batch(5)
    factory.random.reseed_random(3)
    assert ProductFactory.build_batch(5) == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nb": -1}, "nb=-1 must be at least 0"),
        ({"nb": "many"}, "nb='many' must be an int, not str"),
        ({"nb": "2.5"}, "nb='2.5' must be an int, not str"),
        ({"nb": 10**7 + 1}, r"at most 10,000,000; TextModel.stream draws more: load\(model\).str"),
        ({"max_length": "many"}, "max_length='many' must be an int, not str"),
        ({"max_length": "0"}, "max_length=0 must be at least 1"),
        ({"temperature": -1}, "temperature=-1 must be 0 or more"),
        ({"temperature": [1]}, r"temperature=\[1\] must be a number, not list"),
        ({"model": "nothing"}, "no model is called 'nothing'"),
        ({"model": 7}, "model=7 must be a name or a path, not int"),
    ],
)
def test_a_bad_argument_is_named(fake: Faker, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fake.neural_texts(**arguments)


def test_a_number_may_be_text_as_on_fakers_command_line(fake: Faker) -> None:
    numbers = {"max_length": 20, "temperature": 0.5, "top_p": 0.9, "top_k": 50, "min_length": 4}
    expected = fake.neural_texts("company", 3, **numbers)
    fake.seed_instance(1)
    words = {name: str(value) for name, value in numbers.items()}
    assert fake.neural_texts("company", "3", **words) == expected
    fake.seed_instance(1)
    assert (
        fake.neural_rows("us_place", "2", temperature="0")
        == [fake.neural_us_place(temperature=0)] * 2
    )


def test_a_text_that_looks_like_a_number_stays_text(fake: Faker) -> None:
    assert fake.neural_text("street_address", prefix="12").startswith("12")


def test_a_bad_temperature_draws_nothing(fake: Faker) -> None:
    before = fake.random.getstate()
    with pytest.raises(OptionError):
        fake.neural_text(temperature=float("nan"))
    with pytest.raises(OptionError):
        fake.neural_texts(temperature=float("nan"))
    assert fake.random.getstate() == before


def faker_command(*arguments: str) -> str:
    command = [sys.executable, "-m", "faker", "--seed", "4", "-i", "faker_neural", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_fakers_own_command_line_draws_a_string() -> None:
    text = faker_command("neural_text", "product_name").strip()
    assert len(text) > 1
    assert faker_command("neural_text", "product_name").strip() == text


def test_fakers_own_command_line_takes_a_number() -> None:
    first = faker_command("neural_text", "product_name").strip()
    texts = ast.literal_eval(faker_command("neural_texts", "product_name", "2"))
    assert texts[0] == first
    assert len(set(texts)) == 2


def test_fakers_own_command_line_lists_the_methods() -> None:
    listing = faker_command()
    assert "fake.neural_text(model='product_name', **options)" in listing
    assert "fake.neural_texts(model='product_name', nb=3, **options)" in listing


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, faker_neural; faker_neural.Provider; "
        "print([m for m in ('numpy', 'onnxruntime', 'keras', 'tensorflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_missing_extra_carries_its_name() -> None:
    error = MissingExtraError("export", "keras")
    assert str(error) == "keras is not installed: pip install 'faker-neural[export]'"
    assert (error.extra, error.module) == ("export", "keras")
    assert isinstance(error, ImportError)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        faker_neural.nothing  # noqa: B018


class CountingModel:
    """A real model that remembers how many strings each batch had."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def _decode(self, keys: np.ndarray, options: Options) -> list[str]:
        self.batches.append(len(keys))
        return load("product_name")._decode(keys, options)


def test_calls_one_after_another_run_ahead() -> None:
    model = CountingModel()
    ahead = text_prefetcher(model, load("product_name").options())
    generator = random.Random(3)
    texts = [ahead.next(generator) for _ in range(60)]
    assert model.batches == [1, 9, 17, 33]
    mirror = random.Random(3)
    assert texts == load("product_name").texts([mirror.getrandbits(64) for _ in range(60)])
    assert generator.getstate() == mirror.getstate()


def test_calls_with_others_between_them_do_not_run_ahead() -> None:
    model = CountingModel()
    ahead = text_prefetcher(model, load("product_name").options())
    generator = random.Random(3)
    for _ in range(10):
        ahead.next(generator)
        generator.random()
    assert model.batches == [1] * 10


def test_calls_that_become_one_after_another_run_ahead_again() -> None:
    model = CountingModel()
    ahead = text_prefetcher(model, load("product_name").options())
    generator = random.Random(3)
    for _ in range(100):
        ahead.next(generator)
        generator.random()
    for _ in range(30):
        ahead.next(generator)
    assert max(model.batches) > 1
    assert len(model.batches) < 115


def test_a_generator_that_records_its_draws_is_not_read_ahead() -> None:
    class Recording(random.Random):
        drawn = 0

        def getrandbits(self, k: int) -> int:
            self.drawn += 1
            return super().getrandbits(k)

    generator = Recording(3)
    ahead = text_prefetcher(load("product_name"), load("product_name").options())
    for _ in range(5):
        ahead.next(generator)
    assert generator.drawn == 5


def test_what_is_remembered_has_a_bound() -> None:
    ahead = text_prefetcher(load("product_name"), load("product_name").options())
    generator = random.Random(0)
    for _ in range(9000):
        ahead.next(generator)
    assert len(ahead._drawn) <= 8192 + 33
