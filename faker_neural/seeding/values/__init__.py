"""The sources of column values, and the keys built from them."""
