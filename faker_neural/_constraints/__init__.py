"""Constraints on the pattern, length and words of a text, by masks and rejection sampling."""
