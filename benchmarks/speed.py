"""What a learned string costs, beside what a user would pick instead, in one run on one core."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date

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


def plugin_import() -> float:
    """What importing the plugin adds to a process that has pytest and Faker, in seconds."""
    code = (
        "import time, pytest, faker; began = time.perf_counter(); import pytest_faker_neural; "
        "print(time.perf_counter() - began)"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, check=True, capture_output=True) for _ in range(10)]
    return min(float(run.stdout) for run in runs)


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
    console.print(f"importing the pytest plugin: {plugin_import() * 1000:.1f} ms")
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}, one core"
    )


if __name__ == "__main__":
    main()
