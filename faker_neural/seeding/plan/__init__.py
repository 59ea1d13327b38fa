"""What each column is filled with: proposed, read, written and validated."""
