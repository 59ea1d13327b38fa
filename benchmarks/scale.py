"""Tables on more than one machine: two Spark executors beside one, `table` beside `stream`.

Each measurement has a process of its own. Needs Java, for Spark. With --lots, 100 million rows of a
short column are written once, which takes long.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyspark
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

ROWS, LOTS = 1_000_000, 100_000_000
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MODEL, SHORT = "product_name", "brand_name"

SPARK = """
import json, sys, time
from pyspark.sql import functions as f
from faker_neural.integrations.spark import local_session
rows, master, model = int(sys.argv[1]), sys.argv[2], sys.argv[3]
spark = local_session(master)
spark.sparkContext.setLogLevel("ERROR")
def read(rows):
    reader = spark.read.format("faker_neural").option("model", model).option("rows", rows)
    return reader.option("partitions", 16).load()
"""
OURS = f"""{SPARK}
def made(rows):
    total = f.sum(f.xxhash64(model).cast("decimal(38, 0)"))
    return str(read(rows).agg(total).first()[0])
"""
FAKER = f"""{SPARK}
def phrase(number):
    from faker import Faker
    global fake
    if "fake" not in globals():
        fake = Faker()
    fake.seed_instance(number)
    return fake.catch_phrase()
def made(rows):
    numbers = spark.range(0, rows, 1, 16)
    text = f.udf(phrase, "string")("id")
    return str(numbers.agg(f.sum(f.xxhash64(text).cast("decimal(38, 0)"))).first()[0])
"""
TIMED = """
made(1000)  # starts the executors' Python, which reads the model
begun = time.perf_counter()
same = made(rows)
print(json.dumps([time.perf_counter() - begun, same]))
spark.stop()
"""
STREAM = """
import json, sys, time
from faker_neural import load
rows, model = int(sys.argv[1]), load(sys.argv[2])
model.generate(1000)
begun = time.perf_counter()
for text in model.stream(rows):
    pass
print(json.dumps([time.perf_counter() - begun, ""]))
"""
WRITTEN = """
import json, sys, time
from pathlib import Path
from faker_neural import load
from faker_neural.integrations.table_files import write_table
from faker_neural.seeding import plan_table
if __name__ == "__main__":
    rows, model, plan, output, workers = int(sys.argv[1]), *sys.argv[2:]
    load(model).generate(1000)
    begun = time.perf_counter()
    write_table(plan_table(plan, "t", rows=rows), output, workers=int(workers))
    seconds = time.perf_counter() - begun
    status = Path("/proc/self/status").read_text().splitlines()  # Linux
    peak = next(int(line.split()[1]) for line in status if "VmHWM" in line) / 1024
    print(json.dumps([seconds, peak, Path(output).stat().st_size]))
"""


def run(script: str, *arguments: object) -> list[object]:
    """Return what a script prints last, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "measured.py")  # processes that draw import it
        path.write_text(script)
        command = [sys.executable, str(path), *map(str, arguments)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: list[object] = json.loads(printed.splitlines()[-1])
    return found


def plan_of(model: str, folder: Path) -> Path:
    """Return the plan of a table with one column of text."""
    with sqlite3.connect(folder / "t.db") as database:
        database.execute("CREATE TABLE t (text TEXT NOT NULL)")
    database.close()
    path = folder / "seed.toml"
    path.write_text(f'url = "sqlite:///{folder}/t.db"\n[tables.t]\ntext = "neural:{model}"\n')
    return path


def rate(rows: int, seconds: float) -> str:
    return f"{rows / seconds:,.0f} rows/s"


def executors(rows: int) -> Iterator[tuple[str, ...]]:
    """Yield two executors beside one; they make the same rows."""
    took = {}
    for count in (1, 2):
        seconds, same = run(OURS + TIMED, rows, f"local-cluster[{count},1,1024]", MODEL)
        took[count] = float(str(seconds)), same
    (one, first), (two, second) = took[1], took[2]
    assert first == second, "two executors made other rows than one"
    yield "two executors, one", rate(rows, two), rate(rows, one), f"{one / two:.2f}", "1.8 or more"


def beside_faker(rows: int) -> tuple[str, ...]:
    """Return our column beside Faker's phrases, drawn by a Python function on the same Spark."""
    master = f"local[{CORES}]"
    ours = float(str(run(OURS + TIMED, rows, master, MODEL)[0]))
    theirs = float(str(run(FAKER + TIMED, rows, master, MODEL)[0]))
    return "Spark: ours, Faker's", rate(rows, ours), rate(rows, theirs), f"{theirs / ours:.2f}", ""


def table_beside_stream(rows: int) -> tuple[str, ...]:
    """Return `table` beside `TextModel.stream`, both in one process."""
    with tempfile.TemporaryDirectory() as name:
        plan = plan_of(MODEL, Path(name))
        ours, *_ = run(WRITTEN, rows, MODEL, plan, f"{name}/t.parquet", 1)
        theirs, _ = run(STREAM, rows, MODEL)
    mine, other = float(str(ours)), float(str(theirs))
    figure = f"{other / mine:.2f}"
    return "table, stream", rate(rows, mine), rate(rows, other), figure, "0.8 or more"


def lots(rows: int) -> tuple[str, ...]:
    """Return the time and the memory of very many rows."""
    with tempfile.TemporaryDirectory() as name:
        plan = plan_of(SHORT, Path(name))
        seconds, peak, size = run(WRITTEN, rows, SHORT, plan, f"{name}/t.parquet", CORES)
    took = float(str(seconds))
    figure = f"{took:,.0f} s, {float(str(peak)):,.0f} MB of memory, {int(str(size)) / 1e9:.2f} GB"
    return f"{rows:,} rows of {SHORT}", rate(rows, took), "", figure, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--lots", type=int, nargs="?", const=LOTS, help=f"default: {LOTS:,}")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    rows = [*executors(given.rows), table_beside_stream(given.rows), beside_faker(given.rows)]
    if given.lots:
        rows.append(lots(given.lots))
    table = Table(f"{given.rows:,} rows", "ours", "theirs", "figure", "target", box=MARKDOWN)
    for row in rows:
        table.add_row(*row)
    console = Console(width=140, highlight=False)
    console.print(table)
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, Spark "
        f"{pyspark.__version__}, {CORES} cores, which others loaded with {load:.1f} before"
    )


if __name__ == "__main__":
    main()
