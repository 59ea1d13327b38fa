"""The sources of column values, which need nothing but the number of a row."""
