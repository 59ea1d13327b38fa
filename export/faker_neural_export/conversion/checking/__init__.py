"""The checks of a converted graph."""
