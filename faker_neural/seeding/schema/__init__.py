"""The schema of a database: its tables, columns, keys and constraints."""
