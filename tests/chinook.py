"""The tables of Chinook, a shop of digital media: names in CamelCase, a key to its own table."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Unicode,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData()


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _reference(table: str, column: str, target: str, target_key: str) -> list[SchemaItem]:
    """A foreign key and its index."""
    name = f"{table}{column}"
    return [
        ForeignKeyConstraint([column], [f"{target}.{target_key}"], name=f"FK_{name}"),
        Index(f"IFK_{name}", column),
    ]


artist = Table("Artist", metadata, _key("ArtistId"), Column("Name", Unicode(120)))

album = Table(
    "Album",
    metadata,
    _key("AlbumId"),
    Column("Title", Unicode(160), nullable=False),
    Column("ArtistId", Integer, nullable=False),
    *_reference("Album", "ArtistId", "Artist", "ArtistId"),
)

employee = Table(
    "Employee",
    metadata,
    _key("EmployeeId"),
    Column("LastName", Unicode(20), nullable=False),
    Column("FirstName", Unicode(20), nullable=False),
    Column("Title", Unicode(30)),
    Column("ReportsTo", Integer),
    Column("BirthDate", DateTime),
    Column("HireDate", DateTime),
    Column("Address", Unicode(70)),
    Column("City", Unicode(40)),
    Column("State", Unicode(40)),
    Column("Country", Unicode(40)),
    Column("PostalCode", Unicode(10)),
    Column("Phone", Unicode(24)),
    Column("Fax", Unicode(24)),
    Column("Email", Unicode(60)),
    *_reference("Employee", "ReportsTo", "Employee", "EmployeeId"),
)

customer = Table(
    "Customer",
    metadata,
    _key("CustomerId"),
    Column("FirstName", Unicode(40), nullable=False),
    Column("LastName", Unicode(20), nullable=False),
    Column("Company", Unicode(80)),
    Column("Address", Unicode(70)),
    Column("City", Unicode(40)),
    Column("State", Unicode(40)),
    Column("Country", Unicode(40)),
    Column("PostalCode", Unicode(10)),
    Column("Phone", Unicode(24)),
    Column("Fax", Unicode(24)),
    Column("Email", Unicode(60), nullable=False),
    Column("SupportRepId", Integer),
    *_reference("Customer", "SupportRepId", "Employee", "EmployeeId"),
)

invoice = Table(
    "Invoice",
    metadata,
    _key("InvoiceId"),
    Column("CustomerId", Integer, nullable=False),
    Column("InvoiceDate", DateTime, nullable=False),
    Column("BillingAddress", Unicode(70)),
    Column("BillingCity", Unicode(40)),
    Column("BillingState", Unicode(40)),
    Column("BillingCountry", Unicode(40)),
    Column("BillingPostalCode", Unicode(10)),
    Column("Total", Numeric(10, 2), nullable=False),
    *_reference("Invoice", "CustomerId", "Customer", "CustomerId"),
)

genre = Table("Genre", metadata, _key("GenreId"), Column("Name", Unicode(120)))

media_type = Table("MediaType", metadata, _key("MediaTypeId"), Column("Name", Unicode(120)))

track = Table(
    "Track",
    metadata,
    _key("TrackId"),
    Column("Name", Unicode(200), nullable=False),
    Column("AlbumId", Integer),
    Column("MediaTypeId", Integer, nullable=False),
    Column("GenreId", Integer),
    Column("Composer", Unicode(220)),
    Column("Milliseconds", Integer, nullable=False),
    Column("Bytes", Integer),
    Column("UnitPrice", Numeric(10, 2), nullable=False),
    *_reference("Track", "AlbumId", "Album", "AlbumId"),
    *_reference("Track", "MediaTypeId", "MediaType", "MediaTypeId"),
    *_reference("Track", "GenreId", "Genre", "GenreId"),
)

invoice_line = Table(
    "InvoiceLine",
    metadata,
    _key("InvoiceLineId"),
    Column("InvoiceId", Integer, nullable=False),
    Column("TrackId", Integer, nullable=False),
    Column("UnitPrice", Numeric(10, 2), nullable=False),
    Column("Quantity", Integer, nullable=False),
    *_reference("InvoiceLine", "InvoiceId", "Invoice", "InvoiceId"),
    *_reference("InvoiceLine", "TrackId", "Track", "TrackId"),
)

playlist = Table("Playlist", metadata, _key("PlaylistId"), Column("Name", Unicode(120)))

playlist_track = Table(
    "PlaylistTrack",
    metadata,
    Column("PlaylistId", Integer, primary_key=True),
    Column("TrackId", Integer, primary_key=True),
    *_reference("PlaylistTrack", "PlaylistId", "Playlist", "PlaylistId"),
    *_reference("PlaylistTrack", "TrackId", "Track", "TrackId"),
)
