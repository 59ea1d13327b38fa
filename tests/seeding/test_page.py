"""The page of a plan: its tables as a drawing, and their first rows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import schemas
from commands import Cli
from plans import SEQUENCE, choice
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, Plan, TablePlan
from faker_neural.seeding.page.drawing import Drawing, drawing_of
from faker_neural.seeding.page.page import plan_page
from faker_neural.seeding.schema.schema import ForeignKey


def of_tables(*keys: ForeignKey, names: str = "abcd") -> Drawing:
    tables = dict.fromkeys(names, "10 rows")
    plan = Plan(tables=dict.fromkeys(names, TablePlan()))
    return drawing_of(tables, keys, plan)


def key(child: str, parent: str) -> ForeignKey:
    return ForeignKey(child, (f"{parent}_id",), parent, ("id",))


def test_parents_stand_to_the_left_of_their_children() -> None:
    drawn = of_tables(key("b", "a"), key("c", "b"), key("c", "a"))
    left = {box.name: box.x for box in drawn.boxes}
    assert left["a"] < left["b"] < left["c"]
    assert len(drawn.lines) == 3


def test_no_two_boxes_overlap_and_all_are_within() -> None:
    names = "abcdefghijklmnop"
    drawn = of_tables(*(key(child, "a") for child in names[1:9]), key("j", "j"), names=names)
    width, height = drawn.box
    for one in drawn.boxes:
        assert 0 <= one.x <= drawn.width - width
        assert 0 <= one.y <= drawn.height - height
        for other in drawn.boxes:
            apart = abs(one.x - other.x) >= width or abs(one.y - other.y) >= height
            assert one is other or apart


def test_a_drawing_of_nothing_is_small() -> None:
    assert of_tables(names="").boxes == []


def test_a_page_shows_rows_and_loads_nothing(shop: URL, cli: Cli, plan: Path) -> None:
    said = cli.done("seed", "plan", plan, "--html", "plan.html", "-n", 3)
    assert said == "wrote plan.html\n"
    page = Path("plan.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=\"(?!#)|@import|url\((?!#)", page)
    body = page[page.index("<svg") : page.index("</svg>") + 6]
    drawing = ElementTree.fromstring(body.replace("&hellip;", "…"))
    shown = [text.text for text in drawing.iter("text")]
    assert {"products", "categories"} <= set(shown)
    assert page.count("<tbody>") == len([one for one in shown if one and "row" not in one])
    assert not schemas.rows(shop, "SELECT * FROM products")


def test_what_a_cell_holds_is_text_and_no_html(sqlite: URL) -> None:
    schemas.create(sqlite, 'CREATE TABLE "<i>" (id INTEGER PRIMARY KEY, "<b>" TEXT, c BLOB)')
    columns = {"id": SEQUENCE, "<b>": choice("<script>")}
    columns["c"] = ColumnPlan("bytes", {"length": 2}, null=0.5)
    page = plan_page(sqlite, Plan(name="<u>", tables={"<i>": TablePlan(8, columns)}))
    assert "&lt;script&gt;" in page
    assert not re.search("<script>|<b>|<i>|<u>", page)
    assert '<td class="null">NULL</td>' in page
    assert re.search("<td>[0-9a-f]{4}</td>", page)


def test_the_drawing_says_what_is_a_guess(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE t (user_id INT, boss_id INT)",
    )
    guess = ColumnPlan("fk", {"to": "users.id"}, guess=True)
    known = ColumnPlan("fk", {"to": "users.id"})
    tables = {
        "users": TablePlan(columns={"id": SEQUENCE}),
        "t": TablePlan(columns={"user_id": guess, "boss_id": known}),
    }
    page = plan_page(sqlite, Plan(tables=tables))
    assert len(re.findall(r'<path [^>]*class="guess"', page)) == 1
    assert "t.user_id refers to users.id" in page


def test_a_page_that_cannot_be_written_is_said(cli: Cli, plan: Path) -> None:
    said = cli.refused("seed", "plan", plan, "--html", "absent/plan.html")
    assert said.startswith("absent/plan.html: ")
