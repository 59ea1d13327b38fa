"""Time and memory of drawing at full size: a million strings, a thousand Fakers, threads."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import onnxruntime
from rich.console import Console
from rich.table import Table

FEW, MANY = 20_000, 1_000_000
FAKERS = 1_000
THREADS, STRINGS = 8, 40_000

START = """
import json, sys, time
from faker import Faker
from faker_neural import Provider, load

def new_faker(number=0):
    fake = Faker()
    fake.add_provider(Provider)
    fake.seed_instance(number)
    return fake

count = int(sys.argv[1])
began = time.perf_counter()
"""
END = """
seconds = time.perf_counter() - began
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line)
print(json.dumps([seconds, peak / 1024]))
"""
STREAMED = "for _ in load('company').stream(count): pass"
ASKED_FOR = """
fake = new_faker()
for _ in range(count): fake.neural_text('company')
"""
WITH = """
fakers = [new_faker(number) for number in range(count)]
for fake in fakers: fake.neural_text('company')
"""
WITHOUT = """
fakers = [Faker() for number in range(count)]
for fake in fakers: fake.seed_instance(1), fake.company()
"""
IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
fake, threads = new_faker(), int(sys.argv[2])
def draw(count): return [fake.neural_text('company') for _ in range(count)]
with ThreadPoolExecutor(threads) as pool:
    drawn = list(pool.map(draw, [count // threads] * threads))
"""


def measured(script: str, *counts: int) -> tuple[float, float]:
    """Return the seconds and the peak memory in MB of a script in its own process."""
    command = [sys.executable, "-c", START + script + END, *map(str, counts)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(printed)
    return seconds, peak


def strings() -> Iterator[tuple[str, ...]]:
    for title, script in (("stream", STREAMED), ("fake.neural_text", ASKED_FOR)):
        for count in (FEW, MANY):
            seconds, peak = measured(script, count)
            each = f"{seconds / count * 1e6:.0f} µs each"
            yield f"{count:,} strings, {title}", f"{seconds:.1f} s", each, f"{peak:.0f} MB"


def fakers() -> Iterator[tuple[str, ...]]:
    for title, script in (("and a string of each", WITH), ("without the provider", WITHOUT)):
        for count in (1, FAKERS):
            seconds, peak = measured(script, count)
            each = f"{seconds / count * 1e3:.1f} ms each"
            yield f"Fakers: {count:,}, {title}", f"{seconds:.1f} s", each, f"{peak:.0f} MB"


def threads() -> Iterator[tuple[str, ...]]:
    for count in (1, THREADS):
        seconds, peak = measured(IN_THREADS, STRINGS, count)
        rate = f"{STRINGS / seconds:,.0f} a second"
        yield f"threads on one Faker: {count}", f"{seconds:.1f} s", rate, f"{peak:.0f} MB"


def main() -> None:
    table = Table("company names", "time", "", "peak memory", box=None)
    for row in (*strings(), *fakers(), *threads()):
        table.add_row(*row)
    console = Console(width=110, highlight=False)
    console.print(table)
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}"
    )


if __name__ == "__main__":
    main()
