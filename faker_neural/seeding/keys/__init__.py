"""Unique keys and foreign keys: values that depend on other rows."""
