"""Integrations with other libraries, one short file for each."""
