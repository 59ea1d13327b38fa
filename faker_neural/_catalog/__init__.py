"""Finds model files by name: bundled ones, and those in folders and packages."""
