"""Runs the cases of a fuzzer in other processes, which a case may kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from faker_neural import FakerNeuralError

SECONDS, KILOBYTES = 10, 2**20
"""The most that a case may take."""

_A_PROCESS = 50
_WORK = "--work"


class _TooLongError(BaseException):
    pass


def _too_long(number: int, frame: FrameType | None) -> None:
    raise _TooLongError


def outcome(act: Callable[[], str]) -> str:
    """Return what an action returns, the class of our error, or what is wrong.

    Args:
        act: reads the case's file.
    """
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

    before, started = getrusage(RUSAGE_SELF).ru_maxrss, time.process_time()
    signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, 6 * SECONDS)
    try:
        found = act()
    except FakerNeuralError as error:
        found = type(error).__name__
        if any(not line.isprintable() for line in str(error).split("\n")):
            found = f"WRONG: an error that is not printable: {error!r}"
    except _TooLongError:
        found = "WRONG: nothing within a minute"
    except BaseException as error:
        found = f"WRONG: {error!r:.300}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if time.process_time() - started > SECONDS:
        return f"WRONG: over {SECONDS} s of processor time"
    grown = getrusage(RUSAGE_SELF).ru_maxrss - before
    if max(grown, getrusage(RUSAGE_CHILDREN).ru_maxrss) > KILOBYTES:
        return f"WRONG: over {KILOBYTES >> 10} MB"
    return found


def outcomes(script: str, cases: Sequence[str]) -> Iterator[str]:
    """Yield the outcome of each case, even if a case kills its process.

    Args:
        script: the path of the fuzzer's script, whose `main` calls `run`.
        cases: the seeds of the cases.
    """
    done = 0
    while done < len(cases):
        some = cases[done : done + _A_PROCESS]
        with tempfile.TemporaryFile("w+") as printed:
            try:
                worker = subprocess.run(
                    [sys.executable, script, _WORK],
                    input=json.dumps(some),
                    text=True,
                    stdout=printed,
                    timeout=60 + 7 * SECONDS * len(some),
                )
                died = f"WRONG: process ended with {worker.returncode}"
                died = died if worker.returncode else ""
            except subprocess.TimeoutExpired:
                died = "WRONG: nothing within the time"
            printed.seek(0)
            found = [json.loads(line) for line in printed if line.startswith('"')]
        found += [died] if died and len(found) < len(some) else []
        done += len(found)
        yield from found


def run(script: str, case: Callable[[str, Path], str], count: int) -> None:
    """Run a fuzzer: `SCRIPT [COUNT [SEED]]`, or `SCRIPT --case SEED` for one case of it.

    It prints the seed, each wrong case, and how often each outcome came; the exit code is 1 if a
    case was wrong.

    Args:
        script: the path of the fuzzer's script.
        case: makes a file from a seed in a folder, reads it, and returns an outcome.
        count: the number of cases.
    """
    arguments = sys.argv[1:]
    if arguments[:1] == [_WORK]:
        _work(case, json.load(sys.stdin))
    elif arguments[:1] == ["--case"]:
        _work(case, arguments[1:])
    else:
        count = int(arguments[0]) if arguments else count
        seed = arguments[1] if arguments[1:] else str(time.time_ns())
        sys.exit(_report(script, seed, count))


def _work(case: Callable[[str, Path], str], seeds: Sequence[str]) -> None:
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(outcome(lambda: case(seed, Path(folder)))), flush=True)  # noqa: B023


def _report(script: str, seed: str, count: int) -> int:
    print(f"seed {seed}", flush=True)
    cases = [f"{seed}-{i}" for i in range(count)]
    counts = Counter[str]()
    for case, found in zip(cases, outcomes(script, cases), strict=True):
        if found.startswith("WRONG"):
            print(f"{Path(script).name} --case {case}: {found}", flush=True)
        counts[found.partition(":")[0]] += 1
    print(f"{Path(script).name}: {count:,} cases;", json.dumps(counts), flush=True)
    return int(bool(counts["WRONG"]))
