"""The cost of each option of a text, as a ratio to a text without options, in one run."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from string import ascii_letters, digits

import onnxruntime
from rich.console import Console
from rich.table import Table

from faker_neural import OptionError, OptionValues, TextModel, load

FIELDS = ("company", "product_name", "support_ticket")
STRINGS, STEERED = 2_000, 100
FREE: OptionValues = {"verbatim": "allowed", "blocked": ""}
PREFIXES = (
    ("company", "First National Holdi"),
    ("support_ticket", "How do I change my c"),
    ("support_ticket", "I lost my card and my transfer is still pending. " * 8),
)
PATTERNS = {
    "company": (r".* Inc\.", ".* Holdings plc"),
    "product_name": (".*oz", ".* 2 l"),
    "support_ticket": (r".*\?", ".* urgently"),
}
HOPELESS = ("(a|b)*a(a|b){12}", "(.{1,50} ){40}.", "\u2603+", ".{0,4000}")


def seconds(function: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest processor time of several runs."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        function()
        times.append(time.process_time() - began)
    return min(times)


def options_of(model: TextModel) -> Iterator[tuple[str, OptionValues, int]]:
    """Yield a title, options, and the number of strings that are drawn to time them."""
    texts = sorted(model.generate(STRINGS), key=len)
    median, tenth, longest = (len(texts[STRINGS * i // 100]) for i in (50, 10, 90))
    often, seldom = PATTERNS[model.card.name]
    yield "temperature=0.5", {"temperature": 0.5}, STRINGS
    yield "verbatim='rejected'", {"verbatim": "rejected"}, STRINGS
    yield "blocked='@offensive'", {"blocked": "@offensive"}, STRINGS
    yield "max_length: the median", {"max_length": median}, STRINGS
    yield "max_length: the tenth percentile", {"max_length": tenth}, STRINGS
    yield "min_length: the median", {"min_length": median}, STRINGS
    yield "min_length: the ninetieth percentile", {"min_length": longest}, STRINGS
    yield "prefix='S'", {"prefix": "S"}, STRINGS
    yield (
        "alphabet: printable ASCII",
        {"alphabet": f"{ascii_letters}{digits} .,&'?!()-/%:"},
        STRINGS,
    )
    yield "pattern='[A-Z].*'", {"pattern": "[A-Z].*"}, STRINGS
    yield "pattern that many texts match", {"pattern": often}, STRINGS
    yield "pattern that few texts match", {"pattern": seldom}, STEERED
    yield "top_k=50", {"top_k": 50}, STEERED
    yield "top_p=0.9", {"top_p": 0.9}, STEERED


def costs() -> Table:
    """Return a table with a row for each option and a column for each field."""
    rows: dict[str, list[str]] = {"a text without options": []}
    for model in map(load, FIELDS):
        bare = cost(model, FREE, STRINGS)
        rows["a text without options"].append(f"{bare * 1e6:,.0f} µs")
        for title, options, count in options_of(model):
            with_option = cost(model, OptionValues(**{**FREE, **options}), count)
            rows.setdefault(title, []).append(f"{with_option / bare:.1f}")
    table = Table("", *FIELDS, "target", box=None)
    for title, figures in rows.items():
        table.add_row(title, *figures, "" if title.startswith(("a text", "min")) else "≤ 3.0")
    return table


def cost(model: TextModel, options: OptionValues, count: int) -> float:
    """Return the processor time of a text in bulk, in seconds."""
    model.generate(8, **options)
    return seconds(partial(model.generate, count, seed=1, **options)) / count


def first_uses() -> Iterator[tuple[str, str, str]]:
    """Yield what the first use of some options costs, and its target."""
    for name, prefix in PREFIXES:
        model = load(name)
        model.generate(2, prefix="A")
        first = seconds(partial(model.generate, 1, prefix=prefix), 1)
        target = "< 10 ms" if len(prefix) < 30 else ""
        title = f"first text of {name}, prefix of {len(prefix)} characters"
        yield title, f"{first * 1e3:.0f} ms", target
    for pattern in HOPELESS:
        taken = seconds(partial(refused, pattern), 1)
        yield f"pattern={pattern!r} is refused", f"{taken:.2f} s", "< 0.5 s"


def refused(pattern: str) -> None:
    try:
        load("company").generate(1, pattern=pattern)
    except OptionError:
        return
    raise AssertionError(f"{pattern} is not refused")


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    console = Console(width=130, highlight=False)
    console.print("Cost of a text with an option / without, in bulk")
    console.print(costs())
    table = Table("", "ours", "target", box=None)
    for row in first_uses():
        table.add_row(*row)
    console.print(table)
    console.print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}, processor time of one core"
    )


if __name__ == "__main__":
    main()
