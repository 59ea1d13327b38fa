"""Runs plans: makes rows and writes them, in one transaction or in chunks."""
