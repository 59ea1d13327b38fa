"""Keys to strings, one file a contract."""
