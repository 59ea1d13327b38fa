"""Read evil schemas: each must become a plan that previews, or one clear error, soon.

python benchmarks/fuzz_schemas.py [COUNT [SEED]]       100 schemas of a new seed
python benchmarks/fuzz_schemas.py --case SEED-NUMBER   one of them
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from random import Random

from fuzz_workers import run

from faker_neural.seeding import preview, propose, read_plan, write_plan

COUNT = 100
_NAMES = (
    *("name", "email", "price", "description", "code", "status", "created_at", "company", "v"),
    *("\x1b[2J", "\u202egpj", "[bold]x[/bold]", "a b", 'q"q', "p'p", "%s", "{0}", "\u6f22\u5b57"),
    *("select", "rows", "columns", "source", "a.b", "x" * 2000, "#", "\t", "faker_neural"),
)
_TYPES = (
    *("TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC(10, 2)", "TIMESTAMP", "DATE", "TIME", "BOOLEAN"),
    *("DECIMAL(1000000, 999999)", "NUMERIC(5, -3)", "VARCHAR(999999999999)", "CHAR(0)", "JSON"),
    *("VARCHAR(1)", "VARCHAR(40)", "UUID", "\x1b[2J", "ENUM('a', 'b')", "", "DOUBLE PRECISION(9)"),
    *("NUMERIC(65, 30)", "TINYINT(1)", "BIGINT UNSIGNED", "XML", f"DECIMAL({'9' * 5000})"),
)
_NUMBERS = ("0", "1", "-1", "1e400", "1e1000000000", "9" * 400, "9" * 5000, "1e-999999999", "0.5")
_TEXTS = ("", "a", "%", "a%b", "\x1b", "\u202e", "''", "1e9999999", "9999-12-31", "x" * 1_000)


def schema(random: Random) -> list[str]:
    """Return the statements of an evil schema."""
    tables = [f"t{i}" if random.random() < 0.7 else _name(random) for i in range(_few(random))]
    made = [_table(random, name, tables) for name in dict.fromkeys(tables)]
    if random.random() < 0.2:
        made.append(f"CREATE VIEW w AS SELECT * FROM {_quoted(tables[0])}")
    return made


def _few(random: Random) -> int:
    return min(1 + int(random.expovariate(0.5)), 8)


def _name(random: Random) -> str:
    return random.choice(_NAMES)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _table(random: Random, name: str, tables: list[str]) -> str:
    names = list(dict.fromkeys(_name(random) for _ in range(_few(random))))
    parts = ["id INTEGER PRIMARY KEY", *(_column(random, one) for one in names)]
    parts += [f"CHECK ({_check(random, names, 0)})" for _ in range(random.randrange(4))]
    if random.random() < 0.3:
        some = random.sample(names, random.randint(1, len(names)))
        parts.append(f"UNIQUE ({', '.join(map(_quoted, some))})")
    if random.random() < 0.4:
        other = _quoted(random.choice(tables))
        null = random.choice(["", " NOT NULL"])
        parts.insert(1, f"parent_id INTEGER{null} REFERENCES {other} (id)")
    return f"CREATE TABLE {_quoted(name)} ({', '.join(parts)})"


def _column(random: Random, name: str) -> str:
    more = random.choice(["", "", " NOT NULL", " NOT NULL UNIQUE", f" DEFAULT {_text(random)}"])
    check = f" CHECK ({_check(random, [name], 0)})" if random.random() < 0.5 else ""
    return f"{_quoted(name)} {random.choice(_TYPES)}{more}{check}"


def _check(random: Random, names: list[str], depth: int) -> str:
    """Return an expression of a CHECK that many databases would take."""
    column = _quoted(random.choice(names))
    forms = (
        lambda: f"{column} GLOB '{_wild(random, '*', '?')}'",
        lambda: f"{column} LIKE '{_wild(random, '%', '_')}'",
        lambda: f"{column} NOT GLOB '*[^{random.choice(('0-9', 'a', ']', '^'))}]*'",
        lambda: f"length({column}) {_comparison(random)} {random.choice(_NUMBERS)}",
        lambda: f"{column} {_comparison(random)} {random.choice(_NUMBERS)}",
        lambda: f"{column} {_comparison(random)} {_text(random)}",
        lambda: f"{column} {_comparison(random)} {_quoted(random.choice(names))}",
        lambda: f"{column} IN ({_list(random)})",
        lambda: f"{column} BETWEEN {random.choice(_NUMBERS)} AND {random.choice(_NUMBERS)}",
        lambda: f"json_valid({column}) OR {column} IS NULL",
        lambda: f"{column} = lower({column})",
        lambda: "(" * random.choice((1, 50, 90)) + f"{column} IS NOT NULL",
    )
    made = random.choice(forms)()
    made += ")" * (made.count("(") - made.count(")")) if made.startswith("(") else ""
    if depth < 3 and random.random() < 0.3:
        word = random.choice(("AND", "OR", "AND NOT"))
        made = f"({made}) {word} ({_check(random, names, depth + 1)})"
    return made


def _comparison(random: Random) -> str:
    return random.choice(("=", "<>", "<", "<=", ">", ">="))


def _text(random: Random) -> str:
    return "'{}'".format(random.choice(_TEXTS).replace("'", "''"))


def _list(random: Random) -> str:
    count = random.choice((1, 3, 30, 300, 1001))
    return ", ".join(random.choice(("'a'", "'%'", str(i))) for i in range(count))


def _wild(random: Random, many: str, one: str) -> str:
    count = random.choice((1, 3, 12, 40, 400))
    parts = random.choices((many, one, "a", "b", "[a-c]", many + "a", many + one, "z"), k=count)
    return "".join(parts)


def case(seed: str, folder: Path) -> str:
    """Create a schema, propose a plan, write and read it, and preview its rows."""
    random, path = Random(seed), folder / "evil.db"
    database = sqlite3.connect(path)
    for statement in schema(random):
        with suppress(sqlite3.Error):  # SQLite does not take it
            database.execute(statement)
    database.close()
    url = f"sqlite:///{path}"
    (folder / "plan.toml").write_text(write_plan(propose(url)), encoding="utf-8")
    plan = read_plan(folder / "plan.toml")
    preview(url, plan, n=3)
    return "rows" if plan.tables else "no table can be filled"


if __name__ == "__main__":
    run(__file__, case, COUNT)
