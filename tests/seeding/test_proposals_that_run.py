"""Whatever `propose` proposes, a run accepts: rows are limited, and what cannot be is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemas
from plans import SEQUENCE, choice, problems
from sqlalchemy import URL

from faker_neural import DatabaseError, PlanError
from faker_neural.seeding import (
    ColumnPlan,
    Plan,
    TablePlan,
    preview,
    propose,
    read_plan,
    seed,
    write_plan,
    write_sql,
)


def filled(url: URL, rows: int | None = None) -> dict[str, int]:
    plan = propose(url)
    if rows is not None:
        plan = plan.with_rows(dict.fromkeys(plan.tables, rows))
    return dict(seed(url, plan).rows)


def test_rows_are_limited_to_what_a_key_holds(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE locks (name CHAR(1) NOT NULL DEFAULT 'X' UNIQUE CHECK (name = 'X'), at_ INT);
        CREATE TABLE kinds (id SMALLINT PRIMARY KEY CHECK (id IN (1, 2, 3, 4)), label VARCHAR(20));
        CREATE TABLE things (kind_id SMALLINT NOT NULL PRIMARY KEY REFERENCES kinds (id));
        CREATE TABLE flags (a BOOLEAN NOT NULL, b BOOLEAN NOT NULL, UNIQUE (a, b))
        """,
    )
    assert filled(database) == {"locks": 1, "kinds": 4, "things": 4, "flags": 4}


def test_a_table_that_cannot_be_filled_is_left_out_with_the_reason(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id);
        CREATE TABLE c (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
        CREATE TABLE d (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
        CREATE TABLE e (id INTEGER PRIMARY KEY, d_id INTEGER NOT NULL)
        """,
    )
    plan = propose(postgresql)
    assert list(plan.tables) == ["d", "e"]
    assert plan.tables["e"].columns["d_id"].options == {"to": "d.id"}  # guessed, beside a cycle
    assert plan.left_out["b"].startswith("b -> a -> b refer to one another") or plan.left_out[
        "b"
    ].startswith("a -> b -> a refer to one another")
    assert plan.left_out["a"] == "a.b_id: refers to b, which is empty and stays empty"
    assert "# c is not filled: c.a_id: refers to a, which is empty and stays empty" in write_plan(
        plan
    )
    assert seed(postgresql, plan).rows == {"d": 10, "e": 10}
    with pytest.raises(PlanError, match=r"rows: c is not filled: c\.a_id: refers to a"):
        plan.with_rows({"c": 5})
    with pytest.raises(PlanError, match=r"c\.a_id: refers to a, which is empty"):
        seed(postgresql, {"c": 5})


def test_a_cycle_that_is_checked_at_the_end_is_filled(database: URL, tmp_path: Path) -> None:
    if database.get_backend_name() not in ("sqlite", "postgresql"):
        pytest.skip("MariaDB has no deferrable keys")
    schemas.create(
        database,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL);"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL UNIQUE"
        " REFERENCES a (id) DEFERRABLE)",
    )
    if database.get_backend_name() == "postgresql":
        schemas.create(
            database, "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id) DEFERRABLE"
        )
    else:
        schemas.create(
            database,
            "DROP TABLE a; CREATE TABLE a (id INTEGER PRIMARY KEY,"
            " b_id INTEGER NOT NULL REFERENCES b (id))",
        )
    plan = propose(database).with_rows({"a": 40, "b": 30})
    with pytest.raises(PlanError, match="is checked when all is written, which a run in chunks"):
        seed(database, plan, chunk=10)
    assert schemas.dump(database) == {"a": [], "b": []}
    seed(database, plan)
    rows = schemas.dump(database)
    assert {b_id for _, b_id in rows["a"]} <= {b for b, _ in rows["b"]}
    assert len({a_id for _, a_id in rows["b"]}) == 30
    assert schemas.orphans(database) == []
    seed(database, plan, truncate=["a", "b"])
    assert schemas.dump(database) == rows
    with (tmp_path / "seed.sql").open("w+") as out:
        write_sql(database, plan, out, truncate=["a", "b"])
        out.seek(0)
        said = out.read()
    assert ("defer_foreign_keys" in said) != ("SET CONSTRAINTS ALL DEFERRED" in said)
    assert preview(database, plan, n=3)["b"][0].keys() == {"id", "a_id"}


def test_a_table_that_is_full_or_takes_no_row_is_left_out(postgresql: URL) -> None:
    schemas.create(
        postgresql,
        """
        CREATE TABLE locks (lock CHAR(1) NOT NULL DEFAULT 'X' UNIQUE, CHECK (lock = 'X'));
        INSERT INTO locks VALUES ('X');
        CREATE TABLE events (id INT NOT NULL, taken DATE NOT NULL) PARTITION BY RANGE (taken);
        CREATE TABLE notes (id INTEGER PRIMARY KEY)
        """,
    )
    plan = propose(postgresql)
    assert list(plan.tables) == ["notes"]
    assert plan.left_out == {
        "events": "events: is partitioned and has no partition yet",
        "locks": "locks.lock: is unique and has 1 value for 11 rows",
    }
    seed(postgresql, plan)
    with pytest.raises(PlanError, match="events: is partitioned and has no partition yet"):
        seed(postgresql, Plan(tables={"events": TablePlan(1, {"id": SEQUENCE})}))


def test_what_triggers_fill_or_may_refuse_is_left_out(database: URL) -> None:
    kind = database.get_backend_name()
    tables = (
        "CREATE TABLE films (id INTEGER PRIMARY KEY, title VARCHAR(30));"
        "CREATE TABLE film_texts (id INTEGER PRIMARY KEY, title VARCHAR(30));"
        "CREATE TABLE votes (id INTEGER PRIMARY KEY)"
    )
    bodies = {
        "copy_title": ("films", "INSERT INTO film_texts VALUES (new.id, new.title);"),
        "no_votes": (
            "votes",
            {
                "sqlite": "SELECT RAISE(ABORT, 'no votes');",
                "postgresql": "RAISE EXCEPTION 'no votes';",
            }.get(kind, "SIGNAL SQLSTATE '45000';"),
        ),
    }
    schemas.create(database, tables)
    with schemas.connected(database) as connection:
        for name, (table, body) in bodies.items():
            if kind == "postgresql":
                connection.exec_driver_sql(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN {body} RETURN new; END $$"
                )
                body = f"EXECUTE FUNCTION {name}()"
            else:
                body = f"BEGIN {body} END"
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW {body}"
            )
    plan = propose(database)
    assert plan.left_out == {
        "film_texts": "the trigger copy_title of films fills it",
        "votes": "its trigger no_votes may refuse rows",
    }
    seed(database, plan)
    assert len(schemas.dump(database)["film_texts"]) == 10
    with pytest.raises(DatabaseError):
        seed(database, {"votes": 2})  # who names a table gets it tried


def test_only_some_tables_and_those_that_they_need(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE shop_users (id INTEGER PRIMARY KEY);
        CREATE TABLE shop_orders (id INTEGER PRIMARY KEY,
            buyer INTEGER NOT NULL REFERENCES shop_users (id));
        CREATE TABLE logs (id INTEGER PRIMARY KEY)
        """,
    )
    assert list(propose(sqlite, ["shop_o*"]).tables) == ["shop_users", "shop_orders"]
    assert list(propose(sqlite, leave_out=["shop_*"]).tables) == ["logs"]
    with pytest.raises(PlanError, match="there is no table 'log', did you mean 'logs'"):
        propose(sqlite, ["log"])
    seed(sqlite, {"shop_users": 3})
    assert list(propose(sqlite, ["shop_orders"]).tables) == ["shop_orders"]


def test_references_without_a_key_are_guessed(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY, user_name VARCHAR(40) NOT NULL);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INT NOT NULL, parent_id INT,
            created_by INT, owner INT, external_id INT NOT NULL, title VARCHAR(80) NOT NULL);
        CREATE TABLE likes (user_id INT NOT NULL, post_id INT NOT NULL,
            PRIMARY KEY (user_id, post_id))
        """,
    )
    plan = propose(database)
    guessed = {
        f"{name}.{column}": one.options["to"]
        for name, table in plan.tables.items()
        for column, one in table.columns.items()
        if one.source == "fk" and one.guess
    }
    assert guessed == {
        "posts.user_id": "users.id", "posts.parent_id": "posts.id",
        "posts.created_by": "users.id", "posts.owner": "users.id",
        "likes.user_id": "users.id", "likes.post_id": "posts.id",
    }  # fmt: skip
    seed(database, plan.with_rows({"users": 7, "posts": 40, "likes": 60}))
    lost = "SELECT count(*) FROM posts WHERE user_id NOT IN (SELECT id FROM users)"
    assert schemas.rows(database, lost) == [(0,)]
    lost = "SELECT count(*) FROM likes WHERE post_id NOT IN (SELECT id FROM posts)"
    assert schemas.rows(database, lost) == [(0,)]
    assert len(schemas.rows(database, "SELECT DISTINCT user_id, post_id FROM likes")) == 60


def test_a_reference_is_guessed_only_to_a_table_with_rows(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE users (id INTEGER PRIMARY KEY);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INT NOT NULL);
        CREATE TABLE codes (id TEXT PRIMARY KEY, parent_id TEXT NOT NULL)
        """,
    )
    assert propose(sqlite, ["posts"]).tables["posts"].columns["user_id"].source == "range"
    assert seed(sqlite, {"posts": 3}).rows == {"posts": 3}
    seed(sqlite, {"users": 3})
    assert propose(sqlite, ["posts"]).tables["posts"].columns["user_id"].source == "fk"
    assert propose(sqlite).tables["codes"].columns["parent_id"].source != "fk"  # not known before


def test_a_plan_may_name_a_key_that_is_not_declared(sqlite: URL) -> None:
    schemas.create(
        sqlite,
        """
        CREATE TABLE people (id INTEGER PRIMARY KEY, code TEXT, nick TEXT UNIQUE);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, who TEXT)
        """,
    )

    def plan(to: object) -> Plan:
        people = {"id": SEQUENCE, "code": choice("a"), "nick": ColumnPlan("faker:user_name")}
        notes = {"id": SEQUENCE, "who": ColumnPlan("fk", {"to": to})}
        return Plan(tables={"people": TablePlan(5, people), "notes": TablePlan(30, notes)})

    seed(sqlite, plan("people.nick"))
    nicks = {nick for (nick,) in schemas.rows(sqlite, "SELECT nick FROM people")}
    assert {who for (who,) in schemas.rows(sqlite, "SELECT who FROM notes")} == nicks
    said = {
        "nick": "must be TABLE.COLUMN, such as users.id",
        "persons.nick": "there is no table 'persons'; there are: ",
        "people.nic": "people has no column 'nic', did you mean 'nick'?",
        "people.id": "is INTEGER, and notes.who is TEXT",
        "people.code": "is not unique, so it identifies no row",
    }
    for to, rule in said.items():
        (problem,) = problems(sqlite, plan(to))
        assert problem.startswith(f"notes.who: fk='{to}': {rule[:30]}")


def test_a_partial_unique_index_is_kept_while_there_are_values(database: URL) -> None:
    if database.get_backend_name() not in ("sqlite", "postgresql"):
        pytest.skip("MariaDB has no partial indexes")
    schemas.create(
        database,
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, slug VARCHAR(30) NOT NULL, state VARCHAR(9));
        CREATE UNIQUE INDEX one ON t (slug) WHERE id > 0;
        CREATE UNIQUE INDEX two ON t (state) WHERE state = 'never'
        """,
    )
    columns = {
        "id": SEQUENCE,
        "slug": ColumnPlan("faker:first_name"),
        "state": choice("on", "off"),
    }
    seed(database, Plan(rows=2000, tables={"t": TablePlan(columns=columns)}))
    assert len(schemas.rows(database, "SELECT DISTINCT slug FROM t")) == 2000


def test_a_run_fills_some_tables_of_a_plan(sqlite: URL) -> None:
    schemas.create(sqlite, "CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER)")
    plan = propose(sqlite)
    assert list(plan.with_only(["b"]).tables) == ["b"]
    assert plan.with_only([]) == plan
    with pytest.raises(PlanError, match="there is no table 'c'"):
        plan.with_only(["c"])


def test_the_comments_of_a_plan_can_be_read_again(sqlite: URL, tmp_path: Path) -> None:
    schemas.create(
        sqlite,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL UNIQUE REFERENCES a (id))",
    )
    plan = propose(sqlite)
    (tmp_path / "seed.toml").write_text(write_plan(plan))
    assert read_plan(tmp_path / "seed.toml").tables.keys() == plan.tables.keys()


def test_parents_differ_where_a_part_of_a_reference_is_unique(database: URL) -> None:
    schemas.create(
        database,
        """
        CREATE TABLE kinds (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL,
            place VARCHAR(40) NOT NULL, UNIQUE (name, place));
        CREATE TABLE active (name VARCHAR(40) NOT NULL UNIQUE, place VARCHAR(40) NOT NULL UNIQUE,
            PRIMARY KEY (name, place), FOREIGN KEY (name, place) REFERENCES kinds (name, place))
        """,
    )
    assert filled(database, 40) == {"kinds": 40, "active": 40}
    ((names,),) = schemas.rows(database, "SELECT count(DISTINCT name) FROM kinds")
    assert names == 40
