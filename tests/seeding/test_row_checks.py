"""CHECK constraints that relate columns: rows are changed until the database accepts them."""

from __future__ import annotations

import datetime as dt

import pytest
import schemas
from plans import SEQUENCE, between, choice
from real import filled, read
from sqlalchemy import URL

from faker_neural import DatabaseError
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, preview, propose, seed

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);"
TWO = {"id": SEQUENCE, "a": between(1, 9), "b": between(1, 9)}

MET = {
    "order": "a INT NOT NULL, b INT NOT NULL, CHECK (a < b)",
    "difference": "a INT NOT NULL, b INT NOT NULL, CHECK (a <> b)",
    "one is empty": "a INT, b INT, CHECK (a IS NULL OR b IS NULL)",
    "one is not": "a INT, b INT, CHECK (a IS NOT NULL OR b IS NOT NULL)",
    "exactly one": "a INT, b INT, CHECK ((a IS NULL) <> (b IS NULL))",
    "with a state": "a INT NOT NULL CHECK (a IN (1, 2)), b INT, CHECK (a = 1 OR b IS NOT NULL)",
    "of one column": "a INT NOT NULL CHECK ((a & 3) = 3), b INT",
    "of a product": "a INT NOT NULL, b INT NOT NULL, CHECK (a * b < 2000)",
    "of texts": "a VARCHAR(20) NOT NULL, b VARCHAR(20) NOT NULL, CHECK (a <> 'x:y' AND a > b)",
    "beside a default": "a INT NOT NULL, b INT DEFAULT 500, CHECK (a < b)",
    "of times": "a TIMESTAMP NULL, b TIMESTAMP NULL, CHECK (b >= a)",
}


@pytest.mark.parametrize("rule", MET)
def test_rows_meet_a_constraint_of_several_columns(database: URL, rule: str) -> None:
    schemas.create(database, f"CREATE TABLE t (id INTEGER PRIMARY KEY, {MET[rule]})")
    assert len(filled(database)) == 10  # which the database has checked


def test_an_exclusive_reference_names_either_parent(database: URL) -> None:
    schemas.create(
        database,
        f"""{USERS}
        CREATE TABLE teams (id INTEGER PRIMARY KEY);
        CREATE TABLE t (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id),
            team_id INT REFERENCES teams (id), CHECK ((user_id IS NULL) <> (team_id IS NULL)))
        """,
    )
    rows = filled(database)
    assert {user is None for _, user, _ in rows} == {True, False}
    assert all((user is None) != (team is None) for _, user, team in rows)


def test_a_pair_of_a_unique_key_is_no_diagonal(database: URL) -> None:
    schemas.create(
        database,
        f"""{USERS}
        CREATE TABLE t (one INT NOT NULL REFERENCES users (id), other INT NOT NULL
            REFERENCES users (id), PRIMARY KEY (one, other), CHECK (one <> other))
        """,
    )
    plan = {"users": 4, "t": 12}  # all pairs that there are
    seed(database, plan)
    pairs = schemas.rows(database, "SELECT one, other FROM t")
    assert len(set(pairs)) == 12
    assert all(one != other for one, other in pairs)


def test_what_is_derived_follows_a_changed_row(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, total INT, CHECK (a < b))",
    )
    total = ColumnPlan("from", {"columns": ["a", "b"], "as": "sum"})
    seed(sqlite, Plan(rows=50, tables={"t": TablePlan(columns={**TWO, "total": total})}))
    rows = schemas.rows(sqlite, "SELECT a, b, total FROM t")
    assert all(a < b and total == a + b for a, b, total in rows)


def test_a_changed_row_depends_on_itself_alone(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, CHECK (a < b))")
    plan = Plan(tables={"t": TablePlan(250, TWO)})
    whole = preview(sqlite, plan, n=250)["t"]
    assert whole[:30] == preview(sqlite, plan, n=30)["t"]
    seed(sqlite, plan.with_rows({"t": 100}))
    seed(sqlite, plan.with_rows({"t": 150}), append=True)
    rows = schemas.rows(sqlite, "SELECT id, a, b FROM t ORDER BY id")
    assert rows == [tuple(row.values()) for row in whole]


LOANS = """
CREATE TABLE loans (
    id INTEGER PRIMARY KEY, borrowed_on DATE NOT NULL, due_on DATE NOT NULL, returned_on DATE,
    status VARCHAR(10) NOT NULL, paid VARCHAR(10) NOT NULL,
    CHECK ((status = 'returned') = (returned_on IS NOT NULL)), CHECK (due_on > borrowed_on),
    CHECK (status <> 'overdue' OR due_on < '2026-11-30'), CHECK (paid <> status),
    CHECK (status <> 'borrowed' OR due_on >= '2026-11-30')
)
"""


def loans(**columns: ColumnPlan) -> Plan:
    made = {
        "id": SEQUENCE,
        "borrowed_on": between(dt.date(2026, 8, 1), dt.date(2026, 11, 29)),
        "due_on": ColumnPlan("from", {"columns": ["borrowed_on"], "as": "after"}),
        "returned_on": ColumnPlan("from", {"columns": ["borrowed_on"], "as": "after"}, null=0.4),
        "status": choice("borrowed", "returned", "overdue", weights=[2, 6, 2]),
        "paid": between(dt.date(2026, 8, 1), dt.date(2026, 11, 29)),
    }
    return Plan(rows=400, tables={"loans": TablePlan(columns=made | columns)})


def test_a_constraint_leaves_each_value_to_its_source(database: URL) -> None:
    schemas.create(database, LOANS)
    seed(database, loans())
    rows = schemas.rows(database, "SELECT status, returned_on, paid FROM loans")
    assert {status for status, _, _ in rows} == {"borrowed", "returned", "overdue"}
    assert all((status == "returned") == (back is not None) for status, back, _ in rows)
    assert {len(paid) for *_, paid in rows} == {len("2026-08-01")}


def test_what_is_made_from_an_emptied_column_is_empty(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a DATE, b DATE, k VARCHAR(1) NOT NULL, "
        "CHECK ((k = 'x') = (a IS NOT NULL)))",
    )
    columns = {"id": SEQUENCE, "a": between(dt.date(2026, 8, 1), dt.date(2026, 9, 1))}
    columns |= {"b": ColumnPlan("from", {"columns": ["a"], "as": "after"}), "k": choice("y")}
    seed(sqlite, Plan(rows=30, tables={"t": TablePlan(columns=columns)}))
    assert set(schemas.rows(sqlite, "SELECT a, b FROM t")) == {(None, None)}


def test_a_constraint_keeps_the_shares_of_a_plan(sqlite: URL) -> None:
    schemas.create(sqlite, LOANS)
    seed(sqlite, loans())
    rows = schemas.rows(sqlite, "SELECT status FROM loans")
    returned = sum(status == "returned" for (status,) in rows) / len(rows)
    assert 0.6 < returned < 0.9  # 0.6 x 0.6 of 0.6 x 0.6 + 0.4 x (0.2 of some, 0.2 of the rest)


def test_values_are_exchanged_within_the_ranges_of_both(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, CHECK (a < b))")
    days = dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 3, 1), dt.date(2026, 12, 31)
    columns = {"id": SEQUENCE, "a": between(*days[:2]), "b": between(*days[2:])}
    seed(sqlite, Plan(rows=300, tables={"t": TablePlan(columns=columns)}))
    rows = schemas.rows(sqlite, "SELECT a, b FROM t")
    assert all("2026-01-01" <= a < b <= "2026-12-31" for a, b in rows)
    assert max(a for a, _ in rows) <= "2026-06-30"
    assert min(b for _, b in rows) >= "2026-03-01"


def test_what_no_row_meets_is_not_proposed(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE fine (id INTEGER PRIMARY KEY);
        CREATE TABLE never (id INTEGER PRIMARY KEY, a INT NOT NULL, b INT NOT NULL,
            CHECK (a < b AND b < a));
        CREATE TABLE child (id INTEGER PRIMARY KEY, never INT NOT NULL REFERENCES never (id))
        """,
    )
    plan = propose(database)
    assert list(plan.tables) == ["fine"]
    assert plan.left_out["never"].startswith("no values for row 0 were found that meet CHECK (")
    assert "never, which is empty" in plan.left_out["child"]


def test_a_constraint_that_no_row_meets_is_named(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, CHECK (a > b))")
    never = {"id": SEQUENCE, "a": choice(1), "b": choice(2)}
    nullable = Plan(tables={"t": TablePlan(columns=never)})
    assert seed(sqlite, nullable).rows == {"t": 10}  # one of the two is NULL
    schemas.create(
        sqlite,
        "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, "
        "CHECK (a > b * 2))",
    )
    with pytest.raises(DatabaseError) as caught:
        seed(sqlite, nullable)
    rule = (
        "no values for row 0 were found that meet CHECK (a > b * 2); change the sources of a, b; "
    )
    rule += "nothing was written"
    assert str(caught.value) == f"t: {rule}"


@pytest.mark.parametrize(
    ("check", "kept"),
    [
        ("a > 3", False),  # the column's domain says it
        ("a > b", True),
        ("(a & 1) = 0", True),
        ("lower('a b') <> 'x'", False),
        ("b <> 'a'", True),
    ],
)
def test_only_what_no_domain_says_is_asked(sqlite: URL, check: str, kept: bool) -> None:
    table = read(sqlite, f"CREATE TABLE t (id INTEGER, a INT, b TEXT, CHECK ({check}))").tables["t"]
    assert [one.sql for one in table.checks] == ([check] if kept else [])


# rows that the database refuses all the same


REFUSING = {
    "sqlite": ["CREATE TRIGGER r BEFORE INSERT ON t WHEN NEW.n > 7 BEGIN "
               "SELECT RAISE(ABORT, 'too large'); END"],
    "postgresql": [
        "CREATE FUNCTION r() RETURNS trigger AS $$ BEGIN IF NEW.n > 7 THEN "
        "RAISE EXCEPTION 'too large'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION r()",
    ],
    "mysql": ["CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.n > 7 THEN "
              "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too large'; END IF; END"],
}  # fmt: skip


def test_a_row_that_a_trigger_refuses_is_named(database: URL) -> None:
    made = REFUSING[
        "mysql" if database.get_backend_name() == "mariadb" else database.get_backend_name()
    ]
    read(database, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT)", *made)
    numbers = {"id": SEQUENCE, "n": ColumnPlan("sequence", {"start": 5})}
    with pytest.raises(DatabaseError) as caught:
        seed(database, Plan(tables={"t": TablePlan(columns=numbers)}))
    said = "the database refuses row 3 (id=4, n=8): too large"
    assert str(caught.value).startswith(f"t: {said}")
    assert not schemas.rows(database, "SELECT * FROM t")


def test_the_column_of_a_refused_row_is_named(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, v VARCHAR(60));"
        "CREATE UNIQUE INDEX once ON t (v, abs(n))",
    )
    text = "a text that is too long to be shown whole in an error"
    same = {"id": SEQUENCE, "n": choice(-3, 3), "v": choice(text)}
    with pytest.raises(DatabaseError) as caught:
        seed(postgresql, Plan(tables={"t": TablePlan(columns=same)}))
    said = f"t.v: the database refuses row 1 (v='{text[:39]}...): duplicate key value"
    assert str(caught.value).startswith(said)
