"""Rows of a plan's table by number, any slice alone and without writing it."""
