"""The tables of Pagila, a video rental: types that each database has its own of, and a cycle."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    true,
)
from sqlalchemy.dialects.mysql import SMALLINT, TINYINT
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata = MetaData()

# Sakila, which Pagila comes from, has these numbers unsigned; PostgreSQL has no such types.
_tiny = SmallInteger().with_variant(TINYINT(unsigned=True), "mysql", "mariadb")
_small = SmallInteger().with_variant(SMALLINT(unsigned=True), "mysql", "mariadb")


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _reference(
    name: str,
    target: str,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    use_alter: bool = False,
    constraint: str | None = None,
) -> Column[int]:
    foreign_key = ForeignKey(
        target, name=constraint, onupdate="CASCADE", ondelete="RESTRICT", use_alter=use_alter
    )
    return Column(name, Integer, foreign_key, nullable=nullable, primary_key=primary_key)


def _last_update() -> Column[object]:
    return Column("last_update", DateTime(timezone=True), nullable=False, server_default=func.now())


actor = Table(
    "actor",
    metadata,
    _key("actor_id"),
    Column("first_name", String(45), nullable=False),
    Column("last_name", String(45), nullable=False),
    _last_update(),
    Index("idx_actor_last_name", "last_name"),
)

country = Table(
    "country",
    metadata,
    _key("country_id"),
    Column("country", String(50), nullable=False),
    _last_update(),
)

city = Table(
    "city",
    metadata,
    _key("city_id"),
    Column("city", String(50), nullable=False),
    _reference("country_id", "country.country_id"),
    _last_update(),
    Index("idx_fk_country_id", "country_id"),
)

address = Table(
    "address",
    metadata,
    _key("address_id"),
    Column("address", String(50), nullable=False),
    Column("address2", String(50)),
    Column("district", String(20), nullable=False),
    _reference("city_id", "city.city_id"),
    Column("postal_code", String(10)),
    Column("phone", String(20), nullable=False),
    _last_update(),
    Index("idx_fk_city_id", "city_id"),
)

category = Table(
    "category",
    metadata,
    _key("category_id"),
    Column("name", String(25), nullable=False),
    _last_update(),
)

language = Table(
    "language",
    metadata,
    _key("language_id"),
    Column("name", CHAR(20), nullable=False),
    _last_update(),
)

# Pagila has staff.store_id NOT NULL as well as store.manager_staff_id, so that neither table can
# have a first row before the other; here a member of staff may belong to no store.
staff = Table(
    "staff",
    metadata,
    _key("staff_id"),
    Column("first_name", String(45), nullable=False),
    Column("last_name", String(45), nullable=False),
    _reference("address_id", "address.address_id"),
    Column("email", String(50)),
    _reference(
        "store_id",
        "store.store_id",
        nullable=True,
        use_alter=True,
        constraint="staff_store_id_fkey",
    ),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("username", String(16), nullable=False),
    Column("password", String(40)),
    _last_update(),
    Column("picture", LargeBinary),
)

store = Table(
    "store",
    metadata,
    _key("store_id"),
    _reference("manager_staff_id", "staff.staff_id"),
    _reference("address_id", "address.address_id"),
    _last_update(),
    Index("idx_unq_manager_staff_id", "manager_staff_id", unique=True),
)

customer = Table(
    "customer",
    metadata,
    _key("customer_id"),
    _reference("store_id", "store.store_id"),
    Column("first_name", String(45), nullable=False),
    Column("last_name", String(45), nullable=False),
    Column("email", String(50)),
    _reference("address_id", "address.address_id"),
    Column("activebool", Boolean, nullable=False, server_default=true()),
    Column("create_date", Date, nullable=False, server_default=func.current_date()),
    Column("last_update", DateTime(timezone=True), server_default=func.now()),
    Column("active", Integer),
    CheckConstraint("active IN (0, 1)", name="customer_active_check"),
    Index("idx_fk_store_id", "store_id"),
    Index("idx_fk_address_id", "address_id"),
    Index("idx_last_name", "last_name"),
)

film = Table(
    "film",
    metadata,
    _key("film_id"),
    Column("title", String(255), nullable=False),
    Column("description", Text),
    Column("release_year", Integer),
    _reference("language_id", "language.language_id"),
    _reference("original_language_id", "language.language_id", nullable=True),
    Column("rental_duration", _tiny, nullable=False, server_default="3"),
    Column("rental_rate", Numeric(4, 2), nullable=False, server_default="4.99"),
    Column("length", _small),
    Column("replacement_cost", Numeric(5, 2), nullable=False, server_default="19.99"),
    Column(
        "rating",
        Enum("G", "PG", "PG-13", "R", "NC-17", name="mpaa_rating", create_constraint=True),
        server_default="G",
    ),
    _last_update(),
    Column("special_features", JSON().with_variant(ARRAY(Text), "postgresql")),
    Column("fulltext", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    CheckConstraint("release_year >= 1901 AND release_year <= 2155", name="year_check"),
    CheckConstraint("rental_duration BETWEEN 0 AND 255", name="film_rental_duration_check"),
    CheckConstraint("length > 0", name="film_length_check"),
    Index("film_fulltext_idx", "fulltext", postgresql_using="gist").ddl_if(dialect="postgresql"),
    Index("idx_title", "title"),
    Index("idx_fk_language_id", "language_id"),
    Index("idx_fk_original_language_id", "original_language_id"),
)

film_actor = Table(
    "film_actor",
    metadata,
    _reference("actor_id", "actor.actor_id", primary_key=True),
    _reference("film_id", "film.film_id", primary_key=True),
    _last_update(),
    Index("idx_fk_film_id", "film_id"),
)

film_category = Table(
    "film_category",
    metadata,
    _reference("film_id", "film.film_id", primary_key=True),
    _reference("category_id", "category.category_id", primary_key=True),
    _last_update(),
)

inventory = Table(
    "inventory",
    metadata,
    _key("inventory_id"),
    _reference("film_id", "film.film_id"),
    _reference("store_id", "store.store_id"),
    _last_update(),
    Index("idx_store_id_film_id", "store_id", "film_id"),
)

rental = Table(
    "rental",
    metadata,
    _key("rental_id"),
    Column("rental_date", DateTime(timezone=True), nullable=False),
    _reference("inventory_id", "inventory.inventory_id"),
    _reference("customer_id", "customer.customer_id"),
    Column("return_date", DateTime(timezone=True)),
    _reference("staff_id", "staff.staff_id"),
    _last_update(),
    Index(
        "idx_unq_rental_rental_date_inventory_id_customer_id",
        "rental_date",
        "inventory_id",
        "customer_id",
        unique=True,
    ),
    Index("idx_fk_inventory_id", "inventory_id"),
)

payment = Table(
    "payment",
    metadata,
    _key("payment_id"),
    _reference("customer_id", "customer.customer_id"),
    _reference("staff_id", "staff.staff_id"),
    _reference("rental_id", "rental.rental_id"),
    Column("amount", Numeric(5, 2), nullable=False),
    Column("payment_date", DateTime(timezone=True), nullable=False),
    Index("idx_fk_customer_id", "customer_id"),
    Index("idx_fk_staff_id", "staff_id"),
    Index("idx_fk_rental_id", "rental_id"),
)
