"""Rows as Arrow batches: texts of models, rows of a model, tables of a plan."""
