"""A plan proposed for a schema: what types, keys, constraints and names ask for."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import faker.providers.date_time as faker_dates
import pytest
from faker import Faker
from proposals import one, proposed, schema_of

from faker_neural.seeding.names.column_names import words
from faker_neural.seeding.names.column_sources import SuggestedSource
from faker_neural.seeding.names.column_texts import TEXT_SOURCES
from faker_neural.seeding.names.column_topics import KINDS_OF_TEXT
from faker_neural.seeding.proposal.propose import propose

NOW = dt.datetime(2020, 1, 1), dt.datetime(2025, 12, 31, 23, 59, 59)
EARLY = dt.datetime(2020, 1, 1), dt.datetime(2022, 12, 31, 23, 59, 59)
LATE = dt.datetime(2023, 1, 1), dt.datetime(2025, 12, 31, 23, 59, 59)
SHOP = """
    CREATE TABLE customers (
        id integer PRIMARY KEY,
        first_name varchar(40) NOT NULL,
        "lastName" varchar(40) NOT NULL,
        email varchar(80) NOT NULL UNIQUE,
        invited_by integer REFERENCES customers (id),
        address2 varchar(40),
        city varchar(40)
    );
    CREATE TABLE products (
        sku varchar(12) PRIMARY KEY,
        name varchar(60) NOT NULL,
        description text,
        company varchar(60),
        price numeric(8, 2) NOT NULL CHECK (price > 0 AND price < 50),
        stock integer NOT NULL DEFAULT 0,
        status varchar(9) NOT NULL CHECK (status IN ('draft', 'live')),
        active boolean NOT NULL DEFAULT 1,
        created_at datetime DEFAULT CURRENT_TIMESTAMP
    );
    CREATE TABLE order_lines (
        order_id integer NOT NULL,
        line integer NOT NULL,
        customer_id integer NOT NULL REFERENCES customers (id),
        quantity integer NOT NULL,
        total numeric(9, 2) GENERATED ALWAYS AS (quantity * 2) VIRTUAL,
        PRIMARY KEY (order_id, line)
    );
    CREATE TABLE support_tickets (id integer PRIMARY KEY, subject varchar(80), body text);
"""


def test_a_whole_schema_gets_a_plan_that_reads_like_it():
    plan = propose(schema_of(SHOP))
    sources = {
        name: {column: one.source for column, one in table.columns.items()}
        for name, table in plan.tables.items()
    }
    assert sources == {
        "customers": {
            "id": "sequence",
            "first_name": "faker:first_name",
            "lastName": "faker:last_name",
            "email": "faker:email",
            "invited_by": "fk",
            "address2": "faker:secondary_address",
            "city": "neural:world_city",
        },
        "products": {
            "sku": "faker:bothify",
            "name": "neural:product_name",
            "description": "neural:review",
            "company": "neural:company",
            "price": "range",
            "stock": "range",
            "status": "choice",
            "active": "choice",
            "created_at": "range",
        },
        "order_lines": {
            "order_id": "sequence",
            "line": "sequence",
            "customer_id": "fk",
            "quantity": "range",
            "total": "skip",
        },
        "support_tickets": {
            "id": "sequence",
            "subject": "neural:support_ticket",
            "body": "neural:support_ticket",
        },
    }


def test_what_a_name_alone_says_is_a_guess_and_what_keys_and_constraints_say_is_none():
    plan = propose(schema_of(SHOP))
    guessed = {
        column
        for table in plan.tables.values()
        for column, one in table.columns.items()
        if one.guess
    }
    assert guessed == {
        "first_name", "lastName", "email", "address2", "city", "sku", "name", "description",
        "company", "stock", "active", "quantity", "subject", "body",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "source"),
    [
        ("products", "name varchar(60)", "neural:product_name"),
        ("product_categories", "name varchar(60)", "neural:product_category"),
        ("OrderItems", "ProductName varchar(60)", "neural:product_name"),
        ("companies", "name varchar(60)", "neural:company"),
        ("people", "name varchar(60)", "neural:person_name"),
        ("t", "customer_name varchar(60)", "neural:person_name"),
        ("t", "author varchar(60)", "neural:person_name"),
        ("movies", "title varchar(60)", "neural:artwork_title"),
        ("employees", "title varchar(60)", "neural:job_title"),
        ("t", "title varchar(60)", "neural:artwork_title"),
        ("dishes", "name varchar(60)", "neural:dish_name"),
        ("foods", "name text", "neural:food_name"),
        ("apps", "name text", "neural:software_product"),
        ("commits", "message text", "neural:commit_message"),
        ("commits", "sha char(40)", "faker:sha1"),
        ("orders", "comment text", "choice"),
        ("tickets", "comment text", "neural:support_ticket"),
        ("tasks", "description text", "neural:task"),
        ("users", "bio text", "choice"),
        ("countries", "name varchar(60)", "faker:country"),
        ("t", "street varchar(60)", "neural:street_address"),
        ("t", "billing_address varchar(60)", "neural:street_address"),
        ("t", "BillingCity varchar(60)", "neural:world_city"),
        ("t", "postal_code varchar(10)", "faker:postcode"),
        ("stores", "state varchar(40)", "faker:state"),
        ("t", "state char(2)", "faker:state_abbr"),
        ("orders", "state varchar(10)", "choice"),
        ("t", "country varchar(60)", "faker:country"),
        ("t", "country char(2)", "faker:country_code"),
        ("t", "iso3 char(3)", "faker:country_code"),
        ("t", "currency char(3)", "choice"),
        ("t", "phone varchar(24)", "faker:phone_number"),
        ("t", "phone varchar(15)", "faker:numerify"),
        ("t", "fax_number varchar(9)", "faker:numerify"),
        ("t", "email text", "faker:email"),
        ("t", "mail varchar(9)", "faker:bothify"),
        ("t", "username varchar(20)", "faker:user_name"),
        ("t", "password_hash char(64)", "faker:lexify"),
        ("t", "api_token char(32)", "faker:md5"),
        ("t", "website text", "faker:url"),
        ("t", "avatar_url text", "faker:image_url"),
        ("t", "ip_address varchar(15)", "faker:ipv4"),
        ("t", "IPAddress varchar(45)", "faker:ipv4"),
        ("t", "mac varchar(17)", "faker:mac_address"),
        ("t", "user_agent text", "faker:chrome"),
        ("t", "isbn varchar(13)", "faker:isbn13"),
        ("t", "barcode varchar(13)", "faker:ean13"),
        ("t", "slug varchar(40)", "faker:slug"),
        ("t", "color varchar(20)", "choice"),
        ("t", "color char(7)", "faker:hex_color"),
        ("t", "mime_type varchar(40)", "choice"),
        ("t", "file_name text", "faker:file_name"),
        ("t", "language text", "choice"),
        ("t", "lang char(2)", "choice"),
        ("t", "iban varchar(34)", "faker:iban"),
        ("t", "priority varchar(10)", "choice"),
        ("t", "type varchar(10)", "choice"),
        ("t", "gender char(1)", "choice"),
        ("t", "metadata text", "choice"),
        ("t", "uuid char(36)", "uuid"),
        ("t", "id varchar(36)", "uuid"),
        ("t", "guid text", "uuid"),
        ("t", "code varchar(9)", "faker:bothify"),
        ("t", "x char(1)", "faker:bothify"),
        ("t", "x varchar(9)", "faker:bothify"),
        ("t", "x varchar(40)", "faker:word"),
        ("t", "x text", "faker:sentence"),
        ("t", "class_of_2020 boolean", "choice"),
    ],
)
def test_a_column_is_filled_with_what_its_name_its_table_and_its_room_say(table, column, source):
    assert one(column, table).source == source


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("age integer", 18, 90),
        ("release_year smallint", 1970, 2025),
        ("qty integer", 1, 20),
        ("rating integer", 1, 5),
        ("latitude numeric(8, 6)", Decimal(-90), Decimal(90)),
        ("lng real", -180.0, 180.0),
        ("price numeric(8, 2)", Decimal("0.99"), Decimal("99.99")),
        ("price integer", 100, 10_000),
        ("price numeric(8, 1)", Decimal("1.0"), Decimal("99.9")),
        ("price numeric", Decimal("0.99"), Decimal("99.99")),
        ("price text", 100, 10_000),
        ("tax_rate numeric(4, 3)", Decimal(0), Decimal("0.25")),
        ("tax numeric(4, 0)", Decimal(0), Decimal(25)),
        ("x integer", 1, 1000),
        ("x numeric(2, 1)", Decimal(1), Decimal("9.9")),
        ("x float", 1.0, 1000.0),
        ("x integer CHECK (x BETWEEN 3 AND 200)", 3, 200),
        ("x integer CHECK (x > 5000)", 5001, 6000),
        ("x integer CHECK (x < 0)", -1000, -1),
        ("rating integer CHECK (rating BETWEEN 0 AND 10)", 0, 10),
        ("share float CHECK (share > 0 AND share <= 1)", 0.01, 1.0),
        ("age integer CHECK (age >= 21)", 21, 90),
        ("age integer CHECK (age >= 100)", 100, 172),
        ("born date", dt.date(1950, 1, 1), dt.date(2005, 12, 31)),
        ("expires_at timestamp", dt.datetime(2026, 1, 1), dt.datetime(2030, 12, 31, 23, 59, 59)),
        ("created_at timestamp DEFAULT CURRENT_TIMESTAMP", *NOW),
        ("x date CHECK (x >= '2024-01-01')", dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
        ("x date CHECK (x < '2010-01-01')", dt.date(2004, 1, 1), dt.date(2009, 12, 31)),
        ("opens time", dt.time(0), dt.time(23, 59, 59)),
        ("opens time CHECK (opens > '08:00:00')", dt.time(8, 0, 1), dt.time(23, 59, 59)),
        ("birth_date text", dt.date(1950, 1, 1), dt.date(2005, 12, 31)),
        ("updated_at text", dt.datetime(2020, 1, 1), dt.datetime(2025, 12, 31)),
        ("x date UNIQUE", dt.date(1970, 1, 1), dt.date(2025, 12, 31)),
    ],
)  # fmt: skip
def test_numbers_and_dates_are_what_the_name_says_as_far_as_the_column_allows(column, low, high):
    plan = one(column)
    assert plan.source == "range"
    found = plan.options["low"], plan.options["high"]
    assert found == (low, high)
    assert [type(end) for end in found] == [type(low), type(high)]


def test_ranges_have_a_step_where_the_smallest_would_not_read_well():
    assert one("price numeric(9, 4)").options["step"] == Decimal("0.01")
    assert one("lat float").options["step"] == 0.000001
    assert "step" not in one("price numeric(9, 2)").options


def test_what_begins_lies_before_what_ends_where_a_table_has_both():
    plans = proposed("started_at datetime, ended_at datetime, opens time, closes time, x date")
    ends = {name: (plan.options["low"], plan.options["high"]) for name, plan in plans.items()}
    assert ends["started_at"] == EARLY
    assert ends["ended_at"] == LATE
    assert ends["opens"][1] < ends["closes"][0]
    assert ends["x"] == (NOW[0].date(), NOW[1].date())


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("x boolean NOT NULL", [True, False]),
        ("x boolean CHECK (x IN (0, 1))", [True, False]),
        ("x varchar(9) CHECK (x IN ('a', 'b'))", ["a", "b"]),
        ("x integer CHECK (x = 3 OR x = 5)", [3, 5]),
        ("x json NOT NULL", [{}]),
        ("gender varchar(9)", ["female", "male"]),
    ],
)
def test_values_that_can_be_listed_are_chosen_from(column, values):
    found = one(column)
    assert found.source == "choice"
    assert sorted(map(str, found.options["values"])) == sorted(map(str, values))


@pytest.mark.parametrize(
    "column",
    ["x json", "x blob", "x json NOT NULL DEFAULT '{}'", "x integer CHECK (x IS NULL)"],
)
def test_what_needs_no_value_is_left_to_the_database(column):
    assert one(column).source == "skip"


@pytest.mark.parametrize(
    ("column", "source"),
    [
        ("status varchar(20) UNIQUE", "faker:word"),
        ("rating integer UNIQUE", "sequence"),
        ("x numeric(9, 2) UNIQUE", "sequence"),
        ("price float UNIQUE", "range"),
        ("year varchar(9) UNIQUE", "faker:bothify"),
        ("email varchar(60) UNIQUE", "faker:email"),
    ],
)
def test_a_unique_column_gets_what_has_enough_values(column, source):
    assert one(column).source == source


def test_a_part_of_a_unique_key_is_counted_where_its_name_says_nothing():
    plans = proposed("a integer, year integer, UNIQUE (a, year)")
    assert plans["a"].source == "sequence"
    assert plans["year"].source == "range"


def test_a_sequence_starts_where_its_column_allows_it():
    assert one("x integer PRIMARY KEY CHECK (x > 99)").options == {"start": 100}
    assert one("x integer PRIMARY KEY").options == {}


@pytest.mark.parametrize(
    ("column", "source"),
    [
        ("code varchar(9) CHECK (code GLOB '[A-Z][A-Z]-[0-9][0-9]')", "neural:product_name"),
        ("login varchar(60) CHECK (login LIKE '%_@_%.__%')", "faker:email"),
        ("pin varchar(9) CHECK (length(pin) = 4)", "faker:numerify"),
        ("note varchar(90) CHECK (length(note) > 40)", "faker:sentence"),
        ("email varchar(60) CHECK (email LIKE '%@%')", "faker:email"),
    ],
)
def test_a_text_is_filled_with_the_first_that_its_constraint_takes(column, source):
    assert one(column).source == source


def test_a_text_whose_constraint_nothing_takes_keeps_its_first():
    schema = schema_of("CREATE TABLE t (code varchar(9) CHECK (code GLOB '*[~]*[^ -~]*'))")
    assert propose(schema).tables["t"].columns["code"].source == "faker:bothify"


def test_columns_that_are_often_empty_are_where_they_may_be():
    plans = proposed(
        "middle_name text, deleted_at datetime, name text, suffix text NOT NULL, "
        "id integer PRIMARY KEY, parent_id integer REFERENCES t (id), other integer REFERENCES t"
    )
    assert {name: plan.null for name, plan in plans.items() if plan.null} == {
        "middle_name": 0.5,
        "deleted_at": 0.9,
        "parent_id": 0.2,
        "other": 0.1,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OrderItems", "order item"),
        ("first_name", "first name"),
        ("IPAddress", "ip address"),
        ("companies", "company"),
        ("addresses", "address"),
        ("movies", "movie"),
        ("status", "status"),
        ("address2", "address 2"),
        ("taxes", "tax"),
        ("is_new", "is new"),
        ("größe", "größe"),
        ("order_statuses", "order status"),
        ("lastip", "last ip"),
        ("startdate", "start date"),
        ("update", "update"),
    ],
)
def test_names_are_split_into_words_in_the_singular(name, expected):
    assert words(name) == expected


def test_no_source_asks_the_clock(monkeypatch):
    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            raise AssertionError("the clock was read")

        today = utcnow = now

    class StoppedDate(dt.date):
        @classmethod
        def today(cls):
            raise AssertionError("the clock was read")

    monkeypatch.setattr(faker_dates, "datetime", Stopped)
    monkeypatch.setattr(faker_dates, "dtdate", StoppedDate)
    fake = Faker()
    with pytest.raises(AssertionError, match="the clock"):
        fake.date_this_year()
    for source in fakes():
        for seed in range(20):
            fake.seed_instance(seed)
            getattr(fake, source.name.removeprefix("faker:"))(**source.options)


def fakes() -> list[SuggestedSource]:
    sources = [source for _, source in TEXT_SOURCES]
    for _, topics, usual in KINDS_OF_TEXT:
        sources += [*itertools.chain(*topics.values()), *usual]
    return [source for source in sources if source.name.startswith("faker:")]


def test_every_source_soon_gives_what_fits_the_room_that_it_asks_for():
    fake = Faker()
    for source in fakes():
        fake.seed_instance(0)
        draw = getattr(fake, source.name.removeprefix("faker:"))
        assert any(len(str(draw(**source.options))) <= source.room for _ in range(20)), source
