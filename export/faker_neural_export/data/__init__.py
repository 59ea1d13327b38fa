"""Training data: columns and running text, split and encoded into batches."""
