"""Other ways to a column of text, beside ours: speed, start, and how real the texts are.

python benchmarks/comparison.py DATA   DATA has the columns that the bundled fields learned

SDV is measured if it is installed (pip install sdv: 1.4 GB with PyTorch).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import markovify
from faker import Faker
from mimesis import Finance, Person
from rich.console import Console
from rich.table import Table

from faker_neural import load
from faker_neural_export.data.columns import read_column
from faker_neural_export.evaluation.figures import auc

STRINGS, COMPARED = 10_000, 700
COLUMNS = {"company": "company", "person_name": "name", "job_title": "job"}
"""The column of ours, and the method of Faker."""

STARTS = {
    "Faker": "from faker import Faker; Faker().company()",
    "Mimesis": "from mimesis import Finance; Finance().company()",
    "markovify": "import markovify, sys; markovify.NewlineText(open(sys.argv[1]).read())"
    ".make_sentence()",
    "faker-neural": "from faker import Faker; from faker_neural import Provider; f = Faker();"
    "f.add_provider(Provider); f.neural_company()",
}

Draw = Callable[[int], list[str]]
HAS_SDV = find_spec("sdv") is not None


def sources(name: str, lines: Sequence[str]) -> dict[str, Draw]:
    """Return a function of each tool that draws so many strings of a column."""
    fake, person, finance = Faker(), Person(), Finance()
    fake.seed_instance(0)
    chain = markovify.NewlineText("\n".join(lines))
    of_faker = getattr(fake, COLUMNS[name])
    of_mimesis = {
        "company": finance.company,
        "person_name": person.full_name,
        "job_title": person.occupation,
    }[name]
    others = {"SDV": sdv(lines)} if HAS_SDV else {}
    return others | {
        "Faker": lambda n: [of_faker() for _ in range(n)],
        "Mimesis": lambda n: [of_mimesis() for _ in range(n)],
        "markovify": lambda n: [s for _ in range(n) if (s := chain.make_sentence(tries=100))],
        "faker-neural": lambda n: load(name).generate(n),
    }


def sdv(lines: Sequence[str]) -> Draw:
    """Return a function that draws from a Gaussian copula of a table with a category."""
    import pandas
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    columns = {"text": {"sdtype": "categorical"}}
    metadata = Metadata.load_from_dict({"tables": {"t": {"columns": columns}}})
    synthesizer = GaussianCopulaSynthesizer(metadata)
    synthesizer.fit({"t": pandas.DataFrame({"text": lines})})
    return lambda n: list(map(str, synthesizer.sample(n)["t"]["text"]))


def first_string(command: str, *arguments: str) -> float:
    """Return the seconds of a new process that draws one string; the shortest of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", command, *arguments], check=True)
        times.append(time.perf_counter() - began)
    return min(times)


def row(tool: str, draw: Draw, held_out: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return the figures of a tool for a column."""
    draw(100)
    began = time.perf_counter()
    texts = draw(STRINGS)
    if not texts:  # markovify, where most lines have two words
        return [tool, "no text"]
    each = (time.perf_counter() - began) / len(texts)
    known = {line.casefold() for line in lines}
    new = sum(text.casefold() not in known for text in texts) / len(texts)
    size = min(COMPARED, len(held_out))
    told = auc(texts[:size], held_out[:size])
    unique = len(set(texts)) / len(texts)
    return [tool, f"{each * 1e6:,.0f} µs", f"{told:.2f}", f"{unique:.0%}", f"{new:.0%}", texts[-1]]


def main() -> None:
    console, data = Console(width=120), Path(sys.argv[1])
    names = ["faker", "mimesis", "markovify", *["sdv"] * HAS_SDV]
    console.print(", ".join(f"{name} {version(name)}" for name in names))
    for name in COLUMNS:
        lines, held_out = read_column(data / f"{name}.txt", None).split()
        table = Table(*("tool", "a string", "AUC", "unique", "no real line", "such as"), title=name)
        for tool, draw in sources(name, lines).items():
            table.add_row(*row(tool, draw, held_out, lines))
        half = len(held_out) // 2
        floor = auc(held_out[:half], held_out[half : 2 * half])
        table.add_row("real lines", "", f"{floor:.2f}", "", "", held_out[-1])
        console.print(table)
    for tool, command in STARTS.items():
        seconds = first_string(command, str(data / "company.txt"))
        console.print(f"{tool}: {seconds * 1000:,.0f} ms for a process with one string")


if __name__ == "__main__":
    main()
