"""The reports of evaluations, each as one HTML file."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import matplotlib.figure
import matplotlib.style
import numpy as np

from faker_neural._drafts import draft

from .evaluate import Evaluation
from .figures import ROWS, nearest
from .rows import RowEvaluation, pair_figures, row_figures
from .words import KnownWords, Part

__all__ = ["write_report", "write_row_report"]

TEMPERATURES = (0.5, 0.8, 1.0, 1.2)
_SAMPLES, _CHARACTERS, _BINS = 20, 40, 40
_METADATA = ("Creator", "Date", "Format", "Type")  # left out of the charts
_REAL, _GENERATED = "#5b6770", "#0a7d62"


def write_report(evaluation: Evaluation, path: str | os.PathLike[str]) -> Path:
    """Write an evaluation as one HTML file with figures, charts and samples.

    The page loads no other files.

    Args:
        evaluation: the result of `evaluate`.
        path: the HTML file; its folder must exist.

    Returns:
        The path of the file.

    Raises:
        OSError: the file cannot be written.
    """
    page = _template("report.html.j2").render(
        card=evaluation.model.card,
        columns=("model", "6-gram", "real"),
        rows=list(_rows(evaluation)),
        lengths=_lengths(evaluation),
        characters=_characters(evaluation),
        temperatures=TEMPERATURES,
        samples=_samples(evaluation),
        nearest=_nearest(evaluation),
        evaluation=evaluation,
    )
    return _write(page, path)


def write_row_report(evaluation: RowEvaluation, path: str | os.PathLike[str]) -> Path:
    """Write an evaluation of rows as one HTML file, with a matrix of the columns.

    The page loads no other files.

    Args:
        evaluation: the result of `evaluate_rows`.
        path: the HTML file; its folder must exist.

    Returns:
        The path of the file.

    Raises:
        OSError: the file cannot be written.
    """
    figures, given = evaluation.model_figures, list(evaluation.given_figures.values())
    page = _template("rows.html.j2").render(
        card=evaluation.model.card,
        titles=evaluation.columns,
        figures=list(row_figures(evaluation.figures)),
        given=list(evaluation.given_figures),
        given_figures=[(title, shown) for title, _, shown in row_figures(given)],
        given_pairs=list(pair_figures(given)),
        above=list(dict.fromkeys(second for _, second in figures.agreement)),
        matrices=[
            (title, _matrix(each.agreement))
            for title, each in zip(evaluation.columns, evaluation.figures, strict=True)
        ],
        columns=[
            (name, f"{value:.2f}", f"{figures.column_length_ks[name]:.2f}")
            for name, value in figures.column_auc.items()
        ],
        names=list(figures.column_auc),
        evaluation=evaluation,
    )
    return _write(page, path)


def _matrix(agreement: Mapping[tuple[str, str], float]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each first column with the share and the colour of its pair with each second one."""
    above = list(dict.fromkeys(second for _, second in agreement))
    cells = []
    for name in dict.fromkeys(first for first, _ in agreement):
        shares = [agreement.get((name, second)) for second in above]
        known = [None if share is None or np.isnan(share) else share for share in shares]
        cells.append(
            (
                name,
                [
                    ("", "none") if share is None else (f"{share:.3f}", _shade(share))
                    for share in known
                ],
            )
        )
    return cells


def _shade(share: float) -> str:
    return f"rgb(10 125 98 / {share * 0.45:.2f})"


def _write(page: str, path: str | os.PathLike[str]) -> Path:
    path = Path(path)
    with draft(path) as beside:
        beside.write_text(page, encoding="utf-8")
    return path


def _template(name: str) -> jinja2.Template:
    loader = jinja2.PackageLoader("faker_neural_export")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(name)


def _rows(evaluation: Evaluation) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the title, the better direction and the formatted values of each figure."""
    for name, (title, better, form) in ROWS.items():
        values = (getattr(figures, name) for figures in evaluation.columns)
        yield title, better, ["" if value is None else format(value, form) for value in values]


def _samples(evaluation: Evaluation) -> list[tuple[list[Part], ...]]:
    """Return rows of a real line and a text for each temperature, with new words marked."""
    drawn = [
        evaluation.model.generate(_SAMPLES, seed=1, temperature=temperature)
        for temperature in TEMPERATURES
    ]
    sides = (evaluation.real, *drawn)
    known = KnownWords(evaluation.train or [text for side in sides for text in side])
    marked = ([known.marked(text) for text in texts] for texts in sides)
    return list(zip(*marked, strict=False))


@dataclass(frozen=True, slots=True)
class _Near:
    text: str
    line: str
    similarity: float


def _nearest(evaluation: Evaluation) -> list[_Near]:
    """Return texts with their nearest training lines."""
    if not evaluation.train:
        return []
    return [_Near(text, *nearest(text, evaluation.train)) for text in evaluation.texts[:_SAMPLES]]


def _lengths(evaluation: Evaluation) -> str:
    real, ours = ([len(text) for text in side] for side in (evaluation.real, evaluation.texts))
    longest = int(np.quantile([*real, *ours], 0.995)) + 1
    bins = np.linspace(0, longest, min(_BINS, longest) + 1)
    figure, axes = _figure(6.4, 2.8)
    for side, colour, label in ((real, _REAL, "real"), (ours, _GENERATED, "generated")):
        axes.hist(
            side,
            bins.tolist(),
            density=True,
            histtype="stepfilled",
            alpha=0.45,
            color=colour,
            label=label,
        )
    axes.set_xlabel("characters in a text")
    axes.set_yticks([])
    axes.legend(frameon=False)
    return _svg(figure)


def _characters(evaluation: Evaluation) -> str:
    real, ours = (_frequencies(side) for side in (evaluation.real, evaluation.texts))
    frequent = [character for character, _ in real.most_common(_CHARACTERS)]
    figure, axes = _figure(9.6, 2.8)
    places = np.arange(len(frequent))
    for side, colour, label, shift in (
        (real, _REAL, "real", -0.2),
        (ours, _GENERATED, "generated", 0.2),
    ):
        heights = [100 * side[character] / side.total() for character in frequent]
        axes.bar(places + shift, heights, 0.4, color=colour, label=label)
    axes.set_xticks(places, ["␣" if character == " " else character for character in frequent])
    axes.set_ylabel("% of characters")
    axes.legend(frameon=False)
    return _svg(figure)


def _frequencies(texts: Sequence[str]) -> Counter[str]:
    return Counter(character for text in texts for character in text)


def _figure(width: float, height: float) -> tuple[matplotlib.figure.Figure, matplotlib.axes.Axes]:
    figure = matplotlib.figure.Figure((width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: matplotlib.figure.Figure) -> str:
    """Return a figure as SVG with letters as text: the browser has the fonts."""
    drawn = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "faker-neural"}):
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(_METADATA), transparent=True)
    return "".join(drawn.getvalue().partition("<svg")[1:])
