"""Suggests the values of columns from their names."""
