"""A short run of each fuzzer of `make fuzz`; a longer one needs no test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("script", "count", "outcomes"),
    [
        ("fuzz_keras.py", 5, {"model", "ConversionError", "no change"}),
        (
            "fuzz_schemas.py",
            6,
            {"rows", "no table can be filled", "PlanError", "DatabaseError", "ExhaustedError"},
        ),
    ],
)
def test_a_hostile_file_is_read_or_refused(script: str, count: int, outcomes: set[str]) -> None:
    command = [sys.executable, BENCHMARKS / script, str(count), "short"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    first, last = done.stdout.splitlines()
    assert first == "seed short"
    counts = json.loads(last.partition("; ")[2])
    assert counts.keys() <= outcomes
    assert sum(counts.values()) == count


def test_a_graph_of_the_grammar_draws_or_is_refused() -> None:
    command = [sys.executable, BENCHMARKS / "fuzz_graphs.py", "50"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    first, last = done.stdout.splitlines()
    assert first == "graphs 0 to 49"
    counts = json.loads(last.partition("; ")[2])
    assert sum(counts.values()) == 50
    assert (
        min(counts["texts"], counts["refused by our checks"], counts["refused by onnxruntime"]) > 3
    )


def test_a_fault_is_found_and_named(tmp_path: Path) -> None:
    script = tmp_path / "fuzz_faults.py"
    script.write_text(
        "import os, sys\n"
        f"sys.path.insert(0, {str(BENCHMARKS)!r})\n"
        "from fuzz_workers import run\n"
        "def case(seed, folder):\n"
        "    if seed.endswith('-1'):\n"
        "        raise KeyError('x')\n"
        "    if seed.endswith('-2'):\n"
        "        os.abort()\n"
        "    return 'fine'\n"
        "run(__file__, case, 5)\n"
    )
    command = [sys.executable, script, "5", "s"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "seed s",
        "fuzz_faults.py --case s-1: WRONG: KeyError('x')",
        "fuzz_faults.py --case s-2: WRONG: process ended with -6",
        'fuzz_faults.py: 5 cases; {"fine": 3, "WRONG": 2}',
    ]
