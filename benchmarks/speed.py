"""What a learned string costs, beside what a user would pick instead, in one run on one core."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import onnxruntime
from faker import Faker
from rich.console import Console
from rich.table import Table

from faker_neural import Provider, load

STRINGS, CALLS = 10_000, 1_000


def seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """The shortest of some runs: what others did meanwhile on the machine is left out."""
    function()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return min(times)


def empty_test(*arguments: str) -> Callable[[], object]:
    folder = Path(tempfile.mkdtemp())
    (folder / "test_nothing.py").write_text("def test_nothing(): pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True)


def companies(fake: Faker) -> None:
    for _ in range(CALLS):
        fake.company()


def texts(fake: Faker) -> None:
    for _ in range(CALLS):
        fake.neural_text("product_name")


def texts_between_companies(fake: Faker) -> None:
    for _ in range(CALLS):
        fake.company()
        fake.neural_text("product_name")


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    model, fake = load("product_name"), Faker()
    fake.add_provider(Provider)
    fake.seed_instance(0)
    company = seconds(lambda: companies(fake)) / CALLS
    batch = seconds(lambda: model.generate(STRINGS), 3) / STRINGS
    one = seconds(lambda: texts(fake), 3) / CALLS
    between = seconds(lambda: texts_between_companies(fake), 3) / CALLS - company
    plugin = seconds(empty_test(), 10) - seconds(empty_test("-p", "no:faker_neural"), 10)

    table = Table("one string", "µs", "of fake.company()", box=None)
    for title, cost in [
        ("fake.company()", company),
        (f"TextModel.generate({STRINGS:,}): {1 / batch:,.0f} a second", batch),
        ('fake.neural_text("product_name"), one after another', one),
        ('fake.neural_text("product_name"), with fake.company() between', between),
    ]:
        table.add_row(title, f"{cost * 1e6:.0f}", f"{cost / company:.2f}")
    console = Console(width=100, highlight=False)
    console.print(table)
    console.print(f"the plugin adds {plugin * 1000:.0f} ms to pytest on one empty test")
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}, one core"
    )


if __name__ == "__main__":
    main()
