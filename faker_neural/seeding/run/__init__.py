"""A plan carried out: rows made and written, in one transaction or in chunks."""
