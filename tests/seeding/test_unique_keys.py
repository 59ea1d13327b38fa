"""Foreign keys: order, cycles, self-references, composite keys, join tables, fan-out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import schemas
from sqlalchemy import URL

from faker_neural import DatabaseError, PlanError
from faker_neural.seeding import ColumnPlan, Plan, TablePlan, preview, seed

FK, SEQUENCE = ColumnPlan("fk"), ColumnPlan("sequence")


@pytest.fixture
def file(tmp_path: Path) -> URL:
    return URL.create("sqlite", database=str(tmp_path / "keys.db"))


def test_a_cycle_of_two_tables_is_filled_in_a_second_pass(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE teams (id INTEGER PRIMARY KEY, captain_id INTEGER);
        CREATE TABLE players (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL,
            FOREIGN KEY (team_id) REFERENCES teams (id))
        """,
    )
    _refer(database, "teams", "captain_id", "players")
    seed(database, {"teams": 30, "players": 90})
    assert schemas.orphans(database) == []
    assert schemas.rows(database, "SELECT count(captain_id), count(*) FROM teams") == [(30, 30)]


def test_a_cycle_of_three_tables_breaks_at_the_column_that_may_be_null(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL);
        CREATE TABLE b (id INTEGER PRIMARY KEY, c_id INTEGER);
        CREATE TABLE c (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL,
            FOREIGN KEY (a_id) REFERENCES a (id))
        """,
    )
    _refer(database, "a", "b_id", "b")
    _refer(database, "b", "c_id", "c")
    seed(database, {"a": 20, "b": 20, "c": 20})
    assert schemas.orphans(database) == []
    assert schemas.rows(database, "SELECT count(c_id) FROM b") == [(20,)]


def _refer(url: URL, table: str, column: str, parent: str) -> None:
    """Add a foreign key to a table that is there; SQLite's tables take it when they are made."""
    if url.get_backend_name() != "sqlite":
        schemas.create(
            url, f"ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {parent} (id)"
        )
        return
    (sql,) = schemas.rows(url, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")[0]
    schemas.create(url, f"PRAGMA foreign_keys = OFF; DROP TABLE {table}")
    schemas.create(url, f"{sql[:-1]}, FOREIGN KEY ({column}) REFERENCES {parent} (id))")


CYCLE = """
CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id)
"""


def test_a_cycle_that_nothing_breaks_is_refused(postgresql: URL) -> None:
    schemas.create(postgresql, CYCLE)
    tables = {name: TablePlan(5, {"id": SEQUENCE}) for name in "ab"}
    with pytest.raises(PlanError, match=r"refer to one another.*a\.b_id, b\.a_id"):
        seed(postgresql, Plan(tables=tables))


def test_a_cycle_of_keys_that_are_not_known_beforehand_is_refused(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE a (id TEXT PRIMARY KEY, b_id TEXT NOT NULL REFERENCES b (id));
        CREATE TABLE b (id TEXT PRIMARY KEY, a_id TEXT NOT NULL REFERENCES a (id))
        """,
    )
    tables = {name: TablePlan(5, {"id": ColumnPlan("faker:word")}) for name in "ab"}
    with pytest.raises(PlanError, match=r"a_id: is within a cycle, so a needs a sequence or UUID"):
        seed(file, Plan(tables=tables))


def test_a_row_refers_to_an_earlier_row_of_its_table(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE staff (id INTEGER PRIMARY KEY, boss_id INTEGER,
            FOREIGN KEY (boss_id) REFERENCES staff (id))
        """,
    )
    plan = Plan(tables={"staff": TablePlan(200, {"id": SEQUENCE, "boss_id": FK})})
    seed(database, plan)
    found = schemas.rows(database, "SELECT id, boss_id FROM staff ORDER BY id")
    assert found[0] == (1, None)
    assert all(boss < row for row, boss in found[1:])


def test_a_reference_within_a_table_that_may_not_be_null_begins_with_itself(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE nodes (id INTEGER PRIMARY KEY, root_id INTEGER NOT NULL,
            FOREIGN KEY (root_id) REFERENCES nodes (id))
        """,
    )
    seed(database, {"nodes": 50})
    found = schemas.rows(database, "SELECT id, root_id FROM nodes ORDER BY id")
    assert found[0] == (1, 1)
    assert all(root < row for row, root in found[1:])


def test_appended_rows_of_a_table_that_refers_to_itself_are_those_of_a_larger_run(
    file: URL, tmp_path: Path
) -> None:
    sql = "CREATE TABLE staff (id INTEGER PRIMARY KEY, boss_id INTEGER REFERENCES staff (id))"
    other = file.set(database=str(tmp_path / "other.db"))
    for url in (file, other):
        schemas.create(url, sql)
    seed(file, {"staff": 40})
    seed(file, {"staff": 60}, append=True)
    seed(other, {"staff": 100})
    assert schemas.dump(file) == schemas.dump(other)


def test_a_key_of_text_is_referred_to(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE countries (code CHAR(2) PRIMARY KEY);
        CREATE TABLE cities (id INTEGER PRIMARY KEY, country CHAR(2) NOT NULL,
            FOREIGN KEY (country) REFERENCES countries (code))
        """,
    )
    codes = ColumnPlan("choice", {"values": ["de", "fr", "it", "es"]})
    plan = Plan(
        tables={
            "countries": TablePlan(4, {"code": codes}),
            "cities": TablePlan(50, {"id": SEQUENCE, "country": FK}),
        }
    )
    shown = preview(database, plan)["cities"]
    seed(database, plan)
    found = schemas.rows(database, "SELECT id, country FROM cities ORDER BY id")
    assert {country for _, country in found} == {"de", "fr", "it", "es"}
    assert [tuple(row.values()) for row in shown] == found[:10]


def test_composite_keys_and_keys_that_share_a_column_fit(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE tenants (id INTEGER PRIMARY KEY);
        CREATE TABLE customers (tenant_id INTEGER, id INTEGER, PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenants (id));
        CREATE TABLE products (tenant_id INTEGER, id INTEGER, PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenants (id));
        CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL,
            customer_id INTEGER NOT NULL, product_id INTEGER NOT NULL,
            FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
            FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id))
        """,
    )
    seed(database, {"tenants": 3, "customers": 60, "products": 90, "orders": 400})
    assert schemas.orphans(database) == []
    pairs = schemas.rows(database, "SELECT DISTINCT tenant_id, customer_id, product_id FROM orders")
    assert len(pairs) > 300


def test_one_to_one_gives_each_parent_one_child(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY);
        CREATE TABLE profiles (user_id INTEGER PRIMARY KEY, bio VARCHAR(50),
            FOREIGN KEY (user_id) REFERENCES users (id))
        """,
    )
    seed(database, {"users": 80, "profiles": 80})
    found = schemas.rows(database, "SELECT user_id FROM profiles")
    assert sorted(found) == [(number,) for number in range(1, 81)]


def test_more_children_than_parents_of_one_to_one_are_refused(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY);
        CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users (id))
        """,
    )
    with pytest.raises(PlanError, match=r"profiles\.user_id: is unique and has 80 values for 81"):
        seed(file, {"users": 80, "profiles": 81})
    assert schemas.rows(file, "SELECT count(*) FROM users") == [(0,)]


@pytest.mark.parametrize("skew", [0.0, 1.3])
def test_a_full_join_table_has_every_pair_once(database: URL, skew: float) -> None:
    schemas.create(database, _JOIN)
    seed(database, _join_plan(12, 10, 120, skew))
    found = schemas.rows(database, "SELECT actor_id, film_id FROM actor_film")
    assert len(set(found)) == len(found) == 120


_JOIN = """
CREATE TABLE actors (id INTEGER PRIMARY KEY);
CREATE TABLE films (id INTEGER PRIMARY KEY);
CREATE TABLE actor_film (actor_id INTEGER, film_id INTEGER, PRIMARY KEY (actor_id, film_id),
    FOREIGN KEY (actor_id) REFERENCES actors (id), FOREIGN KEY (film_id) REFERENCES films (id))
"""


def _join_plan(actors: int, films: int, pairs: int, skew: float) -> Plan:
    key = ColumnPlan("fk", {"skew": skew} if skew else {})
    return Plan(
        tables={
            "actors": TablePlan(actors, {"id": SEQUENCE}),
            "films": TablePlan(films, {"id": SEQUENCE}),
            "actor_film": TablePlan(pairs, {"actor_id": key, "film_id": FK}),
        }
    )


def test_a_join_table_goes_on_from_the_pairs_that_are_there(file: URL) -> None:
    schemas.create(file, _JOIN)
    seed(file, _join_plan(12, 10, 60, 0.0))
    seed(file, {"actor_film": 60})  # from the first row again
    found = schemas.rows(file, "SELECT actor_id, film_id FROM actor_film")
    assert len(set(found)) == len(found) == 120
    with pytest.raises(PlanError, match="has 120 values for 121 rows"):
        seed(file, {"actor_film": 1})


def test_a_skewed_fan_out_favours_the_first_parents(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE customers (id INTEGER PRIMARY KEY);
        CREATE TABLE orders (id INTEGER PRIMARY KEY,
            customer_id INTEGER NOT NULL REFERENCES customers (id))
        """,
    )
    orders = {"id": SEQUENCE, "customer_id": ColumnPlan("fk", {"skew": 1.1})}
    seed(
        file,
        Plan(
            tables={
                "customers": TablePlan(100, {"id": SEQUENCE}),
                "orders": TablePlan(10_000, orders),
            }
        ),
    )
    counts = Counter(row[0] for row in schemas.rows(file, "SELECT customer_id FROM orders"))
    expected = 10_000 / sum(number**-1.1 for number in range(1, 101))
    assert abs(counts[1] - expected) < 0.1 * expected
    assert abs(counts[10] - expected * 10**-1.1) < 0.3 * expected * 10**-1.1


def test_a_foreign_key_to_an_empty_table_is_refused_or_null(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE strict (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES parents (id));
        CREATE TABLE loose (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parents (id))
        """,
    )
    with pytest.raises(PlanError, match=r"strict\.p: refers to parents, which is empty"):
        seed(file, {"strict": 5})
    seed(file, {"loose": 5})
    assert schemas.rows(file, "SELECT DISTINCT p FROM loose") == [(None,)]


def test_rows_refer_to_rows_that_were_there_before(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE children (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES parents (id));
        INSERT INTO parents VALUES (7), (100), (-3)
        """,
    )
    seed(file, {"children": 40})
    assert {row[0] for row in schemas.rows(file, "SELECT p FROM children")} == {7, 100, -3}


def test_what_the_database_refuses_is_one_line_and_nothing_is_written(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (id INTEGER PRIMARY KEY, low INTEGER, high INTEGER);
        CREATE UNIQUE INDEX once ON b (low * 0)
        """,
    )
    columns = {
        "id": SEQUENCE,
        **{name: ColumnPlan("range", {"low": 0, "high": 9}) for name in ("low", "high")},
    }
    plan = Plan(tables={"a": TablePlan(5, {"id": SEQUENCE}), "b": TablePlan(5, columns)})
    with pytest.raises(DatabaseError, match=r"^b: the database refuses row 1 \(id=2, low=\d, "):
        seed(file, plan)
    assert schemas.rows(file, "SELECT count(*) FROM a") == [(0,)]


TENANTS = """
CREATE TABLE tenants (id INTEGER PRIMARY KEY);
CREATE TABLE users (tenant_id INTEGER, id INTEGER, PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id));
CREATE TABLE grps (tenant_id INTEGER, id INTEGER, PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id));
CREATE TABLE members (tenant_id INTEGER, user_id INTEGER, group_id INTEGER,
    PRIMARY KEY ({}),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES grps (tenant_id, id))
"""


@pytest.mark.parametrize("key", ["tenant_id, user_id", "tenant_id, user_id, group_id"])
def test_a_join_table_of_keys_that_share_a_column_holds(database: URL, key: str) -> None:
    schemas.create(database, TENANTS.format(key))
    seed(database, {"tenants": 4, "users": 40, "grps": 20, "members": 25})
    assert schemas.orphans(database) == []
    assert schemas.rows(database, "SELECT count(*) FROM members") == [(25,)]


def test_tables_of_tenants_are_filled_as_proposed(database: URL) -> None:
    schemas.create(database, TENANTS.format("tenant_id, user_id, group_id"))
    seed(database, {"tenants": 10, "users": 40, "grps": 40, "members": 20})
    assert schemas.orphans(database) == []


def test_a_preview_of_keys_that_share_a_column_ends(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE tenants (id INTEGER PRIMARY KEY);
        CREATE TABLE users (tenant_id INTEGER REFERENCES tenants (id), id INTEGER,
            PRIMARY KEY (tenant_id, id));
        CREATE TABLE members (tenant_id INTEGER REFERENCES tenants (id), user_id INTEGER,
            PRIMARY KEY (tenant_id, user_id),
            FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id))
        """,
    )
    rows = preview(file, {"tenants": 4, "users": 40, "members": 25})
    assert len(rows["members"]) == 10


def test_a_share_of_a_foreign_key_that_is_dealt_out_refers_to_nothing(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY);
        CREATE TABLE desks (id INTEGER PRIMARY KEY, user_id INTEGER UNIQUE REFERENCES users (id))
        """,
    )
    desks = {"id": SEQUENCE, "user_id": ColumnPlan("fk", null=0.5)}
    seed(
        file,
        Plan(tables={"users": TablePlan(60, {"id": SEQUENCE}), "desks": TablePlan(60, desks)}),
    )
    ((given, distinct),) = schemas.rows(
        file, "SELECT count(user_id), count(DISTINCT user_id) FROM desks"
    )
    assert 15 < given == distinct < 45


def test_a_unique_reference_within_a_table_is_refused(file: URL) -> None:
    schemas.create(
        file, "CREATE TABLE a (id INTEGER PRIMARY KEY, prev INTEGER UNIQUE REFERENCES a (id))"
    )
    plan = Plan(tables={"a": TablePlan(9, {"id": SEQUENCE, "prev": FK})})
    with pytest.raises(PlanError, match=r"a\.prev: is unique and"):
        seed(file, plan)


def test_the_parent_of_a_tenants_row_is_left_to_the_database(file: URL) -> None:
    schemas.create(
        file,
        """
        CREATE TABLE tenants (id INTEGER PRIMARY KEY);
        CREATE TABLE cats (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL
            REFERENCES tenants (id), parent_id INTEGER, UNIQUE (tenant_id, id),
            FOREIGN KEY (tenant_id, parent_id) REFERENCES cats (tenant_id, id))
        """,
    )
    seed(file, {"tenants": 3, "cats": 20})
    assert schemas.orphans(file) == []
    assert schemas.rows(file, "SELECT count(*) FROM cats") == [(20,)]
