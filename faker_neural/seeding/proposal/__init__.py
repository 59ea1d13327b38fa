"""A plan proposed for a database."""
