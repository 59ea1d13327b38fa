"""Children of each parent, references whose table another column names, and deferred checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import schemas
from plans import FK, SEQUENCE, File, between, choice, problems
from real import filled
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import IntegrityError

from faker_neural import DatabaseError, PlanError
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, preview, propose, seed

ORDERS = """
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT NOT NULL REFERENCES customers (id));
CREATE TABLE order_items (order_id INT NOT NULL REFERENCES orders (id), product INT NOT NULL,
    PRIMARY KEY (order_id, product))
"""


def per(parent: str, **options: Any) -> ColumnPlan:
    return ColumnPlan("fk", {"per": parent, **options})


def of_orders(customers: int = 5) -> Plan:
    items = {"order_id": per("orders", count=[2, 4]), "product": between(1, 9)}
    return Plan(
        tables={
            "customers": TablePlan(customers, {"id": SEQUENCE}),
            "orders": TablePlan(
                columns={"id": SEQUENCE, "customer_id": per("customers", count=[0, 3])}
            ),
            "order_items": TablePlan(columns=items),
        }
    )


# some rows for each row of a parent


def test_each_parent_gets_its_children(database: URL) -> None:
    schemas.create(database, ORDERS)
    done = seed(database, of_orders(40))
    orders = schemas.rows(database, "SELECT customer_id FROM orders")
    items = schemas.rows(database, "SELECT order_id FROM order_items")
    assert done.rows == {"customers": 40, "orders": len(orders), "order_items": len(items)}
    assert set(Counter(items).values()) == {2, 3, 4}  # every order has some
    assert len(Counter(items)) == len(orders)
    assert set(Counter(orders).values()) == {1, 2, 3}
    assert 0 < len(Counter(orders)) < 40


def test_more_parents_add_children_and_change_none(sqlite: URL, tmp_path: Any) -> None:
    schemas.create(sqlite, ORDERS)
    seed(sqlite, of_orders(4))
    few = schemas.dump(sqlite)
    seed(sqlite, of_orders(4), append=True)
    twice = schemas.dump(sqlite)
    other = sqlite.set(database=str(tmp_path / "other.db"))
    schemas.create(other, ORDERS)
    seed(other, of_orders(8), chunk=3)
    assert schemas.dump(other) == twice
    assert all(set(few[name]) < set(twice[name]) for name in few)


def test_parents_that_are_there_get_children(database: URL) -> None:
    schemas.create(database, ORDERS)
    seed(database, {"customers": 3})
    columns = {"id": SEQUENCE, "customer_id": per("customers", count=[2, 2])}
    seed(database, Plan(tables={"orders": TablePlan(columns=columns)}))
    found = schemas.rows(database, "SELECT id, customer_id FROM orders ORDER BY id")
    assert found == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)]


def test_a_parent_may_be_named_that_the_database_does_not_declare(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INT)")
    columns = {"a": per("a.id", count=[1, 1])}
    tables = {"a": TablePlan(3, {"id": SEQUENCE}), "b": TablePlan(columns=columns)}
    assert preview(sqlite, Plan(tables=tables))["b"] == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_a_number_of_rows_takes_the_place_of_the_parents_count(sqlite: URL) -> None:
    schemas.create(sqlite, ORDERS)
    plan = of_orders().with_rows({"orders": 7})
    assert seed(sqlite, plan).rows["orders"] == 7
    assert plan.tables["orders"].columns["customer_id"] == FK


def test_items_of_orders_are_proposed_for_each_order(database: URL) -> None:
    schemas.create(database, ORDERS)
    found = propose(database).tables["order_items"]
    assert found.columns["order_id"].options == {"per": "orders", "count": [1, 5]}
    counts = Counter(order for order, _ in filled(database, "order_items"))
    assert len(counts) == 10
    assert len(set(counts.values())) > 1


def test_parts_that_do_not_fit_are_proposed_without_a_count(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE flags (id INTEGER PRIMARY KEY);"
        "CREATE TABLE flag_rows (flag_id INT PRIMARY KEY NOT NULL REFERENCES flags (id))",
    )
    assert propose(sqlite).tables["flag_rows"].columns["flag_id"] == FK
    assert len(filled(sqlite, "flag_rows")) == 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (per("order"), "per='order': there is no table 'order', did you mean 'orders'"),
        (per("customers"), 'does not refer to customers; name its column, per = "customers.id"'),
        (per("customers.no"), "per='customers.no': customers has no column 'no'"),
        (per("order_items"), "is the table itself, which cannot have children of itself"),
        (per("orders", count=[3, 1]), "count=[3, 1] must be two whole numbers, [LOW, HIGH], 0 to"),
        (per("orders", count=2), "count=2 must be two whole numbers"),
        (per("orders", skew=1.1), "skew does not go with per"),
        (ColumnPlan("fk", {"per": "orders"}, null=0.5), "null does not go with per"),
        (ColumnPlan("fk", {"count": [1, 2]}), "count goes with per"),
        (per("orders", coutn=[1, 2]), "fk has no 'coutn', did you mean 'count'?"),
    ],
)
def test_a_wrong_count_is_said(sqlite: URL, change: ColumnPlan, said: str) -> None:
    schemas.create(sqlite, ORDERS)
    items = {"order_id": change, "product": between(1, 9)}
    plan = of_orders()
    found = problems(sqlite, Plan(tables={**plan.tables, "order_items": TablePlan(columns=items)}))
    assert any(said in one for one in found), found


def test_rows_and_a_count_are_one_too_many(file: File, sqlite: URL) -> None:
    schemas.create(sqlite, ORDERS)
    text = '[tables.orders]\nrows = 5\nid = "sequence"\ncustomer_id = { per = "customers" }'
    (said,) = problems(sqlite, file.read(text))
    assert said.endswith("per='customers': says how many rows there are, so rows cannot be given")


def test_parents_need_a_key_known_by_the_row(sqlite: URL) -> None:
    schemas.create(
        sqlite, "CREATE TABLE a (c TEXT PRIMARY KEY); CREATE TABLE b (a TEXT REFERENCES a (c))"
    )
    names = TablePlan(columns={"c": ColumnPlan("faker:user_name")})
    plan = Plan(tables={"a": names, "b": TablePlan(columns={"a": per("a")})})
    assert problems(sqlite, plan) == ("b.a: per='a' needs a sequence or UUID key of a",)


def test_a_count_is_written_and_read_again(file: File) -> None:
    plan = of_orders()
    assert file.again(plan) == plan


# references whose table another column names

THINGS = """
CREATE TABLE posts (id INTEGER PRIMARY KEY, title VARCHAR(80) NOT NULL);
CREATE TABLE photos (id INTEGER PRIMARY KEY, caption VARCHAR(80) NOT NULL)
"""
COMMENTS = """
CREATE TABLE comments (id INTEGER PRIMARY KEY, commentable_type VARCHAR(20) NOT NULL{},
    commentable_id INT NOT NULL{})
"""


def disagreeing(url: URL, types: dict[str, str]) -> int:
    """Count the comments whose row is not there."""
    known = " OR ".join(
        f"commentable_type = '{one}' AND commentable_id IN (SELECT id FROM {table})"
        for one, table in types.items()
    )
    ((count,),) = schemas.rows(url, f"SELECT count(*) FROM comments WHERE NOT ({known})")
    return int(count)


@pytest.mark.parametrize(
    ("check", "types"),
    [
        ("", {"Post": "posts", "Photo": "photos"}),
        (" CHECK (commentable_type IN ('post', 'photo'))", {"post": "posts", "photo": "photos"}),
    ],
)
def test_a_type_and_its_id_agree(database: URL, check: str, types: dict[str, str]) -> None:
    unique = ", UNIQUE (commentable_type, commentable_id)"
    schemas.create(database, THINGS)
    schemas.create(database, COMMENTS.format(check, unique))
    plan = propose(database).with_rows({"posts": 30, "photos": 5, "comments": 20})
    seed(database, plan)
    assert not disagreeing(database, types)
    assert len(schemas.rows(database, "SELECT * FROM comments")) == 20


def test_types_of_what_is_no_table_are_no_reference(sqlite: URL) -> None:
    schemas.create(sqlite, THINGS)
    schemas.create(sqlite, "CREATE TABLE t (payment_type TEXT NOT NULL, payment_id INT NOT NULL)")
    assert propose(sqlite).tables["t"].columns["payment_id"].source != "fk"


TO = {"Post": "posts.id", "Photo": "photos.id"}


@pytest.mark.parametrize(
    ("options", "kinds", "said"),
    [
        ({"by": "kind", "to": TO}, ("Post",), "by='kind': there is no such column"),
        ({"by": "commentable_type", "to": TO}, ("Post", "Film"), "no column is named for 'Film'"),
        ({"by": "commentable_type", "to": {"Post": "post.id"}}, ("Post",), "no table 'post', did"),
        ({"by": "commentable_type", "to": {"Post": "comments.id"}}, ("Post",), "table itself"),
        ({"by": "commentable_type"}, ("Post",), "is not a foreign key of the database"),
        ({"by": "commentable_type", "to": "posts.id"}, ("Post",), "to={ Post = "),
        ({"to": TO}, ("Post",), "needs a column for each kind"),
    ],
)
def test_a_wrong_reference_by_type_is_said(
    sqlite: URL, options: dict[str, Any], kinds: tuple[str, ...], said: str
) -> None:
    schemas.create(sqlite, THINGS)
    schemas.create(sqlite, COMMENTS.format("", ""))
    columns = {
        "id": SEQUENCE,
        "commentable_type": choice(*kinds),
        "commentable_id": ColumnPlan("fk", options),
    }
    others = {name: one for name, one in propose(sqlite).tables.items() if name != "comments"}
    found = problems(sqlite, Plan(tables={**others, "comments": TablePlan(columns=columns)}))
    assert any(said in one for one in found), found


def test_a_type_must_be_a_choice(sqlite: URL) -> None:
    schemas.create(sqlite, THINGS)
    schemas.create(sqlite, COMMENTS.format("", ""))
    plan = propose(sqlite)
    columns = {**plan.tables["comments"].columns, "commentable_type": ColumnPlan("faker:word")}
    (said,) = problems(sqlite, Plan(tables={**plan.tables, "comments": TablePlan(columns=columns)}))
    assert said.endswith("by='commentable_type': must be a choice, of Photo, Post")


def test_a_reference_by_type_is_written_and_read_again(file: File) -> None:
    one = ColumnPlan("fk", {"by": "kind", "to": TO})
    plan = Plan(tables={"t": TablePlan(columns={"kind": choice(*TO), "thing": one})})
    assert file.again(plan) == plan


# foreign keys that are checked at the end

CIRCLE = """
CREATE TABLE shops (id INTEGER PRIMARY KEY, boss_id INT NOT NULL);
CREATE TABLE people (id INTEGER PRIMARY KEY, shop_id INT NOT NULL,
    CONSTRAINT works FOREIGN KEY (shop_id) REFERENCES shops (id));
ALTER TABLE shops ADD CONSTRAINT "leads" FOREIGN KEY (boss_id) REFERENCES people (id)
"""


@pytest.fixture(params=["postgresql", "mariadb"])
def circle(request: pytest.FixtureRequest) -> URL:
    """Two tables that refer to one another, which the database checks row by row."""
    url: URL = request.getfixturevalue(request.param)
    quoted = CIRCLE if request.param == "postgresql" else CIRCLE.replace('"', "")
    schemas.create(url, quoted)
    return url


def test_a_circle_is_filled_if_its_checks_may_wait(circle: URL) -> None:
    left_out = propose(circle).left_out
    assert "--defer-constraints" in left_out["shops"]
    plan = propose(circle, defer_constraints=True)
    assert plan.defer_constraints
    seed(circle, plan)
    assert len(schemas.rows(circle, "SELECT * FROM shops JOIN people ON boss_id = people.id")) == 10
    with pytest.raises(PlanError, match="--defer-constraints"):
        seed(circle, Plan(tables=plan.tables))


def test_the_database_checks_each_row_again_afterwards(circle: URL) -> None:
    engine = create_engine(circle, pool_size=1, max_overflow=0)  # all on the same connection
    plan = propose(circle, defer_constraints=True)
    seed(engine, plan)
    seed(engine, plan, truncate=["shops", "people"])
    with pytest.raises(PlanError):
        seed(engine, replace(plan, tables={"shops": TablePlan(columns={"id": FK})}))
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("INSERT INTO shops VALUES (99, 99)")  # not only when committed
    engine.dispose()


def test_a_run_that_fails_leaves_no_connection_without_checks(mariadb: URL) -> None:
    schemas.create(mariadb, CIRCLE.replace('"', ""))
    engine = create_engine(mariadb, pool_size=1, max_overflow=0)
    plan = propose(mariadb, defer_constraints=True)
    lost = TablePlan(columns={**plan.tables["people"].columns, "shop_id": choice(77)})
    with pytest.raises(DatabaseError, match="refer to no row"):
        seed(engine, replace(plan, tables={**plan.tables, "people": lost}))
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("INSERT INTO shops VALUES (99, 99)")
    engine.dispose()


def test_a_reference_to_nothing_is_found_at_the_end(mariadb: URL) -> None:
    schemas.create(mariadb, CIRCLE.replace('"', ""))
    schemas.create(
        mariadb, "CREATE TABLE t (id INTEGER PRIMARY KEY, shop INT REFERENCES shops (id))"
    )
    plan = propose(mariadb, defer_constraints=True)
    lost = TablePlan(4, {"id": SEQUENCE, "shop": choice(77)})
    with pytest.raises(DatabaseError) as caught:
        seed(mariadb, Plan(tables={**plan.tables, "t": lost}, defer_constraints=True))
    assert str(caught.value) == "t.shop: 4 rows refer to no row of shops; nothing was written"
    assert not schemas.rows(mariadb, "SELECT * FROM shops")


def test_a_plan_says_that_checks_may_wait(file: File) -> None:
    assert file.again(Plan(defer_constraints=True)).defer_constraints
    assert file.problems("defer_constraints = 1") == ("defer_constraints=1 must be true or false",)
