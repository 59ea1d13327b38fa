"""Where the values of a column come from."""
