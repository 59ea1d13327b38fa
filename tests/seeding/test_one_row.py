"""Columns of a row that are made from each other, and what `propose` makes of their names."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schemas
from plans import SEQUENCE, File, between, problems
from proposals import schema_of
from sqlalchemy import URL

from faker_neural.seeding import ColumnPlan, Plan, TablePlan, propose, seed
from faker_neural.seeding.values.derived import DerivedSource

DAY = dt.date(2026, 11, 30)
PEOPLE = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY, first VARCHAR(30) NOT NULL, last VARCHAR(30) NOT NULL,
    full_name VARCHAR(60), login VARCHAR(9) UNIQUE, email VARCHAR(24) NOT NULL UNIQUE
)
"""


def derived(how: str, *columns: str, null: float = 0, **options: Any) -> ColumnPlan:
    return ColumnPlan("from", {"columns": list(columns), "as": how, **options}, null)


def people(rows: int, **columns: ColumnPlan) -> Plan:
    names = {"id": SEQUENCE, "first": ColumnPlan("faker:first_name")}
    names |= {"last": ColumnPlan("faker:last_name")}
    return Plan(rows=rows, tables={"people": TablePlan(columns=names | columns)})


def test_names_and_addresses_are_of_one_person(database: URL) -> None:
    schemas.create(database, PEOPLE)
    names = {
        "full_name": derived("join", "first", "last", null=0.2),
        "login": derived("user_name", "first", "last"),
        "email": derived("email", "login"),
    }
    seed(database, people(300, **names))
    rows = schemas.rows(database, "SELECT first, last, full_name, login, email FROM people")
    assert {full for *_, full, _, _ in rows} - {None} <= {f"{a} {b}" for a, b, *_ in rows}
    assert 30 < sum(full is None for _, _, full, _, _ in rows) < 90
    assert len({login for *_, login, _ in rows}) == len({email for *_, email in rows}) == 300
    assert max(len(email) for *_, email in rows) <= 24
    for first, last, _, login, email in rows:
        assert re.fullmatch(r"[a-z0-9._]{2,9}", login)
        assert login[0] == first[0].lower()
        assert re.fullmatch(r"[a-z0-9._]+@example\.(com|org|net)", email)
        assert last[:2].lower() in login or len(login) == 9 or login[-1].isdigit()


def test_a_block_of_rows_changes_no_derived_value(database: URL) -> None:
    schemas.create(database, PEOPLE)
    plan = people(60, email=derived("email", "first", "last"))
    seed(database, plan, chunk=7)
    in_chunks = schemas.dump(database)["people"]
    seed(database, plan, truncate=["people"])
    assert schemas.dump(database)["people"] == in_chunks


@pytest.mark.parametrize(
    ("how", "values", "made"),
    [
        ("join", ("Ada", "Lovelace"), "Ada Lovelace"),
        ("lower", ("Ada",), "ada"),
        ("initials", ("Ada", "de Lovelace"), "ADL"),
        ("slug", ("Crème brûlée & Co.",), "creme-brulee-co"),
        ("slug", ("a very long title of more words",), "a-very-long-title-of"),
        ("slug", ("東京",), "item-7"),
        ("user_name", ("東京",), "user7"),
        ("user_name", ("Zoë", "O'Neil"), "zoe_oneil"),
    ],
)
def test_texts_that_are_made_from_others(
    sqlite: URL, how: str, values: tuple[str, ...], made: str
) -> None:

    column = schema_of("CREATE TABLE t (c VARCHAR(22))").tables["t"].columns["c"]
    source = DerivedSource(column, ("a", "b")[: len(values)], how)
    assert source.values([values], np.array([7], dtype=np.uint64)) == [made]


SALES = """
CREATE TABLE sales (
    id INTEGER PRIMARY KEY, price DECIMAL(8, 2) NOT NULL, pieces INTEGER NOT NULL,
    total DECIMAL(9, 2) NOT NULL, gross DECIMAL(9, 2) NOT NULL,
    made DATE NOT NULL, paid TIMESTAMP NULL, sent DATE NOT NULL
)
"""


def test_amounts_and_times_follow_from_others(database: URL) -> None:
    schemas.create(database, SALES)
    columns = {
        "id": SEQUENCE,
        "price": between(1, 9),
        "pieces": between(1, 9),
        "total": derived("product", "price", "pieces"),
        "gross": derived("with_tax", "total", rate=0.1),
        "made": between(dt.date(2026, 10, 1), dt.date(2026, 11, 30)),
        "paid": derived("after", "made", until=DAY),
        "sent": derived("after", "made", "paid", within=3),
    }
    seed(database, Plan(rows=200, tables={"sales": TablePlan(columns=columns)}))
    rows = schemas.rows(database, "SELECT price, pieces, total, gross, made, paid, sent FROM sales")
    for price, pieces, total, gross, made, paid, sent in rows:
        assert float(total) == pytest.approx(float(price) * pieces)
        assert float(gross) == pytest.approx(float(total) * 1.1, abs=0.006)
        assert str(made)[:10] <= str(paid)[:10] <= str(sent)[:10]
        assert str(paid)[:10] <= "2026-11-30"
    assert len({str(row[5])[:10] for row in rows}) > 20


SPAN = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL)"


@pytest.mark.parametrize(
    ("within", "days"),
    [(2, {1, 2}), ([14, 14], {14}), ([0, 1], {0, 1}), ([3, 5], {3, 4, 5}), (0, {0})],
)
def test_a_day_is_some_days_after_another(sqlite: URL, within: Any, days: set[int]) -> None:
    schemas.create(sqlite, SPAN)
    columns = {"id": SEQUENCE, "a": between(DAY, dt.date(2027, 3, 1))}
    columns["b"] = derived("after", "a", within=within)
    seed(sqlite, Plan(rows=60, tables={"t": TablePlan(columns=columns)}))
    rows = schemas.rows(sqlite, "SELECT a, b FROM t")
    day = dt.date.fromisoformat
    assert {(day(late) - day(early)).days for early, late in rows} == days


def test_a_last_day_limits_what_comes_after(sqlite: URL) -> None:
    schemas.create(sqlite, SPAN)
    columns = {"id": SEQUENCE, "a": between(dt.date(2026, 11, 20), DAY)}
    columns["b"] = derived("after", "a", within=[3, 20], until=DAY)
    seed(sqlite, Plan(rows=60, tables={"t": TablePlan(columns=columns)}))
    rows = schemas.rows(sqlite, "SELECT a, b FROM t")
    assert all(early <= late <= str(DAY) for early, late in rows)
    assert any(early == late == str(DAY) for early, late in rows)


@pytest.mark.parametrize("within", ["21 days", [14], [30, 7], [1, 2, 3], [0, True], -1])
def test_days_are_a_number_or_two(sqlite: URL, within: Any) -> None:
    schemas.create(sqlite, SPAN)
    columns = {"id": SEQUENCE, "a": between(DAY, DAY), "b": derived("after", "a", within=within)}
    (said,) = problems(sqlite, Plan(tables={"t": TablePlan(columns=columns)}))
    rule = "must be days from 0 to 100,000: the most, 30, or the fewest and the most, [7, 30]"
    assert said == f"t.b: within={within!r} {rule}"


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        (derived("join", "frist"), "people.login: from='frist': there is no such column, did"),
        (derived("join", "full_name"), "people.login: from='full_name': has no source"),
        (derived("joined", "first"), "people.login: as='joined' must be one of join, email, "),
        (derived("sum", "first"), "people.login: as='sum' is for a column of kind integer or "),
        (derived("join", "first", rate=1), "people.login: as='join' has no 'rate'"),
        (derived("join", "login"), "people.login: is derived from itself: login -> login"),
        (ColumnPlan("from", {"columns": ["first"], "to": 1}), "people.login: from has no 'to'"),
    ],
)
def test_what_cannot_be_derived_is_said(sqlite: URL, plan: ColumnPlan, rule: str) -> None:
    schemas.create(sqlite, PEOPLE)
    email = ColumnPlan("faker:email")
    (said,) = problems(sqlite, people(5, login=plan, email=email))
    assert said.startswith(rule)


def test_a_plan_names_derived_columns_and_parents(file: File) -> None:
    columns = {
        "name": derived("join", "first", "last"),
        "slug": derived("slug", "long title", "last"),
        "paid": derived("after", "made", until=DAY),
        "owner": ColumnPlan("fk", {"to": "users.id"}),
        "other": ColumnPlan("fk", {"to": "users.id", "skew": 1.5}),
    }
    plan = Plan(tables={"t": TablePlan(columns=columns)})
    assert file.again(plan) == plan
    written = file.path.read_text()
    assert 'name = {from = "first last", as = "join"}' in written
    assert 'slug = {from = ["long title", "last"], as = "slug"}' in written
    assert 'owner = {fk = "users.id"}' in written


def proposed(url: URL, table: str, *, as_of: dt.date = DAY) -> dict[str, ColumnPlan]:
    return dict(propose(url, as_of=as_of).tables[table].columns)


def test_a_person_is_proposed_as_one(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        PEOPLE.replace("first", "first_name").replace("last ", "surname ").replace("(9)", "(20)"),
    )
    found = proposed(sqlite, "people")
    names = ["first_name", "surname"]
    assert found["full_name"].options == {"columns": names, "as": "join"}
    assert found["login"].options == {"columns": names, "as": "user_name"}
    assert found["email"].options == {"columns": ["login"], "as": "email"}
    assert found["email"].guess


def test_a_place_is_proposed_as_one(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE shops (id INTEGER PRIMARY KEY, street TEXT, city TEXT, state VARCHAR(20),
            zip VARCHAR(10), country CHAR(2), billing_city TEXT, billing_postcode TEXT);
        CREATE TABLE venues (id INTEGER PRIMARY KEY, city TEXT, country TEXT);
        CREATE TABLE trips (id INTEGER PRIMARY KEY, city TEXT)
        """,
    )
    shops = proposed(sqlite, "shops")
    of_row = {name: one.options["column"] for name, one in shops.items() if "row:" in one.source}
    assert of_row == {
        "street": "street", "city": "city", "state": "state", "zip": "zip",
        "billing_city": "city", "billing_postcode": "zip",
    }  # fmt: skip
    assert shops["country"].options == {"values": ["US"]}
    venues = proposed(sqlite, "venues")
    assert venues["city"].source == venues["country"].source == "row:world_place"
    assert proposed(sqlite, "trips")["city"].source == "neural:world_city"


def test_times_are_proposed_in_their_order(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE stays (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, created_at TIMESTAMP,
            check_in DATE, check_out DATE, deleted_at TIMESTAMP, birth_date DATE,
            expires_at TIMESTAMP, closed_on DATE CHECK (closed_on > '2026-01-01'))
        """,
    )
    found = proposed(sqlite, "stays")
    after = {n: one.options["columns"] for n, one in found.items() if one.source == "from"}
    assert after == {
        "updated_at": ["created_at"], "check_out": ["check_in"], "deleted_at": ["created_at"],
        "check_in": ["created_at"], "expires_at": ["created_at"],
    }  # fmt: skip
    assert "until" not in found["expires_at"].options
    assert found["created_at"].options["high"].date() == DAY
    assert found["deleted_at"].null == 0.9


def test_amounts_are_proposed_to_fit(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE lines (id INTEGER PRIMARY KEY, price NUMERIC(8, 2), quantity INTEGER,
            total NUMERIC(9, 2), net_amount NUMERIC(9, 2), gross_amount NUMERIC(9, 2));
        CREATE TABLE narrow (id INTEGER PRIMARY KEY, price NUMERIC(8, 2), quantity INTEGER,
            total INTEGER CHECK (total < 100))
        """,
    )
    found = proposed(sqlite, "lines")
    assert found["total"].options == {"columns": ["price", "quantity"], "as": "product"}
    assert found["gross_amount"].options == {"columns": ["net_amount"], "as": "with_tax"}
    assert proposed(sqlite, "narrow")["total"].source == "range"


def test_a_slug_is_of_its_title(sqlite: URL, tmp_path: Path) -> None:
    schemas.create(sqlite, "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, slug TEXT)")
    assert proposed(sqlite, "posts")["slug"].options == {"columns": ["title"], "as": "slug"}


def test_a_loan_is_due_and_returned_after_it_was_borrowed(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE loans (id INTEGER PRIMARY KEY, borrowed_on TEXT NOT NULL, "
        "due_on TEXT NOT NULL, returned_on TEXT, depends_on TEXT NOT NULL)",
    )
    columns = proposed(sqlite, "loans")
    assert columns["borrowed_on"].options["high"] == DAY
    assert columns["due_on"].options == {"columns": ["borrowed_on"], "as": "after"}
    late = {"columns": ["borrowed_on"], "as": "after", "until": DAY}
    assert (columns["returned_on"].options, columns["returned_on"].null) == (late, 0.2)
    assert columns["depends_on"].source == "faker:sentence"


def test_times_that_are_numbers_come_in_their_order(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE runs (id INTEGER PRIMARY KEY, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, start_time_ms BIGINT NOT NULL, end_time_ms BIGINT NOT NULL,
            date_sent TIMESTAMP NOT NULL, date_read TIMESTAMP NOT NULL)
        """,
    )
    plan = propose(sqlite, as_of=DAY).with_rows({"runs": 500})
    columns = plan.tables["runs"].columns
    assert columns["updated_at"].options == {"columns": ["created_at"], "as": "after", "until": DAY}
    assert columns["end_time_ms"].options["per_second"] == 1000
    seed(sqlite, plan)
    rows = schemas.rows(sqlite, "SELECT * FROM runs")
    for _, created, updated, start, end, sent, read in rows:
        assert created <= updated <= created + 30 * 86_400
        assert start <= end <= start + 30 * 86_400_000
        assert sent <= read
    assert len({end - start for _, _, _, start, end, *_ in rows}) > 400


def test_a_least_number_is_below_the_most(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, min_score INTEGER, max_score INTEGER,
            lower_price NUMERIC(6, 2), upper_price NUMERIC(6, 2), high_water INTEGER)
        """,
    )
    found = proposed(sqlite, "t")
    for least, most in (("min_score", "max_score"), ("lower_price", "upper_price")):
        assert found[least].options["high"] == found[most].options["low"]
        assert found[least].options["low"] < found[most].options["high"]


def test_a_tree_by_paths_has_roots_alone(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE pages (id INTEGER PRIMARY KEY, path VARCHAR(255) NOT NULL UNIQUE,
            depth INTEGER NOT NULL, numchild INTEGER NOT NULL)
        """,
    )
    seed(sqlite, propose(sqlite))
    rows = schemas.rows(sqlite, "SELECT path, depth, numchild FROM pages")
    assert all(re.fullmatch(r"\d{4}", path) and rest == [1, 0] for path, *rest in rows)


def test_a_title_beside_a_name_is_that_of_a_person(sqlite: URL) -> None:
    named = "id INTEGER PRIMARY KEY, title VARCHAR(64), first_name TEXT, last_name TEXT"
    schemas.create(sqlite, f"CREATE TABLE addresses ({named}); CREATE TABLE employees ({named})")
    assert proposed(sqlite, "addresses")["title"].options["values"] == ["Mr", "Mrs", "Ms", "Dr"]
    assert proposed(sqlite, "employees")["title"].source == "neural:job_title"


def test_names_that_say_nothing_are_not_words_of_a_dictionary(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE product_classes (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);
        CREATE TABLE realms (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)
        """,
    )
    assert proposed(sqlite, "realms")["name"].options == {"text": "Realm ###"}
    seed(sqlite, propose(sqlite))
    names = [name for (name,) in schemas.rows(sqlite, "SELECT name FROM realms")]
    assert len(set(names)) == 10
    assert all(name.startswith("Realm ") for name in names)


def test_the_only_table_of_users_is_referred_to(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE auth_user (id INTEGER PRIMARY KEY); CREATE TABLE entry (user_id INTEGER)",
    )
    assert proposed(sqlite, "entry")["user_id"].options == {"to": "auth_user.id"}
