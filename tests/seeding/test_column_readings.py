"""What the names of columns and tables say: a table of readings for each kind of column."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from faker_neural.seeding.names.column_names import text, words
from faker_neural.seeding.names.column_numbers import (
    date_kind,
    flag_weights,
    number_choice,
    numbers,
)
from faker_neural.seeding.names.column_sources import SuggestedSource

MUCH = 10**9
SECOND = 1_577_836_800, 1_767_225_599


def read(
    table: str, column: str, room: int, beside: str = "", *, unique: bool = False
) -> SuggestedSource | None:
    return text(words(table), words(column), room, beside=beside, unique=unique)


def values_of(table: str, column: str, room: int, beside: str = "") -> list[str]:
    """The values of the choice that a column is filled with."""
    source = read(table, column, room, beside)
    assert source is not None
    assert source.name == "choice"
    return list(source.options["values"])


@pytest.mark.parametrize(
    ("table", "column", "room", "source"),
    [
        ("posts", "title", 255, "neural:artwork_title"),
        ("wagtailcore_page", "seo_title", 255, "choice"),
        ("articles", "headline", 200, "neural:artwork_title"),
        ("topics", "title", 255, "neural:support_ticket"),
        ("order_lines", "title", 255, "neural:product_name"),
        ("t", "job_title", 60, "neural:job_title"),
        ("employees", "title", 60, "neural:job_title"),
        ("contacts", "title", 8, "faker:prefix"),
        ("titles", "title", 60, "neural:job_title"),
        ("products", "description", MUCH, "neural:review"),
        ("tickets", "body", MUCH, "neural:support_ticket"),
        ("pages", "body", MUCH, "faker:paragraph"),
        ("wp_posts", "post_content", MUCH, "faker:paragraph"),
        ("categories", "description", 500, "faker:sentence"),
        ("t", "notes", 500, "faker:sentence"),
        ("releases", "note", MUCH, "neural:commit_message"),
        ("invoice_lines", "description", 255, "neural:product_name"),
        ("jobs", "description", MUCH, "neural:task"),
        ("t", "tagline", 200, "faker:catch_phrase"),
        ("catalogue_product", "meta_title", 255, "neural:product_name"),
        ("catalogue_productreview", "body", MUCH, "neural:review"),
        ("products", "brand", 80, "neural:brand_name"),
        ("realms", "name", 80, "choice"),
        ("address_country", "iso_3166_1_a2", 2, "faker:country_code"),
        ("address_country", "printable_name", 80, "faker:country"),
        ("payment_bankcard", "number", 32, "faker:credit_card_number"),
        ("catalogue_productreview", "name", 255, "neural:person_name"),
        ("order_lines", "notes", 255, "choice"),
        ("flatpages", "template_name", 70, "choice"),
        ("users", "emailaddress", MUCH, "faker:email"),
        ("users", "pass_crypt", 255, "faker:lexify"),
        ("orders", "plz", MUCH, "faker:postcode"),
        ("builds", "drvpath", MUCH, "faker:file_path"),
        ("jobsets", "errormsg", MUCH, "choice"),
        ("task_runs", "state_name", MUCH, "choice"),
        ("git_inputs", "revision", MUCH, "faker:sha1"),
        ("languages", "native_name", MUCH, "choice"),
        ("way_tags", "k", MUCH, "choice"),
        ("photos", "image_content_type", 255, "choice"),
        ("users", "image_file_name", 255, "faker:file_name"),
        ("apitokens", "prefix", 8, "faker:bothify"),
    ],
)
def test_titles_and_long_texts_follow_the_topic_of_their_table(table, column, room, source):
    found = read(table, column, room)
    assert found is not None
    assert found.name == source


@pytest.mark.parametrize(
    ("table", "column", "room", "source"),
    [
        ("user", "password_hash", 60, "faker:lexify"),
        ("user", "passwd", 255, "faker:lexify"),
        ("users", "encrypted_password", 128, "faker:lexify"),
        ("users", "password_digest", 59, "faker:sha1"),
        ("users", "password", 40, "faker:password"),
        ("release", "sha1", 40, "faker:sha1"),
        ("revision", "rev_sha1", 32, "faker:md5"),
        ("files", "sha256", 64, "faker:sha256"),
        ("files", "md5sum", 32, "faker:md5"),
        ("api_keys", "key", 190, "faker:sha256"),
        ("users", "salt", 10, "faker:hexify"),
        ("users", "uuid", 32, "faker:md5"),
        ("payments", "card_last4", 4, "faker:numerify"),
        ("payments", "last_four", 4, "faker:numerify"),
        ("payments", "cvv", 4, "faker:numerify"),
        ("staff", "extension", 4, "faker:numerify"),
        ("files", "extension", 8, "faker:file_extension"),
        ("redirects", "url_path", 255, "faker:uri_path"),
        ("logs", "referrer", 1024, "faker:url"),
        ("t", "hostname", 200, "faker:hostname"),
        ("wp_comments", "comment_agent", 255, "faker:chrome"),
        ("t", "country", 60, "faker:country"),
        ("t", "country_code", 3, "faker:country_code"),
        ("orders", "ship_name", 40, "neural:person_name"),
        ("labels", "color", 20, "faker:hex_color"),
        ("t", "created_by", 80, "neural:person_name"),
        ("mdl_user", "lastip", 45, "faker:ipv4"),
        ("mdl_course", "fullname", 45, "choice"),
    ],
)
def test_codes_and_addresses_look_like_the_real_ones(table, column, room, source):
    found = read(table, column, room)
    assert found is not None
    assert found.name == source


@pytest.mark.parametrize(
    ("table", "column", "room", "value"),
    [
        ("roles", "name", 40, "admin"),
        ("user_roles", "role", 20, "viewer"),
        ("genres", "name", 40, "Drama"),
        ("books", "genre", 40, "Fantasy"),
        ("tracks", "genre", 40, "Jazz"),
        ("plans", "name", 40, "Free"),
        ("accounts", "tier", 40, "Enterprise"),
        ("departments", "name", 60, "Finance"),
        ("tickets", "priority", 12, "urgent"),
        ("tags", "name", 60, "news"),
        ("label", "name", 60, "bug"),
        ("languages", "name", 60, "Spanish"),
        ("users", "language", 5, "en"),
        ("repositories", "language", 60, "Python"),
        ("users", "locale", 10, "de_DE"),
        ("t", "currency", 3, "EUR"),
        ("currencies", "name", 40, "Euro"),
        ("orders", "payment_method", 20, "PayPal"),
        ("payments", "card_brand", 20, "Visa"),
        ("payments", "gateway", 20, "Stripe"),
        ("products", "colour", 30, "black"),
        ("product", "size", 5, "XL"),
        ("sensors", "unit", 10, "kg"),
        ("webhook", "http_method", 20, "POST"),
        ("http_requests", "method", 10, "GET"),
        ("app_logs", "level", 10, "WARNING"),
        ("wp_comments", "comment_content", MUCH, "Great summary."),
        ("settings", "option", 100, "page_size"),
        ("oc_tax_class_description", "title", 32, "Reduced"),
        ("subscription_plan_description", "name", 255, "Pro"),
        ("deployments", "environment", 20, "staging"),
        ("visits", "browser", 20, "Firefox"),
        ("servers", "os", 20, "Linux"),
        ("t", "gender", 9, "female"),
        ("t", "gender", 1, "F"),
        ("t", "salutation", 5, "Dr."),
        ("t", "nationality", 40, "French"),
        ("film", "rating", 5, "PG-13"),
        ("uploads", "mime_type", 100, "image/png"),
        ("employees", "marital_status", 20, "married"),
        ("addresses", "type", 20, "billing"),
        ("connection", "conn_type", 20, "postgres"),
        ("coupons", "discount_type", 20, "percentage"),
        ("articles", "category", 40, "Science"),
        ("metrics", "key", 250, "accuracy"),
        ("params", "value", 500, "0.001"),
        ("clusters", "region", 30, "us-east-1"),
        ("leave_requests", "reason", 200, "Family holiday"),
        ("app_logs", "message", 200, "Job completed"),
        ("jobs", "last_error", 200, "Permission denied"),
        ("users", "bio", 500, "Engineer by day, baker by night."),
        ("task_instance", "queue", 250, "default"),
        ("repository", "default_branch", 250, "main"),
    ],
)
def test_short_lists_have_the_values_of_the_real_thing(table, column, room, value):
    assert value in values_of(table, column, room)


@pytest.mark.parametrize(
    ("table", "column", "room", "value"),
    [
        ("orders", "status", 20, "shipped"),
        ("orders", "status", 9, "paid"),
        ("invoices", "payment_status", 20, "refunded"),
        ("shipments", "status", 20, "in transit"),
        ("dag_run", "state", 50, "running"),
        ("build_jobs", "state", 20, "queued"),
        ("commit_status", "state", 7, "success"),
        ("schema_migrations", "state", 20, "success"),
        ("issues", "state", 20, "in progress"),
        ("order_statuses", "name", 20, "delivered"),
        ("wp_posts", "post_status", 20, "draft"),
        ("reviews", "state", 20, "approved"),
        ("subscriptions", "state", 20, "trialing"),
        ("employees", "status", 20, "inactive"),
        ("candidates", "stage", 20, "interview"),
        ("model_versions", "current_stage", 20, "Production"),
        ("t", "status", 6, "done"),
        ("t", "status", 1, "A"),
        ("t", "state", 20, "inactive"),
        ("customer_orders", "state", 20, "paid"),
    ],
)
def test_a_status_has_the_words_of_what_its_table_holds(table, column, room, value):
    assert value in values_of(table, column, room)


@pytest.mark.parametrize(
    ("table", "column", "room", "beside", "source"),
    [
        ("addresses", "state", 60, "", "faker:state"),
        ("address_useraddress", "state", 60, "", "faker:state"),
        ("customers", "state", 2, "", "faker:state_abbr"),
        ("stores", "region", 40, "", "faker:state"),
        ("orders", "shipping_state", 60, "", "faker:state"),
        ("orders", "state", 60, "id, zip, total", "faker:state"),
        ("orders", "state", 60, "id, shipping city", "choice"),
        ("t", "state", 2, "", "faker:state_abbr"),
        ("t", "province", 60, "", "faker:state"),
    ],
)
def test_a_state_is_a_region_beside_places(table, column, room, beside, source):
    found = read(table, column, room, beside)
    assert found is not None
    assert found.name == source


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body_html", "<p>Read <a href=\"/help\">the guide</a> before you start.</p>"),
        ("html_body", "<ul><li>Open the settings</li><li>Choose a plan</li><li>Save</li></ul>"),
        ("content_markdown", "The office is closed on **Monday**."),
        ("readme", "1. Open the settings\n2. Choose a plan\n3. Save"),
        ("crontab", "*/5 * * * *"),
        ("schedule_interval", "0 0 * * *"),
        ("regex", r"^\d{4}$"),
        ("position_json", "{}"),
        ("data", "{}"),
        ("sql", "SELECT * FROM orders LIMIT 100"),
        ("css", "h1 { color: #333; }"),
    ],
)  # fmt: skip
def test_text_in_a_language_of_machines_is_in_that_language(column, value):
    assert value in values_of("t", column, MUCH)


def test_every_proposed_pattern_compiles():
    for pattern in values_of("routing_rules", "pattern", MUCH):
        re.compile(pattern)


@pytest.mark.parametrize(
    ("table", "column", "weights"),
    [
        ("users", "is_banned", [1, 9]),
        ("users", "admin", [1, 9]),
        ("posts", "hidden", [1, 9]),
        ("wagtailcore_page", "live", [9, 1]),
        ("users", "email_verified", [9, 1]),
        ("products", "active", [9, 1]),
        ("help_topics", "ispublic", [9, 1]),
        ("orders", "gift_wrap_required", [1, 1]),
    ],
)
def test_flags_are_0_and_1_as_often_as_in_real_tables(table, column, weights):
    assert number_choice(words(column)) == {"values": [1, 0], "weights": weights}
    source = read(table, column, 1)
    assert source is not None
    assert source.options == {"values": ["Y", "N"], "weights": weights}
    found = numbers(words(column), whole=True)
    assert found is not None
    assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize(
    "column",
    ["deleted_at", "failed_count", "is_on", "show_count", "max_locked", "created", "retry_at"],
)
def test_a_count_or_a_time_is_no_flag(column):
    assert flag_weights(words(column)) is None


def test_a_flag_in_a_long_text_column_is_yes_or_no():
    assert values_of("realm", "ssl_required", 20) == ["yes", "no"]


def test_no_flag_is_chosen_where_the_numbers_of_a_column_are_not_listed():
    assert number_choice("quantity") is None


@pytest.mark.parametrize(
    ("column", "value"), [("status_code", 404), ("http_status", 200), ("port", 5432)]
)
def test_numbers_that_stand_for_something_are_chosen_from_a_list(column, value):
    options = number_choice(words(column))
    assert options is not None
    assert value in options["values"]
    assert len(options["values"]) == len(options["weights"])


@pytest.mark.parametrize(
    ("table", "column", "low", "high"),
    [
        ("orders", "total_incl_tax", 1, Decimal("999.99")),
        ("orders", "total_excl_tax", 1, Decimal("999.99")),
        ("order_lines", "unit_price_excl_tax", Decimal("0.99"), Decimal("99.99")),
        ("orders", "amount_tax", 0, Decimal("49.99")),
        ("orders", "order_tax", 0, Decimal("49.99")),
        ("orders", "tax_amount", 0, Decimal("49.99")),
        ("orders", "discount", 0, Decimal("49.99")),
        ("orders", "tax_rate", 0, 25),
        ("orders", "tax_percent", 0, 25),
        ("students", "gpa", Decimal("1.5"), 4),
        ("servers", "cpu_percent", 0, 100),
        ("patients", "weight", 45, 120),
        ("patients", "height_cm", 150, 200),
        ("metrics", "value", 0, 1),
        ("weather", "wind_speed", 0, 30),
        ("runs", "duration_ms", 1_000, 600_000),
    ],
)
def test_amounts_and_measures_lie_in_their_ranges(table, column, low, high):
    largest = Decimal("99999999.99")
    found = numbers(words(column), whole=False, table=words(table), largest=largest)
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("column", ["tax", "vat", "tax_rate", "discount", "rate"])
def test_a_column_of_small_numbers_is_a_rate(column):
    found = numbers(words(column), whole=False, largest=Decimal("9.999"))
    assert found is not None
    assert (found.low, found.high) == (0, Decimal("0.25"))


@pytest.mark.parametrize(
    ("table", "column", "low", "high"),
    [
        ("images", "width", 240, 3_840),
        ("repository", "size", 1_000, 10**7),
        ("media_repository", "media_length", 1_000, 10**7),
        ("repository", "num_stars", 0, 100),
        ("wagtailcore_page", "numchild", 0, 100),
        ("wagtailcore_page", "depth", 1, 6),
        ("users", "years_of_experience", 0, 30),
        ("cards", "exp_year", 2027, 2032),
        ("users", "birth_year", 1950, 2005),
        ("film", "length", 75, 180),
        ("articles", "reading_time", 1, 20),
        ("requests", "latency_ms", 5, 2_000),
        ("jobs", "timeout_ms", 1_000, 60_000),
        ("jobs", "timeout", 30, 3_600),
        ("jobs", "retries", 0, 5),
        ("form_field", "sort", 1, 10),
        ("columns", "task_limit", 1, 100),
        ("customers", "credit_limit", 0, 10_000),
        ("user", "visibility", 0, 3),
        ("media", "type", 0, 3),
        ("http_requests", "status_code", 200, 500),
        ("products", "weight_grams", 50, 5_000),
        ("milestones", "completeness", 0, 100),
        ("coupons", "max_uses", 10, 100),
        ("orders", "tax_total", 0, 2_000),
        ("mailings", "emails_sent", 0, 1_000),
    ],
)
def test_whole_numbers_lie_in_their_ranges(table, column, low, high):
    found = numbers(words(column), whole=True, table=words(table))
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("column", "per_second"),
    [
        ("created_at", 1),
        ("created", 1),
        ("updated", 1),
        ("deadline_unix", 1),
        ("created_ts", 1),
        ("start_time", 1),
        ("last_seen", 1),
        ("startdate", 1),
        ("date_creation", 1),
        ("mtime", 1),
        ("timestamp_ms", 1_000),
        ("valid_until_ms", 1_000),
        ("created_us", 10**6),
        ("event_time_ns", 10**9),
    ],
)
def test_points_in_time_are_counted_in_the_unit_of_their_name(column, per_second):
    for whole in (True, False):
        found = numbers(words(column), whole=whole)
        assert found is not None
        assert (found.low, found.high) == tuple(second * per_second for second in SECOND)


def test_the_caller_sets_the_period_of_points_in_time():
    found = numbers("created at", whole=True, seconds=(5, 9))
    assert found is not None
    assert (found.low, found.high) == (5, 9)


@pytest.mark.parametrize(
    "column", ["duration_ms", "elapsed_ms", "timeout_ms", "response_time", "run_time", "based_on"]
)
def test_durations_are_no_points_in_time(column):
    found = numbers(words(column), whole=True)
    assert found is None or found.high < SECOND[0]


@pytest.mark.parametrize(
    ("table", "column", "room"),
    [("roles", "name", 40), ("tags", "name", 40), ("t", "currency", 3), ("plans", "name", 40)],
)
def test_a_unique_column_is_not_filled_from_a_short_list(table, column, room):
    source = read(table, column, room, unique=True)
    assert source is None or source.name != "choice"


def test_text_that_holds_a_date_is_known_by_its_name():
    kinds: dict[str, Any] = {name: date_kind(words(name)) for name in ("date_of_birth", "seen_at")}
    assert kinds == {"date_of_birth": "date", "seen_at": "datetime"}


def test_a_column_that_is_too_short_for_every_suggestion_has_none():
    assert read("posts", "title", 3) is None
    assert read("t", "x", 40) is None
