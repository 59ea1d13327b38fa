"""Rows written to a database, to a file or to memory, and what the database says of them."""
