"""Rows of a plan's table by number, any slice alone: no database takes part while they are made."""
