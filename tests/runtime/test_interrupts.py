"""What a signal handler raises, such as a test's timeout, comes out as it is."""

from __future__ import annotations

import gc
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from types import FrameType

import pytest
from letters import card, save

from faker_neural import TextModel
from faker_neural._decoding.session import GraphError, failed
from faker_neural._interrupts import let_interrupts_through
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, preview

Handler = Callable[[int, FrameType | None], None]

# What is interrupted while it is opened is closed by nobody.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Close it before the next test, which allows no warning."""
    yield
    gc.collect()


class TooLongError(Exception):
    """A timeout as a test suite raises it."""


class Timeouts:
    """Handlers of several forms."""

    def method(self, number: int, frame: FrameType | None) -> None:
        raise TooLongError

    @staticmethod
    def any_arguments(*arguments: object) -> None:
        raise TooLongError

    def __call__(self, number: int, frame: FrameType | None) -> None:
        raise RuntimeError("too long")


def with_more(more: str, number: int, frame: FrameType | None) -> None:
    raise TooLongError(more)


HANDLERS: list[Handler] = [
    Timeouts().method,
    Timeouts.any_arguments,
    Timeouts(),
    partial(with_more, "more"),
]


@pytest.fixture(params=HANDLERS, ids=range(len(HANDLERS)))
def after_a_while(request: pytest.FixtureRequest) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, request.param)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def for_ever(act: Callable[[], object]) -> None:
    while True:
        act()


@pytest.mark.usefixtures("after_a_while")
def test_a_timeout_within_other_code_comes_out() -> None:
    def wait() -> None:
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                pass
        except Exception as error:
            raise failed(error) from None

    with pytest.raises((TooLongError, RuntimeError)) as caught:
        wait()
    assert not isinstance(caught.value, GraphError)


@pytest.mark.usefixtures("after_a_while")
def test_a_timeout_while_a_graph_runs_comes_out(tmp_path: Path) -> None:
    model = TextModel(save(tmp_path, card()))
    with pytest.raises((TooLongError, RuntimeError), match=r"^$|more|too long"):
        for_ever(lambda: model.generate(1))


@pytest.mark.usefixtures("after_a_while")
def test_a_timeout_while_a_source_is_tried_comes_out(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as database, database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    slow = ColumnPlan("faker:paragraph", {"nb_sentences": 10_000})
    plan = Plan(tables={"t": TablePlan(3, {"id": ColumnPlan("sequence"), "name": slow})})
    with pytest.raises((TooLongError, RuntimeError), match=r"^$|more|too long"):
        for_ever(lambda: preview(f"sqlite:///{tmp_path / 'a.db'}", plan))


def test_an_error_of_the_code_itself_does_not_come_out() -> None:
    try:
        int("x")
    except ValueError as error:
        let_interrupts_through(error)
    with pytest.raises(GraphError, match=r"the graph cannot be run \(invalid"):
        raise failed(ValueError("invalid"))
