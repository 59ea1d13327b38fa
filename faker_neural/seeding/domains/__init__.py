"""The values that columns allow: read from CHECK constraints, types and defaults."""
