"""Plans, which name a source for each column: proposed, read, written and checked."""
