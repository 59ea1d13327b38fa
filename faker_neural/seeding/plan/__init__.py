"""Plans, which name a source for each column: read, written, and ordered by reference."""
