"""Lays out the tables of a plan as a drawing: parents to the left of their children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faker_neural import MissingExtraError
from faker_neural.seeding.plan.plan import ColumnPlan, Plan
from faker_neural.seeding.schema.schema import ForeignKey

try:
    import igraph
except ModuleNotFoundError as error:
    raise MissingExtraError("html", error.name or "igraph") from None

__all__ = ["Drawing", "drawing_of"]

_WIDTH, _HEIGHT, _ACROSS, _DOWN = 190, 46, 64, 16  # pixels: of a box, and between boxes
_MARGIN = 28  # pixels, in which a table's reference to itself has room
_IN_A_ROW = 5  # boxes of tables without references


@dataclass(frozen=True, slots=True)
class _Box:
    """A table: its name, what is said below it, and the left upper corner in pixels."""

    name: str
    rows: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A reference, as the path of an SVG, with a title, and whether it is a guess."""

    path: str
    title: str
    guess: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of tables and of the references between them.

    Args:
        width: its width in pixels.
        height: its height in pixels.
        boxes: the tables.
        lines: the references.
    """

    width: float
    height: float
    boxes: Sequence[_Box]
    lines: Sequence[_Line]
    box: tuple[int, int] = (_WIDTH, _HEIGHT)


def drawing_of(tables: Mapping[str, str], keys: Sequence[ForeignKey], plan: Plan) -> Drawing:
    """Return a drawing of tables, with parents to the left of their children.

    Args:
        tables: what is said of each table, by its name.
        keys: the foreign keys; those to other tables are not drawn.
        plan: the plan, which says what is a guess.

    Source: the layout is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of
    hierarchical system structures", 1981, in igraph.
    """
    within = [key for key in keys if key.parent in tables]
    places = _places(list(tables), within)
    boxes = {name: _Box(name, said, *places[name]) for name, said in tables.items()}
    lines = [_line(boxes[key.parent], boxes[key.table], key, plan) for key in within]
    right = max((box.x for box in boxes.values()), default=0) + _WIDTH
    bottom = max((box.y for box in boxes.values()), default=0) + _HEIGHT
    return Drawing(right + _MARGIN, bottom + _MARGIN, list(boxes.values()), lines)


def _places(names: Sequence[str], keys: Sequence[ForeignKey]) -> dict[str, tuple[float, float]]:
    """Return the left upper corner of each table's box."""
    linked = {name for key in keys if key.parent != key.table for name in (key.parent, key.table)}
    drawn = [name for name in names if name in linked]
    number = {name: place for place, name in enumerate(drawn)}
    edges = {(number[key.parent], number[key.table]) for key in keys if key.parent != key.table}
    places: dict[str, tuple[float, float]] = {}
    if drawn:
        graph = igraph.Graph(len(drawn), sorted(edges), directed=True)
        # its layers lie below one another; here they stand side by side
        layout = graph.layout_sugiyama(hgap=_HEIGHT + _DOWN, vgap=_WIDTH + _ACROSS)
        found = layout.coords[: len(drawn)]  # what follows are bends of lines
        top = min(y for y, _ in found)
        places = {name: (x, y - top) for name, (y, x) in zip(drawn, found, strict=True)}
    below = max((y + _HEIGHT + _MARGIN for _, y in places.values()), default=0)
    alone = [name for name in names if name not in linked]
    for place, name in enumerate(alone):
        down, across = divmod(place, _IN_A_ROW)
        places[name] = across * (_WIDTH + _ACROSS), below + down * (_HEIGHT + _DOWN)
    return {name: (x + 1, y + 1) for name, (x, y) in places.items()}  # room for their frames


def _line(parent: _Box, child: _Box, key: ForeignKey, plan: Plan) -> _Line:
    guess = any(
        plan.tables[key.table].columns.get(name, ColumnPlan("fk")).guess for name in key.columns
    )
    title = f"{key} refers to {parent.name}.{', '.join(key.parent_columns)}"
    if parent is child:
        x, y = child.x + _WIDTH, child.y + _HEIGHT / 2
        return _Line(f"M{x:g} {y - 9:g} c26 -8 26 26 6 18", title, guess)
    start, end = (child.x, child.y + _HEIGHT / 2), (parent.x + _WIDTH, parent.y + _HEIGHT / 2)
    bend = max(_ACROSS / 2, (start[0] - end[0]) / 2)
    path = (
        f"M{start[0]:g} {start[1]:g} C{start[0] - bend:g} {start[1]:g} "
        f"{end[0] + bend:g} {end[1]:g} {end[0] + 6:g} {end[1]:g}"
    )
    return _Line(path, title, guess)
