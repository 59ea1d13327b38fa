"""The schema of a database: its tables, columns and keys, read from its catalog."""
