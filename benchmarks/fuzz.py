"""Flip bytes of model files one at a time; each file must still draw, or raise one clear error.

python benchmarks/fuzz.py                       all flips of a small model, some of bundled models
python benchmarks/fuzz.py FILE.onnx [FLIPS]     some flips of a file, or all of them
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from faker_neural import FakerNeuralError, TextModel, bundled
from faker_neural._model_file import file

MASKS = (*(1 << bit for bit in range(8)), 0xFF)
FLIPS_OF_A_BUNDLED_FILE = 500
_MOST_MEMORY = 6 * 2**30  # bytes of addresses: 2 GiB for onnxruntime, the rest for the libraries
_A_PROCESS, _SECONDS = 500, 120
_TESTS = Path(__file__).resolve().parents[1] / "tests"

Flip = tuple[int, int]  # offset and mask


def outcome(path: Path) -> str:
    """Return "texts", the class of our error, or any other error with its text."""
    try:
        model = TextModel(path)
        drawn = (model.rows_of if model.card.columns else model.texts)(range(3))
    except FakerNeuralError as error:
        one_line = len(str(error).splitlines()) == 1
        return type(error).__name__ if one_line else f"an error of several lines: {error}"
    except BaseException as error:
        return f"not ours: {error!r}"
    json.dumps(drawn, ensure_ascii=False).encode()
    return "texts"


def work(path: Path, flips: Sequence[Flip]) -> None:
    """Test flips in this process, and print their outcomes."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    file.check_first_run = lambda *_: None  # this process is the child process that a file may end
    content = bytearray(path.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        flipped = Path(folder) / "flipped.onnx"
        for offset, mask in flips:
            content[offset] ^= mask
            flipped.write_bytes(content)
            content[offset] ^= mask
            print(json.dumps(outcome(flipped)), flush=True)


def outcomes(path: Path, flips: Sequence[Flip]) -> Iterator[str]:
    """Yield the outcome of each flip, even if a flip kills the process."""
    done = 0
    while done < len(flips):
        some = flips[done : done + _A_PROCESS]
        command = [sys.executable, __file__, "--work", str(path)]
        with tempfile.TemporaryFile("w+") as printed:
            try:
                worker = subprocess.run(
                    command, input=json.dumps(some), text=True, stdout=printed, timeout=_SECONDS
                )
                died = f"process ended with {worker.returncode}" if worker.returncode else ""
            except subprocess.TimeoutExpired:
                died = "nothing within the time"
            printed.seek(0)
            found = [json.loads(line) for line in printed]
        found += [f"{died} at {some[len(found)]}"] if died else []
        done += len(found)
        yield from found


def every_flip(path: Path) -> list[Flip]:
    return [(offset, mask) for offset in range(path.stat().st_size) for mask in MASKS]


def fuzz(path: Path, most: int) -> Counter[str]:
    """Count the outcomes of all flips of a file, or of `most` random flips."""
    flips = every_flip(path)
    if len(flips) > most:
        flips = random.Random(0).sample(flips, most)
    return Counter(outcomes(path, flips))


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--work"]:
        work(Path(arguments[1]), json.load(sys.stdin))
    elif arguments:
        most = int(arguments[1]) if arguments[1:] else sys.maxsize
        print(json.dumps(fuzz(Path(arguments[0]), most)))
    else:
        everything()


def everything() -> None:
    sys.path.append(str(_TESTS))
    from letters import card, save

    with tempfile.TemporaryDirectory() as folder:
        small = save(Path(folder), card())
        report(small, fuzz(small, sys.maxsize))
    for path in bundled().values():
        report(path, fuzz(path, FLIPS_OF_A_BUNDLED_FILE))


def report(path: Path, counts: Counter[str]) -> None:
    print(f"{path.name}: {counts.total():,} flips;", dict(counts), flush=True)


if __name__ == "__main__":
    main()
