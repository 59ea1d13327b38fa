"""What is learned from: columns and running text, split and encoded into batches."""
