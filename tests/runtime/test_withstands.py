"""What drawing strings withstands: threads, forks, other processes, large numbers, no disk.

Tens of thousands of strings stand for a million here; `make load` draws the million.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import methodcaller
from pathlib import Path
from threading import Barrier, Event

import pytest
from faker import Faker
from letters import card, save

from faker_neural import Provider, TrainingLines, bundled, load

KEYS = [random.Random(0).getrandbits(64) for _ in range(40)]
WITHIN_SECONDS = 30  # a process that takes longer hangs
WAIT = 10 * WITHIN_SECONDS

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
WARNED_OF = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # beside threads
MEASURES = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")


def new_faker() -> Faker:
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(1)
    return fake


@pytest.fixture
def field(tmp_path: Path) -> Path:
    """A file that this process has not opened."""
    return Path(shutil.copy(bundled()["company"], tmp_path / "field.onnx"))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Callable[..., object]]:
    """Call a function in a process that knows of this one only what is pickled."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield lambda function, *arguments: pool.apply_async(function, arguments).get(WAIT)


@contextmanager
def often_switching() -> Iterator[None]:
    """Let threads take turns a thousand times as often as they do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 1000)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize(
    "options", [{}, {"max_length": 15}, {"pattern": "[A-Z][a-z]+ [A-Z][a-z]+"}], ids=str
)
def test_eight_threads_on_one_faker_draw_what_one_thread_would(
    field: Path, options: dict[str, object]
) -> None:
    fake, together = new_faker(), Barrier(8)

    def draw() -> list[str]:
        together.wait()
        return [fake.neural_text(field, **options) for _ in range(25)]

    with often_switching(), ThreadPoolExecutor(8) as pool:
        drawing = [pool.submit(draw) for _ in range(8)]
    found = [text for thread in drawing for text in thread.result()]
    assert sorted(found) == sorted(new_faker().neural_texts("company", nb=200, **options))


@contextmanager
def threads_that(work: Callable[[], object]) -> Iterator[None]:
    """Let two threads work on and on meanwhile."""
    done = Event()

    def go_on() -> None:
        while not done.is_set():
            work()

    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(go_on) for _ in range(2)]
        try:
            yield
        finally:
            done.set()
    for thread in working:
        thread.result()


def forked(check: Callable[[], bool]) -> bool:
    """Say whether something is true in a forked process, which neither fails nor hangs."""
    if (child := os.fork()) == 0:
        signal.alarm(WITHIN_SECONDS)
        try:
            os._exit(0 if check() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


@FORKS
@WARNED_OF
def test_a_forked_process_draws_the_same_with_a_session_of_its_own(field: Path) -> None:
    model = load(field)
    expected, decoder = model.texts(KEYS), model._file._decoder
    assert forked(lambda: model.texts(KEYS) == expected and model._file._decoder is not decoder)
    assert model._file._decoder is decoder


def forks_while_threads_draw() -> bool:
    model = load("company")
    expected = model.texts(KEYS)
    with often_switching(), threads_that(lambda: model.generate(20)):
        return all(forked(lambda: model.texts(KEYS) == expected) for _ in range(20))


def forks_while_threads_look_up() -> bool:
    numbers = iter(range(2**40))

    def first_look() -> bool:
        return "another" not in TrainingLines.of([f"line {next(numbers)}"])

    with often_switching(), threads_that(first_look):
        return all(forked(first_look) for _ in range(40))


@FORKS
@pytest.mark.parametrize("check", [forks_while_threads_draw, forks_while_threads_look_up])
def test_a_process_forked_while_threads_work_draws_and_looks_up_the_same(
    elsewhere: Callable[..., object], check: Callable[[], bool]
) -> None:
    """In a process of its own: what measures coverage has a lock, which a fork may leave taken."""
    assert elsewhere(check)


def company() -> list[str]:
    return load("company").texts(KEYS)


@WARNED_OF
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_of_multiprocessing_draws_what_its_parent_has_drawn(method: str) -> None:
    expected = company()
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.starmap_async(company, [()] * 4).get(WAIT) == [expected] * 4


def test_a_worker_of_xdist_draws_what_its_parent_has_drawn(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from faker_neural import load

        def pytest_sessionstart(session):
            if not hasattr(session.config, "workerinput"):
                load("company").generate(1)
        """
    )
    pytester.makepyfile(
        f"""
        import os

        import pytest
        from faker_neural import load

        @pytest.mark.parametrize("i", range(4))
        def test_same(i):
            assert "PYTEST_XDIST_WORKER" in os.environ
            assert load("company").texts({KEYS}) == {company()}
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:randomly", "-n", "1")
    done.assert_outcomes(passed=4)


def test_a_faker_that_is_sent_to_a_process_goes_on_alike(elsewhere: Callable[..., object]) -> None:
    fake = new_faker()
    fake.neural_text("company")
    found = elsewhere(methodcaller("neural_texts", "company", nb=5), fake)
    assert found == fake.neural_texts("company", nb=5)


def test_a_model_that_is_sent_to_a_process_draws_the_same(
    field: Path, elsewhere: Callable[..., object]
) -> None:
    model = load(field)
    assert elsewhere(methodcaller("texts", KEYS), model) == model.texts(KEYS)


PEAK = """
import sys
from pathlib import Path
from faker import Faker
from faker_neural import Provider, load

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
"""


def kilobytes(script: str, *arguments: str | Path) -> int:
    """Run a script that prints by how much its memory has grown."""
    command = [sys.executable, "-c", PEAK + script, *arguments]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


FAKERS = """
def new_faker(number):
    fake = Faker()
    fake.seed_instance(number)
    if sys.argv[1] == "with":
        fake.add_provider(Provider)
        fake.neural_text("company")
    return fake

fakers = [new_faker(number) for number in range(100)]
before = peak()
fakers += [new_faker(number) for number in range(100, 1000)]
print(peak() - before)
"""


@MEASURES
def test_a_thousand_fakers_take_what_they_take_without_learned_text() -> None:
    assert kilobytes(FAKERS, "with") < kilobytes(FAKERS, "without") + 2_000


STRINGS = """
fake = Faker()
fake.add_provider(Provider)

def draw(count):
    if sys.argv[2] == "stream":
        for text in load(sys.argv[1]).stream(count): pass
    else:
        for _ in range(count): fake.neural_text(sys.argv[1])

draw(20_000)
before = peak()
draw(40_000)
print(peak() - before)
"""


@MEASURES
@pytest.mark.parametrize("way", ["stream", "neural_text"])
def test_memory_does_not_grow_with_the_strings(way: str, tmp_path: Path) -> None:
    assert kilobytes(STRINGS, save(tmp_path, card(name="letters")), way) < 1_000


@MEASURES
def test_memory_does_not_grow_with_the_strings_of_a_test(pytester: pytest.Pytester) -> None:
    script = textwrap.indent(PEAK, " " * 8)
    pytester.makepyfile(
        f"""{script}
        def test_many(mock_text):
            path = {str(save(pytester.path, card()))!r}
            for _ in range(3):  # the allocator settles
                mock_text(path, nb=20_000)
            before = peak()
            for _ in range(8):
                mock_text(path, nb=20_000)
            assert peak() - before < 1_000
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1)


SEALED = """
import os, sys

CHANGES = ("os.link", "os.mkdir", "os.remove", "os.rename", "os.symlink", "os.truncate")
STARTS = ("os.exec", "os.fork", "os.posix_spawn", "os.system", "subprocess.Popen")

def refuse(event, arguments):
    written = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if written and arguments[0] == os.devnull:
        return
    if written or event in CHANGES + STARTS or event.startswith("socket."):
        os.write(2, f"{event} {arguments}".encode())
        os._exit(3)

sys.addaudithook(refuse)
"""


@pytest.mark.parametrize(
    "script",
    [
        "import faker_neural; faker_neural.load('company').generate(9, threads=2)",
        "import pytest; sys.exit(pytest.main(['-s', '-p', 'no:cacheprovider']))",
        "from faker_neural.cli import main; sys.argv[1:] = ['generate', 'company']; main()",
    ],
    ids=["library", "pytest", "command"],
)
def test_strings_are_drawn_without_a_home_a_written_file_or_a_connection(
    script: str, tmp_path: Path
) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(mock_text):\n    assert mock_text()")
    tmp_path.chmod(0o555)
    lost = dict.fromkeys(["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"], "/nowhere")
    environment = os.environ | lost | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", SEALED + script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["test_it.py"]
